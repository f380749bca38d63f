"""Grafana's files: as the code makes them, each panel with its ways out, each query over what really arrives."""

import json
import re
import subprocess
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from opentelemetry.semconv._incubating.attributes import (
    db_attributes,
    gen_ai_attributes,
    service_attributes,
    user_attributes,
)
from scripts.write_dashboards import files

from llm_tracing.query.language import parse
from tests.deploy.collector import Collector, until
from tests.deploy.grafana import GRAFANA, dashboards, named, panels, queries, rule_files
from tests.deploy.prometheus import Prometheus, program
from tests.deploy.test_collector_path import QUICK, addresses
from tests.deploy.traffic import traffic
from tests.running import Running

SOURCES = yaml.safe_load((GRAFANA / "provisioning/datasources/llm-tracing.yaml").read_text(encoding="utf-8"))
PANELS = dict(panels())


def source(uid: str) -> dict[str, object]:
    [found] = [one["jsonData"] for one in SOURCES["datasources"] if one["uid"] == uid]
    settings: dict[str, object] = found
    return settings


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_the_files_are_what_the_code_writes(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == files()[path], "run `python -m scripts.write_dashboards`"


def test_ids_are_unique_and_panels_do_not_overlap() -> None:
    read = dashboards()
    assert len({dashboard["uid"] for dashboard in read.values()}) == len(read) == 3
    for dashboard in read.values():
        ids = [panel["id"] for panel in dashboard["panels"]]
        assert len(set(ids)) == len(ids)
        cells = [
            (x, y)
            for grid in (panel["gridPos"] for panel in dashboard["panels"])
            for x in range(grid["x"], grid["x"] + grid["w"])
            for y in range(grid["y"], grid["y"] + grid["h"])
        ]
        assert len(set(cells)) == len(cells)
        assert max(x for x, _ in cells) < 24


@pytest.mark.parametrize("place", PANELS)
def test_a_panel_leads_to_explore_and_to_our_traces(place: str) -> None:
    explore, ours = PANELS[place]["links"]
    panes = json.loads(parse_qs(urlsplit(explore["url"]).query)["panes"][0])
    target, sent = panes["a"]["queries"][0], PANELS[place]["targets"][0]
    key = "expr" if "expr" in sent else "query"
    assert (target[key], panes["a"]["datasource"]) == (sent[key], sent["datasource"]["uid"])
    assert panes["a"]["range"] == {"from": "${__from}", "to": "${__to}"}
    assert ours["url"].startswith("${llm_tracing}/")


@pytest.mark.parametrize("place", PANELS)
def test_the_server_takes_the_filter_of_a_panel(place: str) -> None:
    asked = parse_qs(urlsplit(PANELS[place]["links"][1]["url"]).query).get("q", [""])[0]
    assert bool(parse(asked)) == bool(asked)


def test_traces_logs_and_metrics_lead_to_each_other() -> None:
    tempo, loki, prometheus = source("tempo"), source("loki"), source("prometheus")
    text = json.dumps(tempo)
    assert '"datasourceUid": "loki"' in text
    assert '"datasourceUid": "prometheus"' in text
    fields = loki["derivedFields"]
    assert isinstance(fields, list)
    assert {field["matcherType"] for field in fields} == {"label"}
    assert {field.get("datasourceUid") for field in fields} == {"tempo", None}
    exemplars = prometheus["exemplarTraceIdDestinations"]
    assert isinstance(exemplars, list)
    assert [one["name"] for one in exemplars] == ["trace_id", "trace_id", "traceID", "traceID"]
    for link in (*fields, *exemplars):
        if "datasourceUid" not in link:
            assert link["url"] == "${LLM_TRACING_URL}/traces/$${__value.raw}"


def test_loki_is_never_asked_for_every_stream() -> None:
    """It refuses a selector whose matchers an empty label would satisfy."""
    asked = [
        (place.split(":")[0], target["expr"])
        for place, panel in PANELS.items()
        for target in panel["targets"]
        if target["datasource"]["uid"] == "loki"
    ]
    assert asked
    for name, query in asked:
        variables = {one["name"]: one.get("allValue") for one in dashboards()[name]["templating"]["list"]}
        matchers = re.findall(r'[{,]\s*\w+=~?"([^"]*)"', query)
        filled = [variables.get(value.removeprefix("$"), value) for value in matchers]
        assert any(value and re.fullmatch(value, "") is None for value in filled), query


def test_traceql_names_attributes_of_the_conventions() -> None:
    known = {
        value
        for module in (db_attributes, gen_ai_attributes, service_attributes, user_attributes)
        for value in vars(module).values()
        if isinstance(value, str)
    }
    for place, panel in PANELS.items():
        for target in panel["targets"]:
            if target["datasource"]["uid"] == "tempo":
                names = set(re.findall(r"(?:span|resource)\.([a-z_]+(?:\.[a-z_]+)+)", target["query"]))
                assert names <= known, place
                # A sum over spans that lack the attribute is wrong in Tempo 3: each needs the filter.
                for summed in re.findall(r"sum_over_time\(span\.([\w.]+)\)", target["query"]):
                    assert f"span.{summed} > 0" in target["query"], place


def test_a_quantile_is_named_by_its_percent() -> None:
    named = {
        (found[1], target["legendFormat"])
        for panel in PANELS.values()
        for target in panel["targets"]
        if (found := re.match(r"histogram_quantile\((0\.\d+)", target.get("expr", "")))
    }
    assert named == {("0.5", "p50"), ("0.95", "p95"), ("0.99", "p99")}


def test_every_data_source_of_a_panel_is_provisioned() -> None:
    uids = {one["uid"] for one in SOURCES["datasources"]}
    asked = {target["datasource"]["uid"] for panel in PANELS.values() for target in panel["targets"]}
    assert asked == uids == {"prometheus", "tempo", "loki"}


def test_the_rules_say_what_they_are_to_say() -> None:
    for command in (["check", "rules", *map(str, rule_files())], ["test", "rules", "rules_test.yaml"]):
        ended = subprocess.run(
            [program("promtool"), *command],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.long
def test_every_query_names_metrics_and_labels_that_arrive(
    collector_program: Path, tmp_path: Path, server: Running
) -> None:
    """A service, a streamed and a failing call, what is refused; then each PromQL is asked of Prometheus."""
    folder = tmp_path / "collector"
    folder.mkdir()
    collector = Collector(collector_program, "compose.yaml", folder, {})
    targets = {
        "otel-collector": f"127.0.0.1:{collector.telemetry}",
        "llm-tracing": server.addresses.http.removeprefix("http://"),
    }
    with Prometheus(tmp_path / "prometheus", targets, rule_files()) as prometheus:
        collector.set(**{**QUICK, **addresses(server, server), "LLM_TRACING": f"{prometheus.url}/nothing-here"})
        collector.also(
            "yaml:exporters::prometheusremotewrite: "
            f"{{endpoint: '{prometheus.url}/api/v1/write', resource_to_telemetry_conversion: {{enabled: true}}}}",
            "yaml:service::pipelines::metrics::exporters: [prometheusremotewrite, otlp_http/llm_tracing]",
        )
        with collector:
            traffic(collector, str(tmp_path))
            assert server.post("/v1/traces", b"no spans").status_code == 400
            missing = "not yet looked"

            def nothing_missing() -> bool:
                nonlocal missing
                missing = _missing(prometheus)
                return not missing

            try:
                until(nothing_missing, "", 120)
            except AssertionError:
                pytest.fail(missing)
            for promql in queries().values():
                prometheus.query(promql)
            for place in ("llm-overview: Cost of 24 h A", "llm-overview: Cost by model A"):
                # Rules are evaluated every 15 seconds.
                until(lambda: bool(prometheus.query(queries()[place])), place, 180)  # noqa: B023 - asked at once
            # Traffic was short, and the window of a test that waits is long.
            [share] = prometheus.query(queries()["llm-overview: Errors A"].replace("[1m]", "[10m]"))
            assert 0 < float(share["value"][1]) < 1
            assert any(
                "trace_id" in one["labels"]
                for series in prometheus.ask(
                    "query_exemplars",
                    query="gen_ai_client_operation_duration_seconds_bucket",
                    start=str(time.time() - 600),
                    end=str(time.time()),
                )
                for one in series["exemplars"]
            )


def _missing(prometheus: Prometheus) -> str:
    """What a query names and nothing has: one line each."""
    series = prometheus.labels()
    lines = []
    for place, promql in queries().items():
        metrics, labels = named(promql)
        lines += [f"{place}: no metric {name}" for name in metrics if name not in series]
        known = set().union(*(series.get(name, set()) for name in metrics)) if metrics else labels
        lines += [f"{place}: no label {label} on {metrics}" for label in labels - known]
    return "\n".join(lines)
