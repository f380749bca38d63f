"""The way of telemetry through the real collector with the configuration of compose.

One server of ours stands where Tempo, Loki and Prometheus would be, as it takes any path that ends in /v1/...; another
is the server that compose has beside them.
"""

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.builders import MS, SECOND, chat, log, log_request, span, trace_hex, trace_request
from tests.deploy.collector import Collector, free_port, until
from tests.qa.process import running_service
from tests.running import PROTOBUF, Running

pytestmark = pytest.mark.long

SECRET = "sk-" + "proj-0123456789abcdefghij"
QUICK = {"TAIL_WAIT": "10s", "TAIL_WAIT_AFTER_ROOT": "1s"}


def addresses(lgtm: Running, ours: Running) -> dict[str, str]:
    """Where the collector finds its backends; each of them has answered once when it starts.

    FastAPI builds a route's parameters at the first request that passes it, from objects that two servers of one
    process share: built by both at once, one fails. A request to the receivers passes all the others.
    """
    for backend in (lgtm, ours):
        assert backend.post("/v1/logs", b"").status_code == 200
    base = lgtm.addresses.http
    return {
        "TEMPO": lgtm.addresses.grpc.removeprefix("http://"),
        "LOKI": f"{base}/otlp",
        "PROMETHEUS": f"{base}/api/v1/otlp",
        "LLM_TRACING": ours.addresses.http,
    }


@pytest.fixture
def lgtm(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path / "lgtm") as started:
        yield started


@pytest.fixture
def collector_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "collector"
    folder.mkdir()
    return folder


def send(collector: Collector, signal: str, request: Any) -> None:
    answer = httpx.post(
        f"http://127.0.0.1:{collector.http}/v1/{signal}",
        content=request.SerializeToString(),
        headers={"Content-Type": PROTOBUF},
        timeout=30,
        trust_env=False,
    )
    assert answer.status_code == 200, answer.text


def test_a_question_reaches_each_backend_whole(
    collector_program: Path, collector_folder: Path, server: Running, lgtm: Running
) -> None:
    with (
        Collector(
            collector_program, "compose.yaml", collector_folder, {**QUICK, **addresses(lgtm, server)}
        ) as collector,
        running_service(
            OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.grpc}",
            OTEL_EXPORTER_OTLP_PROTOCOL="grpc",
            OTEL_METRIC_EXPORT_INTERVAL="1000",
            LLM_TRACING_DATA=str(collector_folder),
        ) as qa,
    ):
        asked = {"question": "list the most popular albums", "session_id": "s1", "user_id": "u1"}
        answer = httpx.post(f"{qa.url}/ask", json=asked, timeout=60, trust_env=False).json()
        trace_id = answer["trace_id"]
        until(lambda: bool(server.traces()) and bool(lgtm.traces()), "the trace does not arrive")
        until(lambda: _metric_names(server) >= _NEEDED and _metric_names(lgtm) >= _NEEDED, "metrics do not arrive")
        until(lambda: bool(lgtm.logs()) and bool(server.logs()), "log lines do not arrive")
        ours, tempos = server.trace(trace_id), lgtm.trace(trace_id)
        assert {one.span_id for one in ours.spans} == {one.span_id for one in tempos.spans}
        assert (ours.trace.llm_call_count, ours.trace.user_id) == (2, "u1")
        assert "Minha Historia" in (ours.trace.output or "")
        assert not any(one.is_orphan for one in ours.spans)
        assert {line.trace_id for line in server.logs(q=f"trace:{trace_id}")} == {trace_id}


_NEEDED = {"gen_ai.client.operation.duration", "gen_ai.client.token.usage", "http.server.request.duration"}


def _metric_names(server: Running) -> set[str]:
    return {metric.name for metric in server.metrics()}


def _traces(now: int) -> Mapping[str, list[Any]]:
    """One trace for each reason to be kept, and one without any."""
    cases: dict[str, list[dict[str, Any]]] = {
        "nothing": [{"attributes": chat("q", "a", tokens=(10, 10))}],
        "error": [{"status": 2}],
        "slow": [{"duration": 6 * SECOND}],
        "expensive": [{"attributes": chat("q", "a", tokens=(12_000, 10))}],
        "evaluated": [{"events": [("gen_ai.evaluation.result", {"gen_ai.evaluation.score.value": 0.2})]}],
        "marked": [{"attributes": {"llm_tracing.keep": True}}],
    }
    found = {}
    for number, (name, children) in enumerate(cases.items(), 1):
        trace = trace_hex(0xF0 + number)
        long = max(child.get("duration", 0) for child in children)
        root = span(name, 1, trace=trace, start=now - long - 20 * MS, duration=long + 10 * MS)
        below = [
            span("step", 2 + at, 1, trace=trace, start=now - long - 15 * MS, **child)
            for at, child in enumerate(children)
        ]
        quiet = span("quiet", 9, 1, trace=trace, start=now - 18 * MS)
        found[name] = [*below, quiet, root]
    return found


def test_only_unremarkable_traces_are_left_out(
    collector_program: Path, collector_folder: Path, server: Running, lgtm: Running
) -> None:
    settings = {**QUICK, **addresses(lgtm, server), "KEEP_PERCENT": "0"}
    with Collector(collector_program, "compose.yaml", collector_folder, settings) as collector:
        sent = _traces(time.time_ns())
        for spans in sent.values():
            send(collector, "traces", trace_request(*spans))
        until(lambda: len(server.traces()) == 5, "what must be kept is not")
        counter = "otelcol_processor_tail_sampling_global_count_traces_sampled"
        until(lambda: collector.metric(counter) == 6, "not every trace is decided")
        assert {trace.name for trace in server.traces()} == set(sent) - {"nothing"}
        assert {trace.span_count for trace in server.traces()} == {3}
        # A span that comes after its trace's decision follows it.
        late = [span("late", 20, 1, trace=trace_hex(0xF0 + number), start=time.time_ns()) for number in (1, 2)]
        send(collector, "traces", trace_request(*late))
        until(lambda: server.trace(trace_hex(0xF2)).trace.span_count == 4, "the late span does not arrive")
        assert server.refused(f"/traces/{trace_hex(0xF1)}")[0] == 404


def test_what_was_taken_survives_a_backend_that_is_down_and_a_killed_collector(
    collector_program: Path, collector_folder: Path, tmp_path: Path, lgtm: Running
) -> None:
    port, grpc_port = free_port(), free_port()
    settings = {**QUICK, **addresses(lgtm, lgtm), "LLM_TRACING": f"http://127.0.0.1:{port}"}
    collector = Collector(collector_program, "compose.yaml", collector_folder, settings).start()
    try:
        for number in range(1, 21):
            one = span(f"request {number}", 1, trace=trace_hex(number), start=time.time_ns())
            send(collector, "traces", trace_request(one))
            send(collector, "logs", log_request(log(f"line {number}", time=time.time_ns())))
        # The other backend is not held up by the one that is down.
        until(lambda: len(lgtm.traces()) == 20, "the backend that is up gets nothing")
        collector.kill()
        collector.start()
        with Running(tmp_path / "late", port=port, grpc_port=grpc_port) as server:
            until(lambda: len(server.traces()) == 20, "traces are lost")
            until(lambda: len(server.logs()) == 20, "log lines are lost")
            assert {trace.span_count for trace in server.traces()} == {1}
    finally:
        collector.stop()


def test_secrets_are_masked_wherever_they_stand(
    collector_program: Path, collector_folder: Path, server: Running, lgtm: Running
) -> None:
    with Collector(
        collector_program, "compose.yaml", collector_folder, {**QUICK, **addresses(lgtm, server)}
    ) as collector:
        told = {
            **chat(f"my key is {SECRET}, my card 4111 1111 1111 1111", "a"),
            "http.request.header.authorization": "Basic dXNlcjpwYXNz",
        }
        now = time.time_ns()
        send(collector, "traces", trace_request(span("call", 1, trace=trace_hex(1), start=now, attributes=told)))
        send(collector, "logs", log_request(log(f"key {SECRET}", time=now, attributes={"api_key": "plain"})))
        until(lambda: bool(server.traces()) and bool(server.logs()), "nothing arrives")
        [one] = server.trace(trace_hex(1)).spans
        [line] = server.logs()
        text = json.dumps([one.model_dump(mode="json"), line.model_dump(mode="json")])
        assert "my key is ****, my card ****" in text
        for secret in (SECRET, "4111", "dXNlcjpwYXNz", "plain"):
            assert secret not in text


@pytest.mark.parametrize(
    ("drop", "kept"), [("false", {"root", "connect", "SELECT", "connect 2"}), ("true", {"root", "SELECT", "connect 2"})]
)
def test_database_noise_is_dropped_on_request_only_and_never_with_an_error(
    collector_program: Path, collector_folder: Path, server: Running, lgtm: Running, drop: str, kept: set[str]
) -> None:
    settings = {**QUICK, **addresses(lgtm, server), "DROP_SQL_NOISE": drop}
    with Collector(collector_program, "compose.yaml", collector_folder, settings) as collector:
        of_database, now = {"db.system.name": "sqlite"}, time.time_ns()
        spans = [
            span("root", 1, start=now, duration=10 * MS),
            span("connect", 2, 1, start=now, attributes=of_database),
            span("SELECT", 3, 1, start=now, attributes=of_database),
            span("connect 2", 4, 1, start=now, status=2, attributes=of_database),
        ]
        send(collector, "traces", trace_request(*spans))
        until(lambda: bool(server.traces()), "nothing arrives")
        [trace] = server.traces()
        assert {one.name for one in server.trace(trace.trace_id).spans} == kept


def test_the_event_name_is_an_attribute_for_loki_and_long_attributes_are_cut_there_alone(
    collector_program: Path, collector_folder: Path, server: Running, lgtm: Running
) -> None:
    with Collector(
        collector_program, "compose.yaml", collector_folder, {**QUICK, **addresses(lgtm, server)}
    ) as collector:
        record = log("", time=time.time_ns(), event_name="gen_ai.choice", attributes={"prompt": "x" * 70_000})
        send(collector, "logs", log_request(record))
        until(lambda: bool(server.logs()) and bool(lgtm.logs()), "nothing arrives")
        [whole], [lokis] = server.logs(), lgtm.logs()
        assert len(str(whole.attributes["prompt"])) == 70_000
        assert (lokis.attributes["event.name"], len(str(lokis.attributes["prompt"]))) == ("gen_ai.choice", 8192)


def test_agent_and_gateway_pass_a_trace_on(
    collector_program: Path, tmp_path: Path, server: Running, lgtm: Running
) -> None:
    """Without the processor that asks Kubernetes who called; all else is as it is in the cluster."""

    def without_kubernetes(*pipelines: str) -> list[str]:
        return [f"yaml:service::pipelines::{pipeline}::processors: [memory_limiter]" for pipeline in pipelines]

    for name in ("gateway", "agent"):
        (tmp_path / name).mkdir()
    lgtm_names = {
        "MIMIR": f"{lgtm.addresses.http}/otlp",
        "LLM_TRACING_TARGET": "127.0.0.1:1",
        "POD_NAME": "gateway-collector-0",
    }
    gateway = Collector(
        collector_program, "gateway.yaml", tmp_path / "gateway", {**QUICK, **addresses(lgtm, server), **lgtm_names},
        "yaml:service::pipelines::traces::processors: [memory_limiter, tail_sampling]",
        *without_kubernetes("logs", "logs/loki", "metrics"),
    )  # fmt: skip
    with gateway:
        to_gateway = {
            "GATEWAY": f"127.0.0.1:{gateway.grpc}",
            "GATEWAY_REPLICAS": "127.0.0.1",
            "GATEWAY_PORT": str(gateway.grpc),
        }
        agent = Collector(
            collector_program, "agent.yaml", tmp_path / "agent", to_gateway,
            *without_kubernetes("traces", "logs", "metrics"),
        )  # fmt: skip
        with agent:
            now = time.time_ns()
            send(agent, "traces", trace_request(span("root", 1, start=now), span("below", 2, 1, start=now)))
            send(agent, "logs", log_request(log("a line", time=now)))
            until(lambda: bool(server.traces()) and bool(lgtm.traces()), "the trace does not arrive")
            until(lambda: bool(server.logs()) and bool(lgtm.logs()), "the log line does not arrive")
            assert server.traces()[0].span_count == 2
            until(lambda: "otelcol_receiver_accepted_spans" in "".join(_metric_names(lgtm)), "no health arrives")
