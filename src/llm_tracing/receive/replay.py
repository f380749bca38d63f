"""A kept request, run through its receiver again: the same route, the same bytes, no socket."""

from collections.abc import Sequence
from typing import Any

import orjson
from starlette.requests import Request
from starlette.routing import Match, Route

from llm_tracing.errors import LlmTracingError
from llm_tracing.receive.http import REPLAYED
from llm_tracing.receive.kept import Kept

_NOTHING_LEFT = (b"", b"{}")  # answers that name nothing as refused: OTLP's in protobuf and JSON, LangSmith's


async def replay(routes: Sequence[Route], kept: Kept, payload: bytes) -> tuple[int, bool, str]:
    """The status, whether all was taken, and what the receiver said."""
    scope: dict[str, Any] = {
        "type": "http",
        "http_version": "1.1",
        "scheme": "http",
        "method": kept.method,
        "path": kept.path,
        "raw_path": kept.path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": _headers(kept, len(payload)),
        "server": ("127.0.0.1", 0),
        "client": None,
        REPLAYED: True,
    }
    for route in routes:
        match, more = route.matches(scope)
        if match is Match.FULL:
            scope.update(more)
            answer = await route.endpoint(Request(scope, _body(payload)))
            body = bytes(answer.body)
            return answer.status_code, answer.status_code < 300 and body in _NOTHING_LEFT, _said(body)
    raise LlmTracingError(f"Nothing takes {kept.method} {kept.path} any more.")


def _headers(kept: Kept, size: int) -> list[tuple[bytes, bytes]]:
    named = {
        "host": "localhost",
        "user-agent": kept.sender,
        "content-type": kept.content_type,
        "content-encoding": kept.content_encoding,
        "content-length": str(size),
    }
    return [(name.encode(), value.encode("latin-1", "replace")) for name, value in named.items() if value]


def _body(payload: bytes) -> Any:
    messages = iter([{"type": "http.request", "body": payload, "more_body": False}])

    async def receive() -> Any:
        return next(messages, {"type": "http.disconnect"})

    return receive


def _said(body: bytes) -> str:
    """The words of an answer: google.rpc.Status or partial_success in either encoding, or LangSmith's `detail`."""
    if body in _NOTHING_LEFT:
        return ""
    try:
        said = orjson.loads(body)
    except ValueError:
        text = body.decode("utf-8", "replace")
        return "".join(char for char in text if char.isprintable() and char != "\ufffd").strip()[:1_000]
    if not isinstance(said, dict):
        return ""
    partial = said.get("partialSuccess")
    words = said.get("detail") or said.get("message") or (partial or {}).get("errorMessage")
    return str(words or orjson.dumps(said).decode())[:1_000]
