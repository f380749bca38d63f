"""From a decoded request to the store: one thread normalizes and writes, many requests to one commit.

    receivers ──submit──▶ queue (bounded in bytes) ──▶ normalize ─▶ store.write ──▶ futures done, listeners told
                                                            └─▶ journal ─▶ futures done, written later (ahead.py)

A request waits for the commit that holds it and no longer; while one commit runs, the next batch gathers. While the
store makes a checkpoint, nobody waits for it: a request is answered from the journal.
"""

import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from threading import Condition, Thread
from typing import TypeVar

from llm_tracing.errors import LlmTracingError, ReceiveError, StoreClosed, StoreError
from llm_tracing.figures import Figures
from llm_tracing.ingest.ahead import Ahead
from llm_tracing.ingest.commits import Commits
from llm_tracing.ingest.pending import Job, Pending
from llm_tracing.model import Batch
from llm_tracing.normalize.limits import Limits
from llm_tracing.normalize.shared import SharedRows
from llm_tracing.own_traces import OwnTraces
from llm_tracing.receive.decode import UNAVAILABLE
from llm_tracing.receive.senders import Senders
from llm_tracing.receive.sink import Accepted, Received, ReceivedSignal
from llm_tracing.redaction.redactor import Redactor
from llm_tracing.store.contract import Writer

logger = logging.getLogger(__name__)
T = TypeVar("T")

MAX_BATCH_BYTES = 8 * 1024 * 1024  # of protobuf in one commit; about 20,000 spans
_RETRY_AFTER_S = 1
# The longest that a commit waits for the senders who were in the last one: for half as long as that took, since their
# next requests are being read meanwhile, and not longer than anybody would notice.
_GATHER_SHARE, _GATHER_MIN_S, _GATHER_MAX_S = 0.5, 0.005, 0.05


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
        ahead: Ahead | None = None,
    ) -> None:
        """`ahead` is for a store that makes checkpoints."""
        self._max_queue = max_queue_bytes
        self._queue: deque[Pending] = deque()
        self._jobs: deque[Job] = deque()
        self._queued_bytes = 0
        self._wake = Condition()
        self._stopping = False
        self._taken = 0
        self._gathered = 0  # requests in the last commit
        self._took_s = 0.0  # how long that was
        self._slices: deque[Callable[[], bool]] = deque()
        self._traces = traces or OwnTraces()
        self._ahead = ahead
        self._busy_since: float | None = None  # of time.monotonic()
        self._told = False  # that what is ahead could not be written
        self._retry_at = 0.0  # what is ahead, after it could not be written
        self.senders = senders or Senders()
        self._commits = Commits(
            store, self.senders, SharedRows(limits), redactor, ahead, figures or Figures(), self._traces
        )
        self.counters = self._commits.counters
        self._thread = Thread(target=self._run, name="ingest", daemon=True)

    def start(self) -> None:
        """What the last process answered and did not write is written when this returns, if that can be done now."""
        self._commits.take_up()
        if self._ahead is not None:
            self._ahead.when_free(self._wake_up)
        self._thread.start()

    def listen(self, listener: Callable[[set[bytes]], None]) -> None:
        self._commits.listeners.append(listener)

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
        at = self._commits.failed_at
        return None if at is None else time.monotonic() - at

    @property
    def queued_bytes(self) -> int:
        return self._queued_bytes

    @property
    def ahead_bytes(self) -> int:
        """Bytes of requests that were answered from the journal and are not written yet."""
        return 0 if self._ahead is None else self._ahead.bytes

    @property
    def catches_up(self) -> bool:
        """Whether something was answered that is about to be stored."""
        return self._ahead is not None and bool(self._ahead) and not self._ahead.failed

    @property
    def taken(self) -> int:
        """Requests taken since the start, rows that were ready left out."""
        return self._taken

    @property
    def ahead_requests(self) -> int:
        """Requests that were answered from the journal since the start."""
        return 0 if self._ahead is None else self._ahead.requests

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
            self._jobs.append(Job(job, future))
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
            self._queue.append(Pending(signal, request, size, future, way, behind))
            self._queued_bytes += size
            self._taken += signal is not None
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
                    self._commits.take(pending)
                except Exception:  # the thread must outlive whatever one request does to it
                    for item in pending:
                        self._commits.take_alone(item)
                self._took_s = time.monotonic() - begun
            if self._commits.is_written:
                self._try(self._commits.end)
            if self._may_write_ahead():
                self._commits.begin(self._wake_up)
            while self._jobs:
                self._busy_since = time.monotonic()
                job = self._jobs.popleft()
                if (error := self._try(self._commits.catch_up)) is None:  # it may be about what was answered
                    job.run()
                else:
                    job.refuse(error)
            if self._may_run_slice():
                self._busy_since = time.monotonic()
                self._run_slice(self._slices.popleft())
            self._busy_since = None
        self._try(self._commits.stop)

    def _try(self, write: Callable[[], None]) -> LlmTracingError | None:
        """Why what is ahead could not be written; it is tried again later."""
        try:
            write()
        except LlmTracingError as error:
            if not self._told:  # once, and not with each attempt
                logger.error("Requests that were answered wait to be stored: %s", error.line())
            self._told = True
            self._retry_at = time.monotonic() + _RETRY_AFTER_S
            return error
        except Exception as error:  # the thread must outlive it; what is ahead stays in the journal
            logger.exception("Requests that were answered wait to be stored")
            self._retry_at = time.monotonic() + _RETRY_AFTER_S
            return StoreError(f"What was answered before could not be stored ({type(error).__name__}).")
        self._told = False
        return None

    def _store_makes_wait(self) -> bool:
        return self._ahead is not None and self._ahead.makes_wait()

    def _may_write_ahead(self) -> bool:
        waits = self._commits.is_writing or self._store_makes_wait()
        return bool(self._ahead) and not waits and time.monotonic() >= self._retry_at

    def _may_run_slice(self) -> bool:
        waits = self._commits.is_writing or self._store_makes_wait()
        return bool(self._slices) and not self._stopping and not waits

    def _wake_up(self) -> None:
        with self._wake:
            self._wake.notify()

    def _has_work(self) -> bool:
        if self._queue or self._jobs or self._stopping or self._commits.is_written:
            return True
        return self._may_write_ahead() or self._may_run_slice()

    def _ended(self) -> bool:
        """Wait until there is something to do: whether there never will be again."""
        with self._wake:
            while not self._has_work():
                self._wake.wait(_RETRY_AFTER_S if self._ahead else None)
            return not self._queue and not self._jobs and self._stopping

    def _run_slice(self, job: Callable[[], bool]) -> None:
        try:
            if job():
                self._slices.append(job)
        except StoreError as error:
            logger.error("Work between commits could not go on: %s", error.line())
        except Exception:
            logger.exception("Work between commits failed and is given up")

    def _next(self) -> list[Pending]:
        """What goes into the next commit; empty if only other work waits."""
        with self._wake:
            if not self._queue:
                return []
            # Those who waited for the last commit send again now; together they cost one commit, not one each.
            longest = min(max(_GATHER_MIN_S, self._took_s * _GATHER_SHARE), _GATHER_MAX_S)
            if self._ahead:
                longest = 0.0  # there is something to write meanwhile
            self._wake.wait_for(lambda: len(self._queue) >= self._gathered or self._jobs or self._stopping, longest)
            taken: list[Pending] = []
            size = 0
            while self._queue and (not taken or size + self._queue[0].size <= MAX_BATCH_BYTES):
                item = self._queue.popleft()
                taken.append(item)
                size += item.size
            self._queued_bytes -= size
            self._gathered = len(taken)
            return taken
