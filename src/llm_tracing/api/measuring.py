"""Around every HTTP request: how long it took, by its route, and a span of our own where somebody wants to see them.

Plain ASGI and the outermost of all, so that what is refused counts too.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any
from weakref import WeakKeyDictionary

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llm_tracing.api.entry import CALLER
from llm_tracing.api.errors import error_response
from llm_tracing.figures import Figures
from llm_tracing.own_traces import OwnTraces

_UNENDING = "/api/v1/live"  # answered for as long as somebody listens
_NO_ROUTE = "(none)"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Measuring:
    """ASGI middleware around everything that is served over HTTP."""

    def __init__(self, app: ASGIApp, figures: Callable[[str | None], Figures], traces: OwnTraces) -> None:
        """`figures` are those of a project by its name, with None of nobody's."""
        self._app = app
        self._figures = figures
        self._traces = traces
        # Of endpoints that do not say their route themselves, by the application that they are in.
        self._paths: WeakKeyDictionary[Any, dict[Any, str]] = WeakKeyDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == _UNENDING:
            await self._app(scope, receive, send)
            return
        if self._traces.sent(scope["headers"]):
            await _loop()(scope, receive, send)
            return
        status = 500  # nothing was answered: the server failed
        began = time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        method = scope["method"] if scope["method"] in _METHODS else "_OTHER"
        with self._traces.request(method, scope["headers"]) as span:
            try:
                await self._app(scope, receive, noting)
            finally:
                route = self._route_of(scope)
                span.answered(f"{method} {route}", route, status)
                caller = scope.get(CALLER)
                figures = self._figures(None if caller is None else caller.project)
                measured = figures.request_seconds.labels(method, route, str(status))
                measured.observe(time.perf_counter() - began)

    def _route_of(self, scope: Scope) -> str:
        """The route's own words, `/api/v1/traces/{trace_id}`: a path would make a label of each id."""
        if (route := scope.get("route")) is not None:
            return str(route.path)
        endpoint = scope.get("endpoint")
        if endpoint is None:
            return _NO_ROUTE
        app = scope["app"]
        if app not in self._paths:
            self._paths[app] = _paths_of(app.router.routes)
        return self._paths[app].get(endpoint, _NO_ROUTE)


def _paths_of(routes: Iterable[Any]) -> dict[Any, str]:
    found: dict[Any, str] = {}
    for route in routes:
        endpoint = getattr(route, "endpoint", getattr(route, "app", None))
        if endpoint is not None:
            found[endpoint] = route.path
    return found


def _loop() -> Response:
    return error_response(
        508,
        "loop_detected",
        "This is the server's own telemetry, come back to it.",
        "Let LLM_TRACING_TRACE_SELF name another server.",
    )
