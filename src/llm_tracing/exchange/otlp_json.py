"""Fields of rows (fields.py) as OTLP JSON: requests that any receiver of OTLP takes.

Source: opentelemetry-proto, trace/v1, logs/v1 and metrics/v1, in the JSON form of the protocol's specification.
"""

from collections.abc import Callable, Iterable
from typing import Any, Literal

import orjson

from llm_tracing.exchange.fields import STATUSES, TEMPORALITIES, Fields
from llm_tracing.exchange.otlp_values import Json, any_value, key_values, number, without_none
from llm_tracing.model import OTEL_KINDS

Record = Literal["span", "log", "point"]


def _span(span: Fields) -> Json:
    return without_none(
        {
            "traceId": span["trace_id"],
            "spanId": span["span_id"],
            "parentSpanId": span["parent_span_id"],
            "traceState": span["trace_state"] or None,
            "flags": span["flags"],
            "name": span["name"],
            "kind": OTEL_KINDS.index(span["otel_kind"]),
            "startTimeUnixNano": span["start_time_unix_nano"],
            "endTimeUnixNano": span["end_time_unix_nano"],
            "attributes": key_values(span["attributes"]),
            "droppedAttributesCount": span["dropped_attributes_count"],
            "events": [_event(event) for event in span["events"]],
            "droppedEventsCount": span["dropped_events_count"],
            "links": [_link(link) for link in span["links"]],
            "droppedLinksCount": span["dropped_links_count"],
            "status": without_none({"code": STATUSES.index(span["status"]), "message": span["status_message"]}),
        }
    )


def _event(event: Fields) -> Json:
    return {
        "timeUnixNano": event["time_unix_nano"],
        "name": event["name"],
        "attributes": key_values(event["attributes"]),
        "droppedAttributesCount": event["dropped_attributes_count"],
    }


def _link(link: Fields) -> Json:
    return {
        "traceId": link["trace_id"],
        "spanId": link["span_id"],
        "traceState": link["trace_state"],
        "attributes": key_values(link["attributes"]),
        "droppedAttributesCount": link["dropped_attributes_count"],
        "flags": link["flags"],
    }


def _log(log: Fields) -> Json:
    return without_none(
        {
            "timeUnixNano": log["time_unix_nano"],
            "observedTimeUnixNano": log["observed_time_unix_nano"],
            "severityNumber": log["severity_number"],
            "severityText": log["severity_text"],
            "eventName": log["event_name"] or None,
            "body": any_value(log["body"]) if log["has_body"] else None,
            "attributes": key_values(log["attributes"]),
            "droppedAttributesCount": log["dropped_attributes_count"],
            "flags": log["flags"],
            "traceId": log["trace_id"],
            "spanId": log["span_id"],
        }
    )


def _texts(counts: list[int] | None) -> list[str] | None:
    return None if counts is None else [str(count) for count in counts]


def _text(count: int | None) -> str | None:
    return None if count is None else str(count)


def _maybe(value: Any) -> Any:
    return None if value is None else number(value)


def _buckets(buckets: Json | None) -> Json | None:
    return buckets and {"offset": buckets["offset"], "bucketCounts": _texts(buckets["bucket_counts"])}


def _exemplar(exemplar: Fields) -> Json:
    value = exemplar["value"]
    whole = isinstance(value, int)
    return without_none(
        {
            "filteredAttributes": key_values(exemplar["filtered_attributes"]),
            "timeUnixNano": exemplar["time_unix_nano"],
            "asInt": str(value) if whole else None,
            "asDouble": None if whole or value is None else number(value),
            "spanId": exemplar["span_id"] or None,
            "traceId": exemplar["trace_id"] or None,
        }
    )


def _point(point: Fields) -> Json:
    quantiles = point["quantile_values"]
    return without_none(
        {
            "attributes": key_values(point["attributes"]),
            "startTimeUnixNano": point["start_time_unix_nano"],
            "timeUnixNano": point["time_unix_nano"],
            "flags": point["flags"],
            "asInt": _text(point["value_int"]),
            "asDouble": _maybe(point["value_double"]),
            "count": _text(point["count"]),
            "sum": _maybe(point["sum"]),
            "min": _maybe(point["min"]),
            "max": _maybe(point["max"]),
            "bucketCounts": _texts(point["bucket_counts"]),
            "explicitBounds": point["explicit_bounds"] and [number(bound) for bound in point["explicit_bounds"]],
            "scale": point["scale"],
            "zeroCount": _text(point["zero_count"]),
            "zeroThreshold": _maybe(point["zero_threshold"]),
            "positive": _buckets(point["positive"]),
            "negative": _buckets(point["negative"]),
            "quantileValues": quantiles
            and [{"quantile": number(one["quantile"]), "value": number(one["value"])} for one in quantiles],
            "exemplars": [_exemplar(one) for one in point["exemplars"]] or None,
        }
    )


_OF_METRIC = ("name", "description", "unit", "type", "aggregation_temporality", "is_monotonic", "metadata")
_DATA = {"exponential_histogram": "exponentialHistogram"}


def _metrics(points: list[Fields]) -> list[Json]:
    """Points of one scope, those of the same metric together."""
    found: dict[bytes, tuple[Fields, list[Json]]] = {}
    for point in points:
        key = orjson.dumps([point[name] for name in _OF_METRIC])
        found.setdefault(key, (point, []))[1].append(_point(point))
    return [_metric(metric, of_it) for metric, of_it in found.values()]


def _metric(metric: Fields, points: list[Json]) -> Json:
    kind: str = metric["type"]
    data: Json = {"dataPoints": points}
    if kind in ("sum", "histogram", "exponential_histogram"):
        data["aggregationTemporality"] = TEMPORALITIES.index(metric["aggregation_temporality"])
    if kind == "sum":
        data["isMonotonic"] = metric["is_monotonic"]
    return {
        "name": metric["name"],
        "description": metric["description"],
        "unit": metric["unit"],
        "metadata": key_values(metric["metadata"]),
        _DATA.get(kind, kind): data,
    }


# record -> (name of the list in a request, of the lists in it, of their items, how many rows become items)
_SHAPES: dict[Record, tuple[str, str, str, Callable[[list[Fields]], list[Json]]]] = {
    "span": ("resourceSpans", "scopeSpans", "spans", lambda rows: [_span(row) for row in rows]),
    "log": ("resourceLogs", "scopeLogs", "logRecords", lambda rows: [_log(row) for row in rows]),
    "point": ("resourceMetrics", "scopeMetrics", "metrics", _metrics),
}


def list_name(record: Record) -> str:
    return _SHAPES[record][0]


def resource_items(record: Record, rows: Iterable[Fields]) -> list[Json]:
    """What the list of a request holds: rows by resource, and in it by scope."""
    _, scopes_name, items_name, items = _SHAPES[record]
    by_resource: dict[bytes, tuple[Json, dict[bytes, tuple[Json, list[Fields]]]]] = {}
    for row in rows:
        resource, scope = row["resource"], row["scope"]
        _, scopes = by_resource.setdefault(orjson.dumps(resource), (resource, {}))
        scopes.setdefault(orjson.dumps(scope), (scope, []))[1].append(row)
    return [
        {
            "resource": _resource(resource),
            scopes_name: [
                {"scope": _scope(scope), items_name: items(of_it), "schemaUrl": scope["schema_url"]}
                for scope, of_it in scopes.values()
            ],
            "schemaUrl": resource["schema_url"],
        }
        for resource, scopes in by_resource.values()
    ]


def request(record: Record, rows: Iterable[Fields]) -> Json:
    """The JSON of an Export...ServiceRequest."""
    return {list_name(record): resource_items(record, rows)}


def _resource(resource: Fields) -> Json:
    return {
        "attributes": key_values(resource["attributes"]),
        "droppedAttributesCount": resource["dropped_attributes_count"],
        "entityRefs": [
            {
                "schemaUrl": entity["schema_url"],
                "type": entity["type"],
                "idKeys": entity["id_keys"],
                "descriptionKeys": entity["description_keys"],
            }
            for entity in resource["entity_refs"]
        ],
    }


def _scope(scope: Fields) -> Json:
    return {
        "name": scope["name"],
        "version": scope["version"],
        "attributes": key_values(scope["attributes"]),
        "droppedAttributesCount": scope["dropped_attributes_count"],
    }
