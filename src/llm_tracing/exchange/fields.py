"""Rows as plain values under OTLP's own names, texts put back whole: what a line of an export has.

Times are strings of nanoseconds, ids lower-case hex, values as normalize/anyvalue.py writes them.
"""

from collections.abc import Mapping
from typing import Any

from llm_tracing.model import OTEL_KINDS, LogRow, MetricPointRow, MetricRow, ResourceRow, ScopeRow, SpanRecord
from llm_tracing.normalize.anyvalue import double, from_json
from llm_tracing.normalize.payloads import restore

Fields = dict[str, Any]

_NO_RESOURCE = ResourceRow(b"", "{}", 0, "[]", "")
_NO_SCOPE = ScopeRow(b"", "", "", "{}", 0, "")
TEMPORALITIES = ("unspecified", "delta", "cumulative")
STATUSES = ("unset", "ok", "error")


def _hex(span_id: int | None) -> str | None:
    return None if span_id is None else f"{span_id:016x}"


def _shared(row: Any, resources: Mapping[bytes, ResourceRow], scopes: Mapping[bytes, ScopeRow]) -> Fields:
    resource = resources.get(row.resource_id, _NO_RESOURCE)
    scope = scopes.get(row.scope_id, _NO_SCOPE)
    return {
        "resource": {
            "attributes": from_json(resource.attributes),
            "dropped_attributes_count": resource.dropped_attributes_count,
            "entity_refs": from_json(resource.entity_refs),
            "schema_url": resource.schema_url,
        },
        "scope": {
            "name": scope.name,
            "version": scope.version,
            "attributes": from_json(scope.attributes),
            "dropped_attributes_count": scope.dropped_attributes_count,
            "schema_url": scope.schema_url,
        },
    }


def span_fields(
    row: SpanRecord,
    resources: Mapping[bytes, ResourceRow],
    scopes: Mapping[bytes, ScopeRow],
    payloads: Mapping[bytes, str],
) -> Fields:
    events = restore(from_json(row.events), payloads) or []
    return {
        "record": "span",
        "trace_id": row.trace_id.hex(),
        "span_id": _hex(row.span_id),
        "parent_span_id": _hex(row.parent_span_id),
        "trace_state": row.trace_state or "",
        "flags": row.flags,
        "name": row.name,
        "otel_kind": OTEL_KINDS[row.otel_kind],
        "start_time_unix_nano": str(row.start_time_unix_nano),
        "end_time_unix_nano": str(row.end_time_unix_nano),
        "status": STATUSES[row.status_code],
        "status_message": row.status_message,
        "service": row.service,
        "attributes": restore(from_json(row.attributes), payloads),
        "dropped_attributes_count": row.dropped_attributes_count,
        "events": [{**event, "time_unix_nano": str(event["time_unix_nano"])} for event in events],
        "dropped_events_count": row.dropped_events_count,
        "links": from_json(row.links) or [],
        "dropped_links_count": row.dropped_links_count,
        **_shared(row, resources, scopes),
    }


def log_fields(
    row: LogRow,
    resources: Mapping[bytes, ResourceRow],
    scopes: Mapping[bytes, ScopeRow],
    payloads: Mapping[bytes, str],
) -> Fields:
    return {
        "record": "log",
        "time_unix_nano": str(row.time_unix_nano),
        "observed_time_unix_nano": str(row.observed_time_unix_nano),
        "severity_number": row.severity_number,
        "severity_text": row.severity_text,
        "event_name": row.event_name,
        "service": row.service,
        "trace_id": None if row.trace_id is None else row.trace_id.hex(),
        "span_id": _hex(row.span_id),
        "flags": row.flags,
        "has_body": row.body is not None,  # a body of null is a value, and not the same as none
        "body": restore(from_json(row.body), payloads),
        "attributes": restore(from_json(row.attributes), payloads),
        "dropped_attributes_count": row.dropped_attributes_count,
        **_shared(row, resources, scopes),
    }


def _number(value: float | None) -> Any:
    return None if value is None else double(value)


def point_fields(
    row: MetricPointRow,
    metric: MetricRow,
    resources: Mapping[bytes, ResourceRow],
    scopes: Mapping[bytes, ScopeRow],
) -> Fields:
    exemplars = from_json(row.exemplars) or []
    return {
        "record": "point",
        "name": metric.name,
        "description": metric.description,
        "unit": metric.unit,
        "type": metric.type,
        "aggregation_temporality": TEMPORALITIES[metric.aggregation_temporality]
        if metric.aggregation_temporality < len(TEMPORALITIES)
        else TEMPORALITIES[0],
        "is_monotonic": metric.is_monotonic,
        "metadata": from_json(metric.metadata),
        "service": metric.service,
        "time_unix_nano": str(row.time_unix_nano),
        "start_time_unix_nano": str(row.start_time_unix_nano),
        "attributes": from_json(row.attributes),
        "flags": row.flags,
        "value_int": row.value_int,
        "value_double": _number(row.value_double),
        "count": row.count,
        "sum": _number(row.sum),
        "min": _number(row.min),
        "max": _number(row.max),
        "bucket_counts": from_json(row.bucket_counts),
        "explicit_bounds": from_json(row.explicit_bounds),
        "scale": row.scale,
        "zero_count": row.zero_count,
        "zero_threshold": _number(row.zero_threshold),
        "positive": from_json(row.positive),
        "negative": from_json(row.negative),
        "quantile_values": from_json(row.quantile_values),
        "exemplars": [{**one, "time_unix_nano": str(one["time_unix_nano"])} for one in exemplars],
        **_shared(metric, resources, scopes),
    }
