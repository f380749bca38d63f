"""Which printed lines are records that were sent: told to the runner, which then does not record them again.

A record of Python's `logging` may be printed by a handler and sent by ours, in either order. Only when its export has
succeeded are its lines told, as a digest of their bytes: a line of a record that did not get through stays what was
printed. The record sent carries the stream it was printed to, `log.iostream`.
"""

import logging
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from opentelemetry._logs import LogRecord
from opentelemetry.sdk._logs import ReadableLogRecord

from llm_tracing.telemetry import exporters, logs

Note = Callable[[str, object], None]
# The SDK's own mapping of a record's attributes: the same object from the record's emission to its export.
_Attributes: TypeAlias = MutableMapping[str, Any]

STREAM = "log.iostream"
_MOST_WAITING = 10_000


@dataclass(slots=True, eq=False)
class _Fate:
    """What became of one record of `logging` so far."""

    lines: list[tuple[str, bytes]] = field(default_factory=list)
    attributes: _Attributes | None = None


class Printed:
    """Follows records from their handlers to their export."""

    def __init__(self, note: Note) -> None:
        self._note = note
        self._lock = threading.Lock()
        self._fates: WeakKeyDictionary[logging.LogRecord, _Fate] = WeakKeyDictionary()
        self._sent: OrderedDict[int, _Fate] = OrderedDict()

    def install(self) -> None:
        self._note("bridged", True)
        logging.Handler.format = self._around_format(logging.Handler.format)  # type: ignore[method-assign]
        logs.followed_by = self.sent
        exporters.exported_to = self.exported
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._in_fork)

    def _in_fork(self) -> None:
        """Another thread may have held the lock; what waited to be sent is the parent's."""
        self._lock = threading.Lock()
        self._sent.clear()

    def _around_format(self, plain: Callable[..., str]) -> Callable[..., str]:
        def format(handler: logging.Handler, record: logging.LogRecord) -> str:
            text = plain(handler, record)
            stream = _stream(handler)
            if stream is not None:
                self._printed(record, *stream, text)
            return text

        return format

    def _printed(self, record: logging.LogRecord, name: str, encoding: str, text: str) -> None:
        lines = [(name, line) for line in text.encode(encoding, "backslashreplace").split(b"\n") if line.strip()]
        with self._lock:
            fate = self._fates.setdefault(record, _Fate())
            fate.lines += lines
            if fate.attributes is not None:
                fate.attributes[STREAM] = name

    def sent(self, record: logging.LogRecord, sent: LogRecord) -> None:
        if not isinstance(sent.attributes, MutableMapping):
            return
        with self._lock:
            fate = self._fates.setdefault(record, _Fate())
            fate.attributes = sent.attributes
            if fate.lines:
                fate.attributes[STREAM] = fate.lines[0][0]
            self._sent[id(fate.attributes)] = fate
            while len(self._sent) > _MOST_WAITING:  # never exported: their queue was full
                self._sent.popitem(last=False)

    def exported(self, batch: Sequence[ReadableLogRecord], delivered: bool) -> None:
        with self._lock:
            fates = [self._sent.pop(id(one.log_record.attributes), None) for one in batch]
        lines = [[name, digest(line)] for fate in fates if fate and delivered for name, line in fate.lines]
        if lines:
            self._note("printed", lines)


def digest(line: bytes) -> str:
    return blake2b(line, digest_size=8).hexdigest()


def _stream(handler: logging.Handler) -> tuple[str, str] | None:
    """The name and encoding of the standard stream that a handler writes to; None for any other place."""
    stream = getattr(handler, "stream", None)
    if stream is None:
        return None
    for name, ours in (("stdout", (sys.stdout, sys.__stdout__)), ("stderr", (sys.stderr, sys.__stderr__))):
        if stream in ours:
            return name, getattr(stream, "encoding", None) or "utf-8"
    return None
