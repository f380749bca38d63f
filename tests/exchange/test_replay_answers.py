"""What a target answers decides what a replay does: again, in halves, told, or ended. Real sockets on both sides."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)

from llm_tracing.exchange.replay.delivery import Delivery, GaveUp, Item
from llm_tracing.exchange.replay.otlp_http import HttpSender
from llm_tracing.exchange.replay.sources import FolderSource
from llm_tracing.exchange.replay.target import read_target
from llm_tracing.exchange.sent import count
from llm_tracing.normalize.cost import Prices
from llm_tracing.receive.decode import PROTOBUF
from llm_tracing.store.duck import DuckDBStore
from tests.builders import span, trace_request
from tests.exchange.otlp_target import OK, Said, otlp_target
from tests.exchange.test_replay import replayed, sent
from tests.running import Running

NAMES = [f"span {number}" for number in range(1, 9)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight spans of one trace."""
    data = tmp_path_factory.mktemp("source") / "data"
    with Running(data) as server:
        server.export(trace_request(*(span(f"span {number}", number) for number in range(1, 9))))
    return data


@pytest.fixture
def asked(folder: Path, tmp_path: Path) -> tuple[str, ...]:
    return ("--data", str(folder), "--state", str(tmp_path), "--batch", "2")


def _after(count: int, first: Said) -> Callable[[int], Said]:
    return lambda number: first if number < count else OK


def _delivery(to: str, waits: list[float], patience: float = 60) -> Delivery:
    """Notes how long it would wait, and does not wait."""
    return Delivery(HttpSender(read_target(to, None, [], {})), to, patience, lambda _: None, waits.append)


@pytest.fixture(scope="module")
def items(folder: Path) -> list[Item]:
    source = FolderSource(DuckDBStore(folder), Prices())
    found = [Item(row, b"", 1) for row in source.spans("", None, None)]
    source.close()
    return found


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_waited_for_and_the_same_request_comes_again(status: int, asked: tuple[str, ...]) -> None:
    with otlp_target(_after(1, (status, {"Retry-After": "1"}, b"slow down"))) as target:
        begun = time.monotonic()
        said = sent(*asked, "--to", target.address)
        assert time.monotonic() - begun >= 1
        assert f"status {status}: slow down; again in 1 s" in said
        assert target.requests[0] == target.requests[1]
        assert sorted(target.span_names(1)) == NAMES


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ({"Retry-After": "7"}, b"", (7, 7)),
        (
            {"Retry-After": formatdate(time.time() + 3_000, usegmt=True)},
            b"",
            (599, 600),
        ),  # never longer than ten minutes
        ({"Retry-After": "soon"}, b"", (0.8, 1.2)),
        ({}, b"", (0.8, 1.2)),
        ({"Content-Type": PROTOBUF}, "RetryInfo", (2.5, 2.5)),
    ],
)
def test_how_long_a_target_asks_to_wait(
    headers: dict[str, str], body: Any, expected: tuple[float, float], items: list[Item]
) -> None:
    content = _status("slow down", 2, 500_000_000).SerializeToString() if body == "RetryInfo" else body
    waits: list[float] = []
    with otlp_target(_after(1, (503, headers, content))) as target:
        [outcome] = _delivery(target.address, waits, patience=1_000).deliver("span", items)
    assert len(outcome.taken) == 8
    [wait] = waits
    assert expected[0] <= wait <= expected[1]


def _status(message: str, seconds: int, nanos: int = 0) -> Status:
    info = RetryInfo()
    info.retry_delay.seconds, info.retry_delay.nanos = seconds, nanos
    status = Status(code=14, message=message)
    status.details.add().Pack(info)
    return status


def test_patience_bounds_the_waiting_and_the_waits_grow(items: list[Item]) -> None:
    waits: list[float] = []
    with otlp_target(lambda _: (503, {}, b"")) as target, pytest.raises(GaveUp) as raised:
        _delivery(target.address, waits, patience=20).deliver("span", items)
    assert sum(waits) <= 20
    assert waits == sorted(waits)
    assert len(waits) >= 3
    assert "status 503" in raised.value.message


def test_what_was_taken_before_it_gave_up_is_not_sent_again(asked: tuple[str, ...]) -> None:
    with otlp_target(lambda number: OK if number < 2 else (503, {}, b"")) as target:
        code, said = replayed(*asked, "--to", target.address, "--patience", "0")
        assert (code, "goes on from here" in said) == (1, True)
        taken = target.span_names()[:4]
        target.answer = lambda _: OK
        assert "4" in sent(*asked, "--to", target.address)
        assert sorted(taken + target.span_names(3)) == NAMES
        assert len(target.requests) == 5


def test_partial_success_is_told_per_batch_and_ends_with_code_1(asked: tuple[str, ...]) -> None:
    refusal = ExportTraceServiceResponse()
    refusal.partial_success.rejected_spans = 1
    refusal.partial_success.error_message = "too old"
    with otlp_target(_after(1, (200, {"Content-Type": PROTOBUF}, refusal.SerializeToString()))) as target:
        code, said = replayed(*asked, "--to", target.address)
        assert code == 1
        assert "traces: 1 of 2 refused: too old" in said
        assert "traces: 1 refused: too old" in said
        # It does not say which of the two it kept: neither is sent again.
        assert sorted(target.span_names()) == NAMES
        sent(*asked, "--to", target.address)
        assert len(target.requests) == 4


def test_partial_success_comes_as_json_too(asked: tuple[str, ...]) -> None:
    answer = b'{"partialSuccess": {"rejectedSpans": "2", "errorMessage": "no room"}}'
    with otlp_target(_after(1, (200, {"Content-Type": "application/json"}, answer))) as target:
        code, said = replayed(*asked, "--to", target.address)
    assert (code, "2 of 2 refused: no room" in said) == (1, True)


def test_a_refused_batch_is_told_the_rest_goes_on_and_it_is_tried_by_the_next_run(asked: tuple[str, ...]) -> None:
    with otlp_target(_after(1, (400, {"Content-Type": "text/plain"}, b"no such tenant\n"))) as target:
        code, said = replayed(*asked, "--to", target.address)
        assert code == 1
        assert "traces: 2 of 2 refused: status 400: no such tenant" in said
        assert len(target.requests) == 4
        sent(*asked, "--to", target.address)
        assert len(target.requests) == 5
        assert sorted(target.span_names(1)) == NAMES


def test_what_is_too_large_is_sent_in_halves(folder: Path, tmp_path: Path) -> None:
    with otlp_target() as target:
        target.answer = lambda number: (413, {}, b"") if target.items()[number] > 2 else OK
        sent("--data", str(folder), "--state", str(tmp_path), "--to", target.address)
        assert target.items() == [8, 4, 2, 2, 4, 2, 2]


def test_one_record_that_is_too_large_alone_is_refused(asked: tuple[str, ...]) -> None:
    with otlp_target() as target:
        target.answer = lambda number: (413, {}, b"") if "span 3" in target.span_names(number) else OK
        code, said = replayed(*asked, "--to", target.address)
        assert (code, "1 of 1 refused: status 413" in said) == (1, True)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ((401, {}, b"no key"), "status 401: no key"),
        ((404, {}, b"404 page not found"), "status 404"),
        ((301, {"Location": "http://127.0.0.1:1/"}, b""), "status 301"),
        ((200, {"Content-Type": "text/html"}, b"<!doctype html>"), "not OTLP's answer"),
        ((200, {"Content-Type": "application/json"}, b"[1]"), "not OTLP's"),
    ],
)
def test_a_wrong_address_or_key_ends_it_with_the_first_request(said: Said, told: str, asked: tuple[str, ...]) -> None:
    with otlp_target(lambda _: said) as target:
        code, words = replayed(*asked, "--to", target.address)
        assert (code, len(target.requests)) == (1, 1)
        assert told in words
        assert "--header" in words
        target.answer = lambda _: OK
        sent(*asked, "--to", target.address)
        assert sorted(target.span_names(1)) == NAMES


def test_what_a_target_says_cannot_steer_the_terminal(asked: tuple[str, ...]) -> None:
    answer = b'{"partialSuccess": {"rejectedSpans": 1, "errorMessage": "\\u001b[2Jgone\\n' + b"x" * 5_000 + b'"}}'
    with otlp_target(lambda _: (200, {"Content-Type": "application/json"}, answer)) as target:
        code, said = replayed(*asked, "--to", target.address)
    assert (code, "[2Jgone xxx" in said, "\x1b" in said, "x" * 500 in said) == (1, True, False, False)


def test_loki_answers_204(asked: tuple[str, ...]) -> None:
    with otlp_target(lambda _: (204, {}, b"")) as target:
        sent(*asked, "--to", f"{target.address}/otlp")


def test_headers_come_from_flags_and_environment_and_a_tenant_is_another_place(
    asked: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20secret,x-more=1")
    with otlp_target() as target:
        sent(*asked, "--to", target.address, "--header", "X-More: 2")
        assert target.headers[0]["authorization"] == "Bearer secret"
        assert target.headers[0]["x-more"] == "2"
        sent(*asked, "--to", f"{target.address}/v1/traces", "--header", "x-scope-orgid=team")
        assert sorted(target.span_names(4)) == NAMES
        sent(*asked, "--to", f"{target.address}/", "--header", "X-Scope-OrgID: team")
        assert len(target.requests) == 8


def test_two_replays_at_once_on_one_state_are_refused(asked: tuple[str, ...], tmp_path: Path) -> None:
    from llm_tracing.exchange.replay.acknowledged import Acknowledged

    known = Acknowledged(tmp_path, "elsewhere")
    code, said = replayed(*asked, "--to", "http://127.0.0.1:9")
    known.close()
    assert (code, "Another replay uses" in said) == (1, True)


class _Service(TraceServiceServicer):
    def __init__(self, answer: Callable[[int, Any], Any]) -> None:
        self.requests: list[Message] = []
        self.metadata: list[dict[str, Any]] = []
        self._answer = answer

    def Export(self, request: Message, context: Any) -> Any:
        self.requests.append(request)
        self.metadata.append(dict(context.invocation_metadata()))
        return self._answer(len(self.requests) - 1, context) or ExportTraceServiceResponse()


@contextmanager
def _grpc_target(answer: Callable[[int, Any], Any]) -> Iterator[tuple[str, _Service]]:
    server = grpc.server(ThreadPoolExecutor(2))
    service = _Service(answer)
    add_TraceServiceServicer_to_server(service, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"http://127.0.0.1:{port}", service
    finally:
        server.stop(0).wait()


def test_grpc_retry_info_is_waited_for(asked: tuple[str, ...]) -> None:
    def answer(number: int, context: Any) -> None:
        if number == 0:
            details = _status("slow down", 1).SerializeToString()
            context.set_trailing_metadata((("grpc-status-details-bin", details),))
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "slow down")

    with _grpc_target(answer) as (address, service):
        said = sent(*asked, "--to", address, "--protocol", "grpc", "--header", "X-Tenant: team")
    assert "RESOURCE_EXHAUSTED: slow down; again in 1 s" in said
    assert service.requests[0] == service.requests[1]
    assert len(service.requests) == 5
    assert service.metadata[0]["x-tenant"] == "team"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (grpc.StatusCode.UNAUTHENTICATED, "does not take traces: UNAUTHENTICATED: no"),
        (grpc.StatusCode.INVALID_ARGUMENT, "2 of 2 refused: INVALID_ARGUMENT: no"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "2 of 2 refused: RESOURCE_EXHAUSTED: no"),
        (grpc.StatusCode.UNAVAILABLE, "takes nothing after 0 s: UNAVAILABLE: no"),
    ],
)
def test_grpc_codes(code: grpc.StatusCode, told: str, asked: tuple[str, ...]) -> None:
    with _grpc_target(lambda _, context: context.abort(code, "no")) as (address, _):
        exit_code, said = replayed(*asked, "--to", address, "--protocol", "grpc", "--patience", "0.5")
    assert (exit_code, told in said) == (1, True), said


def test_a_span_over_the_four_mib_of_grpc_is_refused_alone(tmp_path: Path) -> None:
    large = {"text": "x" * 5_000_000}
    with Running(tmp_path / "data") as server:
        server.export(trace_request(span("small", 1), span("large", 2, 1, attributes=large), span("small too", 3, 1)))
    with _grpc_target(lambda *_: None) as (address, service):
        code, said = replayed("--data", str(tmp_path / "data"), "--to", address, "--protocol", "grpc")
    assert (code, "1 of 1 refused: RESOURCE_EXHAUSTED" in said) == (1, True), said
    assert sum(count("traces", request) for request in service.requests) == 2


def test_nobody_there_is_tried_later() -> None:
    sender = HttpSender(read_target("http://127.0.0.1:9", None, [], {}))
    answer = sender.send("traces", trace_request(span()))
    sender.close()
    assert (answer.verdict, "Connection refused" in answer.said) == ("later", True), answer.said
