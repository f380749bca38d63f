"""`auto`: what `opentelemetry-instrument` does, in this process and as it is: the noisy picture.

The stock distro, its configurator and every installed instrumentation, through the same function that
`opentelemetry-instrument` calls. Given are only the name of the service, the exporter's protocol where none is set,
and the SDK's own switch for logs. Instrumentations that belong to another approach of ours are left out where they
are installed beside it. How failed exports are told is ours too: once (delivery.py).
"""

import logging
import logging.config
import os
import warnings
from collections.abc import Callable
from time import monotonic
from typing import Any
from weakref import WeakSet

from opentelemetry import trace
from opentelemetry.instrumentation.auto_instrumentation import initialize
from opentelemetry.sdk.trace import TracerProvider

from llm_tracing.telemetry import exporters, providers
from llm_tracing.telemetry.approaches.together import Together
from llm_tracing.telemetry.borrowed import BorrowedEnvironment, BorrowedFunction, Wrapper
from llm_tracing.telemetry.console import Console
from llm_tracing.telemetry.delivery import DeliveryWatch, Signal
from llm_tracing.telemetry.errors import NotFirst, TelemetryError
from llm_tracing.telemetry.providers import Inner

_OF_OTHER_APPROACHES = (
    "opentelemetry.instrumentation.langchain",
    "opentelemetry.instrumentation.openai:",
    "openinference.",
    "llm_tracing.",
)
_SHUTDOWN_SECONDS = 3.0
_LOGGING_SETUP = ((logging, "basicConfig"), (logging.config, "dictConfig"), (logging.config, "fileConfig"))


def start(service_name: str, service_version: str | None) -> Together:
    if isinstance(trace.get_tracer_provider(), TracerProvider):
        raise NotFirst("auto")
    started = Together()
    console = Console()
    console.install()
    started.add(console.remove)
    environment = BorrowedEnvironment()
    started.add(environment.restore)
    _set_environment(environment, service_name, service_version)
    try:
        stock = _Stock()
    except Exception as error:
        started.shutdown()
        raise TelemetryError(f"OpenTelemetry cannot be set up: {error}.", "Check the OTEL_* variables.") from error
    started.add(stock.shutdown)
    return started


def _set_environment(environment: BorrowedEnvironment, service_name: str, service_version: str | None) -> None:
    environment.set("OTEL_SERVICE_NAME", service_name)
    given = os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    if service_version and "service.version=" not in given:
        environment.set(
            "OTEL_RESOURCE_ATTRIBUTES", ",".join(filter(None, [given, f"service.version={service_version}"]))
        )
    for signal in ("TRACES", "METRICS", "LOGS"):
        environment.default((f"OTEL_{signal}_EXPORTER",), "otlp")  # as the distro does, but taken back
    environment.default(("OTEL_EXPORTER_OTLP_PROTOCOL",), "http/protobuf")  # as with `otel`; the distro's is grpc
    environment.default(("OTEL_PYTHON_LOGGING_AUTO_INSTRUMENTATION_ENABLED",), "true")


class _Stock:
    """Everything that `initialize()` has set up, and its end."""

    def __init__(self) -> None:
        self._instrumentors: list[Inner] = []
        self._logging_setup = {(module, name): getattr(module, name) for module, name in _LOGGING_SETUP}
        self._watch = DeliveryWatch(exporters.endpoint_of("spans"))
        self._closed: WeakSet[Inner] = WeakSet()
        self._exports = [
            BorrowedFunction(module, class_name, "export", self._around(signal))
            for signal, module, class_name in exporters.exporter_classes()
        ]
        self._watch.install()
        for borrowed in self._exports:
            borrowed.install()
        root = logging.getLogger()
        handlers = list(root.handlers)
        load = BorrowedFunction("opentelemetry.instrumentation.distro", "BaseDistro", "load_instrumentor", self._load)
        load.install()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # of the SDK's own handler
                initialize(swallow_exceptions=False)
        finally:
            load.remove()
            self._handlers = [handler for handler in root.handlers if handler not in handlers]

    def _load(self, wrapped: Callable[..., None], _distro: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        entry_point = args[0]
        if entry_point.value.startswith(_OF_OTHER_APPROACHES):
            return
        wrapped(*args, **kwargs)
        self._instrumentors.append(entry_point.load()())

    def shutdown(self) -> None:
        """Send what waits, within a limit, and leave providers without anything that listens to them."""
        for instrumentor in reversed(self._instrumentors):
            if instrumentor.is_instrumented_by_opentelemetry:
                instrumentor.uninstrument()
        for handler in self._handlers:
            logging.getLogger().removeHandler(handler)
        for (module, name), original in self._logging_setup.items():
            setattr(module, name, original)
        self._end_exports(monotonic() + _SHUTDOWN_SECONDS)
        for borrowed in self._exports:
            borrowed.remove()
        self._watch.remove()

    def _end_exports(self, deadline: float) -> None:
        self._watch.closing = True
        for processor in providers.processors():
            inner = processor._batch_processor
            if self._watch.failing:  # a retry may be waiting: known to be dead, it gets no more time
                self._close(inner._exporter)
            inner.shutdown(timeout_millis=max(1, int((deadline - monotonic()) * 1000)))
            providers.take_off(processor)
        for reader in providers.readers():
            reader.shutdown(timeout_millis=max(1.0, (deadline - monotonic()) * 1000))
            providers.take_off_reader(reader)

    def _close(self, exporter: Inner) -> None:
        """Abort a retry that waits. Once: an exporter warns of a second time, which would come back here."""
        if exporter not in self._closed:
            self._closed.add(exporter)
            exporter.shutdown()

    def _around(self, signal: Signal) -> Wrapper:
        """Around an exporter's own `export`, so that a failure is told once, whichever protocol is used."""

        def export(
            wrapped: Callable[..., Any], exporter: Inner, args: tuple[Any, ...], kwargs: dict[str, Any]
        ) -> object:
            with self._watch.attempt(signal, lambda: self._close(exporter)):
                result = wrapped(*args, **kwargs)
            if result.name == "SUCCESS":
                self._watch.delivered(signal)
            else:
                self._watch.failed(signal, "the export failed")
                self._watch.lost(signal, 0 if signal == "metrics" else len(args[0]))
            return result

        return export
