"""An ExportLogsServiceRequest to rows: every OTLP field kept, and what GenAI events tell of their spans noted.

The texts of GenAI events go to payloads: a search finds prompts that came only as log records.
"""

from typing import Any

from llm_tracing.model import Batch, LogRow, PayloadRef, PayloadRow, PreviewRow
from llm_tracing.normalize.anyvalue import any_value, key_values, to_json
from llm_tracing.normalize.conventions.contract import SentEvent
from llm_tracing.normalize.event_rows import genai_event, previews, stored_attributes
from llm_tracing.normalize.limits import Bounds
from llm_tracing.normalize.payloads import split_within
from llm_tracing.normalize.shared import SharedRows
from llm_tracing.receive.sink import Accepted

_NO_TRACE = bytes(16)


def add_logs(request: Any, shared: SharedRows, batch: Batch) -> Accepted:
    """Add the log records of a request to a batch. A record whose ids are no ids is kept, without them."""
    odd_ids = 0
    bounds = Bounds(shared.limits)
    for resource_logs in request.resource_logs:
        resource = shared.resource(resource_logs.resource, resource_logs.schema_url, batch)
        for scope_logs in resource_logs.scope_logs:
            scope_id = shared.scope(scope_logs.scope, scope_logs.schema_url, batch).scope_id
            batch.received[resource.service, "logs"] += len(scope_logs.log_records)
            for record in scope_logs.log_records:
                if len(record.trace_id) not in (0, 16) or len(record.span_id) not in (0, 8):
                    odd_ids += 1
                bounds.keep(record, resource.service, batch.refused)
                batch.logs.append(_row(record, resource.service, resource.row.resource_id, scope_id, batch))
    if not odd_ids:
        return Accepted(0, bounds.message())
    said = f"Log records with a trace_id or span_id of the wrong length: {odd_ids}; stored without it."
    return Accepted(0, f"{said} {bounds.message()}".rstrip())


def _row(record: Any, service: str, resource_id: bytes, scope_id: bytes, batch: Batch) -> LogRow:
    trace_id, span = record.trace_id, record.span_id
    trace_id = trace_id if len(trace_id) == 16 and trace_id != _NO_TRACE else None
    span_id = int.from_bytes(span, "big") or None if len(span) == 8 else None
    # A record without its own time is placed where it was seen; the field as sent was 0.
    time = record.time_unix_nano or record.observed_time_unix_nano
    body = any_value(record.body) if record.HasField("body") else None
    attributes = key_values(record.attributes)
    name = genai_event(record.event_name, attributes) if trace_id and span_id else None
    if name is not None:
        body, attributes = _tell(trace_id, span_id, SentEvent(name, attributes, body, time), batch)
    return LogRow(
        time,
        record.observed_time_unix_nano,
        record.severity_number,
        record.severity_text,
        record.event_name,
        to_json(body) if record.HasField("body") else None,
        to_json(attributes),
        record.dropped_attributes_count,
        record.flags,
        trace_id,
        span_id,
        service,
        name,
        resource_id,
        scope_id,
    )


def _tell(trace_id: Any, span_id: Any, event: SentEvent, batch: Batch) -> tuple[Any, dict[str, Any]]:
    """Note what a GenAI event tells of its span; its body and attributes as they are stored."""
    asked, answered = previews(event)
    if asked or answered:
        batch.previews.append(PreviewRow(trace_id, span_id, event.time_unix_nano, asked, answered))
    found: dict[bytes, PayloadRow] = {}
    body, attributes = split_within(event.body, found), stored_attributes(event.attributes, found)
    batch.payloads.update(found)
    batch.log_payload_refs += [PayloadRef(trace_id, span_id, event.time_unix_nano, key) for key in found]
    return body, attributes
