"""What is done with the requests of one turn: normalized, then written and answered, or answered and then written.

For the thread that writes, and before it starts. What is ahead is written on a thread of its own, so that others can be
answered meanwhile; nobody else writes then.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import NamedTuple, cast

from llm_tracing.errors import BackendError, BehindError, FolderNotWritable, LlmTracingError, ReceiveError, StoreError
from llm_tracing.figures import Figures
from llm_tracing.ingest.ahead import Ahead, Group, merged
from llm_tracing.ingest.answers import Starts, leave_out, refused_late, turn_away
from llm_tracing.ingest.pending import Pending
from llm_tracing.model import Batch, Counts
from llm_tracing.normalize.shared import SharedRows
from llm_tracing.own_traces import OwnTraces
from llm_tracing.receive.as_bytes import from_bytes
from llm_tracing.receive.counters import Counters
from llm_tracing.receive.decode import INTERNAL
from llm_tracing.receive.senders import Senders
from llm_tracing.receive.sink import LANGSMITH, Accepted, ReceivedSignal
from llm_tracing.redaction.redactor import Redactor
from llm_tracing.store.contract import Writer
from llm_tracing.store.journal import Written

logger = logging.getLogger(__name__)


class Writing(NamedTuple):
    """What is being written of what is ahead."""

    groups: list[Group]
    batch: Batch
    future: Future[set[bytes]]


class Commits:
    """`listeners` are told which traces each commit touched."""

    def __init__(
        self,
        store: Writer,
        senders: Senders,
        shared: SharedRows,
        redactor: Redactor | None,
        ahead: Ahead | None,
        figures: Figures,
        traces: OwnTraces,
    ) -> None:
        self._store = store
        self._senders = senders
        self._shared = shared
        self._redactor = redactor
        self._ahead = ahead
        self._figures = figures
        self._traces = traces
        self._writer = ThreadPoolExecutor(1, "ahead")  # has no thread until there is something to do for it
        self._writing: Writing | None = None
        self.counters = Counters()
        self.listeners: list[Callable[[set[bytes]], None]] = []
        self.failed_at: float | None = None  # the last commit, of time.monotonic(), if it failed

    def take(self, pending: list[Pending]) -> None:
        """Answer them all; or raise what one of them did, with none answered."""
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
        if self._put_ahead(pending, batch):
            self._answer(pending, answers, counts, batch)
            return
        try:
            self.catch_up()
            touched = self._write(batch, pending)
        except LlmTracingError as error:
            if isinstance(error, BackendError) and len(signals := {item.signal for item in pending}) > 1:
                for signal in signals:  # spans need not wait because nobody takes log records
                    self.take([item for item in pending if item.signal == signal])
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
        self._senders.came_again(batch.again)
        self._answer(pending, answers, counts, batch)
        self._tell(touched)

    def take_alone(self, item: Pending) -> None:
        """After a batch failed on what it held: only the request that did it is refused, and not to be sent again."""
        if item.future.done():
            return
        try:
            self.take([item])
        except Exception as error:
            logger.exception("A request could not be stored")
            self.counters.failed_writes += 1
            if not item.future.done():
                message = f"The request could not be stored ({type(error).__name__})."
                item.future.set_exception(ReceiveError(500, INTERNAL, message, "The server's log has the details."))

    def catch_up(self) -> None:
        """Write all that is ahead before this returns. Raises StoreError, with the rest still ahead."""
        while self._ahead:
            self.begin()
            self.end()

    def begin(self, when_done: Callable[[], None] | None = None) -> None:
        """Begin to write what is ahead, on another thread, unless some is being written. `end` is to be called then."""
        if self._ahead and self._writing is None:
            groups = self._ahead.next()
            batch = merged(groups)
            future = self._writer.submit(self._write, batch)
            self._writing = Writing(groups, batch, future)
            if when_done is not None:
                future.add_done_callback(lambda _: when_done())

    @property
    def is_writing(self) -> bool:
        """Whether the other thread is at it."""
        return self._writing is not None and not self._writing.future.done()

    @property
    def is_written(self) -> bool:
        """Whether it is through with what `begin` gave it."""
        return self._writing is not None and self._writing.future.done()

    def end(self) -> None:
        """Wait for what is being written. Raises StoreError; it is still ahead then."""
        if self._ahead is None or self._writing is None:
            return
        writing, self._writing = self._writing, None
        try:
            touched = writing.future.result()
        except LlmTracingError:
            self._ahead.failed = True
            raise
        except Exception:
            logger.exception("Requests that were answered could not be stored together")
            for group in writing.groups:
                self._write_singly(self._ahead, group)
            return
        self._ahead.written(writing.groups)
        self._after_answer(writing.batch, touched)

    def stop(self) -> None:
        """Write what is ahead, if that can be done. Raises StoreError; the next start finds it then."""
        try:
            self.catch_up()
        finally:
            self._writer.shutdown()
            if self._ahead is not None:
                self._ahead.close()

    def take_up(self) -> None:
        """At a start: write what an earlier process answered and did not write. What can't be now is tried again.

        Raises StoreError if the store does not say what it has of it.
        """
        if self._ahead is None or not self._ahead.exists:
            return
        stored = self._ahead.stored()
        try:
            left = self._ahead.left(stored)
        except StoreError as error:
            self._set_aside(self._ahead, error)
            return
        for mark, written in left:
            self._ahead.put(Group(self._normalized(written), [mark], len(written.request)))
        if left:
            logger.info("%d requests that were answered before the last end are stored now", len(left))
        try:
            self.catch_up()
        except StoreError as error:
            logger.error("Requests that were answered before the last end wait: %s", error.line())

    def _put_ahead(self, pending: list[Pending], batch: Batch) -> bool:
        """Whether they are in the journal now, so that they can be answered."""
        size = sum(item.size for item in pending)
        if self._ahead is None or not self._ahead.takes(pending, size):
            return False
        try:
            while self._ahead.is_full(size):
                self.begin()
                self.end()
            if not self._ahead.takes(pending, size):
                return False
            self._ahead.add(pending, batch, size)
        except StoreError as error:
            logger.warning("Requests wait for the store: %s", error.line())
            return False
        return True

    def _write(self, batch: Batch, pending: list[Pending] | None = None) -> set[bytes]:
        try:
            with self._figures.commit_seconds.time(), self._commit_span(pending or [], batch):
                touched = self._store.write(batch)
        except LlmTracingError as error:
            # What is behind the store failed, not this server; that a folder takes nothing readiness itself finds out.
            if not isinstance(error, BehindError | FolderNotWritable):
                self.failed_at = time.monotonic()
            raise
        self.failed_at = None
        self.counters.commits += 1
        return touched

    def _write_singly(self, ahead: Ahead, group: Group) -> None:
        """Each request of a group with a commit of its own; what can't be stored is kept with the refused ones."""
        requests = ahead.requests_of(group)
        singles = [Group(self._normalized(w), [m], len(w.request)) for m, w in zip(group.marks, requests, strict=True)]
        ahead.replace(group, singles)
        for single, written in zip(singles, requests, strict=True):
            batch = merged([single])
            try:
                self._after_answer(batch, self._write(batch))
            except LlmTracingError:
                ahead.failed = True
                raise
            except Exception as error:
                self._keep(written, error)
            ahead.written([single])

    def _normalized(self, written: Written) -> Batch:
        """The rows of a request in the journal; none if it can't be read, and it is kept with the refused ones."""
        signal = cast(ReceivedSignal, written.signal)
        batch = Batch.empty()
        try:
            Pending(signal, from_bytes(signal, written.request), 0, Future()).add_to(batch, self._shared)
        except Exception as error:
            self._keep(written, error)
            return Batch.empty()
        return batch

    def _keep(self, written: Written, error: Exception) -> None:
        logger.error("A request that was answered could not be stored", exc_info=error)
        self.counters.failed_writes += 1
        runs = written.way == LANGSMITH
        self._senders.kept.add(
            sender="(journal)",
            reason="failed",
            message=f"It was answered and could not be stored ({type(error).__name__}).",
            method="POST",
            path="/langsmith/runs" if runs else f"/v1/{written.signal}",
            content_type="application/json" if runs else "application/x-protobuf",
            content_encoding="",
            status=500,
            payload=written.request,
        )

    def _set_aside(self, ahead: Ahead, error: StoreError) -> None:
        try:
            logger.error("%s It is kept as %s; the server starts without it.", error.line(), ahead.set_aside())
        except OSError as failed:
            logger.error("%s It could not be put aside (%s).", error.line(), failed.strerror or failed)

    def _commit_span(self, pending: list[Pending], batch: Batch) -> AbstractContextManager[None]:
        return self._traces.commit([item.behind for item in pending if item.behind], len(batch.spans))

    def _answer(self, pending: list[Pending], answers: list[Accepted], counts: list[Counts], batch: Batch) -> None:
        counters = self.counters
        for item in pending:
            if item.signal is not None:
                counters.requests[item.signal] += 1
        counters.spans += len(batch.spans)
        counters.logs += len(batch.logs)
        counters.metric_points += len(batch.metric_points)
        counters.rejected += sum(answer.rejected for answer in answers)
        for item, answer, one in zip(pending, answers, counts, strict=True):
            self._senders.arrived(item.way, one)
            for (sender, reason), count in one.refused.items():
                self._senders.refused(sender, reason, answer.message, count)
        for item, answer in zip(pending, answers, strict=True):
            item.future.set_result(answer)

    def _after_answer(self, batch: Batch, touched: set[bytes]) -> None:
        """What only the store could say of requests that were answered before."""
        self._senders.came_again(batch.again)
        for (service, reason), (count, said) in refused_late(batch).items():
            self.counters.rejected += count
            self._senders.refused(service, reason, said, count)
        self._tell(touched)

    def _tell(self, touched: set[bytes]) -> None:
        if touched:
            for listener in self.listeners:
                listener(touched)
