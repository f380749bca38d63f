"""What deploy/grafana asks of Prometheus: the PromQL of its dashboards, rules and data sources."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.collector import ROOT

GRAFANA = ROOT / "deploy" / "grafana"
_STRING = re.compile(r'"(?:\\.|[^"\\])*"')
_SELECTOR = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)?\{([^}]*)\}")
_LABELS = re.compile(r"\b(?:by|on|ignoring|without|group_left|group_right)\s*\(([^)]*)\)")
_NAME = re.compile(r"\b(?:gen_ai|http|otelcol|llm_tracing)[a-zA-Z0-9_:]*\b(?!\s*[=!~(])|\bup\b")


def dashboards() -> dict[str, dict[str, Any]]:
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((GRAFANA / "dashboards").glob("*"))
    }


def rule_groups(name: str) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = yaml.safe_load((GRAFANA / "rules" / name).read_text(encoding="utf-8"))["groups"]
    return groups


def rule_files() -> list[Path]:
    return sorted((GRAFANA / "rules").glob("*.yaml"))


def panels() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, dashboard in dashboards().items():
        for panel in dashboard["panels"]:
            if panel["type"] != "row":
                yield f"{name}: {panel['title']}", panel


def filled(promql: str) -> str:
    """A query as Grafana sends it, with everything chosen."""
    chosen = {"$__rate_interval": "1m", "$service": ".*", "$model": ".*", "$$__tags": 'service_name="qa"'}
    for name, value in chosen.items():
        promql = promql.replace(name, value)
    return promql


def queries() -> dict[str, str]:
    """Where each PromQL stands, and the query."""
    found = {}
    for place, panel in panels():
        for target in panel["targets"]:
            if target["datasource"]["uid"] == "prometheus":
                found[f"{place} {target['refId']}"] = filled(target["expr"])
    for rule in [
        rule for name in ("alerts.yaml", "cost.yaml") for group in rule_groups(name) for rule in group["rules"]
    ]:
        found[f"rule {rule.get('alert') or rule['record']}"] = rule["expr"]
    sources = yaml.safe_load((GRAFANA / "provisioning/datasources/llm-tracing.yaml").read_text(encoding="utf-8"))
    for source in sources["datasources"]:
        for query in source["jsonData"].get("tracesToMetrics", {}).get("queries", []):
            found[f"from a trace: {query['name']}"] = filled(query["query"])
    return found


def named(promql: str) -> tuple[set[str], set[str]]:
    """The metrics and the labels that a query names."""
    selected = [matchers for _, matchers in _SELECTOR.findall(promql)]
    labels = {
        label.strip() for inside in selected for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", _STRING.sub("", inside))
    }
    labels |= {label.strip() for group in _LABELS.findall(promql) for label in group.split(",") if label.strip()}
    bare = _LABELS.sub(" ", re.sub(r"\{[^}]*\}", "", _STRING.sub('""', promql)))
    return set(_NAME.findall(bare)), labels
