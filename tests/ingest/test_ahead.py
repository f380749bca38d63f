"""While the store makes wait, requests are answered from the journal: nothing is lost, doubled or out of order."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from llm_tracing.errors import DiskFull, StoreError
from llm_tracing.ingest.ahead import Ahead
from llm_tracing.ingest.thread import Ingest
from llm_tracing.model import Batch
from llm_tracing.receive.as_bytes import to_bytes
from llm_tracing.receive.kept import KeptErrors
from llm_tracing.receive.runs import multipart_runs
from llm_tracing.receive.senders import Senders
from llm_tracing.receive.sink import GRPC, LANGSMITH, Accepted
from llm_tracing.store.contract import Page
from llm_tracing.store.duck import DuckDBStore
from llm_tracing.store.journal import FILE_NAME, Journal, Mark, Written
from tests.builders import batch_of, counter, log, log_request, metric_request, span, trace_hex, trace_request
from tests.langsmith_requests import MULTIPART, multipart, run, split_off
from tests.running import signal_of


class Slow:
    """A real store that says when it makes wait, and fails when told to."""

    def __init__(self, store: DuckDBStore) -> None:
        self._store = store
        self.waits = False
        self.failing: Exception | None = None
        self.fail_after: int | None = None  # writes
        self.batches: list[list[str]] = []  # names of spans
        self._free: Callable[[], None] = lambda: None

    def write(self, batch: Batch) -> set[bytes]:
        if self.failing is not None:
            raise self.failing
        if any(one.name == "poison" for one in batch.spans):
            raise ValueError("cannot swallow this")
        if self.fail_after is not None:
            if self.fail_after == 0:
                raise StoreError("There is no room.")
            self.fail_after -= 1
        self.batches.append([one.name for one in batch.spans])
        return self._store.write(batch)

    def makes_wait(self) -> bool:
        return self.waits

    def when_free(self, call: Callable[[], None]) -> None:
        self._free = call

    def journalled(self) -> Mark | None:
        return self._store.journalled()

    def free(self) -> None:
        self.waits = False
        self._free()


@pytest.fixture
def slow(store: DuckDBStore) -> Slow:
    return Slow(store)


@pytest.fixture
def ingest(slow: Slow, tmp_path: Path) -> Iterator[Ingest]:
    found = _ingest(slow, tmp_path)
    found.start()
    yield found
    slow.waits, slow.failing = False, None
    found.stop()


def _ingest(slow: Slow, folder: Path, most_bytes: int = 10_000) -> Ingest:
    senders = Senders(KeptErrors(folder / "refused"))
    return Ingest(slow, 100_000, senders, ahead=Ahead(folder, slow, most_bytes))


def _send(ingest: Ingest, name: str, number: int, size: int = 100) -> "Future[Accepted]":
    return ingest.submit("traces", trace_request(span(name, 1, trace=trace_hex(number))), size, GRPC)


def _names(store: DuckDBStore) -> set[str]:
    return {row.name for row in store.traces(Page())}


def _bodies(store: DuckDBStore) -> list[str]:
    return [json.loads(row.body or "null") for row in store.logs(Page()).logs]


def _until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not true():
        assert time.monotonic() < until
        time.sleep(0.005)


def test_nobody_waits_for_a_store_that_makes_wait(
    store: DuckDBStore, slow: Slow, ingest: Ingest, tmp_path: Path
) -> None:
    heard: list[set[bytes]] = []
    ingest.listen(heard.append)
    slow.waits = True
    assert [_send(ingest, f"s{n}", n).result(10) for n in (1, 2, 3)] == [Accepted()] * 3
    assert (_names(store), slow.batches, heard) == (set(), [], [])
    assert (ingest.ahead_bytes, ingest.ahead_requests) == (300, 3)
    assert (ingest.counters.spans, ingest.counters.commits) == (3, 0)
    slow.free()
    _until(lambda: ingest.ahead_bytes == 0)
    assert [name for batch in slow.batches for name in batch] == ["s1", "s2", "s3"]
    assert _names(store) == {"s1", "s2", "s3"}
    _until(lambda: set().union(*heard) == {bytes.fromhex(trace_hex(n)) for n in (1, 2, 3)})
    assert not (tmp_path / FILE_NAME).exists()
    assert (ingest.counters.spans, ingest.counters.requests["traces"]) == (3, 3)
    sender = ingest.senders.all()["shop"]
    assert (sender.received["traces"], sender.ways[GRPC]) == (3, 3)
    # Without a wait an answer means that it can be read.
    assert _send(ingest, "after", 4).result(10) == Accepted()
    assert "after" in _names(store)
    assert ingest.ahead_requests == 3


def test_what_was_answered_is_stored_once_by_the_next_process(store: DuckDBStore, slow: Slow, tmp_path: Path) -> None:
    killed = _ingest(slow, tmp_path)
    killed.start()
    slow.waits = True
    started = run(1, name="asked", inputs={"q": "why?"})
    runs = multipart_runs(multipart(*split_off("post", started)), MULTIPART)
    sent = [
        _send(killed, "asked", 1),
        killed.submit("logs", log_request(log("said", trace=trace_hex(1))), 100),
        killed.submit("metrics", metric_request(counter("count", 1, 2)), 100),
        killed.submit("runs", runs, 100, LANGSMITH),
    ]
    assert [one.result(10) for one in sent] == [Accepted()] * 4
    assert _bodies(store) == []
    for _ in range(2):  # the second finds all of it stored
        after = _ingest(Slow(store), tmp_path)
        after.start()
        after.stop()
        assert _names(store) == {"asked"}
        assert len(store.traces(Page())) == 2
        assert _bodies(store) == ["said"]
        assert [metric.point_count for metric in store.metrics()] == [2]
    assert not (tmp_path / FILE_NAME).exists()
    slow.failing = StoreError("It was killed.")  # the first one's thread: it writes nothing any more
    killed.stop()


def test_what_was_stored_before_the_kill_is_not_stored_again(store: DuckDBStore, slow: Slow, tmp_path: Path) -> None:
    killed = _ingest(slow, tmp_path)
    killed.start()
    slow.waits = True
    first = killed.submit("logs", log_request(log("first")), 100)
    assert first.result(10) == Accepted()
    kept = (tmp_path / FILE_NAME).read_bytes()  # as it is if the kill comes between the commit and its end
    slow.free()
    _until(lambda: killed.ahead_bytes == 0)
    killed.stop()
    (tmp_path / FILE_NAME).write_bytes(kept)
    after = _ingest(Slow(store), tmp_path)
    after.start()
    after.stop()
    assert _bodies(store) == ["first"]
    assert not (tmp_path / FILE_NAME).exists()


def test_who_comes_when_it_is_full_waits(store: DuckDBStore, slow: Slow, tmp_path: Path) -> None:
    ingest = _ingest(slow, tmp_path, 250)
    ingest.start()
    slow.waits = True
    assert [_send(ingest, f"s{n}", n).result(10) for n in (1, 2)] == [Accepted()] * 2
    assert (ingest.ahead_bytes, slow.batches) == (200, [])
    assert _send(ingest, "s3", 3).result(10) == Accepted()  # makes room, which a real store takes its time for
    assert (ingest.ahead_bytes, slow.batches) == (200, [["s1"]])
    assert _send(ingest, "too large to be ahead", 4, 251).result(10) == Accepted()
    assert (ingest.ahead_bytes, slow.batches[1:]) == (0, [["s2"], ["s3"], ["too large to be ahead"]])
    ingest.stop()


def test_rows_and_jobs_find_all_that_was_answered(store: DuckDBStore, slow: Slow, ingest: Ingest) -> None:
    slow.waits = True
    _send(ingest, "one", 1).result(10)
    assert ingest.run(lambda: _names(store)).result(10) == {"one"}
    _send(ingest, "two", 2).result(10)
    rows = batch_of(trace_request(span("three", 1, trace=trace_hex(3))))
    assert ingest.submit_batch(rows).result(10) == Accepted()
    assert slow.batches == [["one"], ["two"], ["three"]]


def test_a_store_that_fails_is_told_to_who_comes_then_and_keeps_what_was_answered(
    store: DuckDBStore, slow: Slow, ingest: Ingest, tmp_path: Path
) -> None:
    slow.waits = True
    _send(ingest, "answered", 1).result(10)
    slow.failing = DiskFull(tmp_path, "no room")
    slow.free()
    _until(lambda: ingest.failed_s() is not None)
    with pytest.raises(DiskFull):
        _send(ingest, "refused", 2).result(10)
    slow.waits = True  # nobody is answered ahead while what was answered can't be stored
    with pytest.raises(DiskFull):
        _send(ingest, "refused", 3).result(10)
    with pytest.raises(DiskFull):
        ingest.run(lambda: None).result(10)
    assert (tmp_path / FILE_NAME).exists()
    slow.failing, slow.waits = None, False
    _until(lambda: ingest.ahead_bytes == 0)  # by itself
    assert _names(store) == {"answered"}
    assert not (tmp_path / FILE_NAME).exists()


def test_one_that_cannot_be_stored_is_kept_and_takes_no_other_with_it(
    store: DuckDBStore, slow: Slow, ingest: Ingest
) -> None:
    slow.waits = True
    for number, name in enumerate(("good", "poison", "last"), 1):
        _send(ingest, name, number).result(10)
    slow.free()
    _until(lambda: ingest.ahead_bytes == 0)
    assert _names(store) == {"good", "last"}
    [kept] = ingest.senders.kept.all()
    assert (kept.reason, kept.path, kept.status) == ("failed", "/v1/traces", 500)
    poison = trace_request(span("poison", 1, trace=trace_hex(2)))
    assert ingest.senders.kept.payload(kept.error_id) == to_bytes(poison)


def test_a_journal_that_cannot_be_read_is_put_aside(store: DuckDBStore, slow: Slow, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no journal at all" * 1_000)
    ingest = _ingest(slow, tmp_path)
    ingest.start()
    assert _send(ingest, "one", 1).result(10) == Accepted()
    ingest.stop()
    assert _names(store) == {"one"}
    assert [path.read_bytes()[:10] for path in tmp_path.glob("journal-unread-*.sqlite")] == [b"no journal"]


def test_spans_beyond_what_a_trace_may_have_are_counted_though_answered(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path, max_spans=2)
    slow = Slow(store)
    ingest = _ingest(slow, tmp_path)
    ingest.start()
    slow.waits = True
    request = trace_request(*(span(f"s{n}", n, trace=trace_hex(1)) for n in (1, 2, 3)))
    assert ingest.submit("traces", request, 100).result(10) == Accepted()
    slow.free()
    _until(lambda: ingest.ahead_bytes == 0)
    _until(lambda: ingest.senders.all()["shop"].refused["spans_per_trace"] == 1)
    ingest.stop()
    assert ingest.counters.rejected == 1
    store.close()


def test_what_was_stored_by_itself_is_not_stored_again_when_the_next_one_fails(
    store: DuckDBStore, slow: Slow, tmp_path: Path
) -> None:
    ingest = _ingest(slow, tmp_path)
    slow.waits = True
    requests = [
        log_request(log("first")),
        trace_request(span("poison", 1, trace=trace_hex(1))),
        log_request(log("last")),
    ]
    sent = [ingest.submit(signal_of(one), one, 100) for one in requests]
    ingest.start()
    assert [one.result(10) for one in sent] == [Accepted()] * 3
    slow.fail_after = 1  # the disk is full once the first of them is stored
    slow.free()
    _until(lambda: _bodies(store) == ["first"])
    _until(lambda: ingest.failed_s() is not None)
    slow.fail_after = None
    _until(lambda: ingest.ahead_bytes == 0)
    ingest.stop()
    assert sorted(_bodies(store)) == ["first", "last"]


def test_a_job_whose_caller_left_does_not_end_the_thread(slow: Slow, ingest: Ingest, tmp_path: Path) -> None:
    slow.waits = True
    _send(ingest, "answered", 1).result(10)
    slow.failing = DiskFull(tmp_path, "no room")
    for _ in range(20):
        ingest.run(lambda: None).cancel()
    with pytest.raises(DiskFull):
        ingest.run(lambda: None).result(10)
    assert ingest.alive


def test_a_request_in_the_journal_that_cannot_be_read_is_kept_and_goes(
    store: DuckDBStore, slow: Slow, tmp_path: Path
) -> None:
    journal = Journal(tmp_path)
    journal.add([Written("runs", LANGSMITH, b"no json")])
    journal.close()
    ingest = _ingest(slow, tmp_path)
    ingest.start()
    ingest.stop()
    assert [kept.payload_bytes for kept in ingest.senders.kept.all()] == [7]
    assert not (tmp_path / FILE_NAME).exists()
