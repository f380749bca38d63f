"""Calls by httpx and httpx2: the spans and metrics of the official instrumentation, at a third of their cost.

The official instrumentor chooses what is wrapped, reads the settings and makes tracer and histograms; only the
function that it puts around a call is replaced (httpx_span.py), and only where that one says the same: a setting that
asks for more (headers, hooks, excluded addresses, the older attribute names), an unusual method or a version that hands
over something else goes through the official function. The names used are not public: where a version lacks one,
nothing is replaced and nothing is saved. Why: docs/benchmarks.md.
"""

from typing import Any, TypeAlias

import opentelemetry.instrumentation.httpx as official

from llm_tracing.telemetry.httpx_span import around, around_async

# The official instrumentor: it comes without types.
_Instrumentor: TypeAlias = Any

_REPLACED = {"_handle_request_wrapper": around, "_handle_async_request_wrapper": around_async}


class _Calls:
    def __init__(self, instrumentor: _Instrumentor) -> None:
        self._instrumentor = instrumentor

    @property
    def is_instrumented_by_opentelemetry(self) -> bool:
        return bool(self._instrumentor.is_instrumented_by_opentelemetry)

    def instrument(self, **providers: object) -> None:
        # On this one object, which is asked for them once: others' clients keep the official functions.
        for name, make in _REPLACED.items():
            wrapper = getattr(self._instrumentor, name, None)
            if callable(wrapper):
                setattr(self._instrumentor, name, make(wrapper))
        try:
            self._instrumentor.instrument(**providers)
        finally:
            for name in _REPLACED:
                self._instrumentor.__dict__.pop(name, None)

    def uninstrument(self) -> None:
        self._instrumentor.uninstrument()


class HTTPXCalls(_Calls):
    def __init__(self) -> None:
        super().__init__(official.HTTPXClientInstrumentor())


class HTTPX2Calls(_Calls):
    def __init__(self) -> None:
        super().__init__(official.HTTPX2ClientInstrumentor())
