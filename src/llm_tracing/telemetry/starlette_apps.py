"""Starlette applications that are not FastAPI's, whenever they were made.

FastAPI's have a middleware stack of their own, which `fastapi_apps.py` covers: replacing the class, as the official
instrumentation does, would give those two server spans.
"""

from collections.abc import Callable
from typing import Any

import wrapt
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import TracerProvider
from opentelemetry.util.http import get_excluded_urls
from starlette.applications import Starlette
from starlette.routing import Match
from starlette.types import ASGIApp


class StarletteApps:
    is_instrumented_by_opentelemetry = False

    def __init__(self) -> None:
        self._options: dict[str, Any] = {}
        self._active = False

    def instrument(
        self, tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None, **_: object
    ) -> None:
        self._options = {
            "tracer_provider": tracer_provider,
            "meter_provider": meter_provider,
            "excluded_urls": get_excluded_urls("STARLETTE"),
            "exclude_spans": ["send", "receive"],
        }
        self._active = True
        wrapt.wrap_function_wrapper("starlette.applications", "Starlette.build_middleware_stack", self._build)

    def _build(
        self, wrapped: Callable[..., ASGIApp], app: Starlette, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> ASGIApp:
        stack = wrapped(*args, **kwargs)
        if not self._active or getattr(app, "_is_instrumented_by_opentelemetry", False):
            return stack
        return OpenTelemetryMiddleware(stack, default_span_details=_named_by_route(app), **self._options)

    def uninstrument(self) -> None:
        self._active = False


def _named_by_route(app: Starlette) -> Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]:
    """The name and attributes of a request's span: by its route, so that they are few."""

    def details(scope: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        method = str(scope.get("method", "")).strip() or "WEBSOCKET"
        for route in app.routes:
            if route.matches(scope)[0] is Match.FULL and (path := getattr(route, "path", None)):
                return f"{method} {path}", {"http.route": path}
        return method, {}

    return details
