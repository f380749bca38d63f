"""GET /api/v1/stats: figures over calls, traces and tool spans, by a column and by time; and the traces at the top."""

import asyncio
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from llm_tracing.api import encode, schema
from llm_tracing.api.encode_groups import figures
from llm_tracing.api.parts import json_response
from llm_tracing.api.times import QueryText, Time, chosen
from llm_tracing.errors import QueryError
from llm_tracing.store.contract import MAX_GROUPS, Aggregate, AggregateBy, AggregateOver, Store, Table
from llm_tracing.store.contract.groups import TopBy

Group = Literal["model", "provider", "service", "user", "session", "kind", "status", "name"]


def add_stats_routes(api: APIRouter, store: Store) -> None:
    @api.get("/stats", response_model=schema.Stats, tags=["stats"])
    async def stats(
        over: AggregateOver = "calls",
        group: Annotated[Group | None, Query()] = None,
        step: Annotated[int | None, Query(ge=1, le=31_536_000, description="Seconds of a time bucket")] = None,
        of: Annotated[
            Literal["rows", "traces"],
            Query(description="`traces`: filter and range choose traces, and calls stand where their trace began"),
        ] = "rows",
        by: Annotated[AggregateBy, Query(description="What the groups of a bucket are ordered by")] = "count",
        limit: Annotated[int, Query(ge=1, le=MAX_GROUPS)] = MAX_GROUPS,
        q: QueryText = "",
        since: Time = None,
        until: Time = None,
    ) -> Response:
        """Counts, errors, latency quantiles, tokens and cost of counted calls, of traces, or of tool spans."""
        column = {"user": "user_id", "session": "session_id"}.get(group or "", group)
        step_ns = None if step is None else step * 1_000_000_000
        ask = partial(
            store.aggregate, over=over, group=column, step_ns=step_ns, of_traces=of == "traces", by=by, limit=limit + 1
        )
        try:
            table: Table = "calls" if over == "calls" and of == "rows" else "traces"
            rows = await asyncio.to_thread(ask, chosen(q, since, until, table=table))
        except ValueError as error:
            raise QueryError(f"{error}.") from error
        return json_response({"rows": [_row(row) for row in rows[:limit]], "truncated": len(rows) > limit})

    @api.get("/stats/top", response_model=schema.TraceList, tags=["stats"])
    async def top(
        by: TopBy = "duration",
        limit: Annotated[int, Query(ge=1, le=100)] = 10,
        q: QueryText = "",
        since: Time = None,
        until: Time = None,
    ) -> Response:
        """The traces that took longest, cost most or used most tokens; those without are left out."""
        rows = await asyncio.to_thread(store.top_traces, chosen(q, since, until, limit), by)
        return json_response({"traces": [encode.trace_summary(row) for row in rows], "next_cursor": None})


def _row(row: Aggregate) -> encode.Json:
    time = None if row.time_unix_nano is None else str(row.time_unix_nano)
    return {"time_unix_nano": time, "group": row.group, **figures(row)}
