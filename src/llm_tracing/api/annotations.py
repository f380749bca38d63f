"""Annotations in the JSON API: said of a span or a trace, changed, deleted, listed."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query
from pydantic import StringConstraints
from starlette.responses import Response

from llm_tracing.api import encode, schema
from llm_tracing.api.cursor import decode_cursor, encode_cursor
from llm_tracing.api.guard import check_json_write
from llm_tracing.api.live import Live
from llm_tracing.api.parts import Cursor, Limit, SpanId, TraceId, json_response, no_span, no_trace
from llm_tracing.errors import NotFound, TooLarge
from llm_tracing.model import SOURCE_LANGSMITH, AnnotationRow, Batch
from llm_tracing.normalize.anyvalue import from_json, to_json
from llm_tracing.normalize.langsmith_feedback import clean, clean_or_none, json_text, uuid_bytes
from llm_tracing.query.view import trace_view
from llm_tracing.receive.sink import Commits
from llm_tracing.store.contract import AnnotationPage, Store

MAX_OF_A_TRACE = 10_000
MAX_WORDS = 500
MAX_VALUE = 100_000  # characters of JSON
_ERRORS: dict[int | str, dict[str, Any]] = {"4XX": {"model": schema.ApiError}, "5XX": {"model": schema.ApiError}}


def annotations_of(store: Store, trace_id: bytes, span_ids: set[int]) -> dict[int | None, list[AnnotationRow]]:
    """What is said of a trace by span, oldest first; None has the whole trace and spans that have not arrived."""
    rows = store.annotations(AnnotationPage(trace_id=trace_id, limit=MAX_OF_A_TRACE))
    found: dict[int | None, list[AnnotationRow]] = {}
    for row in reversed(rows):
        found.setdefault(row.span_id if row.span_id in span_ids else None, []).append(row)
    return found


def of_span(said: Mapping[int | None, list[AnnotationRow]], reported_as: Sequence[int]) -> list[AnnotationRow]:
    """What is said of a span, under any of the ids that it was reported as."""
    return [row for span_id in reported_as for row in said.get(span_id, ())]


def changed(row: AnnotationRow, changes: Mapping[str, Any]) -> AnnotationRow:
    """The row with `score`, `comment` and the JSON values `value`, `correction` of `changes`, modified now."""
    fields: dict[str, Any] = {
        name: value if name == "score" else clean_or_none(value) if name == "comment" else _json_value(name, value)
        for name, value in changes.items()
    }
    return row._replace(modified_at_unix_nano=time.time_ns(), **fields)


async def change_annotation(
    store: Store, commits: Commits, live: Live, annotation_id: UUID, changes: Mapping[str, Any]
) -> AnnotationRow:
    """Change a stored one. Raises NotFound, TooLarge, StoreError."""

    def job() -> AnnotationRow:
        found = store.annotations_by_id([annotation_id.bytes])
        if not found:
            raise no_annotation(annotation_id)
        row = changed(found[0], changes)
        store.write(batch_of(row))
        return row

    row = await asyncio.wrap_future(commits.run(job))
    _tell(live, row)
    return row


async def delete_annotation(store: Store, commits: Commits, live: Live, annotation_id: UUID) -> None:
    """Raises NotFound, StoreError."""
    gone = await asyncio.wrap_future(commits.run(lambda: store.delete_annotations([annotation_id.bytes])))
    if not gone:
        raise no_annotation(annotation_id)
    _tell(live, gone[0])


def batch_of(row: AnnotationRow) -> Batch:
    batch = Batch.empty()
    batch.annotations[row.annotation_id] = row
    return batch


def no_annotation(annotation_id: UUID) -> NotFound:
    return NotFound(f"No annotation {annotation_id} is stored.", "It may have been deleted.")


def _tell(live: Live, row: AnnotationRow) -> None:
    if row.trace_id is not None:
        live.publish({row.trace_id})


def _json_value(name: str, value: Any) -> str | None:
    text = json_text(value)
    if text is not None and len(text) > MAX_VALUE:
        raise TooLarge(f"{name} has {len(text):,} characters of JSON.", f"At most {MAX_VALUE:,} are taken.")
    return text


def _new(said: schema.NewAnnotation, trace_id: str, span_id: str | None, run_id: bytes | None) -> AnnotationRow:
    now = time.time_ns()
    return AnnotationRow(
        uuid4().bytes,
        now,
        now,
        bytes.fromhex(trace_id),
        None if span_id is None else int(span_id, 16),
        run_id,
        clean(said.key),
        said.score,
        _json_value("value", said.value),
        clean_or_none(said.comment),
        _json_value("correction", said.correction),
        to_json({"type": clean(said.source)}),
        "{}",
    )


def _run_of(store: Store, trace_id: str, span_id: str | None) -> bytes | None:
    """The uuid of the LangSmith run that a span or the root of a trace is. Raises NotFound if it is not stored."""
    light = store.trace(bytes.fromhex(trace_id), content=False)
    if light is None:
        raise no_trace(trace_id)
    if span_id is None:
        return light.trace.trace_id if light.trace.sources & SOURCE_LANGSMITH else None
    wanted = int(span_id, 16)
    place = next((view for view in trace_view(light) if wanted in view.reported_as), None)
    whole = store.trace(bytes.fromhex(trace_id), span_ids=place.reported_as) if place else None
    if whole is None or not whole.spans:
        raise no_span(trace_id, span_id)
    named = (from_json(span.attributes).get("langsmith.run_id") for span in whole.spans)
    return next((run_id for name in named if (run_id := uuid_bytes(name)) is not None), None)


def _answer(rows: Sequence[AnnotationRow], limit: int) -> Response:
    last = rows[limit - 1] if len(rows) > limit else None
    return json_response(
        {
            "annotations": [encode.annotation(row) for row in rows[:limit]],
            "next_cursor": last and encode_cursor(last.created_at_unix_nano, last.annotation_id.hex()),
        }
    )


def annotation_router(store: Store, commits: Commits, live: Live) -> APIRouter:
    api = APIRouter(prefix="/api/v1", responses=_ERRORS, tags=["annotations"])
    guarded = [Depends(check_json_write)]

    async def annotate(said: schema.NewAnnotation, trace_id: str, span_id: str | None) -> Response:
        run_id = await asyncio.to_thread(_run_of, store, trace_id, span_id)
        row = _new(said, trace_id, span_id, run_id)
        await asyncio.wrap_future(commits.submit_batch(batch_of(row)))
        return json_response(encode.annotation(row), 201)

    @api.post("/traces/{trace_id}/annotations", status_code=201, response_model=schema.Annotation, dependencies=guarded)
    async def annotate_trace(trace_id: TraceId, said: schema.NewAnnotation) -> Response:
        """Say something of a whole trace."""
        return await annotate(said, trace_id, None)

    @api.post(
        "/traces/{trace_id}/spans/{span_id}/annotations",
        status_code=201,
        response_model=schema.Annotation,
        dependencies=guarded,
    )
    async def annotate_span(trace_id: TraceId, span_id: SpanId, said: schema.NewAnnotation) -> Response:
        """Say something of a span."""
        return await annotate(said, trace_id, span_id)

    @api.patch("/annotations/{annotation_id}", response_model=schema.Annotation, dependencies=guarded)
    async def change(annotation_id: UUID, changes: schema.AnnotationChange) -> Response:
        """Change what was said: only the fields that are given."""
        fields = changes.model_dump(exclude_unset=True)
        return json_response(encode.annotation(await change_annotation(store, commits, live, annotation_id, fields)))

    @api.delete("/annotations/{annotation_id}", status_code=204, response_class=Response, dependencies=guarded)
    async def delete(annotation_id: UUID) -> Response:
        """Take back what was said."""
        await delete_annotation(store, commits, live, annotation_id)
        return Response(status_code=204)

    @api.get("/annotations/words", response_model=schema.AnnotationWords)
    async def words() -> Response:
        """Which keys and tags were used, most often first: to be offered while one is written."""
        found = await asyncio.to_thread(store.annotation_words, MAX_WORDS)
        rows = [{"key": key, "tag": tag, "count": count} for key, tag, count in found]
        return json_response({"words": rows})

    @api.get("/annotations", response_model=schema.AnnotationList)
    async def list_annotations(
        trace_id: Annotated[
            list[Annotated[str, StringConstraints(pattern="^[0-9a-fA-F]{32}$")]] | None,
            Query(max_length=200, description="Those of these traces and of their spans"),
        ] = None,
        key: Annotated[str | None, Query(max_length=200)] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Response:
        """Annotations, newest first."""
        page = AnnotationPage(
            limit=limit + 1,
            after=decode_cursor(cursor, "annotations") if cursor else None,
            trace_ids=[bytes.fromhex(one) for one in trace_id] if trace_id else None,
            keys=[key] if key else [],
        )
        return _answer(await asyncio.to_thread(store.annotations, page), limit)

    return api
