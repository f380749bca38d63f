"""Calls by httpx and httpx2, through the official instrumentation, without the work that comes to nothing.

It reads every header of each request and each response, splitting each at its commas, to pick from them those that
are to be recorded: none, unless the environment names some. That was a tenth of what `configure()` added to a call of
the `openai` client (docs/benchmarks.md).
"""

import os
from collections.abc import Callable
from typing import Any, TypeAlias

import opentelemetry.instrumentation.httpx as official

# The official instrumentor: it comes without types.
_Instrumentor: TypeAlias = Any

_CAPTURING = (
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST",
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE",
)
_READ_HEADERS = "_normalize_headers"  # not public: where a version has no such function, nothing is saved


def _no_headers(*_given: object) -> dict[str, list[str]]:
    return {}


class _Calls:
    def __init__(self, instrumentor: _Instrumentor) -> None:
        self._instrumentor = instrumentor
        self._original: Callable[..., object] | None = None

    @property
    def is_instrumented_by_opentelemetry(self) -> bool:
        return bool(self._instrumentor.is_instrumented_by_opentelemetry)

    def instrument(self, **providers: object) -> None:
        self._instrumentor.instrument(**providers)
        if not any(os.environ.get(name, "").strip() for name in _CAPTURING):
            self._original = getattr(official, _READ_HEADERS, None)
            if self._original is not None:
                setattr(official, _READ_HEADERS, _no_headers)

    def uninstrument(self) -> None:
        self._instrumentor.uninstrument()
        if self._original is not None:
            setattr(official, _READ_HEADERS, self._original)
            self._original = None


class HTTPXCalls(_Calls):
    def __init__(self) -> None:
        super().__init__(official.HTTPXClientInstrumentor())


class HTTPX2Calls(_Calls):
    def __init__(self) -> None:
        super().__init__(official.HTTPX2ClientInstrumentor())
