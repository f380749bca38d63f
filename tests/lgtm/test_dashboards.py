"""Compose's whole path with real programs, and what Grafana asks of its end.

    reference service ─▶ collector ─▶ Tempo, Loki, Prometheus ─▶ this server (--store lgtm), Grafana's queries

Every query of a panel, a rule, a variable and a link between the three is sent as Grafana's data sources send it.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.builders import SECOND, chat, log, log_request, span, trace_hex, trace_request
from tests.deploy.collector import Collector, until
from tests.deploy.conftest import collector_program as collector_program
from tests.deploy.grafana import GRAFANA, dashboards, panels, queries, rule_files
from tests.deploy.test_collector_path import QUICK, send
from tests.deploy.traffic import traffic
from tests.lgtm.real import RealLgtm, build
from tests.running import Running

pytestmark = pytest.mark.long

# Of what is refused and what fails there is nothing while all goes well.
QUIET = {f"health: {title} {ref}" for title in ("Refused", "Failed") for ref in "ABC"}
# Traffic is short here, and the window of a test that waits is long.
CHOSEN = {"$__rate_interval": "10m", "$service": ".+", "$model": ".*"}
TARGETS = {f"{place} {target['refId']}": target for place, panel in panels() for target in panel["targets"]}
VARIABLES = [
    (name, one["query"]["query"])
    for name, read in dashboards().items()
    for one in read["templating"]["list"]
    if one["type"] == "query"
]


@dataclass(frozen=True, slots=True)
class Way:
    """What has come to its end; `traces` are the questions that were asked."""

    lgtm: RealLgtm
    server: Running
    traces: list[str]
    since: float

    def ask(self, url: str, **parameters: Any) -> Any:
        """As Grafana's proxy: a GET, but to Prometheus, whose data source has httpMethod POST."""
        if url.startswith(self.lgtm.prometheus_url) and "/query" in url:
            answer = httpx.post(url, data=parameters, timeout=30, trust_env=False)
        else:
            answer = httpx.get(url, params=parameters, timeout=30, trust_env=False)
        assert answer.status_code == 200, f"{url} {parameters}: {answer.status_code} {answer.text}"
        return answer.json()

    def of_prometheus(self, promql: str, *, instant: bool = True) -> list[dict[str, Any]]:
        if instant:
            read = self.ask(f"{self.lgtm.prometheus_url}/api/v1/query", query=promql, time=time.time())
        else:
            times = {"start": self.since, "end": time.time(), "step": 5}
            read = self.ask(f"{self.lgtm.prometheus_url}/api/v1/query_range", query=promql, **times)
        assert read["status"] == "success"
        found: list[dict[str, Any]] = read["data"]["result"]
        return found

    def of_loki(self, logql: str) -> list[dict[str, Any]]:
        times = {"start": int(self.since * SECOND), "end": time.time_ns(), "limit": 1000, "direction": "backward"}
        read = self.ask(f"{self.lgtm.loki_url}/loki/api/v1/query_range", query=logql, **times)
        found: list[dict[str, Any]] = read["data"]["result"]
        return found

    def of_tempo(self, traceql: str) -> list[dict[str, Any]]:
        times = {"start": int(self.since), "end": int(time.time()) + 1}
        if re.search(r"\| *(rate|\w+_over_time)\(", traceql):
            read = self.ask(f"{self.lgtm.tempo_url}/api/metrics/query_range", q=traceql, step="10s", **times)
            series: list[dict[str, Any]] = [one for one in read["series"] if one.get("samples")]
            return series
        found: list[dict[str, Any]] = self.ask(f"{self.lgtm.tempo_url}/api/search", q=traceql, limit=20, **times)[
            "traces"
        ]
        return found

    def of_panel(self, target: dict[str, Any]) -> list[dict[str, Any]]:
        text = target.get("expr") or target["query"]
        for name, value in CHOSEN.items():
            text = text.replace(name, value)
        match target["datasource"]["uid"]:
            case "prometheus":
                return self.of_prometheus(text, instant=target["instant"])
            case "loki":
                return self.of_loki(text)
            case _:
                return self.of_tempo(text)


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory, collector_program: Path) -> Iterator[Way]:
    build()
    folder = tmp_path_factory.mktemp("way")
    (folder / "collector").mkdir()
    since = time.time() - 60
    lgtm = RealLgtm(folder / "lgtm", max_attribute_bytes=0)
    to = {
        "TEMPO": lgtm.tempo_otlp_grpc,
        "LOKI": f"{lgtm.loki_url}/otlp",
        "PROMETHEUS": f"{lgtm.prometheus_url}/api/v1/otlp",
        # As deploy/compose/.env.example says for a server that reads what the collector brings to the three.
        "TRACES_TO": "[otlp_grpc/tempo]",
        "LOGS_TO": "[debug]",
        "METRICS_TO": "[otlp_http/prometheus]",
    }
    collector = Collector(collector_program, "compose.yaml", folder / "collector", {**QUICK, **to})
    with Running(folder / "server", **{**lgtm.settings, "lgtm_search_lag": 0}) as server:
        server_address = server.addresses.http.removeprefix("http://")
        lgtm.observe(
            {"otel-collector": f"127.0.0.1:{collector.telemetry}", "llm-tracing": server_address}, rule_files()
        )
        with collector, lgtm:  # the collector waits for them; its ports are taken at once
            traces = traffic(collector, str(folder))
            _send_more(collector, server)
            yield Way(lgtm, server, traces, since)


def _send_more(collector: Collector, server: Running) -> None:
    """What the service with its offline model has none of: cached tokens, a user, a warning, a refusal."""
    now = time.time_ns() - SECOND
    usage = {"gen_ai.usage.cache_read.input_tokens": 60, "gen_ai.usage.reasoning.output_tokens": 5}
    asked = chat("q", "a", tokens=(100, 10)) | usage | {"user.id": "u2"}
    call = span("chat", 2, trace=trace_hex(77), start=now, attributes=asked)
    send(collector, "traces", trace_request(call))
    warning = log("the database is slow", severity=13, time=now)
    warning.severity_text = "WARN"  # Loki goes by the words
    send(collector, "logs", log_request(warning))
    server.export(trace_request(span("GET /", 3, trace=trace_hex(78), start=now)))
    assert server.post("/v1/traces", b"no spans").status_code == 400


def test_every_panel_finds_what_came(way: Way) -> None:
    """Each query must be taken, or asking fails; and something must be found."""
    empty: set[str] = set(TARGETS)

    def all_found() -> bool:
        empty.intersection_update({place for place in empty if not way.of_panel(TARGETS[place])})
        return empty <= QUIET

    try:
        until(all_found, "", 180)
    except AssertionError:
        pytest.fail("nothing is found by " + ", ".join(sorted(empty - QUIET)))


def test_rules_and_links_are_taken_by_prometheus(way: Way) -> None:
    for promql in queries().values():
        way.of_prometheus(promql)

    def rules() -> list[dict[str, Any]]:
        groups = way.ask(f"{way.lgtm.prometheus_url}/api/v1/rules")["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]

    until(lambda: all(rule["health"] != "unknown" for rule in rules()), "rules are not evaluated", 120)
    assert [rule["name"] for rule in rules() if rule["health"] != "ok"] == []
    assert {rule["name"] for rule in rules() if rule["type"] == "alerting"} >= {"LLMCallsFail", "LLMCallsSlow"}


@pytest.mark.parametrize(("place", "query"), VARIABLES)
def test_a_variable_offers_what_there_is(way: Way, place: str, query: str) -> None:
    found = re.fullmatch(r"label_values\((.+), (\w+)\)", query)
    assert found is not None
    selector = found[1].replace("$service", ".+")
    offered = way.ask(f"{way.lgtm.prometheus_url}/api/v1/label/{found[2]}/values", **{"match[]": selector})["data"]
    assert {"service_name": {"qa"}, "gen_ai_request_model": {"gpt-4o-mini", "offline-sql"}}[found[2]] <= set(offered)


def test_a_trace_leads_to_its_logs_and_a_log_line_to_its_trace(way: Way) -> None:
    sources = yaml.safe_load((GRAFANA / "provisioning/datasources/llm-tracing.yaml").read_text(encoding="utf-8"))
    to_logs = next(one["jsonData"]["tracesToLogsV2"] for one in sources["datasources"] if one["uid"] == "tempo")
    tags = ", ".join(f'{tag["value"]}="qa"' for tag in to_logs["tags"])
    query = to_logs["customQuery"] and to_logs["query"].replace("$${__tags}", tags)
    query = query.replace("$${__trace.traceId}", way.traces[0])
    until(lambda: bool(way.of_loki(query)), f"no log line of the trace by {query}", 60)
    # The derived fields of the Loki data source are of the label trace_id.
    assert {stream["stream"]["trace_id"] for stream in way.of_loki(query)} == {way.traces[0]}
    spans = way.ask(f"{way.lgtm.tempo_url}/api/v2/traces/{way.traces[0]}")["trace"]["resourceSpans"]
    assert spans


def test_a_point_of_a_histogram_leads_to_a_trace(way: Way) -> None:
    with_exemplars = [target["expr"] for target in TARGETS.values() if target.get("exemplar")]
    asked = {"query": "gen_ai_client_operation_duration_seconds_bucket", "start": way.since, "end": time.time()}
    assert any(asked["query"] in expr for expr in with_exemplars)
    series = way.ask(f"{way.lgtm.prometheus_url}/api/v1/query_exemplars", **asked)["data"]
    ids = {one["labels"]["trace_id"] for each in series for one in each["exemplars"]}
    assert ids & set(way.traces)


def test_this_server_shows_the_same_question_with_its_logs_and_metrics(way: Way) -> None:
    """It got none of it: all comes from the three."""
    server, trace_id = way.server, way.traces[0]
    until(lambda: trace_id in {one.trace_id for one in server.traces(q="service:qa")}, "the list is without it", 60)
    found = server.trace(trace_id)
    assert (found.trace.llm_call_count, found.trace.user_id, found.trace.session_id) == (2, "u1", "s1")
    assert "Minha Historia" in (found.trace.output or "")
    assert not any(one.is_orphan for one in found.spans)
    until(lambda: bool(server.logs(q=f"trace:{trace_id}")), "its log lines are missing", 60)
    names = {metric.name for metric in server.metrics()}
    assert {"gen_ai.client.operation.duration", "http.server.request.duration"} <= names
