"""The parts that a dashboard is made of: queries, panels with their links, and the frame around them.

Every panel links to Explore with its own query, and to the page of our server that has the traces behind it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

PROMETHEUS, TEMPO, LOKI = "prometheus", "tempo", "loki"
"""The fixed uids of deploy/grafana/provisioning/datasources; also the types of the data sources."""

_WIDTH = 24


@dataclass(frozen=True, slots=True)
class Query:
    """One line of a panel; `legend` in the form of its data source."""

    text: str
    legend: str = ""
    source: str = PROMETHEUS
    exemplars: bool = False

    @property
    def datasource(self) -> dict[str, str]:
        return {"type": self.source, "uid": self.source}

    def target(self, ref: str, *, instant: bool = False) -> dict[str, Any]:
        made: dict[str, Any] = {"refId": ref, "datasource": self.datasource}
        if self.source == TEMPO:
            return {**made, "queryType": "traceql", "query": self.text, "tableType": "traces"}
        made |= {"expr": self.text, "legendFormat": self.legend or "__auto"}
        if self.source == PROMETHEUS:
            made |= {"instant": instant, "range": not instant, "exemplar": self.exemplars}
        return made


def quantile_legend(quantile: str) -> str:
    """`p50` for "0.5"."""
    return f"p{float(quantile) * 100:g}"


@dataclass(frozen=True, slots=True)
class Panel:
    """A picture of one question. `finds` is a filter of our own query language: the traces behind the picture."""

    title: str
    description: str
    queries: Sequence[Query]
    finds: str = ""
    kind: str = "timeseries"
    unit: str = "short"
    width: int = 8
    height: int = 8
    stacked: bool = False
    decimals: int | None = None


def explore_link(query: Query) -> dict[str, Any]:
    """A link to Explore with the query. `$` stays as it is: Grafana fills the variables in when it is followed."""
    target = query.target("A")
    if query.source == TEMPO:
        target["queryType"] = "traceql"
    pane = {
        "datasource": query.source,
        "queries": [target],
        "range": {"from": "${__from}", "to": "${__to}"},
    }
    panes = quote(json.dumps({"a": pane}, separators=(",", ":")), safe="$")
    # Braces of a variable must stay too, or it is none.
    panes = panes.replace("$%7B", "${").replace("__from%7D", "__from}").replace("__to%7D", "__to}")
    return {"title": "Explore", "url": f"/explore?schemaVersion=1&panes={panes}", "targetBlank": True}


def server_link(finds: str) -> dict[str, Any]:
    """A link to the traces of our server."""
    query = f"?q={quote(finds, safe='$:*>')}" if finds else ""
    return {"title": "Traces in LLM Tracing", "url": f"${{llm_tracing}}/{query}", "targetBlank": True}


def _field_config(panel: Panel) -> dict[str, Any]:
    defaults: dict[str, Any] = {"unit": panel.unit, "min": 0}
    if panel.decimals is not None:
        defaults["decimals"] = panel.decimals
    if panel.kind == "timeseries":
        defaults["custom"] = {
            "lineWidth": 1,
            "fillOpacity": 20 if panel.stacked else 0,
            "showPoints": "never",
            "stacking": {"mode": "normal" if panel.stacked else "none"},
        }
    return {"defaults": defaults, "overrides": []}


def _options(kind: str) -> dict[str, Any]:
    match kind:
        case "stat":
            return {"reduceOptions": {"calcs": ["lastNotNull"]}, "graphMode": "area", "colorMode": "none"}
        case "logs":
            return {"showTime": True, "wrapLogMessage": True, "sortOrder": "Descending", "enableLogDetails": True}
        case "timeseries":
            return {
                "legend": {"displayMode": "list", "placement": "bottom"},
                "tooltip": {"mode": "multi", "sort": "desc"},
            }
    return {}


def _panel(panel: Panel, number: int, x: int, y: int) -> dict[str, Any]:
    instant = panel.kind in ("stat", "table")
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": panel.queries[0].datasource,
        "targets": [query.target(chr(65 + at), instant=instant) for at, query in enumerate(panel.queries)],
        "gridPos": {"x": x, "y": y, "w": panel.width, "h": panel.height},
        "fieldConfig": _field_config(panel),
        "options": _options(panel.kind),
        "links": [explore_link(panel.queries[0]), server_link(panel.finds)],
    }


def _placed(rows: Sequence[tuple[str, Sequence[Panel]]]) -> list[dict[str, Any]]:
    """Panels from left to right, a heading above each row."""
    placed: list[dict[str, Any]] = []
    y = 0
    for heading, panels in rows:
        placed.append(
            {
                "id": len(placed) + 1,
                "type": "row",
                "title": heading,
                "collapsed": False,
                "panels": [],
                "gridPos": {"x": 0, "y": y, "w": _WIDTH, "h": 1},
            }
        )
        y, x, tallest = y + 1, 0, 0
        for panel in panels:
            if x + panel.width > _WIDTH:
                y, x, tallest = y + tallest, 0, 0
            placed.append(_panel(panel, len(placed) + 1, x, y))
            x, tallest = x + panel.width, max(tallest, panel.height)
        y += tallest
    return placed


def variable(name: str, label: str, query: str, everything: str = ".+") -> dict[str, Any]:
    """A choice of label values, several or all. Loki refuses a selector that an empty label would match: hence `.+`."""
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": {"type": PROMETHEUS, "uid": PROMETHEUS},
        "query": {"query": query, "refId": name},
        "definition": query,
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": everything,
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def _server_address() -> dict[str, Any]:
    """Where a browser reaches our server; written into the dashboard's variables, so it can be changed there."""
    return {
        "name": "llm_tracing",
        "label": "LLM Tracing",
        "type": "textbox",
        "query": "http://localhost:4318",
        "current": {"text": "http://localhost:4318", "value": "http://localhost:4318"},
    }


def dashboard(
    uid: str,
    title: str,
    description: str,
    rows: Sequence[tuple[str, Sequence[Panel]]],
    variables: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """What Grafana loads; ids are given by place, so the same code gives the same file."""
    return {
        "uid": uid,
        "title": title,
        "description": description,
        "tags": ["llm-tracing"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {"list": [*variables, _server_address()]},
        "links": [
            {"type": "dashboards", "title": "LLM Tracing", "tags": ["llm-tracing"], "asDropdown": True},
            {"type": "link", "title": "LLM Tracing", "url": "${llm_tracing}/", "targetBlank": True},
        ],
        "panels": _placed(rows),
    }
