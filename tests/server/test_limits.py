"""What one span or trace may bring: beyond it is cut or refused, said to the sender, marked and counted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from tests.builders import TRACE, log, log_request, span, trace_hex, trace_request
from tests.running import Running


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path, max_attributes=5, max_attribute_bytes=1_000, max_trace_spans=10) as found:
        yield found


def _sent(server: Running, *spans: object) -> tuple[int, str]:
    answer = server.post("/v1/traces", trace_request(*spans).SerializeToString())  # type: ignore[arg-type]
    assert answer.status_code == 200
    partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
    return partial.rejected_spans, partial.error_message


def _refused(server: Running) -> dict[str, int]:
    return {
        name: count for one in server.server.stack.ingest.senders.all().values() for name, count in one.refused.items()
    }


def test_a_long_attribute_is_cut_and_says_how_long_it_was(server: Running) -> None:
    sent = {"text": "é" * 900, "list": ["x" * 600, "y" * 600], "raw": b"z" * 1_500, "short": "ok"}
    rejected, message = _sent(server, span("s", 1, attributes=sent, events=[("e", {"text": "w" * 1_200})]))
    assert (rejected, "4 attributes over 1,000 bytes" in message) == (0, True)
    [found] = server.trace(TRACE).spans
    assert found.attributes["text"] == "é" * 500
    assert str(found.attributes["list"]).startswith('["xxx')
    assert found.attributes["short"] == "ok"
    assert found.attributes["llm_tracing.cut"] == {"text": 1_800, "list": 1_207, "raw": 1_500}
    assert found.events[0].attributes == {"text": "w" * 1_000, "llm_tracing.cut": {"text": 1_200}}
    assert _refused(server) == {"attribute_cut": 4}


def test_attributes_beyond_the_limit_are_left_out_and_counted(server: Running) -> None:
    rejected, message = _sent(server, span("s", 1, attributes={f"a{n}": n for n in range(8)}), span("t", 2))
    assert (rejected, "3 attributes beyond 5" in message) == (0, True)
    first, second = server.trace(TRACE).spans
    assert (list(first.attributes), first.dropped_attributes_count) == (["a0", "a1", "a2", "a3", "a4"], 3)
    assert (second.name, _refused(server)) == ("t", {"attribute_left_out": 3})


def test_the_body_of_a_log_record_is_cut_too(server: Running) -> None:
    answer = server.post("/v1/logs", log_request(log("b" * 5_000)).SerializeToString())
    assert "1 attributes over" in ExportLogsServiceResponse.FromString(answer.content).partial_success.error_message
    [found] = server.logs()
    assert (found.body, found.attributes["llm_tracing.cut"]) == ("b" * 1_000, {"(body)": 5_000})


def test_a_trace_takes_no_more_spans_than_it_may(server: Running) -> None:
    assert _sent(server, *(span(f"s{n}", n) for n in range(1, 9))) == (0, "")
    other = span("other", 1, trace=trace_hex(5))
    rejected, message = _sent(server, *(span(f"s{n}", n) for n in range(5, 15)), other)
    assert (rejected, "4 spans refused" in message) == (4, True)
    assert [found.name for found in server.trace(TRACE).spans] == [f"s{n}" for n in range(1, 11)]
    assert [found.name for found in server.trace(trace_hex(5)).spans] == ["other"]
    assert _refused(server) == {"spans_per_trace": 4}
    assert server.traces(q="name:s1")[0].span_count == 10
