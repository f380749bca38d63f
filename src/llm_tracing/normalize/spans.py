"""An ExportTraceServiceRequest to rows: every OTLP field kept, and each span's meaning worked out.

Pure but for the memory of resources and scopes. The loop is written for speed: thirty-six of the forty spans of a
question are infrastructure, and each costs microseconds here.
"""

from collections.abc import Sequence
from typing import Any

import orjson

from llm_tracing.model import SOURCE_OTLP, STATUS_ERROR, Batch, PayloadRef, PayloadRow, SpanRecord
from llm_tracing.normalize.alike import add_alike, shape_of
from llm_tracing.normalize.anyvalue import key_values, to_json
from llm_tracing.normalize.arrival import note_times
from llm_tracing.normalize.conventions import MARKER_EVENTS, MARKERS, read_both
from llm_tracing.normalize.conventions.contract import Facts, SentEvent
from llm_tracing.normalize.conventions.logfire import shown_name
from llm_tracing.normalize.event_rows import stored_attributes
from llm_tracing.normalize.infrastructure import infrastructure_kind
from llm_tracing.normalize.limits import CUT, Bounds
from llm_tracing.normalize.marks import marks_of
from llm_tracing.normalize.preview import input_preview, output_preview
from llm_tracing.normalize.shared import SharedRows
from llm_tracing.normalize.stored import store_attributes
from llm_tracing.normalize.unmapped import unmapped
from llm_tracing.normalize.values import first_id
from llm_tracing.receive.sink import Accepted

_NO_FACTS = Facts()
_NO_TRACE, _NO_SPAN = bytes(16), bytes(8)
_SESSION = ("session.id",)
_USER = ("user.id", "enduser.id")
_SOMEBODY = frozenset((*_SESSION, *_USER))
# From provider to time_to_first_token_ns the fields of Facts and of SpanRecord are the same, but for the details.
_FIRST_FACT, _DETAILS, _PAST_FACTS = map(Facts._fields.index, ("provider", "details", "session_id"))


def add_spans(request: Any, shared: SharedRows, batch: Batch) -> Accepted:
    """Add the spans of a request to a batch. Spans whose ids are no ids are refused and counted; the rest is kept."""
    rejected = 0
    bounds = Bounds(shared.limits)
    for resource_spans in request.resource_spans:
        resource = shared.resource(resource_spans.resource, resource_spans.schema_url, batch)
        for scope_spans in resource_spans.scope_spans:
            scope_id = shared.scope(scope_spans.scope, scope_spans.schema_url, batch).scope_id
            before = len(batch.spans)
            alike = shared.shapes.of(resource.row.resource_id, scope_id)
            for span in scope_spans.spans:
                if _valid_ids(span):
                    key = alike.key_of(span)
                    if key is not None and (shape := alike.get(key)) is not None:
                        add_alike(span, shape, batch)
                        continue
                    bounds.keep(span, resource.service, batch.refused)
                    if span.events:
                        for event in span.events:
                            bounds.keep(event, resource.service, batch.refused)
                    refs = len(batch.payload_refs)
                    plain = _add(span, resource.service, resource.row.resource_id, scope_id, batch)
                    if plain and key is not None:
                        alike.put(key, shape_of(batch, refs))
            added = len(batch.spans) - before
            batch.received[resource.service, "traces"] += added
            note_times(batch, resource.service, before)
            if added < len(scope_spans.spans):
                rejected += len(scope_spans.spans) - added
                batch.refused[resource.service, "ids"] += len(scope_spans.spans) - added
    if not rejected:
        return Accepted(0, bounds.message())
    said = (
        f"{rejected} {'span' if rejected == 1 else 'spans'} refused: a trace_id must be 16 bytes and a span_id 8, "
        "not all zero, and a parent_span_id 8 or empty. The rest is stored."
    )
    return Accepted(rejected, f"{said} {bounds.message()}".rstrip())


def _valid_ids(span: Any) -> bool:
    trace_id, span_id = span.trace_id, span.span_id
    return (
        len(trace_id) == 16
        and len(span_id) == 8
        and len(span.parent_span_id) in (0, 8)
        and span_id != _NO_SPAN
        and trace_id != _NO_TRACE
    )


def _add(span: Any, service: str, resource_id: bytes, scope_id: bytes, batch: Batch) -> bool:
    """Add the row of a span. True if it is plain: nothing in it but its ids and times tells it from others like it."""
    attributes = key_values(span.attributes)
    unread = unmapped(attributes)
    for name in unread:
        batch.unmapped[service, name] += 1
    genai = not MARKERS.isdisjoint(attributes)
    trace_id, span_id = span.trace_id, int.from_bytes(span.span_id, "big")
    start = span.start_time_unix_nano
    events: Sequence[SentEvent] = ()
    events_json = None
    if span.events:
        events = [SentEvent(e.name, key_values(e.attributes), None, e.time_unix_nano) for e in span.events]
        genai = genai or any(event.name in MARKER_EVENTS for event in events)
        events_json = _events(span.events, events, trace_id, span_id, start, batch)
    facts, asked, answered = _NO_FACTS, None, None
    if genai:
        said, content = read_both(attributes, span.name, events)
        facts = said or _NO_FACTS
        asked, answered = input_preview(content), output_preview(content)
        batch.marks += marks_of(content, attributes, trace_id, span_id, start)
    attributes_json = store_attributes(attributes, genai, trace_id, span_id, start, batch)
    parent = span.parent_span_id
    status_code, status_message = _status(span.status, facts.error)
    session_id, user_id = facts.session_id, facts.user_id
    if not _SOMEBODY.isdisjoint(attributes):
        session_id = session_id or first_id(attributes, _SESSION)
        user_id = user_id or first_id(attributes, _USER)
    otel_kind = span.kind if 0 <= span.kind <= 5 else 0
    batch.spans.append(
        SpanRecord._make(
            (
                trace_id,
                span_id,
                int.from_bytes(parent, "big") or None if parent else None,
                start,
                span.end_time_unix_nano,
                shown_name(span.name, attributes) if genai else span.name,
                otel_kind,
                facts.kind or infrastructure_kind(attributes, otel_kind),
                status_code,
                status_message,
                service,
                *facts[_FIRST_FACT:_DETAILS],
                orjson.dumps(facts.details).decode() if facts.details else None,
                *facts[_DETAILS + 1 : _PAST_FACTS],
                session_id,
                user_id,
                asked,
                answered,
                SOURCE_OTLP,
                span.trace_state or None,
                span.flags,
                attributes_json,
                span.dropped_attributes_count,
                events_json,
                span.dropped_events_count,
                _links(span.links) if span.links else None,
                span.dropped_links_count,
                resource_id,
                scope_id,
            )
        )
    )
    return not (genai or unread or span.events or span.links or CUT in attributes or span.dropped_attributes_count)


def _status(status: Any, error: str | None) -> tuple[int, str | None]:
    """OTLP's status; where only the convention says that the span failed, its error."""
    if error is None:
        return status.code if 0 <= status.code <= 2 else 0, status.message or None
    return STATUS_ERROR, status.message or error


def _events(sent: Any, events: Sequence[SentEvent], trace_id: bytes, span_id: int, start: int, batch: Batch) -> str:
    """Events as JSON, the content of GenAI events moved to payloads."""
    found: dict[bytes, PayloadRow] = {}
    text = to_json(
        [
            {
                "name": event.name,
                "time_unix_nano": event.time_unix_nano,
                "attributes": stored_attributes(event.attributes, found)
                if event.name in MARKER_EVENTS
                else event.attributes,
                "dropped_attributes_count": one.dropped_attributes_count,
            }
            for one, event in zip(sent, events, strict=True)
        ]
    )
    if found:
        batch.payloads.update(found)
        batch.payload_refs.extend(PayloadRef(trace_id, span_id, start, payload_id) for payload_id in found)
    return text


def _links(links: Any) -> str:
    return to_json(
        [
            {
                "trace_id": link.trace_id.hex(),
                "span_id": link.span_id.hex(),
                "trace_state": link.trace_state,
                "attributes": key_values(link.attributes),
                "dropped_attributes_count": link.dropped_attributes_count,
                "flags": link.flags,
            }
            for link in links
        ]
    )
