"""A request id for every HTTP request that uvicorn serves, in the log lines and in the answer.

`X-Request-ID` of the request is kept if it is plain and short; else there is a new one. Where the caller sent a
W3C `traceparent`, the request runs in that context, so its log lines have the caller's trace id.
"""

import re
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from typing import Any, TypeAlias

from opentelemetry import context, propagate

from llm_tracing.telemetry.borrowed import BorrowedFunction

HEADER = b"x-request-id"
_USABLE = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")

# ASGI's three parts, as the specification has them.
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

_current: ContextVar[str | None] = ContextVar("llm_tracing_request_id", default=None)


def current_request_id() -> str | None:
    return _current.get()


def with_request_ids(app: App) -> App:
    async def serve(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await app(scope, receive, send)
            return
        headers = {name.lower(): value for name, value in scope.get("headers", ())}
        given = headers.get(HEADER, b"")
        request_id = given if _USABLE.fullmatch(given) else uuid.uuid4().hex.encode()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                others = [pair for pair in message.get("headers", ()) if pair[0].lower() != HEADER]
                message = {**message, "headers": [*others, (HEADER, request_id)]}
            await send(message)

        caller = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()}
        id_token = _current.set(request_id.decode())
        context_token = context.attach(propagate.extract(caller))
        try:
            await app(scope, receive, send_with_id)
        finally:
            context.detach(context_token)
            _current.reset(id_token)

    return serve


def _load(wrapped: Callable[..., None], config: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    wrapped(*args, **kwargs)
    config.loaded_app = with_request_ids(config.loaded_app)


def request_ids() -> BorrowedFunction:
    """Installed, it gives ids to every app that uvicorn loads from then on."""
    return BorrowedFunction("uvicorn.config", "Config", "load", _load)
