"""The JSON API, version 1. Shapes are those of schema.py; a test holds every answer against them."""

import asyncio
from dataclasses import replace
from functools import partial

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from llm_tracing.api import encode, encode_bill, schema
from llm_tracing.api.annotations import annotations_of, of_span
from llm_tracing.api.bill_routes import add_bill_routes
from llm_tracing.api.group_routes import add_group_routes
from llm_tracing.api.lists import list_page, next_cursor
from llm_tracing.api.live import Live
from llm_tracing.api.log_routes import add_log_routes
from llm_tracing.api.metric_routes import add_metric_routes
from llm_tracing.api.parts import Cursor, Limit, SpanId, TraceId, json_response, no_span, no_trace
from llm_tracing.api.session_routes import add_session_routes
from llm_tracing.api.stats_routes import add_stats_routes
from llm_tracing.api.times import QueryText, Time
from llm_tracing.model import SpanRecord
from llm_tracing.normalize.cost import Prices
from llm_tracing.query.fold_book import FoldBook
from llm_tracing.query.fold_rules import FoldRules
from llm_tracing.query.kept_views import KeptViews
from llm_tracing.query.ledger import ledger
from llm_tracing.query.view import trace_view
from llm_tracing.store.contract import Store


def _place_of_span(row: SpanRecord) -> tuple[int, str]:
    return row.start_time_unix_nano, f"{row.trace_id.hex()}{row.span_id:016x}"


def router(store: Store, prices: Prices, live: Live, book: FoldBook, views: KeptViews) -> APIRouter:
    api = APIRouter(prefix="/api/v1", responses={"4XX": {"model": schema.ApiError}, "5XX": {"model": schema.ApiError}})

    @api.get("/traces", response_model=schema.TraceList, tags=["traces"])
    async def list_traces(
        q: QueryText = "", since: Time = None, until: Time = None, limit: Limit = 50, cursor: Cursor = None
    ) -> Response:
        """Traces, newest first."""
        rows = await asyncio.to_thread(store.traces, list_page(q, since, until, limit, cursor, "traces"))
        return json_response(
            {
                "traces": [encode.trace_summary(row) for row in rows[:limit]],
                "next_cursor": next_cursor(rows, limit, lambda row: (row.start_time_unix_nano, row.trace_id.hex())),
            }
        )

    @api.get("/traces/{trace_id}", response_model=schema.TraceDetail, tags=["traces"])
    async def get_trace(trace_id: TraceId, content: bool = True) -> Response:
        """One trace: its roll-up, all its spans depth-first, and its bill. `content=false` gives the light tree."""
        return await asyncio.to_thread(partial(_trace_detail, store, prices, trace_id, book.rules, content=content))

    @api.get("/traces/{trace_id}/spans/{span_id}", response_model=schema.Span, tags=["traces"])
    async def get_span(trace_id: TraceId, span_id: SpanId) -> Response:
        """One whole span."""
        return await asyncio.to_thread(_one_span, store, views, prices, trace_id, span_id)

    @api.get("/spans", response_model=schema.SpanList, tags=["spans"])
    async def list_spans(
        q: QueryText = "", since: Time = None, until: Time = None, limit: Limit = 50, cursor: Cursor = None
    ) -> Response:
        """Spans of all traces, newest first."""
        rows = await asyncio.to_thread(store.spans, list_page(q, since, until, limit, cursor, "spans"))
        return json_response(
            {
                "spans": [encode.span_summary(row, prices) for row in rows[:limit]],
                "next_cursor": next_cursor(rows, limit, _place_of_span),
            }
        )

    add_bill_routes(api, views, prices)
    add_log_routes(api, store)
    add_metric_routes(api, store)
    add_stats_routes(api, store)
    add_session_routes(api, store)
    add_group_routes(api, store, prices)

    @api.get("/live", tags=["live"], response_class=StreamingResponse)
    async def listen() -> StreamingResponse:
        """Server-sent events: `traces` with the ids of those that changed."""
        return StreamingResponse(
            live.stream(),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    return api


def _trace_detail(store: Store, prices: Prices, trace_id: str, rules: FoldRules, *, content: bool) -> Response:
    stored = store.trace(bytes.fromhex(trace_id), content=content)
    if stored is None:
        raise no_trace(trace_id)
    views = trace_view(stored, rules)
    said = annotations_of(store, stored.trace.trace_id, {i for view in views for i in view.reported_as})
    return json_response(
        {
            "trace": encode.trace_summary(stored.trace),
            "spans": [
                encode.span(view, prices, content=content, annotations=of_span(said, view.reported_as))
                for view in views
            ],
            "ledger": [encode_bill.ledger_line(entry) for entry in ledger(views, prices)],
            "annotations": [encode.annotation(row) for row in said.get(None, ())],
        }
    )


def _one_span(store: Store, views: KeptViews, prices: Prices, trace_id: str, span_id: str) -> Response:
    """The span's place in the tree comes from the light trace, its content from its own rows."""
    wanted = int(span_id, 16)
    light = views.view(bytes.fromhex(trace_id))
    if light is None:
        raise no_trace(trace_id)
    place = light.place_of(wanted)
    whole = store.trace(bytes.fromhex(trace_id), span_ids=place.reported_as) if place else None
    if place is None or whole is None or not whole.spans:
        raise no_span(trace_id, span_id)
    alone = next(view for view in trace_view(whole) if wanted in view.reported_as)
    record = alone.record._replace(parent_span_id=place.record.parent_span_id)
    shown = replace(place, record=record, stored=whole, logs=alone.logs)
    said = annotations_of(store, whole.trace.trace_id, set(shown.reported_as))
    return json_response(encode.span(shown, prices, content=True, annotations=of_span(said, shown.reported_as)))
