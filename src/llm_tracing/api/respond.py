"""What the routes answer with."""

from typing import Any

import orjson
from starlette.responses import Response

from llm_tracing.errors import NotFound


def json_response(body: Any) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")


def no_trace(trace_id: str) -> NotFound:
    return NotFound(f"No trace {trace_id} is stored.", "It may not have arrived yet, or was never sent here.")
