"""The offline model as an endpoint that keeps what it was sent, refuses once when told to, and errs on one question."""

import json
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from llm_tracing.qa.offline.server import MODEL, create_app

Message: TypeAlias = MutableMapping[str, Any]  # ASGI's, as its specification has them
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

FAILING_QUESTION = "which album has the highest rating?"
# A statement that may run and that no database can: a model's usual mistake.
BAD_STATEMENT = "SELECT Album.Title, Album.Rating FROM Album ORDER BY Album.Rating DESC LIMIT 1"

_REFUSAL = {
    "error": {"message": "Rate limit reached.", "type": "rate_limit_error", "param": None, "code": "rate_limit"}
}


class ModelEndpoint:
    """An ASGI application. `taken` holds the messages of every call that was answered, oldest first."""

    def __init__(self) -> None:
        self.taken: list[list[dict[str, Any]]] = []
        self.refuse_next = False
        self._app = create_app()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].endswith("/chat/completions"):
            await self._app(scope, receive, send)
            return
        body = await _whole_body(receive)
        if self.refuse_next:
            self.refuse_next = False
            await _answer(send, 429, _REFUSAL, (b"retry-after-ms", b"20"))
            return
        messages = _messages(body)
        self.taken.append(messages)
        if any(message.get("content") == FAILING_QUESTION for message in messages):
            await _answer(send, 200, _completion(BAD_STATEMENT))
            return
        told = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def again() -> Message:
            return next(told, None) or await receive()

        await self._app(scope, again, send)


async def _whole_body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


def _messages(body: bytes) -> list[dict[str, Any]]:
    try:
        messages = json.loads(body)["messages"]
    except (ValueError, KeyError, TypeError):
        return []
    return [message for message in messages if isinstance(message, dict)] if isinstance(messages, list) else []


def _completion(text: str) -> dict[str, object]:
    message = {"role": "assistant", "content": text, "refusal": None}
    return {
        "id": f"chatcmpl-{time.time_ns():x}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1_000, "completion_tokens": 20, "total_tokens": 1_020},
    }


async def _answer(send: Send, status: int, value: object, *headers: tuple[bytes, bytes]) -> None:
    named = [(b"content-type", b"application/json"), *headers]
    await send({"type": "http.response.start", "status": status, "headers": named})
    await send({"type": "http.response.body", "body": json.dumps(value).encode()})
