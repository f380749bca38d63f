"""Django: its official instrumentation adds a middleware to the settings, which must be complete by then.

They are when Django loads its middleware, and not yet when it is imported.
"""

from collections.abc import Callable
from typing import Any

import wrapt
from opentelemetry.instrumentation.django import DjangoInstrumentor

_MODULE, _METHOD = "django.core.handlers.base", "BaseHandler.load_middleware"


class DjangoApps:
    def __init__(self) -> None:
        self._providers: dict[str, object] = {}
        self._active = False

    @property
    def is_instrumented_by_opentelemetry(self) -> bool:
        return bool(DjangoInstrumentor().is_instrumented_by_opentelemetry)

    def instrument(self, **providers: object) -> None:
        self._providers = providers
        self._active = True
        wrapt.wrap_function_wrapper(_MODULE, _METHOD, self._load)

    def _load(
        self, wrapped: Callable[..., None], _handler: object, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        if self._active and not self.is_instrumented_by_opentelemetry:
            DjangoInstrumentor().instrument(**self._providers)
        wrapped(*args, **kwargs)

    def uninstrument(self) -> None:
        self._active = False
        if self.is_instrumented_by_opentelemetry:
            DjangoInstrumentor().uninstrument()
