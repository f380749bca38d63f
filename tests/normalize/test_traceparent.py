"""A run that says inside which OpenTelemetry span it ran."""

from typing import Any

import pytest

from llm_tracing.api import schema
from llm_tracing.normalize.traceparent import read_traceparent, stored_traceparent
from tests.builders import SECOND, TRACE, span, trace_request
from tests.running import Running

HEADER = f"00-{TRACE}-00000000000000aa-01"
RUN = "019f0000-0001-7000-8000-000000000001"


def test_a_header_is_read() -> None:
    assert read_traceparent(HEADER) == (bytes.fromhex(TRACE), 0xAA)
    assert stored_traceparent(f'{{"a":1,"langsmith.metadata.traceparent":"{HEADER}"}}') == read_traceparent(HEADER)


@pytest.mark.parametrize(
    "odd", [None, 7, "", "00", HEADER[:-1], HEADER.replace(TRACE, "0" * 32), HEADER.replace("aa-", "00-"), "x" + HEADER]
)
def test_anything_else_is_none(odd: Any) -> None:
    assert read_traceparent(odd) is None
    assert stored_traceparent(f'{{"langsmith.metadata.traceparent":"{odd}"}}') is None


def test_a_run_sent_with_it_stands_under_the_span(server: Running) -> None:
    server.export(trace_request(span("GET /ask", 0xAA, duration=SECOND)))
    run = {
        "id": RUN,
        "trace_id": RUN,
        "name": "chain",
        "run_type": "chain",
        "start_time": "2026-11-23T12:00:00.001",
        "end_time": "2026-11-23T12:00:00.002",
        "extra": {"metadata": {"traceparent": HEADER}},
    }
    assert server.http.post("/langsmith/runs", json=run).status_code == 202
    detail = server.get(f"/traces/{TRACE}", schema.TraceDetail)
    assert [(one.name, one.depth, one.sources) for one in detail.spans] == [
        ("GET /ask", 0, ["otlp"]),
        ("chain", 1, ["langsmith"]),
    ]
    assert detail.trace.sources == ["otlp", "langsmith"]
    assert server.trace(RUN.replace("-", "")) == detail
