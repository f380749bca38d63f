"""Log records: the list, how many there are over time, and the routes' one way of asking."""

import asyncio
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from llm_tracing.api import encode
from llm_tracing.api.cursor import encode_cursor
from llm_tracing.api.lists import list_page
from llm_tracing.api.parts import Cursor, Limit, json_response
from llm_tracing.api.schema import LogList
from llm_tracing.api.schema_logs import LogCounts
from llm_tracing.api.times import QueryText, Time
from llm_tracing.store.contract import Filter, Page, Store
from llm_tracing.store.contract import LogCounts as Counted

TraceIdQuery = Annotated[str | None, Query(pattern="^[0-9a-fA-F]{32}$")]
SpanIdQuery = Annotated[str | None, Query(pattern="^[0-9a-fA-F]{16}$")]
Service = Annotated[str | None, Query(max_length=500)]
Severity = Annotated[int, Query(ge=0, le=24, description="Least severity number")]
BUCKETS = 80
# Severity numbers come in fours: opentelemetry.proto.logs.v1.SeverityNumber.
LEVELS = ("unset", "trace", "debug", "info", "warn", "error", "fatal")


def add_log_routes(api: APIRouter, store: Store) -> None:
    @api.get("/logs", response_model=LogList, tags=["logs"])
    async def list_logs(
        q: QueryText = "",
        trace_id: TraceIdQuery = None,
        span_id: SpanIdQuery = None,
        service: Service = None,
        severity: Severity = 0,
        since: Time = None,
        until: Time = None,
        limit: Limit = 200,
        cursor: Cursor = None,
    ) -> Response:
        """Log records, newest first."""
        page = list_page(q, since, until, limit, cursor, "logs")
        page = _narrowed(page, trace_id, span_id, service, severity)
        found = await asyncio.to_thread(store.logs, page)
        rows, places = found.logs, found.places
        more = len(rows) > limit
        return json_response(
            {
                "logs": [
                    encode.log_record(row, found) | {"id": f"{row.time_unix_nano}.{place}"}
                    for row, place in zip(rows[:limit], places, strict=False)
                ],
                "next_cursor": encode_cursor(rows[limit - 1].time_unix_nano, str(places[limit - 1])) if more else None,
            }
        )

    @api.get("/logs/counts", response_model=LogCounts, tags=["logs"])
    async def count_logs(
        q: QueryText = "",
        trace_id: TraceIdQuery = None,
        span_id: SpanIdQuery = None,
        service: Service = None,
        severity: Severity = 0,
        since: Time = None,
        until: Time = None,
        buckets: Annotated[int, Query(ge=1, le=500)] = BUCKETS,
    ) -> Response:
        """How many log records there are, by time and severity."""
        page = _narrowed(list_page(q, since, until, 1, of="logs"), trace_id, span_id, service, severity)
        found = await asyncio.to_thread(store.log_counts, page, buckets)
        since = None if found.since is None else str(found.since)
        return json_response({"step_ns": str(found.step_ns), "rows": _by_level(found), "whole_since_unix_nano": since})


def _narrowed(page: Page, trace_id: str | None, span_id: str | None, service: str | None, severity: int) -> Page:
    more = [
        *([Filter("trace", "=", trace_id.lower())] if trace_id else []),
        *([Filter("span", "=", span_id.lower())] if span_id else []),
        *([Filter("service", "=", service)] if service else []),
        *([Filter("severity", ">=", severity)] if severity else []),
    ]
    return replace(page, filters=[*page.filters, *more])


def level(severity_number: int) -> str:
    """The name of the four severities that a number is one of."""
    return LEVELS[min(max(0, (severity_number + 3) // 4), len(LEVELS) - 1)]


def _by_level(found: Counted) -> list[dict[str, object]]:
    rows: dict[int, dict[str, int]] = {}
    for one in found.counts:
        row = rows.setdefault(one.time_unix_nano, dict.fromkeys(LEVELS, 0))
        row[level(one.severity_number)] += one.count
    return [{"time_unix_nano": str(at), **row} for at, row in rows.items()]
