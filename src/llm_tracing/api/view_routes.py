"""/api/v1/views: filters and time ranges that somebody gave a name, and those that are there from the start."""

import asyncio
import re
import time
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from llm_tracing.api import schema
from llm_tracing.api.guard import check_json_write
from llm_tracing.api.parts import json_response
from llm_tracing.api.schema_search import ListName
from llm_tracing.api.times import time_of
from llm_tracing.errors import Conflict, NotFound, QueryError, TooLarge
from llm_tracing.model import ViewRow
from llm_tracing.normalize.langsmith_feedback import clean
from llm_tracing.query.language import filters
from llm_tracing.query.views import BUILT_IN, BuiltInView
from llm_tracing.receive.sink import Commits
from llm_tracing.store.contract import Store

MOST = 500
_ERRORS: dict[int | str, dict[str, Any]] = {"4XX": {"model": schema.ApiError}, "5XX": {"model": schema.ApiError}}
_RANGE = re.compile(r"[0-9]{1,4}[smhdw]")  # a range's name in the address of the UI


def view_router(store: Store, commits: Commits) -> APIRouter:
    api = APIRouter(prefix="/api/v1", responses=_ERRORS, tags=["views"])
    guarded = [Depends(check_json_write)]

    @api.get("/views", response_model=schema.ViewList)
    async def list_views(page: Annotated[ListName | None, Query(description="Of one list only")] = None) -> Response:
        """Saved views by name, then those that are there from the start."""
        rows = await asyncio.to_thread(store.views)
        found = [*map(_encoded, rows), *map(_encoded_built_in, BUILT_IN)]
        return json_response({"views": [view for view in found if page is None or view["page"] == page]})

    @api.post("/views", status_code=201, response_model=schema.View, dependencies=guarded)
    async def save(new: schema.NewView) -> Response:
        """Save a filter and a time range under a name."""
        row = ViewRow(uuid4().bytes, clean(new.name), new.page, clean(new.q), new.since, new.until, time.time_ns())
        _check(row)

        def job() -> None:
            views = store.views()
            if len(views) >= MOST:
                raise TooLarge(f"There are {len(views)} saved views.", f"At most {MOST} are kept; delete some.")
            _check_name(row, views)
            store.put_view(row)

        await asyncio.wrap_future(commits.run(job))
        return json_response(_encoded(row), 201)

    @api.patch("/views/{view_id}", response_model=schema.View, dependencies=guarded)
    async def change(view_id: str, changes: schema.ViewChange) -> Response:
        """Rename a saved view, or change what it shows: only the fields that are given."""
        identifier = _id(view_id)
        given = changes.model_dump(exclude_unset=True)
        for name in ("name", "q"):
            if given.get(name, "") is None:
                raise QueryError(f"{name} can't be null.", "Leave it out to keep it.")
            if name in given:
                given[name] = clean(given[name])

        def job() -> ViewRow:
            views = store.views()
            found = next((row for row in views if row.view_id == identifier), None)
            if found is None:
                raise _no_view(view_id)
            row = found._replace(**given)
            _check(row)
            _check_name(row, views)
            store.put_view(row)
            return row

        return json_response(_encoded(await asyncio.wrap_future(commits.run(job))))

    @api.delete("/views/{view_id}", status_code=204, response_class=Response, dependencies=guarded)
    async def delete(view_id: str) -> Response:
        """Forget a saved view."""
        identifier = _id(view_id)
        if not await asyncio.wrap_future(commits.run(lambda: store.delete_view(identifier))):
            raise _no_view(view_id)
        return Response(status_code=204)

    return api


def _id(view_id: str) -> bytes:
    """Raises Conflict for a built-in one, NotFound for what is no id."""
    if any(view.slug == view_id for view in BUILT_IN):
        raise Conflict(f"The view {view_id} is built in.", "Save one of your own under another name.")
    try:
        return UUID(view_id).bytes
    except ValueError:
        raise _no_view(view_id) from None


def _no_view(view_id: str) -> NotFound:
    return NotFound(f"No view {view_id[:100]} is saved.", "It may have been deleted; GET /api/v1/views lists them.")


def _check(row: ViewRow) -> None:
    """Raises BadQuery or QueryError for a view that could not be shown."""
    filters(row.q, row.page)  # type: ignore[arg-type] # the shape of the request lets no other page in
    for name, text in (("since", row.since), ("until", row.until)):
        if text is not None and not _RANGE.fullmatch(text):
            time_of(name, text)


def _check_name(row: ViewRow, views: list[ViewRow]) -> None:
    taken = any(
        view.name.lower() == row.name.lower() and view.page == row.page and view.view_id != row.view_id
        for view in views
    )
    if taken:
        raise Conflict(
            f"A view of {row.page} is called {row.name} already.", "Choose another name, or change that one."
        )


def _encoded(row: ViewRow) -> dict[str, Any]:
    return {
        "view_id": str(UUID(bytes=row.view_id)),
        "name": row.name,
        "page": row.page,
        "q": row.q,
        "since": row.since,
        "until": row.until,
        "built_in": False,
        "why": None,
    }


def _encoded_built_in(view: BuiltInView) -> dict[str, Any]:
    return {
        "view_id": view.slug,
        "name": view.name,
        "page": view.page,
        "q": view.q,
        "since": None,
        "until": None,
        "built_in": True,
        "why": view.why,
    }
