"""One run of a service like the reference service, and what arrives of it over OTLP."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.telemetry.model_endpoint import model_endpoint
from tests.telemetry.program import ROOT, environment
from tests.telemetry.sink import Sink, SinkSpan, http_sink

REQUESTS = (
    "/ask?question=How+many+albums",
    "/stream?question=How+many+albums",
    "/direct",
    "/fetch",
    "/healthz",
    "/ask?question=overloaded",
)
SQL = "SELECT count(*) AS n FROM album"


@pytest.fixture(scope="module")
def run() -> Iterator[Sink]:
    with http_sink() as sink, model_endpoint() as model_url:
        ended = subprocess.run(
            [sys.executable, "-W", "error", "-m", "tests.telemetry.reference_service", model_url, *REQUESTS],
            cwd=ROOT,
            env=environment(sink.endpoint, OTEL_SERVICE_NAME="reference"),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ended.returncode == 0, ended.stderr
        answers = [line.split(" ", 2)[1] for line in ended.stdout.splitlines()]
        assert answers == ["200", "200", "200", "200", "200", "500"], ended.stdout
        yield sink


def trace_of(run: Sink, name: str, status: int = 0) -> list[SinkSpan]:
    """The spans of the request with this name, oldest first."""
    [root] = [span for span in run.spans if span.name == name and span.status == status]
    return sorted((span for span in run.spans if span.trace_id == root.trace_id), key=lambda span: span.start_ns)


def tree(spans: list[SinkSpan], parent_id: str = "", depth: int = 0) -> list[str]:
    lines: list[str] = []
    for span in spans:
        if span.parent_id == parent_id:
            lines += ["  " * depth + span.name, *tree(spans, span.span_id, depth + 1)]
    return lines


def messages(span: SinkSpan, key: str) -> list[tuple[str, str]]:
    return [(message["role"], message["parts"][0]["content"]) for message in json.loads(span.attributes[key])]


def below_a_request(name: str) -> list[str]:
    return [
        name,
        "  invoke_workflow answer_question",
        "    invoke_workflow write_sql",
        "      chat offline-sql",
        "        POST",
        "    execute_tool run_sql",
        "      connect",
        "      SELECT",
        "    invoke_workflow word_answer",
        "      chat offline-sql",
        "        POST",
    ]


@pytest.mark.parametrize("name", ["GET /ask", "GET /stream"])
def test_a_question_is_one_tree_of_steps_calls_statements_and_requests(run: Sink, name: str) -> None:
    assert tree(trace_of(run, name)) == below_a_request(name)


@pytest.mark.parametrize("name", ["GET /ask", "GET /stream"])
def test_each_of_two_llm_spans_says_what_was_asked_answered_and_used(run: Sink, name: str) -> None:
    write, word = [span for span in trace_of(run, name) if span.name == "chat offline-sql"]
    assert messages(write, "gen_ai.input.messages") == [
        ("system", "Write one SQL statement.\nCREATE TABLE album (id INTEGER, title TEXT)"),
        ("user", "How many albums"),
    ]
    assert messages(write, "gen_ai.output.messages") == [("assistant", SQL)]
    assert messages(word, "gen_ai.input.messages")[1] == ("user", "How many albums [{'n': 2}]")
    assert messages(word, "gen_ai.output.messages")[0][1].strip() == "The rows are: How many albums [{'n': 2}]"
    for span in (write, word):
        said = span.attributes
        assert said["gen_ai.operation.name"] == "chat"
        assert said["gen_ai.provider.name"] == "openai"
        assert said["gen_ai.request.model"] == "offline-sql"
        assert said["gen_ai.response.model"] == "offline-sql-2026"
        assert said["gen_ai.response.id"] == "chatcmpl-test"
        assert said["gen_ai.response.finish_reasons"] == ["stop"]
    assert (write.attributes["gen_ai.usage.input_tokens"], write.attributes["gen_ai.usage.output_tokens"]) == (14, 6)
    assert (word.attributes["gen_ai.usage.input_tokens"], word.attributes["gen_ai.usage.output_tokens"]) == (8, 8)


def test_a_streamed_call_tells_its_time_to_the_first_chunk(run: Sink) -> None:
    word = [span for span in trace_of(run, "GET /stream") if span.name == "chat offline-sql"][1]
    assert word.attributes["gen_ai.request.stream"] is True
    assert 0 < word.attributes["gen_ai.response.time_to_first_chunk"] < 30


def test_a_tool_span_holds_arguments_and_result(run: Sink) -> None:
    [tool] = [span for span in trace_of(run, "GET /ask") if span.name == "execute_tool run_sql"]
    assert tool.attributes["gen_ai.operation.name"] == "execute_tool"
    assert tool.attributes["gen_ai.tool.name"] == "run_sql"
    assert json.loads(tool.attributes["gen_ai.tool.call.arguments"]) == {"statement": SQL}
    assert json.loads(tool.attributes["gen_ai.tool.call.result"]) == [{"n": 2}]


def test_a_step_holds_its_input_and_output(run: Sink) -> None:
    [step] = [span for span in trace_of(run, "GET /ask") if span.name == "invoke_workflow write_sql"]
    assert messages(step, "gen_ai.input.messages") == [("user", '{"question": "How many albums"}')]
    assert messages(step, "gen_ai.output.messages") == [("assistant", SQL)]
    [whole] = [span for span in trace_of(run, "GET /ask") if span.name == "invoke_workflow answer_question"]
    assert messages(whole, "gen_ai.output.messages") == [("assistant", "The rows are: How many albums [{'n': 2}]")]


def test_a_statement_is_sent_whole_under_the_stable_attribute_names(run: Sink) -> None:
    [statement] = [span for span in trace_of(run, "GET /ask") if span.name == "SELECT"]
    assert statement.attributes["db.query.text"] == SQL
    assert statement.attributes["db.system.name"] == "sqlite"


def test_a_refused_call_is_an_error_at_every_level(run: Sink) -> None:
    spans = trace_of(run, "GET /ask", status=2)
    assert tree(spans) == below_a_request("GET /ask")[:5]
    assert {span.status for span in spans} == {2}
    assert spans[0].attributes["http.response.status_code"] == 500


def test_a_call_of_the_openai_client_itself_is_one_llm_span(run: Sink) -> None:
    assert tree(trace_of(run, "GET /direct")) == ["GET /direct", "  chat offline-sql", "    POST"]


def test_a_call_by_httpx_is_a_client_span(run: Sink) -> None:
    assert tree(trace_of(run, "GET /fetch")) == ["GET /fetch", "  POST"]


def test_health_checks_and_asgi_messages_give_no_spans(run: Sink) -> None:
    assert not [span.name for span in run.spans if "healthz" in span.name or span.name.endswith((" send", " receive"))]


def test_telemetry_does_not_observe_its_own_sending(run: Sink) -> None:
    assert not [span for span in run.spans if "/v1/traces" in str(span.attributes.get("url.full"))]
    assert not [log for log in run.logs if log.scope.startswith(("opentelemetry", "urllib3", "llm_tracing"))]


def test_a_log_record_has_the_trace_and_span_it_was_written_in(run: Sink) -> None:
    workflow = trace_of(run, "GET /ask")[1]
    [ran] = [log for log in run.logs if log.scope == "reference" and log.trace_id == workflow.trace_id]
    assert ran.span_id == workflow.span_id
    assert (ran.body, ran.severity_text, ran.attributes["row_count"]) == (f"ran {SQL}", "INFO", 1)


def test_the_three_signals_have_one_resource(run: Sink) -> None:
    resources = [*(s.resource for s in run.spans), *(r.resource for r in run.logs), *(m.resource for m in run.metrics)]
    assert all(resource == resources[0] for resource in resources)
    assert resources[0]["service.name"] == "reference"
    assert resources[0]["service.version"] == "1.2.3"
    assert len(resources[0]["service.instance.id"]) == 36
    assert resources[0]["process.pid"] > 0
    assert resources[0]["process.runtime.name"] == sys.implementation.name


def test_metrics_of_requests_and_of_model_calls_arrive(run: Sink) -> None:
    assert {
        "http.server.request.duration",
        "http.client.request.duration",
        "gen_ai.client.operation.duration",
        "gen_ai.client.token.usage",
        "gen_ai.execute_tool.duration",
        "gen_ai.client.operation.time_to_first_chunk",
    } <= {metric.name for metric in run.metrics}
