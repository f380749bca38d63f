"""GET /api/v1/facets, /histogram and /suggest: what surrounds the lists of traces, spans and logs."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from llm_tracing.api import schema
from llm_tracing.api.parts import json_response
from llm_tracing.api.schema_search import ListName
from llm_tracing.api.times import QueryText, Time, time_of
from llm_tracing.errors import QueryError
from llm_tracing.query.language import FIELDS, filters
from llm_tracing.query.suggest import suggest
from llm_tracing.store.contract import FACETS_OF, Filter, Page, Store, ValueCount, Words

_ERRORS: dict[int | str, dict[str, Any]] = {"4XX": {"model": schema.ApiError}, "5XX": {"model": schema.ApiError}}
_SECOND = 1_000_000_000
# Lengths of a step that people read easily.
_STEPS_NS = (
    *(n * 1_000_000 for n in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
    *(n * _SECOND for n in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800)),
    *(n * 3600 * _SECOND for n in (1, 2, 3, 6, 12, 24, 48, 168, 336, 720, 2160, 8760)),
)
Of = Annotated[ListName, Query(description="Which list")]


def step_for(length_ns: int, most: int) -> int:
    """The shortest step of which `most` cover the length."""
    for step in _STEPS_NS:
        if length_ns <= step * (most - 1):  # a range rarely starts where a step does
            return step
    return _STEPS_NS[-1] * (length_ns // (_STEPS_NS[-1] * (most - 1)) + 1)


def search_router(store: Store) -> APIRouter:
    api = APIRouter(prefix="/api/v1", responses=_ERRORS, tags=["search"])

    @api.get("/facets", response_model=schema.FacetList)
    async def facets(
        of: Of = "traces",
        key: Annotated[list[str] | None, Query(description="Which; all if none is named", max_length=20)] = None,
        q: QueryText = "",
        since: Time = None,
        until: Time = None,
        limit: Annotated[int, Query(ge=1, le=100, description="Values of each")] = 20,
    ) -> Response:
        """How often each value of some keys is in a list, over all of its rows in the range."""
        keys = list(dict.fromkeys(key or FACETS_OF[of]))
        if unknown := [one for one in keys if one not in FACETS_OF[of]]:
            raise QueryError(f"{of} have no facet {unknown[0]}.", f"They have {', '.join(FACETS_OF[of])}.")
        page = Page(limit + 1, time_of("since", since), time_of("until", until), filters=filters(q, of))
        found = await asyncio.to_thread(_facets, store, of, keys, page)
        return json_response({"facets": [_facet(one, found[one], limit) for one in keys]})

    @api.get("/histogram", response_model=schema.Histogram)
    async def histogram(
        of: Of = "traces",
        q: QueryText = "",
        since: Time = None,
        until: Time = None,
        buckets: Annotated[int, Query(ge=2, le=500, description="At most so many")] = 80,
    ) -> Response:
        """How a list spreads over time and how much of it failed, over all of its rows in the range."""
        page = Page(since=time_of("since", since), until=time_of("until", until), filters=filters(q, of))
        return json_response(await asyncio.to_thread(_histogram, store, of, page, buckets))

    @api.get("/suggest", response_model=schema.SuggestionList)
    async def suggestions(
        of: Of = "traces",
        q: QueryText = "",
        at: Annotated[int | None, Query(ge=0, le=4_000, description="The cursor, in characters; the end")] = None,
        since: Time = None,
        until: Time = None,
    ) -> Response:
        """What the query could go on with at a place: keys of the language, and values that are stored."""
        begin, end = time_of("since", since), time_of("until", until)

        def read(wanted: Words) -> list[ValueCount]:
            return store.words(of, replace(wanted, since=begin, until=end))

        found = await asyncio.to_thread(suggest, q, len(q) if at is None else at, of, read)
        return json_response(
            {
                "start": found.start,
                "end": found.end,
                "suggestions": [
                    {"kind": one.kind, "text": one.text, "note": one.note, "count": one.count} for one in found.found
                ],
            }
        )

    return api


def _facet(key: str, values: Sequence[ValueCount], limit: int) -> dict[str, Any]:
    return {
        "key": key,
        "values": [{"value": value, "count": count} for value, count in values[:limit]],
        "more": len(values) > limit,
    }


def _facets(store: Store, of: ListName, keys: Sequence[str], page: Page) -> dict[str, list[ValueCount]]:
    """Each key without what the query asks of it, so that its other values can be seen and taken instead."""
    groups: dict[tuple[Filter, ...], list[str]] = {}
    for key in keys:
        others = tuple(one for one in page.filters if one.negated or one.field != FIELDS.get(key))
        groups.setdefault(others, []).append(key)
    found: dict[str, list[ValueCount]] = {}
    for others, together in groups.items():
        rows = store.facets(of, together, Page(page.limit, page.since, page.until, filters=others))
        found.update(zip(together, rows, strict=True))
    return found


def _histogram(store: Store, of: ListName, page: Page, most: int) -> dict[str, Any]:
    since, until = page.since, page.until
    if since is None or until is None:
        extent = store.extent(of, since, until) or (since or 0, until or since or 0)
        since = extent[0] if since is None else since
        until = extent[1] + 1 if until is None else until
    until = max(until, since + 1)
    step = step_for(until - since, most)
    rows = {row.time_unix_nano: row for row in store.histogram(of, page, step)}
    times = range(since - since % step, until, step)
    counted = [(time, rows[time].count, rows[time].error_count) if time in rows else (time, 0, 0) for time in times]
    return {
        "since": str(since),
        "until": str(until),
        "step_ns": str(step),
        "count": sum(row.count for row in rows.values()),
        "error_count": sum(row.error_count for row in rows.values()),
        "buckets": [
            {"time_unix_nano": str(time), "count": count, "error_count": errors} for time, count, errors in counted
        ],
    }
