"""What the routes share: their parameters, their answers, and what they say of a thing that is not there."""

from typing import Annotated, Any

import orjson
from fastapi import Path, Query
from starlette.responses import Response

from llm_tracing.api.schema import ApiError
from llm_tracing.errors import NotFound

MAX_LIMIT = 1_000
ERRORS: dict[int | str, dict[str, Any]] = {"4XX": {"model": ApiError}, "5XX": {"model": ApiError}}

TraceId = Annotated[str, Path(pattern="^[0-9a-fA-F]{32}$", description="32 hex digits")]
SpanId = Annotated[str, Path(pattern="^[0-9a-fA-F]{16}$", description="16 hex digits")]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before", max_length=200)]


def json_response(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


def no_trace(trace_id: str) -> NotFound:
    return NotFound(f"No trace {trace_id} is stored.", "It may not have arrived yet, or was never sent here.")


def no_span(trace_id: str, span_id: str) -> NotFound:
    return NotFound(f"Trace {trace_id} has no span {span_id}.", "It may not have arrived yet.")
