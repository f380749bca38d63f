"""Lists and traces as files: JSON lines, Parquet, OTLP JSON. Sent as they are read, a page of the store at a time."""

import asyncio
import time
from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from llm_tracing.api import schema
from llm_tracing.api.lists import list_page
from llm_tracing.api.parts import TraceId, no_trace
from llm_tracing.api.times import QueryText, Time, time_of
from llm_tracing.exchange import walk
from llm_tracing.exchange.otlp_json import Record
from llm_tracing.exchange.written import ENDINGS, MEDIA, Format, otlp_document, written
from llm_tracing.normalize.cost import Prices
from llm_tracing.store.contract import PointPage, Store

AsFormat = Annotated[
    Format,
    Query(alias="format", description="jsonl: a record a line; parquet; otlp: OTLP JSON, a request a line"),
]
_ERRORS: dict[int | str, dict[str, Any]] = {"4XX": {"model": schema.ApiError}, "5XX": {"model": schema.ApiError}}
_MEDIA = sorted({*MEDIA.values(), "application/json"})
_FILE: dict[int | str, dict[str, Any]] = {200: {"description": "The file", "content": {one: {} for one in _MEDIA}}}


async def _sent(parts: Iterator[bytes], name: str, media: str) -> Response:
    """The first part is made before the answer begins, so that what fails at once is told as an error."""
    first = await asyncio.to_thread(next, parts, b"")
    return StreamingResponse(
        chain([first], parts),
        media_type=media,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


async def _list(record: Record, name: str, form: Format, pages: walk.Pages) -> Response:
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    return await _sent(written(record, form, pages), f"{name}-{stamp}.{ENDINGS[form]}", MEDIA[form])


def export_router(store: Store, prices: Prices) -> APIRouter:
    api = APIRouter(prefix="/api/v1", responses=_ERRORS, tags=["exchange"])

    def extra(form: Format) -> walk.Extra:
        return walk.plain if form == "otlp" else walk.with_meaning(prices)

    @api.get("/traces/export", response_class=Response, responses=_FILE)
    async def export_traces(
        form: AsFormat = "jsonl", q: QueryText = "", since: Time = None, until: Time = None
    ) -> Response:
        """Every span of every trace of a list, newest first, folded ones too."""
        page = list_page(q, since, until, walk.PAGE, of="traces")
        return await _list("span", "traces", form, walk.traces(store, page, extra(form)))

    @api.get("/traces/{trace_id}/export", response_class=Response, responses=_FILE)
    async def export_trace(trace_id: TraceId, form: AsFormat = "jsonl") -> Response:
        """Every span of one trace; as OTLP JSON one document."""
        found = await asyncio.to_thread(lambda: store.trace(bytes.fromhex(trace_id), content=False, span_ids=[]))
        if found is None:
            raise no_trace(trace_id)
        whole = found.trace
        pages = walk.trace(store, whole, extra(form))
        name = f"trace-{whole.trace_id.hex()}"
        if form == "otlp":
            return await _sent(otlp_document("span", pages), f"{name}.otlp.json", "application/json")
        return await _sent(written("span", form, pages), f"{name}.{ENDINGS[form]}", MEDIA[form])

    @api.get("/spans/export", response_class=Response, responses=_FILE)
    async def export_spans(
        form: AsFormat = "jsonl", q: QueryText = "", since: Time = None, until: Time = None
    ) -> Response:
        """Spans of a list, newest first."""
        page = list_page(q, since, until, walk.PAGE)
        return await _list("span", "spans", form, walk.spans(store, page, extra(form)))

    @api.get("/logs/export", response_class=Response, responses=_FILE)
    async def export_logs(
        form: AsFormat = "jsonl", q: QueryText = "", since: Time = None, until: Time = None
    ) -> Response:
        """Log records of a list, newest first."""
        return await _list("log", "logs", form, walk.logs(store, list_page(q, since, until, walk.PAGE, of="logs")))

    @api.get("/metrics/export", response_class=Response, responses=_FILE)
    async def export_metrics(
        form: AsFormat = "jsonl",
        name: Annotated[str | None, Query(max_length=1_000)] = None,
        service: Annotated[str | None, Query(max_length=1_000)] = None,
        since: Time = None,
        until: Time = None,
    ) -> Response:
        """Data points, newest first: of all metrics, or of those with a name or of a service."""
        page = PointPage(name=name, service=service, since=time_of("since", since), until=time_of("until", until))
        return await _list("point", "metrics", form, walk.points(store, page))

    return api
