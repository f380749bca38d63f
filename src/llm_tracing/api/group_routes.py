"""GET /api/v1/users and /api/v1/models: the same traces by who asked and by which model answered."""

import asyncio
import time
from collections.abc import Sequence

from fastapi import APIRouter
from starlette.responses import Response

from llm_tracing.api import encode_groups, schema
from llm_tracing.api.cursor import decode_cursor, encode_cursor
from llm_tracing.api.parts import Cursor, Limit, json_response
from llm_tracing.api.times import QueryText, Time, chosen
from llm_tracing.model import TraceRow
from llm_tracing.normalize.cost import Prices
from llm_tracing.store.contract import Page, Store
from llm_tracing.store.contract.groups import TraceGroup, group_id


def next_of_groups(rows: Sequence[TraceGroup], limit: int) -> str | None:
    """The cursor of the next page, where one row more than asked for was found."""
    if len(rows) <= limit:
        return None
    return encode_cursor(rows[limit - 1].last_time_unix_nano, group_id(rows[limit - 1].key))


def next_of_rows(rows: Sequence[TraceRow], limit: int) -> str | None:
    if len(rows) <= limit:
        return None
    return encode_cursor(rows[limit - 1].start_time_unix_nano, rows[limit - 1].trace_id.hex())


def add_group_routes(api: APIRouter, store: Store, prices: Prices) -> None:
    @api.get("/users", response_model=schema.UserList, tags=["users"])
    async def list_users(
        q: QueryText = "", since: Time = None, until: Time = None, limit: Limit = 50, cursor: Cursor = None
    ) -> Response:
        """Users of the traces that match, the one that was active last first, with the sums of these traces."""
        page = chosen(q, since, until, limit + 1, decode_cursor(cursor, "groups") if cursor else None)
        rows = await asyncio.to_thread(store.trace_groups, "user", page)
        return json_response(
            {"users": [encode_groups.user(row) for row in rows[:limit]], "next_cursor": next_of_groups(rows, limit)}
        )

    @api.get("/models", response_model=schema.ModelList, tags=["models"])
    async def list_models(q: QueryText = "", since: Time = None, until: Time = None) -> Response:
        """Models that calls of the matching traces used, the most called first, with what they cost now."""
        return await asyncio.to_thread(_models, store, prices, chosen(q, since, until))


def _models(store: Store, prices: Prices, page: Page) -> Response:
    now, found = time.time_ns(), store.called_models(page)
    priced = [(row, prices.of(row.provider, (row.model, row.request_model), now)) for row in found]
    return json_response({"models": [encode_groups.model(row, price) for row, price in priced]})
