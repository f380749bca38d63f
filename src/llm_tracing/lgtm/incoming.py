"""OTLP that was read back from the backends as rows: references resolved, then normalized as it was when it came.

A long text lies in an object of its own; in its place stands JSON text, see REFERENCE. Of one whose object is missing
the beginning is left, which the reference holds, and a note of what is not available.

What OTLP has no field for is in attributes of our own, taken out again here: SOURCES.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Protocol

import orjson
from google.protobuf.json_format import Parse, ParseError
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogsData
from opentelemetry.proto.metrics.v1.metrics_pb2 import MetricsData
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from llm_tracing.model import SOURCE_NAMES, SOURCE_OTLP, Batch, SpanRecord
from llm_tracing.normalize.logs import add_logs
from llm_tracing.normalize.metrics import add_metrics
from llm_tracing.normalize.shared import SharedRows
from llm_tracing.normalize.spans import add_spans

# {"llm_tracing.payload": "<hash>", "bytes": 50000, "preview": "...", "form": "text" | "any"}
# `form` is "any" where the object holds an AnyValue as OTLP JSON (a long list or map); else it may be left out.
REFERENCE = "llm_tracing.payload"
# A span's attribute: by which protocols it came, names of model.SOURCE_NAMES with commas. Without it: otlp.
SOURCES = "llm_tracing.sources"

_START = '{"' + REFERENCE + '"'
_BITS: dict[str, int] = {name: bit for bit, name in SOURCE_NAMES.items()}


class Objects(Protocol):
    def get_many(self, hashes: Collection[str]) -> Mapping[str, str]:
        """The texts of these objects; those that are missing or cannot be read now are left out."""
        ...


def to_batch(
    objects: Objects,
    shared: SharedRows,
    *,
    traces: TracesData | None = None,
    logs: LogsData | None = None,
    metrics: MetricsData | None = None,
) -> Batch:
    """Rows of what was fetched. The messages are changed: references resolved, attributes of our own taken out."""
    batch = Batch.empty()
    if traces is not None:
        resolve(_attributes_of_traces(traces), objects)
        sources = dict(_sources(traces))
        add_spans(traces, shared, batch)
        if sources:
            batch.spans = [_with_sources(span, sources) for span in batch.spans]
    if logs is not None:
        resolve(_values_of_logs(logs), objects)
        add_logs(logs, shared, batch)
    if metrics is not None:
        add_metrics(metrics, shared, batch)
    batch.take_counts()  # what senders sent was counted when it came
    return batch


def resolve(values: Iterable[AnyValue], objects: Objects) -> None:
    """Put the texts in place of the references, all objects fetched at once."""
    found = [(value, reference) for value in values for reference in _references(value)]
    if not found:
        return
    texts = objects.get_many({reference[REFERENCE] for _, reference in found})
    for value, reference in found:
        _fill(value, reference, texts.get(reference[REFERENCE]))


def _references(value: AnyValue) -> Iterator[dict[str, Any]]:
    if value.WhichOneof("value") != "string_value" or not value.string_value.startswith(_START):
        return
    try:
        reference = orjson.loads(value.string_value)
    except ValueError:
        return
    if isinstance(reference, dict) and isinstance(reference.get(REFERENCE), str):
        yield reference


def _fill(value: AnyValue, reference: dict[str, Any], text: str | None) -> None:
    if text is None:
        value.string_value = _missing(reference)
    elif reference.get("form") == "any":
        try:
            value.CopyFrom(Parse(text, AnyValue()))
        except ParseError:
            value.string_value = text
    else:
        value.string_value = text


def _missing(reference: dict[str, Any]) -> str:
    """What is left of a text. It is no JSON, so that readers of messages show it as it stands."""
    preview, size = reference.get("preview"), reference.get("bytes")
    length = f"{size:,} bytes, " if isinstance(size, int) else ""
    note = f"[{length}not available: object {reference[REFERENCE]} is missing]"
    return f"{preview}... {note}" if isinstance(preview, str) and preview else note


def _attributes_of_traces(traces: TracesData) -> Iterator[AnyValue]:
    for resource_spans in traces.resource_spans:
        for scope_spans in resource_spans.scope_spans:
            for span in scope_spans.spans:
                yield from (attribute.value for attribute in span.attributes)
                for event in span.events:
                    yield from (attribute.value for attribute in event.attributes)
                for link in span.links:
                    yield from (attribute.value for attribute in link.attributes)


def _values_of_logs(logs: LogsData) -> Iterator[AnyValue]:
    for resource_logs in logs.resource_logs:
        for scope_logs in resource_logs.scope_logs:
            for record in scope_logs.log_records:
                if record.HasField("body"):
                    yield record.body
                yield from (attribute.value for attribute in record.attributes)


def _sources(traces: TracesData) -> Iterator[tuple[tuple[bytes, int, int], int]]:
    """(trace, span, start) -> bits of those spans that did not come by OTLP alone; the attribute is taken out."""
    for resource_spans in traces.resource_spans:
        for scope_spans in resource_spans.scope_spans:
            for span in scope_spans.spans:
                said = _take(span.attributes, SOURCES)
                if said is not None:
                    bits = sum(_BITS.get(name, 0) for name in set(said.split(",")))
                    key = (span.trace_id, int.from_bytes(span.span_id, "big"), span.start_time_unix_nano)
                    yield key, bits or SOURCE_OTLP


def _take(attributes: Any, name: str) -> str | None:
    place: int | None = next((at for at, one in enumerate(attributes) if one.key == name), None)
    if place is None:
        return None
    found: KeyValue = attributes[place]
    text = found.value.string_value
    del attributes[place]
    return text


def _with_sources(span: SpanRecord, sources: Mapping[tuple[bytes, int, int], int]) -> SpanRecord:
    bits = sources.get((span.trace_id, span.span_id, span.start_time_unix_nano))
    return span if bits is None else span._replace(sources=bits)
