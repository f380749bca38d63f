"""From a decoded request to the store: what fails fails alone, what waits is bounded, and nobody is told a lie."""

from concurrent.futures import Future
from threading import Event, current_thread

import pytest

from llm_tracing.errors import ReceiveError, StoreClosed, StoreError
from llm_tracing.ingest.thread import Ingest
from llm_tracing.model import Batch
from llm_tracing.receive.sink import Accepted
from llm_tracing.store.contract import Page
from llm_tracing.store.duck import DuckDBStore
from tests.builders import batch_of, span, trace_hex, trace_request


class Gate:
    """A real store behind a gate: it waits to be let through, and chokes on what is named so."""

    def __init__(self, store: DuckDBStore) -> None:
        self._store = store
        self.entered, self.open = Event(), Event()
        self.failing: Exception | None = None

    def write(self, batch: Batch) -> set[bytes]:
        self.entered.set()
        assert self.open.wait(10)
        if self.failing is not None:
            raise self.failing
        if any(one.name == "poison" for one in batch.spans):
            raise ValueError("cannot swallow this")
        return self._store.write(batch)


@pytest.fixture
def gate(store: DuckDBStore) -> Gate:
    return Gate(store)


def _send(ingest: Ingest, name: str, number: int, size: int = 100) -> "Future[Accepted]":
    return ingest.submit("traces", trace_request(span(name, 1, trace=trace_hex(number))), size)


def test_requests_that_wait_share_a_commit(store: DuckDBStore, gate: Gate) -> None:
    ingest = Ingest(gate, 10_000)
    ingest.start()
    first = _send(ingest, "first", 1)
    assert gate.entered.wait(10)
    others = [_send(ingest, f"s{n}", n) for n in range(2, 7)]
    gate.open.set()
    assert [sent.result(10) for sent in (first, *others)] == [Accepted()] * 6
    ingest.stop()
    assert (ingest.counters.commits, ingest.counters.spans, ingest.queued_bytes) == (2, 6, 0)
    assert len(store.traces(Page())) == 6


def test_a_request_that_cannot_be_stored_is_refused_alone_and_for_good(store: DuckDBStore, gate: Gate) -> None:
    ingest = Ingest(gate, 10_000)
    ingest.start()
    first = _send(ingest, "first", 1)
    assert gate.entered.wait(10)
    good, poison, last = _send(ingest, "good", 2), _send(ingest, "poison", 3), _send(ingest, "last", 4)
    gate.open.set()
    assert [sent.result(10) for sent in (first, good, last)] == [Accepted()] * 3
    with pytest.raises(ReceiveError) as refused:
        poison.result(10)
    assert (refused.value.status, refused.value.retry_after_s) == (500, None)
    assert _send(ingest, "after", 5).result(10) == Accepted()
    ingest.stop()
    assert {row.name for row in store.traces(Page())} == {"first", "good", "last", "after"}
    assert ingest.counters.failed_writes == 1


def test_a_store_that_fails_is_told_to_every_sender_and_all_may_come_again(store: DuckDBStore, gate: Gate) -> None:
    gate.open.set()
    gate.failing = StoreError("The disk is full.")
    ingest = Ingest(gate, 10_000)
    ingest.start()
    with pytest.raises(StoreError, match="disk is full"):
        _send(ingest, "one", 1).result(10)
    gate.failing = None
    assert _send(ingest, "one", 1).result(10) == Accepted()
    ingest.stop()
    assert len(store.traces(Page())) == 1


def test_a_full_queue_refuses_with_a_time_to_come_again(gate: Gate) -> None:
    ingest = Ingest(gate, 250)
    ingest.start()
    sent = [_send(ingest, "one", 1)]
    assert gate.entered.wait(10)
    sent += [_send(ingest, "two", 2), _send(ingest, "three", 3)]
    with pytest.raises(ReceiveError) as refused:
        _send(ingest, "four", 4)
    assert (refused.value.status, refused.value.retry_after_s) == (503, 1)
    gate.open.set()
    ingest.stop()
    assert [one.result(10) for one in sent] == [Accepted()] * 3
    assert ingest.counters.refused_queue_full == 1


def test_what_waits_when_it_stops_is_written(store: DuckDBStore, gate: Gate) -> None:
    ingest = Ingest(gate, 10_000)
    sent = [_send(ingest, f"s{n}", n) for n in range(1, 4)]
    gate.open.set()
    ingest.start()
    ingest.stop()
    assert all(one.done() for one in sent)
    assert len(store.traces(Page())) == 3
    with pytest.raises(StoreClosed):
        _send(ingest, "late", 9)


def test_rows_that_are_ready_share_a_commit_with_requests(store: DuckDBStore, gate: Gate) -> None:
    ingest = Ingest(gate, 10_000)
    sent = [_send(ingest, "one", 1), ingest.submit_batch(batch_of(trace_request(span("two", 1, trace=trace_hex(2)))))]
    gate.open.set()
    ingest.start()
    ingest.stop()
    assert [one.result(0) for one in sent] == [Accepted()] * 2
    assert (ingest.counters.commits, ingest.counters.spans, ingest.counters.requests["traces"]) == (1, 2, 1)
    assert {row.name for row in store.traces(Page())} == {"one", "two"}


def test_a_job_runs_on_the_writers_thread_between_commits(store: DuckDBStore, gate: Gate) -> None:
    ingest = Ingest(gate, 10_000)
    ingest.start()
    first = _send(ingest, "first", 1)
    assert gate.entered.wait(10)
    job = ingest.run(lambda: (current_thread().name, len(store.traces(Page()))))
    failing = ingest.run(lambda: 1 / 0)
    assert not job.done()
    gate.open.set()
    assert first.result(10) == Accepted()
    assert job.result(10) == ("ingest", 1)
    with pytest.raises(ZeroDivisionError):
        failing.result(10)
    assert ingest.run(lambda: "still there").result(10) == "still there"
    waiting = ingest.run(lambda: "before the end")
    ingest.stop()
    assert waiting.result(0) == "before the end"
    with pytest.raises(StoreClosed):
        ingest.run(lambda: None)


def test_listeners_hear_which_traces_changed(gate: Gate) -> None:
    heard: list[set[bytes]] = []
    gate.open.set()
    ingest = Ingest(gate, 10_000)
    ingest.listen(heard.append)
    ingest.start()
    _send(ingest, "one", 7).result(10)
    ingest.stop()
    assert heard == [{bytes.fromhex(trace_hex(7))}]
