"""A batch as OTLP requests for the backends: every field as it came, long texts as references to objects.

What OTLP or a backend has no field for goes in attributes: by which protocol a span came (`llm_tracing.sources`), the
name of a log event (`event.name`: Loki drops OTLP's own field), and of a LangSmith run its model and tokens under the
names of OpenTelemetry's GenAI conventions, so that TraceQL and dashboards find them. A span that has not ended stays:
Tempo would take the first report of it for the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from google.protobuf.message import Message

from llm_tracing.exchange.fields import Fields, log_fields, point_fields, span_fields
from llm_tracing.exchange.otlp_json import Record, request
from llm_tracing.exchange.otlp_values import any_value
from llm_tracing.exchange.otlp_wire import fill
from llm_tracing.lgtm.incoming import REFERENCE, SOURCES
from llm_tracing.lgtm.objects import objects_of, reference
from llm_tracing.model import SOURCE_LANGSMITH, SOURCE_NAMES, SOURCE_OTLP, Batch, SpanRecord
from llm_tracing.receive.decode import REQUESTS, Signal

RECORDS: dict[Signal, Record] = {"traces": "span", "logs": "log", "metrics": "point"}
PARCEL_BYTES = 2 * 1024 * 1024  # of JSON; receivers take messages of 4 MiB unless told otherwise
PARCEL_ROWS = 2_000
LINE_BYTES = 128 * 1024  # of a log record's body: Loki takes lines of 256 KiB
METADATA_BYTES = 48 * 1024  # of its attributes: Loki takes 64 KiB, the resource's and the scope's among them
_SHORT = 256  # what stays of a text where all attributes together are too long
EVENT_NAME = "event.name"
_DELTA = 1  # opentelemetry.proto.metrics.v1.AggregationTemporality
_REFERENCE = '{"' + REFERENCE + '"'

# Columns of a run that OpenTelemetry has names for.
_NAMED = {
    "operation": "gen_ai.operation.name",
    "provider": "gen_ai.provider.name",
    "request_model": "gen_ai.request.model",
    "response_model": "gen_ai.response.model",
    "response_id": "gen_ai.response.id",
    "input_tokens": "gen_ai.usage.input_tokens",
    "output_tokens": "gen_ai.usage.output_tokens",
    "cache_read_tokens": "gen_ai.usage.cache_read.input_tokens",
    "cache_write_tokens": "gen_ai.usage.cache_creation.input_tokens",
    "reasoning_tokens": "gen_ai.usage.reasoning.output_tokens",
    "session_id": "gen_ai.conversation.id",
    "user_id": "user.id",
}


class Item(NamedTuple):
    """One record ready to be sent; `place` is that of its row in the batch, `size` about the bytes it has."""

    row: Fields
    place: int
    size: int


@dataclass(slots=True)
class Outgoing:
    """What a batch becomes: requests by signal, and the objects that must be there before they are."""

    parcels: dict[Signal, list[list[Item]]] = field(default_factory=dict)
    objects: dict[str, str] = field(default_factory=dict)


def outgoing(
    batch: Batch, spans: Sequence[tuple[int, SpanRecord]], payloads: Mapping[bytes, str], inline_bytes: int
) -> Outgoing:
    """`spans` are those to be sent with their places in the batch, `payloads` the texts that all rows refer to."""
    found = Outgoing()
    resources, scopes = batch.resources, batch.scopes
    referring = _Referring(found.objects, inline_bytes)
    found.parcels["traces"] = _parcels(
        (place, referring.span(_span(row, span_fields(row, resources, scopes, payloads)))) for place, row in spans
    )
    found.parcels["logs"] = _parcels(
        (place, referring.log(_log(log_fields(row, resources, scopes, payloads))))
        for place, row in enumerate(batch.logs)
    )
    points = [(place, row, batch.metrics[row.metric_id]) for place, row in enumerate(batch.metric_points)]
    found.parcels["metrics"] = [
        parcel
        for delta in (False, True)  # a Prometheus that takes no deltas refuses the whole request that has one
        for parcel in _parcels(
            (place, point_fields(row, metric, resources, scopes))
            for place, row, metric in points
            if (metric.aggregation_temporality == _DELTA) is delta
        )
    ]
    return found


def message(signal: Signal, items: Sequence[Item]) -> Message:
    """The request that carries some records."""
    built: Message = REQUESTS[signal]()
    fill(built, request(RECORDS[signal], [item.row for item in items]))
    return built


def _parcels(rows: Iterator[tuple[int, Fields]]) -> list[list[Item]]:
    parcels: list[list[Item]] = []
    size = PARCEL_BYTES
    for place, row in rows:
        row_size = len(orjson.dumps(row))
        if size + row_size > PARCEL_BYTES or len(parcels[-1]) >= PARCEL_ROWS:
            parcels.append([])
            size = 0
        parcels[-1].append(Item(row, place, row_size))
        size += row_size
    return parcels


def _span(record: SpanRecord, row: Fields) -> Fields:
    if record.sources == SOURCE_OTLP:
        return row
    added: dict[str, Any] = {SOURCES: ",".join(name for bit, name in SOURCE_NAMES.items() if record.sources & bit)}
    if record.sources == SOURCE_LANGSMITH:
        added |= {name: value for column, name in _NAMED.items() if (value := getattr(record, column)) is not None}
    return {**row, "attributes": _with(row["attributes"], added)}


def _log(row: Fields) -> Fields:
    if not row["event_name"]:
        return row
    return {**row, "attributes": _with(row["attributes"], {EVENT_NAME: row["event_name"]})}


def _with(attributes: Fields, added: Fields) -> Fields:
    """Attributes with more of them; what is there already is left as it is."""
    pairs = _repeated(attributes)
    if pairs is None:
        return {**added, **attributes}
    known = {name for name, _ in pairs}
    return {"$map": [*pairs, *([name, value] for name, value in added.items() if name not in known)]}


def _repeated(attributes: Fields) -> list[Any] | None:
    """The pairs of attributes of which some have a name that plain objects cannot hold, see normalize/anyvalue.py."""
    pairs = attributes.get("$map") if len(attributes) == 1 else None
    return pairs if isinstance(pairs, list) else None


class _Referring:
    """Moves long values out: into objects, and references in their place."""

    def __init__(self, objects: dict[str, str], inline_bytes: int) -> None:
        self._objects = objects
        self._inline = inline_bytes

    def span(self, row: Fields) -> Fields:
        return {
            **row,
            "attributes": self._attributes(row["attributes"], self._inline),
            "events": [self._part(event) for event in row["events"]],
            "links": [self._part(link) for link in row["links"]],
        }

    def log(self, row: Fields) -> Fields:
        attributes = self._attributes(row["attributes"], self._inline)
        if len(orjson.dumps(attributes)) > METADATA_BYTES:
            attributes = self._attributes(attributes, _SHORT)
        return {**row, "attributes": attributes, "body": self._value(row["body"], LINE_BYTES)}

    def _part(self, part: Fields) -> Fields:
        return {**part, "attributes": self._attributes(part["attributes"], self._inline)}

    def _attributes(self, attributes: Fields, limit: int) -> Fields:
        pairs = _repeated(attributes)
        if pairs is not None:
            return {"$map": [[name, self._value(value, limit)] for name, value in pairs]}
        return {name: self._value(value, limit) for name, value in attributes.items()}

    def _value(self, value: Any, limit: int) -> Any:
        if isinstance(value, str):
            if len(value) * 4 <= limit or len(value.encode("utf-8", "surrogatepass")) <= limit:
                return value
            return self._refer(value, None)
        if not isinstance(value, dict | list) or not value:
            return value
        if isinstance(value, dict) and list(value) == ["$duplicates"]:
            return {"$duplicates": [self._value(one, limit) for one in value["$duplicates"]]}
        text = orjson.dumps(value)
        if len(text) <= limit:
            return value
        return self._refer(orjson.dumps(any_value(value)).decode(), "any")

    def _refer(self, text: str, form: str | None) -> str:
        if text.startswith(_REFERENCE):  # moved out already, with a longer limit
            return text
        name, objects = objects_of(text)
        self._objects.update(objects)
        return reference(name, text, form)
