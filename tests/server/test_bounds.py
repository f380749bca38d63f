"""Nobody starves the others: slow readers, readers who hang up, senders who stall, more than can be held."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Event, Thread, Timer
from typing import Any

import pytest

from llm_tracing.errors import QueryCancelled, StoreBusy
from llm_tracing.store.cancelling import Cancellation, current
from llm_tracing.store.database import Database
from llm_tracing.store.duck import DuckDBStore
from tests.builders import span, trace_hex, trace_request
from tests.langsmith_requests import MULTIPART, multipart, run, split_off
from tests.running import PROTOBUF, Running

ENDLESS = "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b"


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def slow_server(tmp_path: Path) -> Iterator[tuple[Running, Callable[[], int]]]:
    """Its /api/v1/metrics never answers by itself: an endless query of the real store."""
    running: list[int] = []
    original = DuckDBStore.__init__

    def with_endless(self: DuckDBStore, *args: Any, **options: Any) -> None:
        original(self, *args, **options)

        def endless() -> Any:
            running.append(1)
            try:
                with self.database.reading() as db:
                    return db.execute(ENDLESS).fetchall()
            finally:
                running.pop()

        self.metrics = endless

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DuckDBStore, "__init__", with_endless)
        with Running(tmp_path, query_timeout=20.0) as server:
            yield server, lambda: len(running)


Slow = tuple[Running, Callable[[], int]]


def _hanging(server: Running) -> socket.socket:
    """A reader who has asked, and waits."""
    host, _, port = server.addresses.http.removeprefix("http://").rpartition(":")
    reader = socket.create_connection((host, int(port)))
    reader.sendall(f"GET /api/v1/metrics HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    return reader


def test_a_reader_who_hangs_up_ends_his_query(slow_server: Slow) -> None:
    server, running = slow_server
    reader = _hanging(server)
    _until(lambda: running() == 1)
    begun = time.monotonic()
    reader.close()
    _until(lambda: running() == 0)
    assert time.monotonic() - begun < 15  # its own limit is 20 s


def test_slow_readers_hold_up_no_sender(slow_server: Slow) -> None:
    server, running = slow_server
    with ExitStack() as readers:
        for _ in range(20):
            readers.enter_context(_hanging(server))
        _until(lambda: running() >= 4)
        headers = {"Content-Type": MULTIPART}
        body = multipart(*split_off("post", run(1, start_time="2026-11-23T16:00:00+00:00")))
        assert server.http.post("/langsmith/runs/multipart", content=body, headers=headers).status_code == 202
        big = span("big", 1, trace=trace_hex(5), attributes={"text": "x" * 200_000})
        server.export(trace_request(big))
        assert running() >= 4


def test_a_query_that_finds_no_place_says_so(tmp_path: Path) -> None:
    database = Database(tmp_path, query_timeout_s=0.2)
    begun, done = Event(), Event()

    def hold() -> None:
        with database.reading():
            begun.set()
            done.wait(30)

    holders = [Thread(target=hold) for _ in range(4)]
    for holder in holders:
        begun.clear()
        holder.start()
        assert begun.wait(10)
    with pytest.raises(StoreBusy, match="4 queries run already"), database.reading():
        pass
    done.set()
    for holder in holders:
        holder.join()
    with database.reading() as db:
        assert db.execute("SELECT 1").fetchone() == (1,)
    database.close()


def test_a_cancelled_query_ends_and_the_next_does_not_start(tmp_path: Path) -> None:
    database = Database(tmp_path)
    cancellation = Cancellation()
    token = current.set(cancellation)
    try:
        Timer(0.2, cancellation.cancel).start()
        with pytest.raises(QueryCancelled), database.reading() as db:
            db.execute(ENDLESS).fetchall()
        with pytest.raises(QueryCancelled), database.reading() as db:
            db.execute("SELECT 1")
    finally:
        current.reset(token)
    database.close()


def _stalled(server: Running, size: int) -> socket.socket:
    """A sender who sends all of a body but the last byte."""
    host, _, port = server.addresses.http.removeprefix("http://").rpartition(":")
    sender = socket.create_connection((host, int(port)))
    head = f"POST /v1/traces HTTP/1.1\r\nHost: {host}\r\nContent-Type: {PROTOBUF}\r\nContent-Length: {size}\r\n\r\n"
    sender.sendall(head.encode() + bytes(size - 1))
    return sender


def test_bodies_that_are_still_on_their_way_are_bounded_together(tmp_path: Path) -> None:
    request = trace_request(span("s", 1, attributes={"text": "x" * 300_000})).SerializeToString()
    with Running(tmp_path, max_queue=1_000_000) as server:
        with ExitStack() as stalled:
            for _ in range(3):
                stalled.enter_context(_stalled(server, 300_000))
            _until(lambda: server.server.stack.in_flight.bytes == 3 * 299_999)
            answer = server.post("/v1/traces", request)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            assert "received at once" in answer.text
        _until(lambda: server.post("/v1/traces", request).status_code == 200)
