"""What an operator does with the data folder while the server runs: a backup of all of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Depends
from starlette.responses import Response, StreamingResponse

from llm_tracing.api import schema
from llm_tracing.api.guard import check_json_write
from llm_tracing.store.contract import Store

_ERRORS: dict[int | str, dict[str, Any]] = {"4XX": {"model": schema.ApiError}, "5XX": {"model": schema.ApiError}}
_CHUNK = 1024 * 1024
_FILE: dict[int | str, dict[str, Any]] = {200: {"content": {"application/octet-stream": {}}, "description": "A file"}}


def data_router(store: Store, folder: Path) -> APIRouter:
    api = APIRouter(prefix="/api/v1", responses=_ERRORS, tags=["data"])

    @api.post("/backup", response_class=Response, responses=_FILE, dependencies=[Depends(check_json_write)])
    async def backup() -> Response:
        """All data as it is now, as the DuckDB file that a data folder holds."""
        copy = folder / f".copy-{uuid4().hex}.duckdb"
        try:
            await asyncio.to_thread(store.copy_to, copy)
            size = copy.stat().st_size
        except BaseException:
            _remove(copy)
            raise
        headers = {"Content-Length": str(size), "Content-Disposition": 'attachment; filename="llm-tracing.duckdb"'}
        return StreamingResponse(_content(copy), headers=headers, media_type="application/octet-stream")

    return api


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
