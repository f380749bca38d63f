"""A model call against the previous one of its conversation."""

import asyncio
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from llm_tracing.api import schema, schema_changes
from llm_tracing.api.encode import span_hex
from llm_tracing.api.parts import SpanId, TraceId, json_response, no_span, no_trace
from llm_tracing.errors import Unprocessable
from llm_tracing.query.changes import Changes, changes, earlier_calls, previous_call
from llm_tracing.query.kept_views import KeptViews
from llm_tracing.query.spans_in_order import start
from llm_tracing.query.view import SpanView, trace_view
from llm_tracing.store.contract import Filter, Page, Store

SESSION_TRACES = 20  # earlier traces of the session that are looked at, newest first
MAX_CALLS = 500  # earlier calls of the same trace, the latest
MAX_SPANS = 2_000  # of one of them; a larger one is left out
_ERRORS: dict[int | str, dict[str, Any]] = {"4XX": {"model": schema.ApiError}, "5XX": {"model": schema.ApiError}}


def changes_router(store: Store, views: KeptViews) -> APIRouter:
    api = APIRouter(prefix="/api/v1", responses=_ERRORS, tags=["changes"])

    @api.get("/traces/{trace_id}/spans/{span_id}/changes", response_model=schema_changes.CallChanges)
    async def get_changes(trace_id: TraceId, span_id: SpanId) -> Response:
        """What changed from the previous call of its conversation: messages, prompt bytes, the provider's cache."""
        return await asyncio.to_thread(_changes, store, views, trace_id, span_id)

    return api


def _changes(store: Store, views: KeptViews, trace_id: str, span_id: str) -> Response:
    light = views.view(bytes.fromhex(trace_id))
    if light is None:
        raise no_trace(trace_id)
    wanted = int(span_id, 16)
    place = light.place_of(wanted)
    if place is None:
        raise no_span(trace_id, span_id)
    if place.record.kind != "llm":
        raise Unprocessable(f"Span {span_id} is no call of a model but of kind {place.record.kind}.", "Ask for one.")
    calls = [view for view in earlier_calls(light.views) if start(view) <= start(place)]
    latest = sorted(calls, key=start)[-MAX_CALLS:]
    ids = [i for view in [*latest, place] for i in view.reported_as]
    stored = store.trace(light.stored.trace.trace_id, span_ids=ids)
    content = trace_view(stored) if stored else []
    call = next((view for view in content if wanted in view.reported_as), None)
    if stored is None or call is None:
        raise no_span(trace_id, span_id)
    candidates = [*earlier_calls(content), *_of_session(store, call, stored.trace.session_id, stored.trace.trace_id)]
    found = previous_call(call, candidates)
    considered = sum(each.record.start_time_unix_nano < call.record.start_time_unix_nano for each in candidates)
    if found is None:
        return json_response({"previous": None, "considered": considered, "changes": None})
    return json_response(_encoded(changes(call, *found)))


def _of_session(store: Store, call: SpanView, session: str | None, own: bytes) -> Iterator[SpanView]:
    if session is None:
        return
    until = call.record.start_time_unix_nano
    page = Page(limit=SESSION_TRACES + 1, until=until, filters=[Filter("session", "=", session)])
    for row in store.traces(page):
        if row.trace_id == own or row.span_count > MAX_SPANS:
            continue
        earlier = store.trace(row.trace_id)
        if earlier is not None:
            yield from earlier_calls(trace_view(earlier))


def _encoded(found: Changes) -> dict[str, Any]:
    record = found.previous.record
    difference = found.first_difference
    return {
        "previous": {
            "trace_id": found.previous.stored.trace.trace_id.hex(),
            "span_id": span_hex(record.span_id),
            "name": record.name,
            "model": record.response_model or record.request_model,
            "start_time_unix_nano": str(record.start_time_unix_nano),
            "is_same_trace": found.is_same_trace,
        },
        "considered": found.considered,
        "changes": {
            "shared_messages": found.shared_messages,
            "added": found.added,
            "removed": found.removed,
            "answer_was_kept": found.answer_was_kept,
            "prompt_bytes": found.prompt_bytes,
            "previous_bytes": found.previous_bytes,
            "shared_bytes": found.shared_bytes,
            "first_difference": None if difference is None else asdict(difference),
            "tools_changed": found.tools_changed,
            "model_changed": found.model_changed,
            "cache": asdict(found.cache),
        },
    }
