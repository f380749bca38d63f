"""An ExportMetricsServiceRequest to rows: one row a metric, one row a data point, every OTLP field kept."""

from typing import Any

from llm_tracing.model import Batch, MetricPointRow, MetricRow
from llm_tracing.normalize.anyvalue import double, key_values, to_json
from llm_tracing.normalize.shared import Resource, SharedRows, content_id
from llm_tracing.receive.sink import Accepted


def add_metrics(request: Any, shared: SharedRows, batch: Batch) -> Accepted:
    """Add the data points of a request to a batch."""
    for resource_metrics in request.resource_metrics:
        resource = shared.resource(resource_metrics.resource, resource_metrics.schema_url, batch)
        for scope_metrics in resource_metrics.scope_metrics:
            scope_id = shared.scope(scope_metrics.scope, scope_metrics.schema_url, batch).scope_id
            before = len(batch.metric_points)
            for metric in scope_metrics.metrics:
                _add(metric, resource, scope_id, batch)
            batch.received[resource.service, "metrics"] += len(batch.metric_points) - before
    return Accepted()


def _add(metric: Any, resource: Resource, scope_id: bytes, batch: Batch) -> None:
    kind = metric.WhichOneof("data") or "empty"
    data = getattr(metric, kind) if kind != "empty" else None
    fields = (
        metric.name,
        metric.description,
        metric.unit,
        kind,
        getattr(data, "aggregation_temporality", 0),
        getattr(data, "is_monotonic", False),
        to_json(key_values(metric.metadata)),
        resource.service,
    )
    metric_id = content_id(*fields, resource.row.resource_id.hex(), scope_id.hex())
    batch.metrics[metric_id] = MetricRow(metric_id, *fields, resource.row.resource_id, scope_id)
    if data is not None:
        batch.metric_points.extend(_point(point, metric_id) for point in data.data_points)


def _point(point: Any, metric_id: bytes) -> MetricPointRow:
    """A data point of any type: a field that the type lacks is null, as is an optional one that was not sent."""
    has = point.DESCRIPTOR.fields_by_name.keys()
    value = point.WhichOneof("value") if "as_int" in has else None
    return MetricPointRow(
        metric_id,
        point.time_unix_nano,
        point.start_time_unix_nano,
        to_json(key_values(point.attributes)),
        point.flags,
        point.as_int if value == "as_int" else None,
        point.as_double if value == "as_double" else None,
        point.count if "count" in has else None,
        _optional(point, "sum", has),
        _optional(point, "min", has),
        _optional(point, "max", has),
        to_json(list(point.bucket_counts)) if "bucket_counts" in has else None,
        to_json([double(bound) for bound in point.explicit_bounds]) if "explicit_bounds" in has else None,
        point.scale if "scale" in has else None,
        point.zero_count if "zero_count" in has else None,
        point.zero_threshold if "zero_threshold" in has else None,
        _buckets(point.positive) if "positive" in has else None,
        _buckets(point.negative) if "negative" in has else None,
        _quantiles(point.quantile_values) if "quantile_values" in has else None,
        _exemplars(point.exemplars) if "exemplars" in has and point.exemplars else None,
    )


def _optional(point: Any, field: str, has: Any) -> float | None:
    if field not in has:
        return None
    if point.DESCRIPTOR.fields_by_name[field].has_presence and not point.HasField(field):
        return None
    number: float = getattr(point, field)
    return number


def _buckets(buckets: Any) -> str:
    return to_json({"offset": buckets.offset, "bucket_counts": list(buckets.bucket_counts)})


def _quantiles(values: Any) -> str:
    return to_json([{"quantile": double(value.quantile), "value": double(value.value)} for value in values])


def _exemplar_value(exemplar: Any) -> Any:
    which = exemplar.WhichOneof("value")
    return double(exemplar.as_double) if which == "as_double" else getattr(exemplar, which or "", None)


def _exemplars(exemplars: Any) -> str:
    return to_json(
        [
            {
                "filtered_attributes": key_values(exemplar.filtered_attributes),
                "time_unix_nano": exemplar.time_unix_nano,
                "value": _exemplar_value(exemplar),
                "span_id": exemplar.span_id.hex(),
                "trace_id": exemplar.trace_id.hex(),
            }
            for exemplar in exemplars
        ]
    )
