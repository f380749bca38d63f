"""An ExportLogsServiceRequest to rows: every OTLP field kept."""

from typing import Any

from llm_tracing.model import Batch, LogRow
from llm_tracing.normalize.anyvalue import any_value, key_values, to_json
from llm_tracing.normalize.shared import SharedRows
from llm_tracing.receive.sink import Accepted


def add_logs(request: Any, shared: SharedRows, batch: Batch) -> Accepted:
    """Add the log records of a request to a batch. A record whose ids are no ids is kept, without them."""
    odd_ids = 0
    for resource_logs in request.resource_logs:
        resource = shared.resource(resource_logs.resource, resource_logs.schema_url, batch)
        for scope_logs in resource_logs.scope_logs:
            scope_id = shared.scope(scope_logs.scope, scope_logs.schema_url, batch).scope_id
            batch.received[resource.service, "logs"] += len(scope_logs.log_records)
            for record in scope_logs.log_records:
                if len(record.trace_id) not in (0, 16) or len(record.span_id) not in (0, 8):
                    odd_ids += 1
                batch.logs.append(_row(record, resource.service, resource.row.resource_id, scope_id))
    if not odd_ids:
        return Accepted()
    return Accepted(0, f"Log records with a trace_id or span_id of the wrong length: {odd_ids}; stored without it.")


def _row(record: Any, service: str, resource_id: bytes, scope_id: bytes) -> LogRow:
    trace_id, span_id = record.trace_id, record.span_id
    return LogRow(
        # A record without its own time is placed where it was seen; the field as sent was 0.
        record.time_unix_nano or record.observed_time_unix_nano,
        record.observed_time_unix_nano,
        record.severity_number,
        record.severity_text,
        record.event_name,
        to_json(any_value(record.body)) if record.HasField("body") else None,
        to_json(key_values(record.attributes)),
        record.dropped_attributes_count,
        record.flags,
        trace_id if len(trace_id) == 16 and any(trace_id) else None,
        int.from_bytes(span_id, "big") or None if len(span_id) == 8 else None,
        service,
        resource_id,
        scope_id,
    )
