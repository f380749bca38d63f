"""Who sends and then asks finds what it sent, though a request may be answered before it is in the store.

See docs/adr/0015: during a checkpoint, answers come from a journal. A question that comes then waits until what was
answered is stored. It does not wait where others go on sending: nobody can tell then which of it came before.
"""

import asyncio
import time
from typing import Protocol

from starlette.types import ASGIApp, Receive, Scope, Send

LONGEST_S = 1.0
_LOOK_S = 0.005


class Answering(Protocol):
    @property
    def catches_up(self) -> bool:
        """Whether something was answered that is about to be stored."""
        ...

    @property
    def taken(self) -> int:
        """Requests taken since the start."""
        ...


class CatchingUp:
    """ASGI middleware around the API's routes."""

    def __init__(self, app: ASGIApp, answering: Answering, but: str) -> None:
        """`but` is a path that asks for no rows."""
        self._app = app
        self._answering = answering
        self._but = but

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._answering.catches_up and scope["type"] == "http" and self._asks(scope["path"], scope["method"]):
            await self._wait()
        await self._app(scope, receive, send)

    def _asks(self, path: str, method: str) -> bool:
        if path.startswith("/langsmith/"):
            return method == "GET" or path.endswith("/query")
        return path.startswith("/api/v1/") and path != self._but

    async def _wait(self) -> None:
        taken, until = self._answering.taken, time.monotonic() + LONGEST_S
        # Rare and short; an event would have to come from the thread that writes.
        while self._answering.catches_up and self._answering.taken == taken and time.monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_S)
