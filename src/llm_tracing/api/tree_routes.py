"""One trace for the web UI: its tree in columns, its bill, its badges, where a text stands, who links to it."""

import asyncio
from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from llm_tracing.api import encode, encode_bill, schema, schema_tree
from llm_tracing.api.annotations import annotations_of
from llm_tracing.api.parts import TraceId, json_response, no_trace
from llm_tracing.api.tree_columns import columns, details
from llm_tracing.errors import QueryError
from llm_tracing.normalize.anyvalue import from_json
from llm_tracing.normalize.cost import Prices
from llm_tracing.query.badges import BadgeContent, badges, statements, with_statements
from llm_tracing.query.find import find
from llm_tracing.query.fold_book import FoldBook
from llm_tracing.query.kept_views import KeptView, KeptViews
from llm_tracing.query.ledger import ledger
from llm_tracing.query.view import trace_view
from llm_tracing.store.contract import Store

MAX_FOUND = 1_000
MAX_LINKS = 200
MAX_STATEMENTS = 30
MAX_STATEMENT = 20_000
_ERRORS: dict[int | str, dict[str, Any]] = {"4XX": {"model": schema.ApiError}, "5XX": {"model": schema.ApiError}}


class Reader:
    """The answers, each from one look at the store."""

    def __init__(self, store: Store, prices: Prices, book: FoldBook, views: KeptViews) -> None:
        self._store, self._prices, self._book, self._kept = store, prices, book, views

    def tree(self, trace_id: str) -> Response:
        stored, views, places = self._light(trace_id)
        said = annotations_of(self._store, stored.trace.trace_id, set(places))
        words, spans = columns(views)
        return json_response(
            {
                "trace": encode.trace_summary(stored.trace),
                "words": words,
                "spans": spans,
                "details": details(views, self._prices, said),
                "annotations": [encode.annotation(row) for row in said.get(None, ())],
            }
        )

    def bill(self, trace_id: str) -> Response:
        views = self._light(trace_id).views
        return json_response({"ledger": [encode_bill.ledger_line(entry) for entry in ledger(views, self._prices)]})

    def badges(self, trace_id: str) -> Response:
        views = self._light(trace_id).views
        texts = statements(self._store.trace(bytes.fromhex(trace_id), span_ids=with_statements(views)))
        return json_response({"badges": [_badge(badge) for badge in badges(views, texts, self._book.rules)]})

    def find(self, trace_id: str, text: str, limit: int) -> Response:
        if not text.strip():
            raise QueryError("text is empty.", "Give the text to find.")
        stored = self._store.trace(bytes.fromhex(trace_id))
        if stored is None:
            raise no_trace(trace_id)
        places = find(trace_view(stored, self._book.rules), text.strip())
        found = list(islice(places, limit))
        more = sum(1 for _ in places)
        return json_response(
            {
                "spans": [{**one._asdict(), "span_id": encode.span_hex(one.span_id)} for one in found],
                "total": len(found) + more,
                "truncated": more > 0,
            }
        )

    def links(self, trace_id: str) -> Response:
        rows = self._store.linking_spans(bytes.fromhex(trace_id), MAX_LINKS)
        found = [
            {
                "trace_id": row.trace_id.hex(),
                "span_id": encode.span_hex(row.span_id),
                "name": row.name,
                "kind": row.kind,
                "service": row.service,
                "start_time_unix_nano": str(row.start_time_unix_nano),
                "to_span_id": link["span_id"],
                "attributes": link["attributes"],
            }
            for row in rows
            for link in from_json(row.links) or ()
            if link["trace_id"] == trace_id.lower()
        ]
        return json_response({"links": found[:MAX_LINKS]})

    def _light(self, trace_id: str) -> KeptView:
        found = self._kept.view(bytes.fromhex(trace_id))
        if found is None:
            raise no_trace(trace_id)
        return found


def _badge(badge: BadgeContent) -> dict[str, Any]:
    return {
        "step": encode.span_hex(badge.step),
        "count": badge.count,
        "error_count": badge.errors,
        "checkout_count": badge.checkouts,
        "statement_count": badge.with_statement,
        "distinct_statements": len(badge.statements),
        "total_duration_ns": str(badge.total_ns),
        "p95_duration_ns": str(badge.p95_ns),
        "rules": badge.rules,
        "statements": [
            {"text": one.text[:MAX_STATEMENT], "count": one.count, "span_id": encode.span_hex(one.span_id)}
            for one in badge.statements[:MAX_STATEMENTS]
        ],
    }


def tree_router(store: Store, prices: Prices, book: FoldBook, views: KeptViews) -> APIRouter:
    api = APIRouter(prefix="/api/v1/traces/{trace_id}", responses=_ERRORS, tags=["traces"])
    reader = Reader(store, prices, book, views)

    @api.get("/tree", response_model=schema_tree.TraceTree)
    async def get_tree(trace_id: TraceId) -> Response:
        """The light tree in columns."""
        return await asyncio.to_thread(reader.tree, trace_id)

    @api.get("/ledger", response_model=schema_tree.Bill)
    async def get_ledger(trace_id: TraceId) -> Response:
        """The bill alone."""
        return await asyncio.to_thread(reader.bill, trace_id)

    @api.get("/badges", response_model=schema_tree.BadgeList)
    async def get_badges(trace_id: TraceId) -> Response:
        """What is in each badge of the story: counts, times, statements, rules."""
        return await asyncio.to_thread(reader.badges, trace_id)

    @api.get("/find", response_model=schema_tree.FoundList)
    async def find_text(
        trace_id: TraceId,
        text: Annotated[str, Query(max_length=1_000, description="what to find, upper and lower case alike")],
        limit: Annotated[int, Query(ge=1, le=MAX_FOUND)] = MAX_FOUND,
    ) -> Response:
        """The spans that hold a text in their name, error, attributes or events; folded ones too."""
        return await asyncio.to_thread(reader.find, trace_id, text, limit)

    @api.get("/linked-from", response_model=schema_tree.LinkedList)
    async def get_linked_from(trace_id: TraceId) -> Response:
        """The spans, of any trace, that link to this one; newest first, at most 200."""
        return await asyncio.to_thread(reader.links, trace_id)

    return api
