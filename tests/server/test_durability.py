"""What was acknowledged is on disk: the server is killed, started again, and everything is there once."""

import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import grpc
import httpx
import pytest
from google.protobuf.message import Message

from llm_tracing.store.database import FILE_NAME
from tests.builders import (
    NOON,
    chat,
    counter,
    hex_id,
    log,
    log_request,
    metric_request,
    span,
    trace_hex,
    trace_request,
)
from tests.running import PROTOBUF, Running, signal_of, stubs
from tests.server.process import Serving, serving

ROUNDS = 2
SENDERS = 3
ENOUGH = 45  # acknowledged requests before a kill


def _requests(number: int) -> list[Message]:
    """A trace of three spans, a log record and two metric points that carry this number."""
    trace = trace_hex(number)
    prompt = f"question {number} " + "of some length " * 30
    return [
        trace_request(
            span("root", number * 10, trace=trace),
            span("chat", number * 10 + 1, number * 10, trace=trace, attributes=chat(prompt, "yes", tokens=(5, 2))),
            span("SELECT", number * 10 + 2, number * 10, trace=trace),
        ),
        log_request(log(f"line {number}", trace=trace)),
        metric_request(counter(f"count.{number}", number, number + 1)),
    ]


class _Sender(threading.Thread):
    """Sends until the server dies, and knows what was acknowledged."""

    def __init__(self, server: Serving, first: int, over_grpc: bool) -> None:
        super().__init__()
        self.acknowledged: list[tuple[str, int]] = []
        self._server, self._number, self._over_grpc = server, first, over_grpc

    def run(self) -> None:
        export = self._grpc if self._over_grpc else self._http
        export()

    def _http(self) -> None:
        with httpx.Client(base_url=self._server.http, trust_env=False, timeout=5) as client:
            try:
                while True:
                    for request in _requests(self._number):
                        signal = signal_of(request)
                        answer = client.post(
                            f"/v1/{signal}", content=request.SerializeToString(), headers={"Content-Type": PROTOBUF}
                        )
                        assert answer.status_code == 200
                        self.acknowledged.append((signal, self._number))
                    self._number += 1
            except httpx.TransportError:
                return

    def _grpc(self) -> None:
        with grpc.insecure_channel(self._server.grpc) as channel:
            services = stubs(channel)
            try:
                while True:
                    for request in _requests(self._number):
                        signal = signal_of(request)
                        services[signal].Export(request, timeout=5)
                        self.acknowledged.append((signal, self._number))
                    self._number += 1
            except grpc.RpcError:
                return


def _enough(senders: list[_Sender], wanted: int) -> bool:
    counts = [len(sender.acknowledged) for sender in senders]
    return min(counts) >= 5 and sum(counts) >= wanted


def _counts(data: Path) -> dict[str, Counter[Any]]:
    """How often each thing is stored, by the number that it was sent with."""
    queries = {
        "traces": "SELECT span_id::BIGINT FROM spans",
        "logs": "SELECT body FROM logs",
        "metrics": "SELECT name, value_int FROM metric_points JOIN (SELECT DISTINCT metric_id, name FROM metrics) "
        "USING (metric_id)",
    }
    with duckdb.connect(str(data / FILE_NAME)) as db:
        return {signal: Counter(db.execute(query).fetchall()) for signal, query in queries.items()}


def _expected(signal: str, number: int) -> list[tuple[Any, ...]]:
    if signal == "traces":
        return [(number * 10 + step,) for step in range(3)]
    if signal == "logs":
        return [(f'"line {number}"',)]
    return [(f"count.{number}", number), (f"count.{number}", number + 1)]


def test_all_that_was_acknowledged_under_load_survives_a_kill_once(tmp_path: Path) -> None:
    acknowledged: list[tuple[str, int]] = []
    for turn in range(ROUNDS):
        with serving(tmp_path) as server:
            senders = [_Sender(server, 1 + 100_000 * (turn * SENDERS + n), n == 0) for n in range(SENDERS)]
            for sender in senders:
                sender.start()
            until = time.monotonic() + 10
            while time.monotonic() < until and not _enough(senders, ENOUGH * (turn + 1)):
                time.sleep(0.005)
            server.kill()
            for sender in senders:
                sender.join(10)
        assert all(sender.acknowledged for sender in senders)
        acknowledged += [ack for sender in senders for ack in sender.acknowledged]
    with Running(tmp_path) as restarted:
        _, number = next(ack for ack in acknowledged if ack[0] == "traces")
        detail = restarted.trace(trace_hex(number))
        assert [found.name for found in detail.spans] == ["root", "chat", "SELECT"]
        assert detail.spans[1].output == "yes"
        assert detail.trace.usage.total_tokens == 7
    stored = _counts(tmp_path)
    wrong = [(ack, stored[ack[0]][row]) for ack in acknowledged for row in _expected(*ack) if stored[ack[0]][row] != 1]
    assert wrong == []


@pytest.mark.parametrize("over", ["http", "grpc"])
def test_a_kill_right_after_the_answer_loses_nothing(over: str, tmp_path: Path) -> None:
    request = trace_request(span("only", 1, trace=trace_hex(1)))
    with serving(tmp_path) as server:
        if over == "http":
            with httpx.Client(base_url=server.http, trust_env=False) as client:
                body, headers = request.SerializeToString(), {"Content-Type": PROTOBUF}
                assert client.post("/v1/traces", content=body, headers=headers).status_code == 200
                server.kill()
        else:
            with grpc.insecure_channel(server.grpc) as channel:
                stubs(channel)["traces"].Export(request, timeout=10)
                server.kill()
    with Running(tmp_path) as restarted:
        [trace] = restarted.traces()
        assert (trace.trace_id, trace.start_time_unix_nano) == (trace_hex(1), str(NOON))
        assert restarted.trace(trace.trace_id).spans[0].span_id == hex_id(1)
