"""Metrics: which arrived, how each went, and one over time with the traces that its exemplars name."""

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from llm_tracing.api.encode import metric as metric_summary
from llm_tracing.api.parts import json_response
from llm_tracing.api.schema import MetricList
from llm_tracing.api.schema_metrics import MetricOverTime, MetricSparks, MetricType
from llm_tracing.api.times import Time, time_of
from llm_tracing.errors import NotFound, QueryError
from llm_tracing.exchange.fields import TEMPORALITIES
from llm_tracing.model import MetricPointRow, MetricRow
from llm_tracing.normalize.anyvalue import from_json
from llm_tracing.query.series import Series, SeriesPoint, labels_of, measure_of, series
from llm_tracing.store.contract import PointPage, Store
from llm_tracing.store.log_counts import step_for

MAX_POINTS = 50_000  # data points that are read for one metric over time
MAX_SERIES = 60
MAX_EXEMPLARS = 500
MAX_VALUES = 200  # values of a label that are named
_SECOND = 1_000_000_000
_HOUR = 3_600 * _SECOND
Name = Annotated[str, Query(min_length=1, max_length=1_000)]


def add_metric_routes(api: APIRouter, store: Store) -> None:
    @api.get("/metrics", response_model=MetricList, tags=["metrics"])
    async def list_metrics() -> Response:
        """Every metric that arrived."""
        found = await asyncio.to_thread(store.metrics)
        return json_response({"metrics": [metric_summary(overview) for overview in found]})

    @api.get("/metrics/sparks", response_model=MetricSparks, tags=["metrics"])
    async def sparks(
        since: Time = None, until: Time = None, buckets: Annotated[int, Query(ge=1, le=200)] = 40
    ) -> Response:
        """How every metric went, in a few numbers; the last hour if no time is given."""
        first, last = _range(since, until)
        found = await asyncio.to_thread(store.sparks, first, last, buckets)
        return json_response(
            {
                "since_unix_nano": str(first),
                "step_ns": str(max(1, -(-(last - first) // buckets))),
                "sparks": [
                    {"name": one.name, "service": one.service, "type": one.type, "values": [*map(_json, one.values)]}
                    for one in found
                ],
            }
        )

    @api.get("/metrics/series", response_model=MetricOverTime, tags=["metrics"])
    async def over_time(
        name: Name,
        service: Annotated[str | None, Query(max_length=1_000)] = None,
        kind: Annotated[MetricType | None, Query(alias="type")] = None,
        since: Time = None,
        until: Time = None,
        step: Annotated[int | None, Query(ge=1, le=31_536_000, description="Seconds")] = None,
        group: Annotated[list[str] | None, Query(description="Labels to tell lines apart by; all if left out")] = None,
        label: Annotated[list[str] | None, Query(description="name=value that a point must have")] = None,
    ) -> Response:
        """One metric over time, a line for each set of labels; the last hour if no time is given."""
        first, last = _range(since, until)
        step_ns = step * _SECOND if step else max(_SECOND, step_for(last - first, 120))
        page = PointPage(MAX_POINTS, name, service, kind, first, last, None, step_ns)
        body = await asyncio.to_thread(partial(_over_time, store, page, group=group, only=_only(label or [])))
        return json_response(body)


def _range(since: str | None, until: str | None) -> tuple[int, int]:
    last = time_of("until", until) or time.time_ns()
    first = time_of("since", since)
    first = max(0, last - _HOUR) if first is None else first
    if first >= last:
        raise QueryError("since is not before until.", "Give an earlier since.")
    return first, last


def _only(labels: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for label in labels:
        name, equals, value = label.partition("=")
        if not equals or not name:
            raise QueryError(f"label={label} is no label.", "Write label=name=value.")
        found[name] = value
    return found


def _over_time(store: Store, page: PointPage, *, group: Sequence[str] | None, only: dict[str, str]) -> dict[str, Any]:
    assert page.since is not None
    assert page.until is not None
    assert page.step_ns is not None
    # One step more: the first point is compared with the one before it.
    found = store.points(replace(page, since=max(0, page.since - max(page.step_ns, 2 * 60 * _SECOND))))
    metrics = found.metrics or store.points(replace(page, since=None, until=None, step_ns=None, limit=1)).metrics
    if not metrics:
        raise NotFound(f"No metric {page.name} is stored.", "It may not have arrived yet; see the list of metrics.")
    of = next(iter(metrics.values()))
    points = [point for point in found.points if metrics[point.metric_id].type == of.type]
    lines = series(points, metrics, since=page.since, step_ns=page.step_ns, group=group, only=only)
    most = sorted(lines, key=_size, reverse=True)[:MAX_SERIES]
    return {
        **_about(of, page),
        "since_unix_nano": str(page.since),
        "until_unix_nano": str(page.until),
        "step_ns": str(page.step_ns),
        "series": [_line(line) for line in sorted(most, key=lambda line: line.labels)],
        "series_total": len(lines),
        "labels": _labels(points),
        "exemplars": _exemplars(store, page, only),
        "is_cut": found.after is not None,
    }


def _about(metric: MetricRow, page: PointPage) -> dict[str, Any]:
    place = metric.aggregation_temporality
    return {
        "name": metric.name,
        "service": page.service,
        "type": metric.type,
        "unit": metric.unit,
        "description": metric.description,
        "temporality": TEMPORALITIES[place] if place < len(TEMPORALITIES) else TEMPORALITIES[0],
        "is_monotonic": metric.is_monotonic,
        "measure": measure_of(metric),
    }


def _size(line: Series) -> float:
    return sum(abs(point.value or 0) * (point.count or 1) for point in line.points)


def _line(line: Series) -> dict[str, Any]:
    return {"labels": dict(line.labels), "points": [_point(point) for point in line.points]}


def _point(point: SeriesPoint) -> dict[str, Any]:
    p50, p95, p99 = map(_json, point.quantiles or (None, None, None))
    return {
        "time_unix_nano": str(point.time_unix_nano),
        "value": _json(point.value),
        "count": point.count,
        "p50": p50,
        "p95": p95,
        "p99": p99,
    }


def _json(value: float | None) -> float | None:
    """JSON has neither NaN nor infinity."""
    return value if value is not None and math.isfinite(value) else None


def _labels(points: Sequence[MetricPointRow]) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    seen: set[str] = set()
    for point in points:
        if point.attributes in seen:
            continue
        seen.add(point.attributes)
        for name, value in labels_of(point).items():
            found.setdefault(name, set()).add(value)
    return {name: sorted(values)[:MAX_VALUES] for name, values in sorted(found.items())}


def _exemplars(store: Store, page: PointPage, only: dict[str, str]) -> list[dict[str, Any]]:
    """The newest ones that name a trace, each once: a client may send the same again with its next point."""
    found = store.points(replace(page, step_ns=None, limit=MAX_EXEMPLARS, with_exemplars=True))
    seen: dict[tuple[Any, ...], dict[str, Any]] = {}
    for point in found.points:
        labels = labels_of(point)
        if any(labels.get(name) != value for name, value in only.items()):
            continue
        for exemplar in from_json(point.exemplars) or []:
            key = (exemplar["trace_id"], exemplar["span_id"], exemplar["time_unix_nano"])
            if len(exemplar["trace_id"]) == 32:
                seen.setdefault(key, _exemplar(exemplar, labels))
    newest = sorted(seen.values(), key=lambda one: int(one["time_unix_nano"]), reverse=True)
    return newest[:MAX_EXEMPLARS]


def _exemplar(exemplar: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    value = exemplar["value"]
    return {
        "time_unix_nano": str(exemplar["time_unix_nano"]),
        "value": _json(value) if isinstance(value, int | float) else None,
        "trace_id": exemplar["trace_id"],
        "span_id": exemplar["span_id"],
        "labels": labels,
    }
