"""The server over Tempo, Loki and Prometheus themselves: what is written comes back, by every way that it is read.

A second server with an empty window shows that it comes from them, and not from what the first one kept.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from llm_tracing.api import schema
from tests.builders import MS, SECOND, chat, counter, key_values, log, log_request, metric_request, span, trace_request
from tests.deploy.collector import until
from tests.lgtm.real import RealLgtm, build
from tests.running import Running

Row = TypeVar("Row")
pytestmark = pytest.mark.long
QUESTION = "Which albums are the most popular? " + "Think of every customer. " * 400  # longer than Tempo's cut


@pytest.fixture(scope="module")
def lgtm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealLgtm]:
    build()
    with RealLgtm(tmp_path_factory.mktemp("lgtm")) as running:
        yield running


@pytest.fixture
def first(lgtm: RealLgtm, tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path / "first", **lgtm.settings) as running:
        yield running


@pytest.fixture
def second(lgtm: RealLgtm, tmp_path: Path, first: Running) -> Iterator[Running]:
    """Over the same three and the same objects, with an empty window; Tempo's search is not behind here."""
    objects = (first.data.absolute() / "objects").as_uri()
    settings = {**lgtm.settings, "lgtm_objects": objects, "lgtm_search_lag": 0}
    with Running(tmp_path / "second", **settings) as running:
        yield running


class Question:
    """One trace of now: a request, a call of a model with a long prompt, a statement; and a log record in it."""

    def __init__(self) -> None:
        self.trace = uuid4().hex
        self.service = f"shop-{self.trace[:6]}"
        self.session = f"session-{self.trace[:6]}"
        self.start = time.time_ns() - 2 * SECOND
        asked = chat(QUESTION, "Minha Historia, 27.", tokens=(1200, 34), gen_ai__conversation__id=self.session)
        self.spans = [
            span("POST /ask", 1, trace=self.trace, start=self.start, duration=900 * MS, kind=2),
            span("chat", 2, 1, trace=self.trace, start=self.start + MS, duration=700 * MS, attributes=asked),
            span(
                "SELECT",
                3,
                1,
                trace=self.trace,
                start=self.start + 750 * MS,
                kind=3,
                attributes={"db.system.name": "sqlite", "db.query.text": "SELECT 1"},
            ),
        ]

    def send(self, server: Running) -> None:
        server.export(
            trace_request(*self.spans, service=self.service),
            log_request(
                log("27 albums found", trace=self.trace, span_id=1, time=self.start + 800 * MS), service=self.service
            ),
            self.metrics(),
        )

    def metrics(self) -> ExportMetricsServiceRequest:
        """With what an SDK says of itself: Prometheus keeps nothing of a resource that has a name alone."""
        request = metric_request(counter("questions", 1, time=self.start), service=self.service)
        request.resource_metrics[0].resource.attributes.extend(key_values({"telemetry.sdk.language": "python"}))
        return request


def some(asked: Callable[..., list[Row]], **parameters: str) -> list[Row]:
    """What a list answers once it has something."""
    until(lambda: bool(asked(**parameters)), "it stays empty", 60)
    return asked(**parameters)


def prompt_of(trace: schema.TraceDetail) -> Any:
    call = next(one for one in trace.spans if one.kind == "llm")
    assert call.input_messages is not None
    return call.input_messages[0]["parts"][0]["content"]


def test_a_trace_comes_back_whole_with_a_prompt_longer_than_tempo_keeps(first: Running, second: Running) -> None:
    question = Question()
    question.send(first)
    for server in (first, second):
        trace = server.trace(question.trace)
        assert [one.name for one in trace.spans] == ["POST /ask", "chat", "SELECT"]
        assert prompt_of(trace) == QUESTION
        assert trace.trace.usage.total_tokens == 1234
        assert trace.trace.session_id == question.session


def test_what_tempo_itself_holds_is_short(lgtm: RealLgtm, first: Running) -> None:
    question = Question()
    question.send(first)
    answer = httpx.get(f"{lgtm.tempo_url}/api/v2/traces/{question.trace}").text
    assert "llm_tracing.payload" in answer
    assert QUESTION not in answer


@pytest.mark.parametrize(
    "q", ["service:{service}", "session:{session}", "kind:llm service:{service}", "model:gpt-4o* service:{service}"]
)
def test_a_search_finds_it_in_tempo(first: Running, second: Running, q: str) -> None:
    question = Question()
    question.send(first)
    wanted = q.format(service=question.service, session=question.session)
    assert [one.trace_id for one in first.traces(q=wanted)] == [question.trace]  # at once: it is in the window
    until(lambda: [one.trace_id for one in second.traces(q=wanted)] == [question.trace], "the search stays empty", 60)
    assert second.traces(q=f"service:{question.service}-none") == []


def test_its_logs_come_from_loki(first: Running, second: Running) -> None:
    question = Question()
    question.send(first)
    for server in (first, second):
        [record] = some(server.logs, q=f"trace:{question.trace}")
        assert (record.body, record.service, record.trace_id) == ("27 albums found", question.service, question.trace)


def test_its_metrics_come_from_prometheus(first: Running, second: Running) -> None:
    question = Question()
    question.send(first)

    def names(server: Running) -> set[tuple[str, str]]:
        listed = server.http.get("/api/v1/metrics").json()["metrics"]
        return {(one["name"], one["service"]) for one in listed}

    assert ("questions", question.service) in names(first)
    until(lambda: any(service == question.service for _, service in names(second)), "no metric", 30)


def test_a_langsmith_client_is_served_too(first: Running, second: Running) -> None:
    run = str(uuid4())
    began = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - 2))
    body = {
        "id": run,
        "trace_id": run,
        "dotted_order": f"{began.replace('-', '').replace(':', '')}000000Z{run}",
        "name": "ask",
        "run_type": "llm",
        "session_name": "over-lgtm",
        "start_time": f"{began}.000000",
        "end_time": f"{began}.900000",
        "inputs": {"messages": [{"role": "user", "content": QUESTION}]},
        "outputs": {"choices": [{"message": {"role": "assistant", "content": "27"}}]},
    }
    assert first.http.post("/langsmith/runs", json=body).status_code == 202
    for server in (first, second):
        trace = server.trace(run.replace("-", ""))
        assert trace.trace.sources == ["langsmith"]
        assert prompt_of(trace) == QUESTION
        assert trace.spans[0].attributes["langsmith.run_id"] == run


def test_what_another_sender_wrote_is_shown_though_tempo_cut_it(lgtm: RealLgtm, second: Running) -> None:
    """Straight from a service or a collector, with attributes that Tempo has cut in the middle of their JSON."""
    question = Question()
    body = trace_request(*question.spans, service=question.service).SerializeToString()
    headers = {"Content-Type": "application/x-protobuf"}
    assert httpx.post(f"{lgtm.tempo_otlp_url}/v1/traces", content=body, headers=headers).status_code == 200
    until(lambda: second.http.get(f"/api/v1/traces/{question.trace}").status_code == 200, "no such trace", 30)
    trace = second.trace(question.trace)
    assert trace.trace.usage.total_tokens == 1234
    assert QUESTION[:100] in str(trace.spans[1].attributes)


def test_the_dashboards_figures_are_those_of_the_calls(first: Running, second: Running) -> None:
    questions = [Question() for _ in range(3)]
    for question in questions:
        question.send(first)
    until(lambda: all(second.traces(q=f"service:{one.service}") for one in questions), "not found", 60)
    stats = second.get("/stats", schema.Stats, group="service", q=f"service:{questions[0].service}")
    [row] = stats.rows
    assert (row.group, row.count, row.usage.total_tokens) == (questions[0].service, 1, 1234)
