"""SQLAlchemy engines, whenever and however they were made.

The official instrumentation replaces the name `sqlalchemy.create_engine`, which misses engines made before,
and every module that imported the function before. Its tracer of one engine is used here on all engines:
those alive now, and each as it is made. It also refuses SQLAlchemy 2.1 by its version range; its tracer
works there (tested).
"""

import gc
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

import wrapt
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.instrumentation.sqlalchemy.engine import EngineTracer, _wrap_connect
from opentelemetry.metrics import MeterProvider, get_meter
from opentelemetry.trace import TracerProvider, get_tracer
from sqlalchemy.engine import Engine

_SCOPE = "opentelemetry.instrumentation.sqlalchemy"


class SQLAlchemyEngines:
    # These come without types.
    _wrap_connect: Callable[..., Any] = staticmethod(_wrap_connect)
    _trace_engine: Callable[..., Any] = EngineTracer
    _forget_engines: Callable[[], None] = EngineTracer.remove_all_event_listeners

    def __init__(self) -> None:
        self._traced: WeakSet[Engine] = WeakSet()
        self._active = False

    @property
    def is_instrumented_by_opentelemetry(self) -> bool:
        return bool(SQLAlchemyInstrumentor().is_instrumented_by_opentelemetry)

    def instrument(
        self,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        **_providers: object,
    ) -> None:
        self._tracer = get_tracer(_SCOPE, tracer_provider=tracer_provider)
        self._connections = get_meter(_SCOPE, meter_provider=meter_provider).create_up_down_counter(
            "db.client.connections.usage",
            unit="connections",
            description="The number of connections in the state that the attribute `state` names.",
        )
        self._active = True
        for engine in _living_engines():
            self._trace(engine)
        wrapt.wrap_function_wrapper("sqlalchemy.engine.base", "Engine.__init__", self._made)
        wrapt.wrap_function_wrapper("sqlalchemy.engine.base", "Engine.connect", self._wrap_connect(self._tracer))

    def _made(
        self, wrapped: Callable[..., None], engine: Engine, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        wrapped(*args, **kwargs)
        if self._active:
            self._trace(engine)

    def _trace(self, engine: Engine) -> None:
        if engine not in self._traced:
            self._traced.add(engine)
            self._trace_engine(self._tracer, engine, self._connections, enable_commenter=False)

    def uninstrument(self) -> None:
        self._active = False
        self._forget_engines()
        self._traced.clear()
        for name in ("__init__", "connect"):
            original = getattr(getattr(Engine, name), "__wrapped__", None)
            if original is not None:
                setattr(Engine, name, original)


def _living_engines() -> list[Engine]:
    """Engines made before now. Asks each object for its type only, so no proxy is woken up."""
    return [found for found in gc.get_objects() if issubclass(type(found), Engine)]
