"""Series of Prometheus as OTLP: the parts of a histogram together again, labels as attributes, job as resource.

All totals are cumulative, and when they began is not known. Source: "Prometheus Metric points to OTLP" of the
OpenTelemetry specification.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AGGREGATION_TEMPORALITY_CUMULATIVE,
    HistogramDataPoint,
    Metric,
    MetricsData,
    ScopeMetrics,
)
from opentelemetry.proto.metrics.v1.metrics_pb2 import Exemplar as OtlpExemplar

from llm_tracing.lgtm.metric_names import Family, family_of, is_sent, split_name
from llm_tracing.lgtm.otel_names import RESOURCE_NAMES, flat, name_of, value_of
from llm_tracing.lgtm.prometheus import Exemplar, Labels, Series

FROM = "llm_tracing.from"  # a metric's metadata: it was read from Prometheus
_PARTS = frozenset({"__name__", "le", "quantile", "job", "instance"})
_NO_METRICS = frozenset({"target_info", "otel_scope_info"})  # what a resource and a scope are, not how they do
_FLAT_RESOURCE = frozenset(flat(name) for name in RESOURCE_NAMES)
_TRACE = ("trace_id", "traceID")
_SPAN = ("span_id", "spanID")
_Key = tuple[tuple[str, str], ...]


def service_of(labels: Labels) -> str:
    """The service that a series is of; `job` is its namespace and name."""
    job = labels.get("job", "")
    return labels.get("service_name") or job.partition("/")[2] or job


def to_otlp(
    series: Iterable[Series],
    targets: Sequence[Labels],
    exemplars: Iterable[Exemplar] = (),
    here: Mapping[str, Family] | None = None,
) -> MetricsData:
    """A resource for each job and instance, a metric for each family, a point for each time.

    `here` as that of metric_names.family_of.
    """
    data = MetricsData()
    resources = {(one.get("job", ""), one.get("instance", "")): one for one in targets}
    scopes: dict[tuple[Any, ...], ScopeMetrics] = {}
    parts: dict[tuple[Any, ...], dict[str, list[Series]]] = {}
    for one in series:
        name = one.labels.get("__name__", "")
        if name in _NO_METRICS or not is_sent(name):
            continue
        family, part = split_name(name)
        place = (one.labels.get("job", ""), one.labels.get("instance", ""), *_scope(one.labels))
        parts.setdefault((place, family), {}).setdefault(part, []).append(one)
    held = _by_family(exemplars)
    for (place, name), of_family in parts.items():
        if place not in scopes:
            scopes[place] = _scope_metrics(data, place, resources.get(place[:2], {}), of_family)
        _add_family(scopes[place], name, of_family, held.get((place[:2], name), []), here or {})
    return data


def _scope(labels: Labels) -> tuple[str, str]:
    return labels.get("otel_scope_name", ""), labels.get("otel_scope_version", "")


def _scope_metrics(
    data: MetricsData, place: tuple[Any, ...], target: Labels, parts: Mapping[str, list[Series]]
) -> ScopeMetrics:
    first = next(iter(parts.values()))[0].labels
    found = data.resource_metrics.add()
    namespace, slash, _ = place[0].partition("/")
    known = {
        "service.name": service_of(first),
        "service.namespace": namespace if slash else "",
        "service.instance.id": place[1],
        **{name_of(name): value for name, value in first.items() if name in _FLAT_RESOURCE},
        **{name_of(name): value for name, value in target.items() if name not in _PARTS},
    }
    for name, value in known.items():
        if value:
            found.resource.attributes.add(key=name).value.string_value = value
    scope = found.scope_metrics.add()
    scope.scope.name, scope.scope.version = place[2], place[3]
    return scope


def _add_family(
    scope: ScopeMetrics,
    name: str,
    parts: Mapping[str, list[Series]],
    exemplars: Sequence[Exemplar],
    here: Mapping[str, Family],
) -> None:
    if "bucket" in parts:
        family = family_of(name, is_histogram=True, here=here)
        metric = _metric(scope, family)
        metric.histogram.aggregation_temporality = AGGREGATION_TEMPORALITY_CUMULATIVE
        _fill_histogram(metric, parts, exemplars)
        return
    for part, many in parts.items():  # a sum or a count without buckets stands for itself
        own = name if part in ("", "total") else f"{name}_{part}"
        family = family_of(own, is_histogram=False, here=here)
        metric = _metric(scope, family)
        if family.shape in ("sum", "updown"):
            metric.sum.aggregation_temporality = AGGREGATION_TEMPORALITY_CUMULATIVE
            metric.sum.is_monotonic = family.shape == "sum"
        points = metric.sum.data_points if family.shape in ("sum", "updown") else metric.gauge.data_points
        for one in many:
            attributes = _attributes(one.labels)
            for at, value in one.samples:
                point = points.add(time_unix_nano=at, as_double=value)
                _fill_attributes(point, attributes)


def _metric(scope: ScopeMetrics, family: Family) -> Metric:
    metric: Metric = scope.metrics.add(name=family.name, unit=family.unit, description=family.description)
    metric.metadata.add(key=FROM).value.string_value = "prometheus"
    return metric


def _fill_histogram(metric: Metric, parts: Mapping[str, list[Series]], exemplars: Sequence[Exemplar]) -> None:
    """A point for each time at which the buckets were told; a count or a sum that is missing then is left out."""
    counts = {_attributes(one.labels): dict(one.samples) for one in parts.get("count", [])}
    sums = {_attributes(one.labels): dict(one.samples) for one in parts.get("sum", [])}
    buckets: dict[_Key, dict[int, dict[float, float]]] = {}
    for one in parts["bucket"]:
        try:
            bound = float(one.labels.get("le", ""))
        except ValueError:
            continue
        times = buckets.setdefault(_attributes(one.labels), {})
        for at, value in one.samples:
            times.setdefault(at, {})[bound] = value
    for attributes, times in buckets.items():
        points = {}
        for at in sorted(times):
            points[at] = _histogram_point(metric, at, times[at], counts.get(attributes, {}), sums.get(attributes, {}))
            _fill_attributes(points[at], attributes)
        _add_exemplars(points, [one for one in exemplars if _attributes(one.labels) == attributes])


def _histogram_point(
    metric: Metric, at: int, buckets: Mapping[float, float], counts: Mapping[int, float], sums: Mapping[int, float]
) -> HistogramDataPoint:
    point: HistogramDataPoint = metric.histogram.data_points.add(time_unix_nano=at)
    bounds = sorted(bound for bound in buckets if bound != float("inf"))
    total = counts.get(at, buckets.get(float("inf"), max(buckets.values())))
    upto = [*(buckets[bound] for bound in bounds), total]
    each = [max(0, round(value - before)) for value, before in zip(upto, [0.0, *upto], strict=False)]
    point.explicit_bounds.extend(bounds)
    point.bucket_counts.extend(each)
    point.count = sum(each)
    if at in sums:
        point.sum = sums[at]
    return point


def _add_exemplars(points: Mapping[int, HistogramDataPoint], exemplars: Sequence[Exemplar]) -> None:
    """To the first point that was taken after each; the newest ones to the last point."""
    if not points:
        return
    for one in exemplars:
        at = next((at for at in points if at >= one.time_unix_nano), max(points))
        _fill_exemplar(points[at].exemplars.add(), one)


def _fill_exemplar(exemplar: OtlpExemplar, sent: Exemplar) -> None:
    exemplar.time_unix_nano, exemplar.as_double = sent.time_unix_nano, sent.value
    exemplar.trace_id = _id(sent.attributes, _TRACE, 16)
    exemplar.span_id = _id(sent.attributes, _SPAN, 8)
    for name, value in sent.attributes.items():
        if name not in (*_TRACE, *_SPAN):
            exemplar.filtered_attributes.add(key=name_of(name)).value.string_value = value


def _id(attributes: Labels, names: Sequence[str], size: int) -> bytes:
    sent = next((attributes[name] for name in names if attributes.get(name)), "")
    try:
        found = bytes.fromhex(sent.zfill(2 * size))
    except ValueError:
        return b""
    return found if sent and len(found) == size else b""


def _by_family(exemplars: Iterable[Exemplar]) -> dict[tuple[Any, ...], list[Exemplar]]:
    found: dict[tuple[Any, ...], list[Exemplar]] = {}
    for one in exemplars:
        family, _ = split_name(one.labels.get("__name__", ""))
        found.setdefault(((one.labels.get("job", ""), one.labels.get("instance", "")), family), []).append(one)
    return found


def _attributes(labels: Labels) -> _Key:
    """What the client said of a point: not the resource that Prometheus was told to promote, nor the scope."""
    return tuple(
        sorted(
            (name_of(name), value)
            for name, value in labels.items()
            if name not in _PARTS and name not in _FLAT_RESOURCE and not name.startswith("otel_scope_")
        )
    )


def _fill_attributes(point: Any, attributes: _Key) -> None:
    for name, value in attributes:
        typed = value_of(name, value)
        target = point.attributes.add(key=name).value
        if isinstance(typed, str):
            target.string_value = typed
        elif isinstance(typed, int) and -(2**63) <= typed < 2**63:
            target.int_value = typed
        else:
            target.double_value = float(typed)
