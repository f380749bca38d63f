"""Senders that know what was acknowledged: OTLP over HTTP and gRPC, and LangSmith's protocol, each until it fails."""

import itertools
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import duckdb
import grpc
import httpx
from google.protobuf.message import Message

from llm_tracing.store.database import FILE_NAME
from tests.builders import chat, counter, log, log_request, metric_request, span, trace_hex, trace_request
from tests.langsmith_requests import MULTIPART, multipart, run, run_id, split_off
from tests.running import PROTOBUF, signal_of, stubs
from tests.server.process import Serving

Way = Literal["http", "grpc", "langsmith"]
WAYS: tuple[Way, ...] = ("http", "grpc", "langsmith")
Acknowledged = tuple[str, int]  # what was sent, and the number that it carries


def requests(number: int) -> list[Message]:
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


def run_parts(number: int) -> Iterator[tuple[str, bytes]]:
    """A run in two requests, as the clients send it: when it starts and when it ends."""
    path = (number * 2, number * 2 + 1)
    start = run(*path, name=f"run {number}", inputs={"question": number}, start_time="2026-11-23T16:00:00+00:00")
    yield "started", multipart(*split_off("post", start))
    end = run(*path, name=f"run {number}", outputs={"answer": number}, end_time="2026-11-23T16:00:01+00:00")
    yield "runs", multipart(*split_off("patch", end))


class Sender(threading.Thread):
    """Sends until the server dies or refuses; `acknowledged` is what it said yes to."""

    def __init__(self, server: Serving, first: int, way: Way) -> None:
        super().__init__(daemon=True)
        self.acknowledged: list[Acknowledged] = []
        self.failure: Exception | None = None
        self._server, self._number = server, first
        self._send: Callable[[], None] = {"http": self._http, "grpc": self._grpc, "langsmith": self._runs}[way]

    def run(self) -> None:
        try:
            self._send()
        except (httpx.TransportError, grpc.RpcError):
            return
        except Exception as error:  # shown by the test
            self.failure = error

    def _http(self) -> None:
        with httpx.Client(base_url=self._server.http, trust_env=False, timeout=30) as client:
            for number in itertools.count(self._number):
                for request in requests(number):
                    signal = signal_of(request)
                    body, headers = request.SerializeToString(), {"Content-Type": PROTOBUF}
                    assert client.post(f"/v1/{signal}", content=body, headers=headers).status_code == 200
                    self.acknowledged.append((signal, number))

    def _grpc(self) -> None:
        with grpc.insecure_channel(self._server.grpc) as channel:
            services = stubs(channel)
            for number in itertools.count(self._number):
                for request in requests(number):
                    signal = signal_of(request)
                    services[signal].Export(request, timeout=30)
                    self.acknowledged.append((signal, number))

    def _runs(self) -> None:
        with httpx.Client(base_url=self._server.http, trust_env=False, timeout=30) as client:
            for number in itertools.count(self._number):
                for name, body in run_parts(number):
                    headers = {"Content-Type": MULTIPART}
                    answer = client.post("/langsmith/runs/multipart", content=body, headers=headers)
                    assert answer.status_code == 202, answer.text
                    self.acknowledged.append((name, number))


def stored(data: Path) -> dict[str, Counter[Any]]:
    """How often each thing is stored, by the number that it was sent with."""
    queries = {
        "traces": "SELECT span_id::BIGINT FROM spans WHERE sources = 1",
        "logs": "SELECT body FROM logs",
        "metrics": "SELECT name, value_int FROM metric_points JOIN (SELECT DISTINCT metric_id, name FROM metrics) "
        "USING (metric_id)",
        "started": "SELECT json_extract_string(attributes, '$.\"langsmith.run_id\"') FROM spans WHERE sources = 2",
        "runs": "SELECT json_extract_string(attributes, '$.\"langsmith.run_id\"') FROM spans WHERE sources = 2 "
        "AND end_time_unix_nano > 0",
    }
    with duckdb.connect(str(data / FILE_NAME)) as db:
        return {signal: Counter(db.execute(query).fetchall()) for signal, query in queries.items()}


def expected(signal: str, number: int) -> list[tuple[Any, ...]]:
    """The rows of `stored` that must be there once for what was acknowledged."""
    if signal == "traces":
        return [(number * 10 + step,) for step in range(3)]
    if signal == "logs":
        return [(json.dumps(f"line {number}"),)]
    if signal == "metrics":
        return [(f"count.{number}", number), (f"count.{number}", number + 1)]
    return [(run_id(number * 2 + 1),)]


def lost_or_doubled(data: Path, acknowledged: list[Acknowledged]) -> list[tuple[Acknowledged, int]]:
    """What was acknowledged and is not stored exactly once, with how often it is."""
    found = stored(data)
    return [(ack, found[ack[0]][row]) for ack in acknowledged for row in expected(*ack) if found[ack[0]][row] != 1]
