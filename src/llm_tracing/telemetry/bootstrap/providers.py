"""A program that sets up OpenTelemetry itself: its provider is kept, and what it sends is sent to us too.

OpenTelemetry lets a process set each provider once, and ours came first. So ours gives way: it is taken off, the
program's is set, and configure() begins again, which adds our exporters to what it finds. Tracers that were made before
go on with the first provider, which sends to us as before.
"""

import logging
from collections.abc import Callable
from typing import Any

from opentelemetry import _logs, metrics, trace
from opentelemetry._logs import _internal as logs_internal
from opentelemetry.metrics import _internal as metrics_internal
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.util._once import Once

from llm_tracing.telemetry import configure
from llm_tracing.telemetry.configure import Telemetry

log = logging.getLogger("llm_tracing.telemetry")


def give_way(again: Callable[[], Telemetry]) -> None:
    """Let the program's own providers replace ours, each once; `again` is configure()."""
    for module, name, kind, home, variable in (
        (trace, "set_tracer_provider", TracerProvider, trace, "_TRACER_PROVIDER"),
        (metrics, "set_meter_provider", MeterProvider, metrics_internal, "_METER_PROVIDER"),
        (_logs, "set_logger_provider", LoggerProvider, logs_internal, "_LOGGER_PROVIDER"),
    ):
        setattr(module, name, _giving_way(getattr(module, name), kind, home, variable, again))


def _giving_way(
    plain: Callable[[Any], None], kind: type, home: Any, variable: str, again: Callable[[], Telemetry]
) -> Callable[[Any], None]:
    ours = getattr(home, variable, None)

    def set_provider(provider: Any) -> None:
        current = getattr(home, variable, None)
        telemetry = configure.active()
        if telemetry is None or current is not ours or not isinstance(provider, kind) or provider is current:
            plain(provider)
            return
        telemetry.shutdown()
        setattr(home, variable, None)
        setattr(home, f"{variable}_SET_ONCE", Once())
        plain(provider)
        begun = again()
        if isinstance(current, TracerProvider):
            begun.also_from(current)

    return set_provider
