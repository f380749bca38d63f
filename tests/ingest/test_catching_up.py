"""Who sends and then asks finds what it sent, also when it was answered from the journal."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.builders import span, trace_hex, trace_request
from tests.running import Running


@contextmanager
def _waiting_store(server: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """The server's store makes wait until the event is set."""
    free = threading.Event()
    stack = server.server.stack
    monkeypatch.setattr(stack.store, "makes_wait", lambda: not free.is_set())
    try:
        yield free
    finally:
        free.set()
        stack.ingest._wake_up()


def _send(server: Running, number: int) -> None:
    server.export(trace_request(span("sent", 1, trace=trace_hex(number))))


def _status(server: Running, number: int) -> tuple[int, float]:
    begun = time.monotonic()
    answer = server.http.get(f"/api/v1/traces/{trace_hex(number)}")
    return answer.status_code, time.monotonic() - begun


def test_a_question_waits_for_what_was_answered(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    with _waiting_store(server, monkeypatch) as free:
        _send(server, 1)

        def end() -> None:
            free.set()
            server.server.stack.ingest._wake_up()

        timer = threading.Timer(0.2, end)
        timer.start()
        status, took = _status(server, 1)
        timer.join()
    assert (status, took > 0.1) == (200, True)


def test_it_does_not_wait_while_others_send(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    with _waiting_store(server, monkeypatch):
        _send(server, 1)
        timer = threading.Timer(0.1, lambda: _send(server, 2))
        timer.start()
        status, took = _status(server, 1)
        timer.join()
        assert status == 404
        assert took < 0.9
        assert server.http.get("/healthz").status_code == 200
    assert _status(server, 1)[0] == _status(server, 2)[0] == 200


def test_it_waits_no_longer_than_a_second(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    with _waiting_store(server, monkeypatch):
        _send(server, 1)
        status, took = _status(server, 1)
    assert status == 404
    assert 0.9 < took < 5
