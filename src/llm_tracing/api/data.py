"""What an operator does with the data while the server runs: back it up, erase of it, keep some of it for good."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol
from uuid import uuid4

from fastapi import APIRouter, Depends
from fastapi import Path as UrlPath
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from llm_tracing.api import schema, schema_data
from llm_tracing.api.entry import NOTED
from llm_tracing.api.guard import check_json_write
from llm_tracing.api.parts import TraceId, json_response, no_trace
from llm_tracing.errors import FolderNotWritable, NotFound
from llm_tracing.receive.senders import Senders
from llm_tracing.receive.sink import Commits
from llm_tracing.store.contract import Store, subject_of
from llm_tracing.store.opening import is_scratch, new_scratch, remove_scratch
from llm_tracing.writable import why_only_read

_ERRORS: dict[int | str, dict[str, Any]] = {"4XX": {"model": schema.ApiError}, "5XX": {"model": schema.ApiError}}
_WRITE = [Depends(check_json_write)]
What = Literal["trace", "session", "user"]
Name = Annotated[str, UrlPath(max_length=2_000)]
_CHUNK = 1024 * 1024
_FILE: dict[int | str, dict[str, Any]] = {200: {"content": {"application/octet-stream": {}}, "description": "A file"}}


class Ingesting(Commits, Protocol):
    @property
    def senders(self) -> Senders: ...


def data_router(store: Store, ingest: Ingesting, folder: Path) -> APIRouter:
    api = APIRouter(prefix="/api/v1", responses=_ERRORS, tags=["data"])

    @api.post("/backup", response_class=Response, responses=_FILE, dependencies=_WRITE)
    async def backup() -> Response:
        """All data as it is now, as the DuckDB file that a data folder holds."""
        copy = await asyncio.to_thread(_place_for_copy, folder)
        try:
            await asyncio.to_thread(store.copy_to, copy)
            size = copy.stat().st_size
        except BaseException:
            _remove(copy)
            raise
        headers = {"Content-Length": str(size), "Content-Disposition": 'attachment; filename="llm-tracing.duckdb"'}
        return StreamingResponse(_content(copy), headers=headers, media_type="application/octet-stream")

    _add_erasure(api, store, ingest)
    _add_pins(api, store, ingest)

    return api


def _add_erasure(api: APIRouter, store: Store, ingest: Ingesting) -> None:
    async def erased(request: Request, what: What, name: str) -> Response:
        found = await asyncio.wrap_future(ingest.run(lambda: store.erase(what, name)))
        if not any(found):
            raise NotFound(f"Nothing is stored of this {what}.", "It may have been erased already.")
        await asyncio.to_thread(ingest.senders.kept.clear)
        # Who was to be forgotten does not stand in the record of it.
        request.scope[NOTED] = (f"erase {what}", subject_of(what, name))
        return json_response(found._asdict())

    @api.delete("/traces/{trace_id}", response_model=schema_data.Erased, dependencies=_WRITE)
    async def erase_trace(request: Request, trace_id: TraceId) -> Response:
        """Erase a trace, from the files too. Requests that were refused and kept go as well."""
        return await erased(request, "trace", trace_id)

    @api.delete("/sessions/{session_id:path}", response_model=schema_data.Erased, dependencies=_WRITE)
    async def erase_session(request: Request, session_id: Name) -> Response:
        """Erase every trace and log record of a session, from the files too."""
        return await erased(request, "session", session_id)

    @api.delete("/users/{user_id:path}", response_model=schema_data.Erased, dependencies=_WRITE)
    async def erase_user(request: Request, user_id: Name) -> Response:
        """Erase every trace and log record of a user, from the files too."""
        return await erased(request, "user", user_id)


def _add_pins(api: APIRouter, store: Store, commits: Commits) -> None:
    @api.put("/traces/{trace_id}/pin", status_code=204, response_class=Response, dependencies=_WRITE)
    async def pin(trace_id: TraceId) -> Response:
        """Keep a trace whatever its age and the size of the data."""
        identifier = bytes.fromhex(trace_id)
        if await asyncio.to_thread(partial(store.trace, identifier, content=False)) is None:
            raise no_trace(trace_id)
        await asyncio.wrap_future(commits.run(lambda: store.pin(identifier)))
        return Response(status_code=204)

    @api.delete("/traces/{trace_id}/pin", status_code=204, response_class=Response, dependencies=_WRITE)
    async def unpin(trace_id: TraceId) -> Response:
        """Let a trace go with its age again."""
        if not await asyncio.wrap_future(commits.run(lambda: store.unpin(bytes.fromhex(trace_id)))):
            raise NotFound(f"Trace {trace_id} is not pinned.")
        return Response(status_code=204)

    @api.get("/pins", response_model=schema_data.Pins)
    async def pins() -> Response:
        """Pinned traces, the last pinned first."""
        rows = await asyncio.to_thread(store.pins)
        return json_response(
            {"pins": [{"trace_id": row[0].hex(), "pinned_at_unix_nano": str(row.pinned_at_unix_nano)} for row in rows]}
        )


def _place_for_copy(folder: Path) -> Path:
    """A new file in the data folder, or, where that can only be read, in a temporary folder of its own."""
    name = f".copy-{uuid4().hex}.duckdb"
    if (reason := why_only_read(folder / name)) is None:
        return folder / name
    if (scratch := new_scratch()) is None:
        raise FolderNotWritable(folder, f"{reason}, and there is no temporary folder")
    return scratch / name


async def _content(copy: Path) -> AsyncIterator[bytes]:
    """The bytes of a file, which is removed when they are sent or nobody wants them any more."""
    try:
        with copy.open("rb") as file:
            while chunk := await asyncio.to_thread(file.read, _CHUNK):
                yield chunk
    finally:
        _remove(copy)


def _remove(copy: Path) -> None:
    for path in (copy, Path(f"{copy}.wal")):
        with suppress(OSError):
            path.unlink(missing_ok=True)
    if is_scratch(copy.parent):
        remove_scratch(copy.parent)
