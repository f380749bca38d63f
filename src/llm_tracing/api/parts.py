"""What the routes share: their parameters, their answers, and what they say of a thing that is not there."""

from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
from fastapi import Path, Query
from starlette.responses import Response

from llm_tracing.errors import NotFound, QueryError

MAX_LIMIT = 1_000

TraceId = Annotated[str, Path(pattern="^[0-9a-fA-F]{32}$", description="32 hex digits")]
SpanId = Annotated[str, Path(pattern="^[0-9a-fA-F]{16}$", description="16 hex digits")]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before", max_length=200)]

QueryText = Annotated[str, Query(description="Filter, see docs/query-language.md", max_length=4_000)]
Time = Annotated[str | None, Query(description="Nanoseconds since the epoch, or an ISO 8601 time", max_length=40)]
_MAX_TIME = 2**64 - 1


def read_time(name: str, text: str | None) -> int | None:
    """A time parameter as nanoseconds. Raises QueryError."""
    if text is None or text == "":
        return None
    if text.isascii() and text.isdigit() and int(text) <= _MAX_TIME:
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise QueryError(
            f"{name}={text} is no time.",
            "Give nanoseconds since the epoch, or ISO 8601 such as 2026-11-01T12:00:00Z.",
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    nanoseconds = int(moment.timestamp()) * 1_000_000_000 + moment.microsecond * 1_000
    return max(0, nanoseconds)


def json_response(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


def no_trace(trace_id: str) -> NotFound:
    return NotFound(f"No trace {trace_id} is stored.", "It may not have arrived yet, or was never sent here.")


def no_span(trace_id: str, span_id: str) -> NotFound:
    return NotFound(f"Trace {trace_id} has no span {span_id}.", "It may not have arrived yet.")
