"""The offline model as an OpenAI-compatible HTTP endpoint."""

import asyncio
import json
import re
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from llm_tracing.qa.offline.conversation import Message, reply
from llm_tracing.qa.offline.usage import usage_of

MODEL: Final = "offline-sql"
MAX_BODY_BYTES: Final = 4 * 1024 * 1024
_FINGERPRINT: Final = "fp_offline_sql_1"
_WORD: Final = re.compile(r"\s*\S+|\s+\Z")


class RequestRefusedError(Exception):
    """A request that cannot be served; becomes OpenAI's error JSON."""

    def __init__(self, status: int, message: str, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.param, self.code = status, message, param, code


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What the endpoint reads of a request; all other parameters are ignored."""

    messages: tuple[Message, ...]
    stream: bool
    include_usage: bool


def create_app() -> Starlette:
    """The application: POST /v1/chat/completions, GET /v1/models, GET /v1/models/{id}, GET /healthz."""
    return Starlette(
        routes=[
            Route("/v1/chat/completions", _complete, methods=["POST"]),
            Route("/v1/models", _models, methods=["GET"]),
            Route("/v1/models/{model}", _model, methods=["GET"]),
            Route("/healthz", _health, methods=["GET"]),
        ],
        exception_handlers={RequestRefusedError: _refused, HTTPException: _http_error, Exception: _failed},
    )


async def _health(request: Request) -> Response:
    return JSONResponse({"status": "ok", "model": MODEL})


def _model_card() -> dict[str, object]:
    return {"id": MODEL, "object": "model", "created": 0, "owned_by": "llm-tracing"}


async def _models(request: Request) -> Response:
    return JSONResponse({"object": "list", "data": [_model_card()]})


async def _model(request: Request) -> Response:
    _known_model(request.path_params["model"])
    return JSONResponse(_model_card())


async def _complete(request: Request) -> Response:
    chat = read_request(await _body(request))
    # The engine is pure computation of about a millisecond, but a large schema takes longer to read the first time.
    content = await asyncio.to_thread(reply, chat.messages)
    usage = usage_of(chat.messages, content)
    head = {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "created": int(time.time()),
        "model": MODEL,
        "system_fingerprint": _FINGERPRINT,
    }
    if chat.stream:
        chunks = _chunks(head, content, usage if chat.include_usage else None)
        return StreamingResponse(chunks, media_type="text/event-stream", headers={"Cache-Control": "no-cache"})
    message = {"role": "assistant", "content": content, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return JSONResponse({**head, "object": "chat.completion", "choices": [choice], "usage": usage})


async def _chunks(head: dict[str, object], content: str, usage: dict[str, int | bool] | None) -> AsyncIterator[str]:
    """Server-sent events: the role, one word after another, the finish reason, the usage if asked for, [DONE]."""
    extra: dict[str, object] = {} if usage is None else {"usage": None}

    def event(delta: dict[str, object], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _event({**head, "object": "chat.completion.chunk", "choices": [choice], **extra})

    yield event({"role": "assistant", "content": ""})
    for word in _WORD.findall(content):
        yield event({"content": word})
    yield event({}, "stop")
    if usage is not None:
        yield _event({**head, "object": "chat.completion.chunk", "choices": [], "usage": usage})
    yield "data: [DONE]\n\n"


def _event(payload: dict[str, object]) -> str:
    return f"data: {json.dumps(payload, ensure_ascii=False, separators=(',', ':'))}\n\n"


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise RequestRefusedError(413, f"The request is larger than {MAX_BODY_BYTES} bytes.")
    except ClientDisconnect as error:
        raise RequestRefusedError(400, "The client went away before the request was complete.") from error
    return bytes(body)


def read_request(body: bytes) -> ChatRequest:
    """Check a request's body. Raises RequestRefusedError."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RequestRefusedError(400, "The body is not valid JSON.") from error
    if not isinstance(payload, dict):
        raise RequestRefusedError(400, "The body must be a JSON object.")
    if "model" not in payload:
        raise RequestRefusedError(400, "The parameter 'model' is missing.", "model", "missing_required_parameter")
    _known_model(payload["model"])
    options = payload.get("stream_options") or {}
    for name, value, kind in (("stream", payload.get("stream"), bool), ("stream_options", options, dict)):
        if value is not None and not isinstance(value, kind):
            raise RequestRefusedError(400, f"The parameter '{name}' has the wrong type.", name, "invalid_type")
    return ChatRequest(_messages(payload), bool(payload.get("stream")), bool(options.get("include_usage")))


def _known_model(model: object) -> None:
    if not isinstance(model, str):
        raise RequestRefusedError(400, "The parameter 'model' must be a string.", "model", "invalid_type")
    if model != MODEL:
        message = f"The model '{model}' does not exist here; the only one is '{MODEL}'."
        raise RequestRefusedError(404, message, "model", "model_not_found")


def _messages(payload: dict[str, Any]) -> tuple[Message, ...]:
    raw = payload.get("messages")
    if raw is None:
        message = "The parameter 'messages' is missing."
        raise RequestRefusedError(400, message, "messages", "missing_required_parameter")
    if not isinstance(raw, list) or not raw:
        message = "The parameter 'messages' must be a list with at least one message."
        raise RequestRefusedError(400, message, "messages", "invalid_type")
    return tuple(_message(entry, f"messages[{i}]") for i, entry in enumerate(raw))


def _message(entry: object, where: str) -> Message:
    if not isinstance(entry, dict) or not isinstance(entry.get("role"), str):
        raise RequestRefusedError(400, f"'{where}' must be an object with a role.", where, "invalid_type")
    content = entry.get("content")
    if content is None:
        content = ""
    if isinstance(content, list):
        if not all(isinstance(part, dict) for part in content):
            raise RequestRefusedError(400, f"The parts of '{where}' must be objects.", where, "invalid_type")
        texts = [part["text"] for part in content if part.get("type") == "text" and isinstance(part.get("text"), str)]
        content = "\n".join(texts)
    if not isinstance(content, str):
        raise RequestRefusedError(400, f"'{where}.content' must be a string or a list of parts.", where, "invalid_type")
    return Message(entry["role"], content)


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestRefusedError):
        raise error
    return _error(error.status, error.message, error.param, error.code)


async def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    message = f"{request.method} {request.url.path} is not served here."
    return _error(error.status_code, message, None, None, dict(error.headers or {}))


async def _failed(request: Request, error: Exception) -> Response:
    return _error(500, "The offline model failed on this request.", None, None, kind="server_error")


def _error(
    status: int,
    message: str,
    param: str | None,
    code: str | None,
    headers: dict[str, str] | None = None,
    kind: str = "invalid_request_error",
) -> Response:
    body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return JSONResponse(body, status_code=status, headers=headers)
