"""GET /api/v1/sessions: conversations over many traces, and one of them turn by turn."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from llm_tracing.api import encode_groups, schema
from llm_tracing.api.cursor import decode_cursor
from llm_tracing.api.group_routes import next_of_groups, next_of_rows
from llm_tracing.api.parts import Cursor, Limit, json_response
from llm_tracing.api.times import QueryText, Time, chosen
from llm_tracing.errors import NotFound
from llm_tracing.query.turns import turns
from llm_tracing.store.contract import Store

SessionId = Annotated[str, Path(min_length=1, max_length=4_000, description="As its traces name it")]


def add_session_routes(api: APIRouter, store: Store) -> None:
    @api.get("/sessions", response_model=schema.SessionList, tags=["sessions"])
    async def list_sessions(
        q: QueryText = "", since: Time = None, until: Time = None, limit: Limit = 50, cursor: Cursor = None
    ) -> Response:
        """Sessions with a trace that matches, the one that was active last first; each is told whole."""
        page = chosen(q, since, until, limit + 1, decode_cursor(cursor, "groups") if cursor else None)
        rows = await asyncio.to_thread(store.trace_groups, "session", page)
        return json_response(
            {
                "sessions": [encode_groups.session(row) for row in rows[:limit]],
                "next_cursor": next_of_groups(rows, limit),
            }
        )

    # The id may hold slashes, so it is the rest of the path.
    @api.get("/sessions/{session_id:path}", response_model=schema.SessionDetail, tags=["sessions"])
    async def get_session(
        session_id: SessionId,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Cursor = None,
    ) -> Response:
        """One session: its totals, and its traces as turns, oldest first."""
        after = decode_cursor(cursor, "traces") if cursor else None
        return await asyncio.to_thread(_session, store, session_id, after, limit)


def _session(store: Store, session_id: str, after: tuple[int, str] | None, limit: int) -> Response:
    found = store.trace_group("session", session_id)
    if found is None:
        raise NotFound(f"No trace names the session {session_id[:200]}.", "It may not have arrived yet.")
    rows = store.session_traces(session_id, after, limit + 1)
    return json_response(
        {
            "session": encode_groups.session(found),
            "turns": [encode_groups.turn(turn) for turn in turns(store, rows[:limit])],
            "next_cursor": next_of_rows(rows, limit),
        }
    )
