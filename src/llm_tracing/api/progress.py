"""GET and POST /api/v1/progress: the last comparison of the approaches, as `llm-tracing compare` made it."""

import asyncio
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from llm_tracing.api import schema
from llm_tracing.api.guard import check_json_write
from llm_tracing.api.parts import json_response
from llm_tracing.errors import TooLarge, Unprocessable
from llm_tracing.store.progress import MAX_BYTES, read_progress, write_progress

_ERRORS: dict[int | str, dict[str, Any]] = {"4XX": {"model": schema.ApiError}, "5XX": {"model": schema.ApiError}}
_BODY = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Progress"}}}, "required": True}


def progress_router(folder: Path) -> APIRouter:
    api = APIRouter(prefix="/api/v1", responses=_ERRORS, tags=["progress"])

    @api.get("/progress", response_model=schema.ProgressReport)
    async def get_progress() -> Response:
        """The last comparison of the approaches."""
        return json_response({"progress": await asyncio.to_thread(_stored, folder)})

    # The body is read here and not by FastAPI, which reads all of it before anything can be refused.
    @api.post(
        "/progress",
        status_code=204,
        response_class=Response,
        dependencies=[Depends(check_json_write)],
        openapi_extra={"requestBody": _BODY},
    )
    async def put_progress(request: Request) -> Response:
        """Replace the comparison that is shown."""
        progress = _read(await _body(request))
        await asyncio.to_thread(write_progress, folder, progress.model_dump_json().encode())
        return Response(status_code=204)

    return api


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BYTES:
            raise TooLarge(f"The comparison is over {MAX_BYTES:,} bytes.", "Evidence is excerpts; leave some out.")
    return bytes(body)


def _read(body: bytes) -> schema.Progress:
    try:
        return schema.Progress.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "body"
        raise Unprocessable(f"{place}: {first['msg']}.", "Post what `llm-tracing compare --json` prints.") from error


def _stored(folder: Path) -> dict[str, Any] | None:
    """A file of an older or newer version, or a broken one, is as none: the next comparison replaces it."""
    content = read_progress(folder)
    if content is None:
        return None
    try:
        return schema.Progress.model_validate_json(content).model_dump()
    except ValidationError:
        return None
