"""A reader who hangs up ends the query that runs for him: the two cores are for those who still wait."""

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llm_tracing.store.cancelling import Cancellation, current


class CancelOnDisconnect:
    """ASGI middleware for reads; what has a body is left alone, and so is the stream of events, which looks itself."""

    def __init__(self, app: ASGIApp, but: str) -> None:
        self._app = app
        self._but = but

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] == self._but:
            await self._app(scope, receive, send)
            return
        cancellation = Cancellation()
        messages: asyncio.Queue[Message] = asyncio.Queue()
        watch = asyncio.create_task(_watch(receive, messages, cancellation))
        token = current.set(cancellation)
        try:
            await self._app(scope, messages.get, send)
        finally:
            current.reset(token)
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch


async def _watch(receive: Receive, messages: "asyncio.Queue[Message]", cancellation: Cancellation) -> None:
    """Pass on what the client sends, of which a read has next to nothing, until it hangs up."""
    while True:
        message = await receive()
        messages.put_nowait(message)
        if message["type"] == "http.disconnect":
            cancellation.cancel()
            return
