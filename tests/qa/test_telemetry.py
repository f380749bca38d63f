"""What the service sends about one question, through llm_tracing.configure() and real OTLP."""

import signal
from pathlib import Path

import httpx
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.qa.otlp import otlp_endpoint
from tests.qa.process import running_service
from tests.qa.scripted import scripted_endpoint

COUNT = "SELECT COUNT(*) AS n FROM Employee"


def attribute(span: Span, name: str) -> str:
    return next((item.value.string_value for item in span.attributes if item.key == name), "")


def test_one_question_is_one_trace_with_named_steps_and_the_statement_under_its_tool(tmp_path: Path) -> None:
    with (
        otlp_endpoint() as received,
        scripted_endpoint("DROP TABLE Employee", COUNT, "There are 8.") as model,
        running_service(
            LLM_TRACING_DATA=str(tmp_path),
            LLM_TRACING_QA_MODEL="scripted",
            LLM_TRACING_QA_BASE_URL=model.base_url,
            OTEL_EXPORTER_OTLP_ENDPOINT=received.url,
        ) as service,
    ):
        body = httpx.post(
            f"{service.url}/ask",
            json={"question": "How many employees?", "session_id": "s1", "user_id": "u7"},
            timeout=30,
        ).json()
        httpx.get(f"{service.url}/rolldice", timeout=10)
        for quiet in ("/", "/static/app.js", "/healthz", "/favicon.ico"):
            assert httpx.get(f"{service.url}{quiet}", timeout=10).status_code == 200
        service.process.send_signal(signal.SIGTERM)
        service.process.communicate(timeout=20)

    assert received.paths == {"/v1/traces", "/v1/logs", "/v1/metrics"}
    traces = {span.trace_id for span in received.spans}
    assert len(traces) == 2, "the question and the die; not the page, not the building of the database"
    assert all(span.trace_id.hex() == body["trace_id"] for span in received.named("POST /ask"))

    [root] = received.named("POST /ask")
    assert root.parent_span_id == b""
    assert attribute(root, "session.id") == "s1"
    calls = received.named("chat scripted")
    assert len(calls) == 3
    assert {attribute(span, "user.id") for span in (root, *calls)} == {"u7"}
    assert any(b"gen_ai.client.token.usage" in body for body in received.metrics)
    assert not any(b"user.id" in body or b"u7" in body for body in received.metrics), "each user would be a series"
    assert [received.parent(call).name.endswith("write SQL") for call in calls] == [True, True, False]

    refused, ran = received.named("execute_tool run_sql")
    assert refused.status.code == Status.STATUS_CODE_ERROR
    assert ran.status.code != Status.STATUS_CODE_ERROR
    assert COUNT in attribute(ran, "gen_ai.tool.call.arguments")
    [executed] = [span for span in received.spans if attribute(span, "db.query.text") == COUNT]
    assert received.parent(executed).span_id == ran.span_id

    [roll] = received.named("roll")
    assert received.parent(roll).name == "GET /rolldice"
