"""Which traces were read from Tempo and when, so that one that has settled is not read again."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import NamedTuple

SETTLE_NS = 5 * 60 * 1_000_000_000  # after its end a trace may still grow for so long
AGAIN_NS = 5 * 60 * 1_000_000_000  # what had settled when it was read is not read again for so long
FRESH_NS = 2 * 1_000_000_000  # what was read within it is not read again: a page asks for a trace several times
_MOST = 100_000


class Read(NamedTuple):
    """When a trace was read, when its last span ended (0 if it was not there) and how many spans it had."""

    at: int
    end_time_unix_nano: int
    span_count: int

    @property
    def is_settled(self) -> bool:
        """Whether nothing more was expected of it when it was read; now and then that is looked at again."""
        over = 0 < self.end_time_unix_nano < self.at - SETTLE_NS
        return over and time.time_ns() - self.at < AGAIN_NS

    def has_all(self, span_count: int | None) -> bool:
        """Whether a search that says how many spans a trace has tells nothing new of it."""
        if span_count is None:
            return self.is_settled
        # A search may count a span twice, so a trace that has settled is not read each time that it says more.
        return span_count <= self.span_count or self.is_settled

    @property
    def is_fresh(self) -> bool:
        return time.time_ns() - self.at < FRESH_NS


class KnownTraces:
    """Safe for many threads, as a dictionary is; the trace that was read longest ago is forgotten first."""

    def __init__(self) -> None:
        self._read: OrderedDict[bytes, Read] = OrderedDict()

    def get(self, trace_id: bytes) -> Read | None:
        return self._read.get(trace_id)

    def put(self, trace_id: bytes, read: Read) -> None:
        self._read[trace_id] = read
        while len(self._read) > _MOST:
            self._read.popitem(last=False)

    def forget(self) -> None:
        self._read.clear()
