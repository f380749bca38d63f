"""FastAPI applications, whenever they were made.

The official instrumentation replaces the name `fastapi.FastAPI`. A module that imported the class before,
as nearly every one does, keeps the plain one. An application builds its middleware at its first request;
instrumenting it there covers the applications made before `configure()` and after it.
"""

import os
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

import wrapt
from fastapi import FastAPI
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from starlette.types import ASGIApp


class FastAPIApps:
    def __init__(self) -> None:
        self._options: dict[str, Any] = {}
        self._apps: WeakSet[FastAPI] = WeakSet()
        self._active = False

    @property
    def is_instrumented_by_opentelemetry(self) -> bool:
        return bool(FastAPIInstrumentor().is_instrumented_by_opentelemetry)

    def instrument(self, **providers: object) -> None:
        excluded = os.environ.get("OTEL_PYTHON_FASTAPI_EXCLUDED_URLS") or os.environ.get(
            "OTEL_PYTHON_EXCLUDED_URLS", ""
        )
        self._options = {
            "tracer_provider": providers.get("tracer_provider"),
            "meter_provider": providers.get("meter_provider"),
            "excluded_urls": excluded,
            # One span per ASGI message says nothing that the request's own span does not.
            "exclude_spans": ["send", "receive"],
        }
        self._active = True
        wrapt.wrap_function_wrapper("fastapi", "FastAPI.build_middleware_stack", self._build)

    def _build(
        self, wrapped: Callable[..., ASGIApp], app: FastAPI, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> ASGIApp:
        if not self._active or getattr(app, "_is_instrumented_by_opentelemetry", False):
            return wrapped(*args, **kwargs)
        self._apps.add(app)
        FastAPIInstrumentor.instrument_app(app, **self._options)
        return app.build_middleware_stack()  # now the instrumented one, which calls the plain one again

    def uninstrument(self) -> None:
        self._active = False
        for app in list(self._apps):
            FastAPIInstrumentor.uninstrument_app(app)
        self._apps.clear()
        original = getattr(FastAPI.build_middleware_stack, "__wrapped__", None)
        if original is not None:
            FastAPI.build_middleware_stack = original  # type: ignore[method-assign]
