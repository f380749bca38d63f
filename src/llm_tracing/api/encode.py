"""Records of the model to the JSON shapes of schema.py: hex ids, times as strings, money as decimal strings."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from llm_tracing.model import (
    GENAI_KINDS,
    OTEL_KINDS,
    SOURCE_NAMES,
    STATUS_ERROR,
    AnnotationRow,
    LogRow,
    ResourceRow,
    ScopeRow,
    SpanRecord,
    TraceRow,
    usd,
)
from llm_tracing.normalize.anyvalue import from_json
from llm_tracing.normalize.buckets import buckets
from llm_tracing.normalize.cost import Prices
from llm_tracing.normalize.messages import text_of
from llm_tracing.normalize.payloads import restore
from llm_tracing.query.view import SpanView
from llm_tracing.store.contract import MetricOverview, StoredLogs

Json = dict[str, Any]
STATUS_NAMES = ("unset", "ok", "error")
_EMPTY_SCOPE = ScopeRow(b"", "", "", "{}", 0, "")
_EMPTY_RESOURCE = ResourceRow(b"", "{}", 0, "[]", "")


def span_hex(span_id: int | None) -> str | None:
    return None if span_id is None else f"{span_id:016x}"


def sources(bits: int) -> list[str]:
    return [name for bit, name in SOURCE_NAMES.items() if bits & bit]


def _sent_usage(record: SpanRecord) -> Json:
    """As for traces: input with the cached tokens, where the client leaves them out too; what was not sent is null."""
    usage = buckets(record)
    found = usage_of(record)
    sums = {
        "input_tokens": usage.input_tokens,
        "cache_read_tokens": usage.cache_read_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
    }
    found |= {name: count for name, count in sums.items() if count or found[name] is not None}
    if found["total_tokens"] is not None:
        found["total_tokens"] = usage.input_tokens + usage.output_tokens
    return found


def usage_of(row: Any) -> Json:
    return {
        "input_tokens": row.input_tokens,
        "output_tokens": row.output_tokens,
        "cache_read_tokens": row.cache_read_tokens,
        "cache_write_tokens": row.cache_write_tokens,
        "reasoning_tokens": row.reasoning_tokens,
        "total_tokens": None
        if row.input_tokens is None and row.output_tokens is None
        else (row.input_tokens or 0) + (row.output_tokens or 0),
    }


def money(pico_usd: int | None) -> str | None:
    return None if pico_usd is None else usd(pico_usd)


def trace_summary(row: TraceRow) -> Json:
    return {
        "trace_id": row.trace_id.hex(),
        "name": row.name,
        "service": row.service,
        "start_time_unix_nano": str(row.start_time_unix_nano),
        "duration_ns": str(max(0, row.end_time_unix_nano - row.start_time_unix_nano)),
        "status": row.status,
        "span_count": row.span_count,
        "llm_call_count": row.llm_call_count,
        "error_count": row.error_count,
        "models": row.models,
        "session_id": row.session_id,
        "user_id": row.user_id,
        "input": row.input,
        "output": row.output,
        "usage": usage_of(row),
        "cost": {"total_usd": money(row.cost_pico_usd), "unpriced_calls": row.unpriced_calls},
        "sources": sources(row.sources),
    }


def _span_usage(record: SpanRecord) -> Json | None:
    tokens = (record.input_tokens, record.output_tokens, record.cache_read_tokens, record.cache_write_tokens)
    return None if all(count is None for count in tokens) else _sent_usage(record)


def _span_cost(record: SpanRecord, prices: Prices) -> Json | None:
    """Our price, else what the client says; null for a span that has no tokens to be priced."""
    facts = record.facts()
    if not facts.has_tokens and facts.client_cost_pico_usd is None:
        return None
    ours, client = prices.cost(facts), money(facts.client_cost_pico_usd)
    if ours is not None:
        return {"total_usd": usd(ours), "source": "prices", "client_usd": client}
    if facts.client_cost_pico_usd:
        return {"total_usd": client, "source": "client", "client_usd": client}
    return {"total_usd": None, "source": None, "client_usd": client}


def span_summary(record: SpanRecord, prices: Prices) -> Json:
    facts, status = record.facts(), STATUS_NAMES[record.status_code]
    return {
        "trace_id": record.trace_id.hex(),
        "span_id": span_hex(record.span_id),
        "parent_span_id": span_hex(record.parent_span_id),
        "name": record.name,
        "kind": record.kind,
        "service": record.service,
        "start_time_unix_nano": str(record.start_time_unix_nano),
        "duration_ns": None if facts.is_running else str(facts.duration_ns),
        "status": "running" if facts.is_running and record.status_code != STATUS_ERROR else status,
        "provider": record.provider,
        "request_model": record.request_model,
        "response_model": record.response_model,
        "usage": _span_usage(record),
        "cost": _span_cost(record, prices),
    }


def annotation(row: AnnotationRow) -> Json:
    return {
        "annotation_id": row.annotation_id.hex(),
        "trace_id": None if row.trace_id is None else row.trace_id.hex(),
        "span_id": span_hex(row.span_id),
        "run_id": None if row.run_id is None else str(UUID(bytes=row.run_id)),
        "key": row.key,
        "score": row.score,
        "value": from_json(row.value),
        "comment": row.comment,
        "correction": from_json(row.correction),
        "source": source if isinstance(source := from_json(row.source), dict) else None,
        "created_at_unix_nano": str(row.created_at_unix_nano),
        "modified_at_unix_nano": str(row.modified_at_unix_nano),
    }


def span(view: SpanView, prices: Prices, *, content: bool, annotations: Sequence[AnnotationRow] = ()) -> Json:
    """A whole span; with `content=False` one without messages, input, output, attributes, events and links.

    Of a tool its name is left then.
    """
    record = view.record
    resource = view.stored.resources.get(record.resource_id, _EMPTY_RESOURCE)
    scope = view.stored.scopes.get(record.scope_id, _EMPTY_SCOPE)
    return {
        **span_summary(record, prices),
        "depth": view.depth,
        "is_orphan": view.is_orphan,
        "otel_kind": OTEL_KINDS[record.otel_kind],
        "scope": _scope(scope),
        "error": error(record, view),
        "folded_into": span_hex(view.folded_into),
        "fold_rule": view.fold_rule,
        "slow": view.slow,
        "operation": record.operation,
        "time_to_first_token_ns": None if record.time_to_first_token_ns is None else str(record.time_to_first_token_ns),
        **(_content(view) if content else {**_NO_CONTENT, "tool": tool_name(view)}),
        "counted": view.counted,
        "not_counted_because": view.not_counted_because,
        "session_id": record.session_id,
        "user_id": record.user_id,
        "attributes": view.attributes if content else {},
        "dropped_attributes_count": record.dropped_attributes_count,
        "resource": _resource(resource),
        "events": [_event(event) for event in view.events] if content else [],
        "dropped_events_count": record.dropped_events_count,
        "links": (from_json(record.links) or []) if content else [],
        "dropped_links_count": record.dropped_links_count,
        "trace_state": record.trace_state or "",
        "flags": record.flags,
        "sources": sources(record.sources),
        "annotations": [annotation(row) for row in annotations],
    }


_NO_CONTENT: Json = {
    "streaming": None,
    "finish_reasons": [],
    "input": None,
    "output": None,
    "input_messages": None,
    "output_messages": None,
    "system_instructions": None,
    "documents": None,
}


def tool_name(view: SpanView) -> Json | None:
    """What is known of a tool without its content."""
    name = view.stored.tools.get(view.record.span_id)
    return None if name is None else {"name": name, "call_id": None, "arguments": None, "result": None}


def _content(view: SpanView) -> Json:
    found = view.content
    genai = view.record.kind in GENAI_KINDS
    tool = None
    if found.tool is not None:
        tool = {
            "name": found.tool.name,
            "call_id": found.tool.call_id,
            "arguments": found.tool.arguments,
            "result": found.tool.result,
        }
    asked, answered = found.input, found.output
    if genai and asked is None:
        asked = tool["arguments"] if tool else _last_text(found.input_messages)
    if genai and answered is None:
        answered = tool["result"] if tool else _last_text(found.output_messages)
    return {
        "streaming": found.streaming,
        "finish_reasons": list(found.finish_reasons),
        "input": asked,
        "output": answered,
        "input_messages": found.input_messages,
        "output_messages": found.output_messages,
        "system_instructions": found.system_instructions,
        "tool": tool,
        "documents": None if found.documents is None else [_document(item) for item in found.documents],
    }


def _last_text(messages: list[Json] | None) -> str | None:
    return text_of(messages[-1]) or None if messages else None


def _document(item: Any) -> Json:
    if not isinstance(item, dict):
        return {"id": None, "content": str(item), "score": None, "metadata": None}
    score, identifier = item.get("score"), item.get("id")
    content = item.get("content")
    return {
        "id": None if identifier is None else str(identifier),
        "content": None if content is None else str(content),
        "score": float(score) if isinstance(score, int | float) else None,
        "metadata": item.get("metadata"),
    }


def error(record: SpanRecord, view: SpanView) -> Json | None:
    """Type and message of a failed span: its own words first, then those of its exception event."""
    if record.status_code != STATUS_ERROR:
        return None
    events = view.events
    exception: Json = next((event["attributes"] for event in reversed(events) if event["name"] == "exception"), {})
    error_type = view.attributes.get("error.type") or exception.get("exception.type")
    message = record.status_message or exception.get("exception.message")
    return {
        "type": None if error_type is None else str(error_type),
        "message": None if message is None else str(message),
    }


def _event(event: Json) -> Json:
    return {**event, "time_unix_nano": str(event["time_unix_nano"])}


def _scope(row: ScopeRow) -> Json:
    return {
        "name": row.name,
        "version": row.version,
        "attributes": from_json(row.attributes),
        "dropped_attributes_count": row.dropped_attributes_count,
        "schema_url": row.schema_url,
    }


def _resource(row: ResourceRow) -> Json:
    return {
        "attributes": from_json(row.attributes),
        "dropped_attributes_count": row.dropped_attributes_count,
        "schema_url": row.schema_url,
        "entity_refs": from_json(row.entity_refs),
    }


def log_record(row: LogRow, stored: StoredLogs) -> Json:
    return {
        "time_unix_nano": str(row.time_unix_nano),
        "observed_time_unix_nano": str(row.observed_time_unix_nano),
        "severity_number": row.severity_number,
        "severity_text": row.severity_text,
        "event_name": row.event_name,
        "body": restore(from_json(row.body), stored.payloads),
        "attributes": restore(from_json(row.attributes), stored.payloads),
        "dropped_attributes_count": row.dropped_attributes_count,
        "trace_id": None if row.trace_id is None else row.trace_id.hex(),
        "span_id": span_hex(row.span_id),
        "flags": row.flags,
        "service": row.service,
        "scope": _scope(stored.scopes.get(row.scope_id, _EMPTY_SCOPE)),
        "resource": _resource(stored.resources.get(row.resource_id, _EMPTY_RESOURCE)),
    }


def metric(overview: MetricOverview) -> Json:
    return {
        "name": overview.name,
        "description": overview.description,
        "unit": overview.unit,
        "type": overview.type,
        "service": overview.service,
        "scope": overview.scope,
        "point_count": overview.point_count,
        "last_time_unix_nano": str(overview.last_time_unix_nano),
        "temporality": ("unspecified", "delta", "cumulative")[overview.aggregation_temporality % 3],
        "is_monotonic": overview.is_monotonic,
        "series_count": overview.series_count,
    }
