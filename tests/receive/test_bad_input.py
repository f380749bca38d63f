"""What cannot be taken is refused in OTLP's own form, and what can be taken beside it is kept."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import httpx
import pytest
import zstandard
from google.protobuf import json_format
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from tests.builders import TRACE, log, log_request, span, trace_hex, trace_request
from tests.running import PROTOBUF, Running

JSON = "application/json"
LIMIT = 20_000
INVALID_ARGUMENT = 3
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstandard.compress,
    "identity": bytes,
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that takes bodies of 20,000 bytes at most. Nothing that these tests send is stored."""
    with Running(tmp_path_factory.mktemp("small"), max_body=LIMIT) as server:
        yield server
        assert server.traces() == []


def _status(answer: httpx.Response) -> Status:
    """The google.rpc.Status of an answer, in the encoding that it says it has."""
    status = Status()
    if answer.headers["content-type"] == JSON:
        json_format.Parse(answer.text, status)
    else:
        assert answer.headers["content-type"] == PROTOBUF
        status.ParseFromString(answer.content)
    return status


def _valid() -> bytes:
    return trace_request(span()).SerializeToString()


def _zeros(size: int) -> bytes:
    return b"\0" * size


@pytest.mark.parametrize("signal", ["traces", "logs", "metrics"])
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (PROTOBUF, b"\x0a\xff\xff\xff\xff\x0f no such message"),
        (PROTOBUF, b"\x0a\x02\x0a\xff"),
        (JSON, b"{"),
        (JSON, b""),
        (JSON, b"[]"),
        (JSON, b"null"),
        (JSON, b"\xff\xfe{}"),
        (JSON, b'{"resourceSpans": 1, "resourceLogs": 1, "resourceMetrics": 1}'),
        (JSON, b"[" * 100_000),
    ],
)
def test_a_malformed_body_is_a_400(small: Running, signal: str, content_type: str, body: bytes) -> None:
    answer = small.post(f"/v1/{signal}", body[:LIMIT], content_type)
    assert answer.status_code == 400
    status = _status(answer)
    assert status.code == INVALID_ARGUMENT
    assert signal in status.message


def test_an_error_has_the_encoding_of_its_request(small: Running) -> None:
    assert small.post("/v1/traces", b"{", JSON).headers["content-type"] == JSON
    assert small.post("/v1/traces", b"{", f"{JSON}; charset=utf-8").headers["content-type"] == JSON
    assert small.post("/v1/traces", b"{", PROTOBUF).headers["content-type"] == PROTOBUF


def test_ids_of_json_are_hex(small: Running) -> None:
    tree = {"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "not hex", "spanId": "00f067aa0ba902b7"}]}]}]}
    answer = small.post("/v1/traces", json.dumps(tree).encode(), JSON)
    assert (answer.status_code, _status(answer).code) == (400, INVALID_ARGUMENT)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/grpc", ""])
def test_another_content_type_is_a_415_that_names_those_taken(small: Running, content_type: str) -> None:
    answer = small.post("/v1/traces", _valid(), content_type)
    assert answer.status_code == 415
    assert "application/x-protobuf or application/json" in _status(answer).message


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "snappy"])
def test_an_unknown_encoding_is_a_415_that_names_those_taken(small: Running, encoding: str) -> None:
    answer = small.post("/v1/traces", _valid(), content_encoding=encoding)
    assert answer.status_code == 415
    assert "gzip" in _status(answer).message


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"no gzip at all"),
        ("gzip", gzip.compress(_valid())[:-12]),
        ("gzip", gzip.compress(_valid())[:-8] + bytes(8)),
        ("deflate", b"\xff\xff\xff"),
        ("deflate", zlib.compress(_valid())[:-6]),
        ("zstd", b"no zstd"),
    ],
)
def test_a_broken_compressed_body_is_a_400(small: Running, encoding: str, body: bytes) -> None:
    answer = small.post("/v1/traces", body, content_encoding=encoding)
    assert (answer.status_code, _status(answer).code) == (400, INVALID_ARGUMENT)


def test_a_body_that_declares_more_than_the_limit_is_a_413(small: Running) -> None:
    answer = small.post("/v1/traces", _zeros(LIMIT + 1))
    assert answer.status_code == 413
    assert "LLM_TRACING_MAX_BODY" in _status(answer).message


def test_a_chunked_body_over_the_limit_is_a_413(small: Running) -> None:
    answer = small.http.post(
        "/v1/traces", content=(_zeros(1_000) for _ in range(LIMIT // 1_000 + 1)), headers={"Content-Type": PROTOBUF}
    )
    assert "content-length" not in answer.request.headers
    assert (answer.status_code, _status(answer).code) == (413, INVALID_ARGUMENT)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_a_decompression_bomb_is_a_413(small: Running, encoding: str) -> None:
    bomb = PACKERS[encoding](_zeros(10_000_000))
    assert len(bomb) < LIMIT
    answer = small.post("/v1/traces", bomb, content_encoding=encoding)
    assert (answer.status_code, _status(answer).code) == (413, INVALID_ARGUMENT)


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_grpc_refuses_a_message_over_the_limit(small: Running, compression: grpc.Compression) -> None:
    request = trace_request(span(attributes={"long": "x" * 1_000_000}))
    with pytest.raises(grpc.RpcError) as refused:
        small.export_grpc(request, compression=compression)
    assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd", "identity", "GZIP"])
def test_every_known_encoding_is_taken(server: Running, encoding: str) -> None:
    assert server.post("/v1/traces", PACKERS[encoding.lower()](_valid()), content_encoding=encoding).status_code == 200
    assert [trace.trace_id for trace in server.traces()] == [TRACE]


def test_otlp_is_taken_at_any_path_that_ends_in_it(server: Running) -> None:
    assert server.post("/api/public/otel/v1/traces", _valid()).status_code == 200
    assert [trace.trace_id for trace in server.traces()] == [TRACE]
    assert server.http.get("/v1/traces").status_code == 405


def _with_bad_ids() -> ExportTraceServiceRequest:
    good, short, zero, no_id, odd_parent = (span(f"span {n}", n) for n in range(1, 6))
    short.trace_id = short.trace_id[:15]
    zero.trace_id = bytes(16)
    no_id.span_id = b""
    odd_parent.parent_span_id = b"\1\2"
    return trace_request(short, good, zero, no_id, odd_parent)


def test_spans_with_bad_ids_are_refused_and_counted_and_the_rest_is_kept(server: Running) -> None:
    answer = server.post("/v1/traces", _with_bad_ids().SerializeToString())
    assert answer.status_code == 200
    partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
    assert partial.rejected_spans == 4
    assert "trace_id must be 16 bytes" in partial.error_message
    assert [found.name for found in server.trace(TRACE).spans] == ["span 1"]
    assert 'llm_tracing_receiver_refused_total{reason="ids"} 4' in server.http.get("/metrics").text


def test_partial_success_is_json_where_the_request_was(server: Running) -> None:
    body = b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "00ff", "spanId": "00f067aa0ba902b7"}]}]}]}'
    answer = server.post("/v1/traces", body, JSON)
    assert (answer.status_code, answer.headers["content-type"]) == (200, JSON)
    assert answer.json()["partialSuccess"]["rejectedSpans"] == "1"


def test_grpc_answers_bad_ids_with_partial_success(server: Running) -> None:
    assert server.export_grpc(_with_bad_ids()).partial_success.rejected_spans == 4


def test_a_log_record_with_bad_ids_is_kept_without_them(server: Running) -> None:
    record = log("odd ids", trace=TRACE, span_id=1)
    record.span_id = b"\1"
    answer = server.post("/v1/logs", log_request(record).SerializeToString())
    partial = ExportLogsServiceResponse.FromString(answer.content).partial_success
    assert (answer.status_code, partial.rejected_log_records) == (200, 0)
    assert "wrong length" in partial.error_message
    assert [(found.body, found.span_id) for found in server.logs()] == [("odd ids", None)]


def test_a_retried_export_is_stored_once(server: Running) -> None:
    request = trace_request(span("root", 1), span("child", 2, parent=1))
    server.export(request, request)
    server.export(trace_request(span("child", 2, parent=1), span("late", 3, parent=1)))
    assert [found.name for found in server.trace(TRACE).spans] == ["root", "child", "late"]
    assert server.traces()[0].span_count == 3


def test_a_retried_export_is_stored_once_after_a_restart(tmp_path: Path) -> None:
    request = trace_request(span("root", 1), span("child", 2, parent=1))
    for _ in range(2):
        with Running(tmp_path) as server:
            server.export(request)
    with Running(tmp_path) as server:
        assert [found.name for found in server.trace(TRACE).spans] == ["root", "child"]


# Texts and numbers that some layer below may refuse. Each must be stored like any other, and shown.
HOSTILE: dict[str, dict[str, str | int | float]] = {
    "half a surrogate pair in JSON": {"gen_ai.input.messages": r'[{"role": "user", "content": "cut \ud83d here"}]'},
    "a number beyond 64 bits in JSON": {"gen_ai.tool.call.arguments": '{"id": 123456789012345678901234567890}'},
    "NaN in JSON": {"gen_ai.tool.call.result": '{"mean": NaN, "max": Infinity}'},
    "deep JSON": {"gen_ai.tool.call.arguments": "[" * 300 + "]" * 300},
    "very deep JSON": {"gen_ai.input.messages": "[" * 50_000 + "]" * 50_000},
    "a NUL": {"gen_ai.input.messages": "before\0after"},
    "tokens beyond belief": {"gen_ai.usage.input_tokens": 2**63 - 1, "gen_ai.usage.output_tokens": 2**63 - 1},
    "a trillion tokens": {"gen_ai.usage.input_tokens": 10**12, "gen_ai.usage.output_tokens": 10**12},
    "negative tokens": {"gen_ai.usage.input_tokens": -5},
    "not a number of tokens": {"gen_ai.usage.input_tokens": float("nan"), "gen_ai.usage.output_tokens": "many"},
    "a cost without bounds": {"gen_ai.usage.cost": 1e300},
    "a wait before time": {"gen_ai.response.time_to_first_chunk": -1.0},
    "messages that are none": {"gen_ai.input.messages": '[1, null, {"parts": 3}, {"role": 5, "parts": [null, [1]]}]'},
    "documents that are none": {"gen_ai.retrieval.documents": '[1, {"score": "high", "id": 7}, null]'},
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that outlives every one of them."""
    with Running(tmp_path_factory.mktemp("hostile")) as server:
        yield server
        assert len(server.traces(q="call")) == len(HOSTILE)


@pytest.mark.parametrize("case", HOSTILE)
def test_whatever_content_holds_it_is_stored_and_shown(hostile: Running, case: str) -> None:
    trace = trace_hex(1 + list(HOSTILE).index(case))
    attributes = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o", "gen_ai.tool.name": "t"}
    twice = [span(f"call {n}", n, trace=trace, attributes={**attributes, **HOSTILE[case]}) for n in (1, 2)]
    hostile.export(trace_request(*twice))
    detail = hostile.trace(trace)
    assert [found.name for found in detail.spans] == ["call 1", "call 2"]
    for name, value in HOSTILE[case].items():
        if value == value:
            assert detail.spans[0].attributes[name] == value
    assert hostile.trace(trace, content="false").trace == detail.trace


def test_a_span_that_never_ended_or_ended_before_it_began_is_kept(server: Running) -> None:
    server.export(
        trace_request(
            span("no end", 1, start=10**18, duration=-(10**18)), span("clock set back", 2, start=10**18, duration=-5)
        )
    )
    detail = server.trace(TRACE)
    assert [(found.name, found.duration_ns) for found in detail.spans] == [("clock set back", "0"), ("no end", None)]
    assert detail.trace.duration_ns == "0"
    server.export(trace_request(span("late child", 3, parent=1, start=10**18 + 5)))
    assert server.trace(TRACE).trace.span_count == 3
    assert len(server.traces(q="duration:<1s")) == 1


def test_times_at_the_edges_of_64_bits_are_kept(server: Running) -> None:
    last = 2**64 - 1
    server.export(trace_request(span("first", 1, trace=trace_hex(1), start=0, duration=0)))
    server.export(trace_request(span("last", 1, trace=trace_hex(2), start=last, duration=0)))
    assert [(t.name, t.start_time_unix_nano) for t in server.traces()] == [("last", str(last)), ("first", "0")]
    assert server.trace(trace_hex(2)).spans[0].start_time_unix_nano == str(last)
