"""Output of the command -> OTLP log records, sent in batches by a thread of its own.

Passing output on must never wait for telemetry: the readers hand over raw bytes, and all else is done here. When more
waits than `MOST_WAITING`, output is still passed on, and what is not recorded is counted.
"""

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic

from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.context import Context
from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk._logs.export import LogRecordExportResult
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context
from opentelemetry.util.types import AnyValue

from llm_tracing.runner.lines import Line, Lines
from llm_tracing.runner.notes import ExceptionNote, Notes
from llm_tracing.runner.retold import Held
from llm_tracing.runner.severity import Said, said_by
from llm_tracing.runner.tracebacks import Raised, Tracebacks
from llm_tracing.telemetry.exporters import WatchedLogExporter
from llm_tracing.version import __version__

MOST_WAITING = 64 * 1024 * 1024
SCOPE = InstrumentationScope("llm_tracing.runner", __version__)

_TOGETHER_S = 0.2  # output of that long goes in one request
_BATCH_RECORDS = 8192
_CHUNKS_TOGETHER = 100
_BATCH_CHARACTERS = 4 * 1024 * 1024
_IDLE_S = 5.0  # a prompt, or a progress bar, is recorded when nothing followed for so long
_ERROR = 17


@dataclass(frozen=True, slots=True)
class _Chunk:
    stream: str
    data: bytes
    time_ns: int


class Outbox:
    """`chunk` and `event` may be called from any thread; `finish` once, at the end."""

    def __init__(self, resource: Resource, exporter: WatchedLogExporter, notes: Notes) -> None:
        self._resource = resource
        self._exporter = exporter
        self._notes = notes
        self._chunks: deque[_Chunk] = deque()
        self._waiting = 0
        self._lost_bytes = 0
        self._lost_records = 0
        self._records: list[ReadableLogRecord] = []
        self._characters = 0
        self._streams = {name: _Stream(name, notes) for name in ("stdout", "stderr")}
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._give_up_at: float | None = None
        self._thread = threading.Thread(target=self._work, name="outbox", daemon=True)
        self._thread.start()

    def chunk(self, stream: str, data: bytes) -> None:
        with self._lock:
            if self._waiting + len(data) > MOST_WAITING:
                self._lost_bytes += len(data)
                return
            self._chunks.append(_Chunk(stream, data, time.time_ns()))
            self._waiting += len(data)

    def event(self, name: str, body: str, said: Said, attributes: Mapping[str, AnyValue], time_ns: int) -> None:
        with self._lock:
            self._records.append(self._record(body, said, attributes, time_ns, name))

    def finish(self, timeout_s: float) -> str:
        """Send all that waits within about `timeout_s`; what was lost in words, or nothing."""
        self._give_up_at = monotonic() + timeout_s
        self._ending.set()
        self._thread.join(timeout_s + 1)
        left = self._waiting + self._lost_bytes
        lost = [f"{left:,} bytes of output"] if left else []
        lost += [f"{self._lost_records:,} log records"] if self._lost_records else []
        return " and ".join(lost)

    def _work(self) -> None:
        while not self._ending.wait(_TOGETHER_S):
            self._take_all()
            self._flush_idle(time.time_ns() - int(_IDLE_S * 1e9))
            self._send()
        self._take_all()
        self._flush_idle(None)
        for note in self._notes.untold():
            attributes, said = _exception_attributes(note.type, note.message, note.stacktrace, note)
            self.event("", note.stacktrace, said, attributes, note.time_ns)
        self._send()

    def _out_of_time(self) -> bool:
        return self._give_up_at is not None and monotonic() > self._give_up_at

    def _take_all(self) -> None:
        taken = 0
        while self._chunks and not self._out_of_time():
            taken += 1
            if taken % _CHUNKS_TOGETHER == 0:
                self._release(time.time_ns())
            with self._lock:
                chunk = self._chunks.popleft()
            self._streams[chunk.stream].feed(chunk)
            with self._lock:
                self._waiting -= len(chunk.data)
        self._release(time.time_ns())

    def _release(self, now_ns: int) -> None:
        for name, stream in self._streams.items():
            for found in stream.released(now_ns):
                self._add(found, name)

    def _flush_idle(self, before_ns: int | None) -> None:
        for name, stream in self._streams.items():
            for found in stream.flush(before_ns):
                self._add(found, name)

    def _add(self, found: Line | Raised, stream: str) -> None:
        attributes: dict[str, AnyValue] = {"log.iostream": stream}
        if isinstance(found, Raised):
            note = self._notes.exception(found.type, found.message)
            more, said = _exception_attributes(found.type, found.message, found.text, note)
            attributes |= more
        else:
            if not found.text or found.text.isspace():
                return
            if found.cut:
                attributes["llm_tracing.line.cut"] = True
            said = said_by(found.text, stream)
        record = self._record(found.text, said, attributes, found.time_ns, "")
        with self._lock:
            self._records.append(record)
            self._characters += len(found.text)
        if len(self._records) >= _BATCH_RECORDS or self._characters >= _BATCH_CHARACTERS:
            self._send()

    def _record(
        self, body: str, said: Said, attributes: Mapping[str, AnyValue], time_ns: int, name: str
    ) -> ReadableLogRecord:
        record = LogRecord(
            timestamp=time_ns,
            observed_timestamp=time.time_ns(),
            context=_context(said),
            severity_number=SeverityNumber(said.severity),
            severity_text=said.severity_text,
            body=body,
            attributes=dict(attributes),
            event_name=name or None,
        )
        return ReadableLogRecord(record, self._resource, SCOPE)

    def _send(self) -> None:
        with self._lock:
            records, self._records, self._characters = self._records, [], 0
        if not records:
            return
        if self._out_of_time() or self._exporter.export(records) is not LogRecordExportResult.SUCCESS:
            self._lost_records += len(records)


class _Stream:
    """One stream of output on its way to lines and exceptions."""

    def __init__(self, name: str, notes: Notes) -> None:
        self._held = Held(name, notes)
        self._lines = Lines()
        self._tracebacks = Tracebacks()
        self._last_ns = 0

    def feed(self, chunk: _Chunk) -> None:
        self._last_ns = chunk.time_ns
        for line in self._lines.feed(chunk.data, chunk.time_ns):
            self._held.add(line)

    def released(self, now_ns: int | None) -> list[Line | Raised]:
        return [found for line in self._held.released(now_ns) for found in self._tracebacks.feed(line)]

    def flush(self, before_ns: int | None) -> list[Line | Raised]:
        """What waits, if nothing came since `before_ns`; in any case without one."""
        if before_ns is not None and self._last_ns > before_ns:
            return []
        for line in self._lines.rest():
            self._held.add(line)
        return [*self.released(None), *self._tracebacks.flush()]


def _exception_attributes(
    type_name: str, message: str, stacktrace: str, note: ExceptionNote | None
) -> tuple[dict[str, AnyValue], Said]:
    """Names: OpenTelemetry semantic conventions, exceptions in logs."""
    attributes: dict[str, AnyValue] = {
        "exception.type": note.type if note else type_name,
        "exception.message": note.message if note else message,
        "exception.stacktrace": stacktrace,
    }
    return attributes, Said(_ERROR, note.trace_id if note else 0, note.span_id if note else 0)


def _context(said: Said) -> Context:
    """Never the current one: the runner has no span of its own."""
    if not said.trace_id:
        return Context()
    span = SpanContext(said.trace_id, said.span_id, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    return set_span_in_context(NonRecordingSpan(span), Context())
