"""Brings log records from Loki into the window: those of a trace, or of a stretch of time, the newest first.

A record has no id. One that the window has already is told by its time, its trace and span, its service and severity:
of records that agree in all of that, as many are added as Loki has more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from threading import Lock
from uuid import UUID

from llm_tracing.errors import BackendError
from llm_tracing.lgtm.backend import Patience
from llm_tracing.lgtm.brought import Brought, bring, never
from llm_tracing.lgtm.incoming import Objects, to_batch
from llm_tracing.lgtm.logql import ALL, of_trace
from llm_tracing.lgtm.loki import LONGEST_RANGE_S, MAX_LIMIT, LogLine, Loki, is_too_long, to_otlp
from llm_tracing.lgtm.searched import Searched
from llm_tracing.lgtm.window import Window
from llm_tracing.model import Batch, LogRow
from llm_tracing.normalize.shared import SharedRows
from llm_tracing.store.database import sql

_SECOND = 1_000_000_000
_SETTLE_NS = 5 * 60 * _SECOND  # senders try again for as long
_AROUND_NS = 5 * 60 * _SECOND  # a trace: its records may come from other clocks
_Key = tuple[int, bytes | None, int | None, str, int]


class LogBringer:
    """Safe for many threads. Never raises BackendError; DuckDB's errors pass."""

    def __init__(self, window: Window, loki: Loki, objects: Objects, shared: SharedRows) -> None:
        self._window = window
        self._loki = loki
        self._objects = objects
        self._shared = shared
        self._turn = Lock()
        self._searched = Searched(ALL, _SETTLE_NS, once=True)
        self._longest_ns = LONGEST_RANGE_S * _SECOND
        self._limit = MAX_LIMIT

    def forget(self) -> None:
        """Something was deleted from the window: what is asked for is to be brought again."""
        self._searched.forget()

    def read_since(self) -> int:
        """As that of Searched."""
        return self._searched.read_since()

    def whole_since(self, query: str, since: int, until: int) -> int:
        """Since when every record of a range that meets a query is in the window, but for the newest minutes.

        That is `since` itself where nothing of the range was asked for in time.
        """
        return self._searched.whole_since(query, since, until)

    def of_trace(self, trace_id: bytes, since: int, until: int, patience: Patience) -> Brought:
        """Bring the records of a trace whose spans lie in this time."""
        around = (max(0, since - _AROUND_NS), until + _AROUND_NS)
        return self.stretch(of_trace(trace_id), *around, patience, step=MAX_LIMIT, budget=MAX_LIMIT)

    def stretch(
        self,
        query: str,
        since: int,
        until: int,
        patience: Patience,
        *,
        step: int,
        budget: int,
        enough: Callable[[int], bool] = never,
    ) -> Brought:
        """As that of TraceSearch."""
        if not self._turn.acquire(timeout=patience.left()):
            return Brought(whole=False)
        try:
            gaps, limit = self._searched.gaps(query, since, until), min(step, self._limit)
            steps = partial(self._steps, query, limit, patience)
            return bring(self._loki.backend, gaps, steps, since, budget, enough, patience)
        finally:
            self._turn.release()

    def _steps(self, query: str, limit: int, patience: Patience, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Ask for a stretch from its end to its start; each time what has been reached and how many were found."""
        at = end
        while at > start:
            low = max(start, at - self._longest_ns)
            settled_until = self._searched.settled_until()
            try:
                lines = self._loki.lines(query, low, at, limit, patience)
            except BackendError as error:
                if is_too_long(error) and self._longest_ns > 3_600 * _SECOND:
                    self._longest_ns //= 2
                    continue
                raise
            self._write(lines)
            if len(lines) >= limit:
                # Of the last nanosecond there may be more; a nanosecond with a whole answer in it is passed over.
                oldest = lines[-1].time_unix_nano
                reached = oldest + 1 if oldest + 1 < at else oldest
            else:
                reached = low
            reached = max(low, reached)
            self._searched.cover(query, reached, at, settled_until)
            at = reached
            yield reached, len(lines)

    def _write(self, lines: list[LogLine]) -> None:
        if not lines:
            return
        batch = to_batch(self._objects, self._shared, logs=to_otlp(lines))
        first, last = min(log.time_unix_nano for log in batch.logs), max(log.time_unix_nano for log in batch.logs)
        with self._window.turn:
            _leave_out(batch, self._held(first, last))
            if batch.logs:
                self._window.write(batch)

    def _held(self, first: int, last: int) -> Counter[_Key]:
        with self._window.store.database.reading() as db:
            rows = db.execute(sql("log_keys"), [first, last]).fetchall()
        return Counter(
            (time, trace_id.bytes if isinstance(trace_id, UUID) else None, *others) for time, trace_id, *others in rows
        )


def _leave_out(batch: Batch, held: Counter[_Key]) -> None:
    """Take out of a batch the records that are held already, and what only they refer to."""
    kept: list[LogRow] = []
    for log in batch.logs:
        key = (log.time_unix_nano, log.trace_id, log.span_id, log.service, log.severity_number)
        if held[key] > 0:
            held[key] -= 1
        else:
            kept.append(log)
    if len(kept) == len(batch.logs):
        return
    batch.logs = kept
    places = {(log.trace_id, log.span_id, log.time_unix_nano) for log in kept}
    batch.log_payload_refs = [
        ref for ref in batch.log_payload_refs if (ref.trace_id, ref.span_id, ref.start_time_unix_nano) in places
    ]
    batch.previews = [one for one in batch.previews if (one.trace_id, one.span_id, one.time_unix_nano) in places]
