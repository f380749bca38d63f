"""Gives a request to the application of its project: the one place where a request and a project meet.

Which project it is was settled when the caller was let in, by the key. Plain ASGI, within `Entry`.
"""

import asyncio
from typing import Protocol

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from llm_tracing.access.projects import DEFAULT
from llm_tracing.api.entry import CALLER, NEEDED, refusal
from llm_tracing.errors import LlmTracingError

READS_AT_ONCE = 6  # of a project, where there are others: each may hold a thread for as long as a query may run
_UNENDING = "/api/v1/live"


class Opened(Protocol):
    """What is asked for the application of a project."""

    @property
    def several(self) -> bool:
        """Whether there is another project than `default`."""
        ...

    def opened(self, name: str) -> ASGIApp | None:
        """The application, if the project is open; at once."""
        ...

    def open(self, name: str) -> ASGIApp:
        """The application; may take a moment. Raises OtherProject or StoreError."""
        ...


class Dispatch:
    """An ASGI application. Who named no project gets what is nobody's from `default`: pages, logins, keys."""

    def __init__(self, projects: Opened) -> None:
        self._projects = projects
        self._reading: dict[str, asyncio.Semaphore] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = scope.get(CALLER)
        name = caller.project if caller is not None and caller.project is not None else DEFAULT
        app = self._projects.opened(name)
        if app is None:
            try:
                app = await asyncio.to_thread(self._projects.open, name)
            except LlmTracingError as error:
                await refusal(error, scope["path"], Headers(scope=scope))(scope, receive, send)
                return
        if not self._projects.several or scope.get(NEEDED) == "ingest" or scope["path"] == _UNENDING:
            await app(scope, receive, send)
            return
        if name not in self._reading:
            self._reading[name] = asyncio.Semaphore(READS_AT_ONCE)
        async with self._reading[name]:
            await app(scope, receive, send)
