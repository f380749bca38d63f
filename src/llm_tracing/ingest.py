"""From a decoded request to the store: one thread normalizes and writes, many requests to one commit.

    receivers ──submit──▶ queue (bounded in bytes) ──▶ normalize ─▶ store.write ──▶ futures done, listeners told

A request waits for the commit that holds it and no longer; while one commit runs, the next batch gathers.
"""

from __future__ import annotations

import logging
import time
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Condition, Thread
from typing import Any, NamedTuple, TypeVar

from opentelemetry.trace import SpanContext

from llm_tracing.errors import (
    BackendError,
    BehindError,
    FolderNotWritable,
    LlmTracingError,
    ReceiveError,
    StoreClosed,
    StoreError,
)
from llm_tracing.figures import Figures
from llm_tracing.model import Batch, Counts
from llm_tracing.normalize.langsmith import add_runs
from llm_tracing.normalize.limits import Limits
from llm_tracing.normalize.logs import add_logs
from llm_tracing.normalize.metrics import add_metrics
from llm_tracing.normalize.shared import SharedRows
from llm_tracing.normalize.spans import add_spans
from llm_tracing.own_traces import OwnTraces
from llm_tracing.receive.counters import Counters
from llm_tracing.receive.decode import INTERNAL, UNAVAILABLE
from llm_tracing.receive.senders import Senders
from llm_tracing.receive.sink import Accepted, Received, ReceivedSignal
from llm_tracing.redaction.redactor import Redactor
from llm_tracing.store.contract import Writer

logger = logging.getLogger(__name__)
T = TypeVar("T")

MAX_BATCH_BYTES = 8 * 1024 * 1024  # of protobuf in one commit; about 20,000 spans
_RETRY_AFTER_S = 1
_MOST_SAID = 1_000  # characters of an answer
# The longest that a commit waits for the senders who were in the last one: for half as long as that took, since their
# next requests are being read meanwhile, and not longer than anybody would notice.
_GATHER_SHARE, _GATHER_MIN_S, _GATHER_MAX_S = 0.5, 0.005, 0.05

NORMALIZERS: dict[ReceivedSignal, Callable[[Any, SharedRows, Batch], Accepted]] = {
    "traces": add_spans,
    "logs": add_logs,
    "metrics": add_metrics,
    "runs": add_runs,
}


@dataclass(slots=True)
class _Pending:
    """What waits for a commit: what a receiver took, or with `signal` None rows that are ready."""

    signal: ReceivedSignal | None
    request: Received | Batch
    size: int
    future: Future[Accepted]
    way: str = ""
    behind: SpanContext | None = None  # the span of our own that brought it

    def add_to(self, batch: Batch, shared: SharedRows) -> Accepted:
        if isinstance(self.request, Batch):
            batch.add(self.request)
            return Accepted()
        assert self.signal is not None
        return NORMALIZERS[self.signal](self.request, shared, batch)


@dataclass(slots=True)
class _Job:
    """Something else that only the writer's thread may do."""

    work: Callable[[], Any]
    future: Future[Any]

    def run(self) -> None:
        if not self.future.set_running_or_notify_cancel():
            return  # who asked is gone
        try:
            self.future.set_result(self.work())
        except Exception as error:
            self.future.set_exception(error)


def leave_out(batch: Batch, starts: list[int], answers: list[Accepted], counts: list[Counts]) -> list[Accepted]:
    """The answers with the spans that their trace had no place for, which are counted per sender too."""
    found = []
    for start, end, answer, one in zip(starts, [*starts[1:], len(batch.spans)], answers, counts, strict=True):
        gone = [s for s in batch.spans[start:end] if (s.trace_id, s.span_id, s.start_time_unix_nano) in batch.left_out]
        if gone:
            one.refused.update((span.service, "spans_per_trace") for span in gone)
            said = f"{len(gone)} spans refused: their trace has as many as it may (LLM_TRACING_MAX_TRACE_SPANS)."
            answer = Accepted(answer.rejected + len(gone), f"{answer.message} {said}".lstrip())
        found.append(answer)
    return found


class Starts(NamedTuple):
    """Where the rows of a request begin in a batch."""

    traces: int
    logs: int
    metrics: int


def turn_away(batch: Batch, starts: list[Starts], answers: list[Accepted], counts: list[Counts]) -> list[Accepted]:
    """The answers with the rows that a backend behind the store does not take, counted per sender too."""
    found = list(answers)
    for signal, places, lost, said in batch.turned_away:
        begin = [getattr(start, signal) for start in starts]
        for at, count in Counter(bisect_right(begin, place) - 1 for place in places[:lost]).items():
            found[at] = Accepted(found[at].rejected + count, f"{found[at].message} {said}".strip()[:_MOST_SAID])
        for place in places[:lost]:
            counts[bisect_right(begin, place) - 1].refused[_service(batch, signal, place), "backend"] += 1
    return found


def _service(batch: Batch, signal: str, place: int) -> str:
    if signal == "metrics":
        return batch.metrics[batch.metric_points[place].metric_id].service
    return batch.spans[place].service if signal == "traces" else batch.logs[place].service


class Ingest:
    """The sink of every receiver. `listen` functions are called on the writer's thread after each commit."""

    def __init__(
        self,
        store: Writer,
        max_queue_bytes: int,
        senders: Senders | None = None,
        redactor: Redactor | None = None,
        limits: Limits | None = None,
        figures: Figures | None = None,
        traces: OwnTraces | None = None,
    ) -> None:
        self._store = store
        self._max_queue = max_queue_bytes
        self._redactor = redactor
        self._queue: deque[_Pending] = deque()
        self._jobs: deque[_Job] = deque()
        self._queued_bytes = 0
        self._wake = Condition()
        self._stopping = False
        self._gathered = 0  # requests in the last commit
        self._took_s = 0.0  # how long that was
        self._shared = SharedRows(limits)
        self._listeners: list[Callable[[set[bytes]], None]] = []
        self._slices: deque[Callable[[], bool]] = deque()
        self._figures = figures or Figures()
        self._traces = traces or OwnTraces()
        self._busy_since: float | None = None  # of time.monotonic(), as is the next
        self._failed_at: float | None = None  # the last commit, if it failed
        self.counters = Counters()
        self.senders = senders or Senders()
        self._thread = Thread(target=self._run, name="ingest", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def listen(self, listener: Callable[[set[bytes]], None]) -> None:
        self._listeners.append(listener)

    def run_between_commits(self, job: Callable[[], bool]) -> None:
        """Call `job` on the writer's thread, once between two commits, until it returns False or the server stops."""
        with self._wake:
            self._slices.append(job)
            self._wake.notify()

    def limit(self, max_queue_bytes: int) -> None:
        """Another limit of the queue from now on; what waits already stays."""
        self._max_queue = max_queue_bytes

    @property
    def alive(self) -> bool:
        """Whether the writer's thread runs."""
        return self._thread.is_alive()

    def busy_s(self) -> float:
        """For how many seconds the writer's thread has been at one piece of work; 0 if it waits for some."""
        since = self._busy_since
        return 0.0 if since is None else time.monotonic() - since

    def failed_s(self) -> float | None:
        """How many seconds ago the last commit failed; None if it did not."""
        at = self._failed_at
        return None if at is None else time.monotonic() - at

    @property
    def queued_bytes(self) -> int:
        return self._queued_bytes

    def submit(self, signal: ReceivedSignal, request: Received, size: int, way: str = "") -> Future[Accepted]:
        """See receive.sink.Sink."""
        return self._take(signal, request, size, way)

    def submit_batch(self, batch: Batch, size: int = 1_024) -> Future[Accepted]:
        """See receive.sink.Commits."""
        return self._take(None, batch, size)

    def run(self, job: Callable[[], T]) -> Future[T]:
        """See receive.sink.Commits."""
        future: Future[T] = Future()
        with self._wake:
            if self._stopping:
                raise StoreClosed
            self._jobs.append(_Job(job, future))
            self._wake.notify()
        return future

    def _take(
        self, signal: ReceivedSignal | None, request: Received | Batch, size: int, way: str = ""
    ) -> Future[Accepted]:
        future: Future[Accepted] = Future()
        behind = self._traces.current()
        with self._wake:
            if self._stopping:
                raise StoreClosed
            if self._queue and self._queued_bytes + size > self._max_queue:
                self.counters.refused_queue_full += 1
                raise ReceiveError(
                    503,
                    UNAVAILABLE,
                    f"The write queue is full ({self._queued_bytes:,} bytes wait).",
                    "Send again later, or raise LLM_TRACING_MAX_QUEUE.",
                    retry_after_s=_RETRY_AFTER_S,
                )
            self._queue.append(_Pending(signal, request, size, future, way, behind))
            self._queued_bytes += size
            self._wake.notify()
        return future

    def stop(self) -> None:
        """Write what waits, then end."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended():
            self._busy_since = time.monotonic()
            if pending := self._next():
                begun = time.monotonic()
                try:
                    self._write(pending)
                except Exception:  # the thread must outlive whatever one request does to it
                    for item in pending:
                        self._write_alone(item)
                self._took_s = time.monotonic() - begun
            while self._jobs:
                self._busy_since = time.monotonic()
                self._jobs.popleft().run()
            if self._slices and not self._stopping:
                self._busy_since = time.monotonic()
                self._run_slice(self._slices.popleft())
            self._busy_since = None

    def _ended(self) -> bool:
        """Wait until there is something to do: whether there never will be again."""
        with self._wake:
            self._wake.wait_for(lambda: self._queue or self._jobs or self._slices or self._stopping)
            return not self._queue and not self._jobs and self._stopping

    def _run_slice(self, job: Callable[[], bool]) -> None:
        try:
            if job():
                self._slices.append(job)
        except StoreError as error:
            logger.error("Work between commits could not go on: %s", error.line())
        except Exception:
            logger.exception("Work between commits failed and is given up")

    def _write_alone(self, item: _Pending) -> None:
        """After a batch failed on what it held: only the request that did it is refused, and not to be sent again."""
        if item.future.done():
            return
        try:
            self._write([item])
        except Exception as error:
            logger.exception("A request could not be stored")
            self.counters.failed_writes += 1
            if not item.future.done():
                message = f"The request could not be stored ({type(error).__name__})."
                item.future.set_exception(ReceiveError(500, INTERNAL, message, "The server's log has the details."))

    def _next(self) -> list[_Pending]:
        """What goes into the next commit; empty if only other work waits."""
        with self._wake:
            if not self._queue:
                return []
            # Those who waited for the last commit send again now; together they cost one commit, not one each.
            longest = min(max(_GATHER_MIN_S, self._took_s * _GATHER_SHARE), _GATHER_MAX_S)
            self._wake.wait_for(lambda: len(self._queue) >= self._gathered or self._jobs or self._stopping, longest)
            taken: list[_Pending] = []
            size = 0
            while self._queue and (not taken or size + self._queue[0].size <= MAX_BATCH_BYTES):
                item = self._queue.popleft()
                taken.append(item)
                size += item.size
            self._queued_bytes -= size
            self._gathered = len(taken)
            return taken

    def _write(self, pending: list[_Pending]) -> None:
        batch = Batch.empty()
        answers: list[Accepted] = []
        starts: list[Starts] = []
        counts: list[Counts] = []
        for item in pending:
            if self._redactor is not None and item.signal is not None and not isinstance(item.request, Batch):
                self._redactor.apply(item.signal, item.request)
            starts.append(Starts(len(batch.spans), len(batch.logs), len(batch.metric_points)))
            answers.append(item.add_to(batch, self._shared))
            counts.append(batch.take_counts())
        try:
            with self._figures.commit_seconds.time(), self._commit_span(pending, batch):
                touched = self._store.write(batch)
            self._failed_at = None
        except LlmTracingError as error:
            # What is behind the store failed, not this server; that a folder takes nothing readiness itself finds out.
            if not isinstance(error, BehindError | FolderNotWritable):
                self._failed_at = time.monotonic()
            if isinstance(error, BackendError) and len(signals := {item.signal for item in pending}) > 1:
                for signal in signals:  # spans need not wait because nobody takes log records
                    self._write([item for item in pending if item.signal == signal])
                return
            self.counters.failed_writes += 1
            logger.error("%s", error.line())
            for item in pending:
                item.future.set_exception(error)
            return
        if batch.left_out:
            answers = leave_out(batch, [start.traces for start in starts], answers, counts)
        if batch.turned_away:
            answers = turn_away(batch, starts, answers, counts)
        self._count(pending, answers, counts, batch)
        for item, answer in zip(pending, answers, strict=True):
            item.future.set_result(answer)
        if touched:
            for listener in self._listeners:
                listener(touched)

    def _commit_span(self, pending: list[_Pending], batch: Batch) -> AbstractContextManager[None]:
        return self._traces.commit([item.behind for item in pending if item.behind], len(batch.spans))

    def _count(self, pending: list[_Pending], answers: list[Accepted], counts: list[Counts], batch: Batch) -> None:
        counters = self.counters
        counters.commits += 1
        for item in pending:
            if item.signal is not None:
                counters.requests[item.signal] += 1
        counters.spans += len(batch.spans)
        counters.logs += len(batch.logs)
        counters.metric_points += len(batch.metric_points)
        counters.rejected += sum(answer.rejected for answer in answers)
        for item, answer, one in zip(pending, answers, counts, strict=True):
            self.senders.arrived(item.way, one)
            for (sender, reason), count in one.refused.items():
                self.senders.refused(sender, reason, answer.message, count)
        self.senders.came_again(batch.again)
