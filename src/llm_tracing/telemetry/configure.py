"""The one call: `configure()` gives a Python service traces, logs and metrics over OTLP.

    import llm_tracing

    llm_tracing.configure(service_name="shop")

Works at any place before the service answers its first request. Settings are OpenTelemetry's own OTEL_* names
(settings.py); an argument wins over the environment.
"""

import atexit
import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic

from opentelemetry import _logs, metrics, trace
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.util.types import AttributeValue

from llm_tracing.telemetry import exporters
from llm_tracing.telemetry.delivery import DeliveryWatch
from llm_tracing.telemetry.instrument import INSTRUMENTATIONS, Instrumentation, Instrumented, Told
from llm_tracing.telemetry.logs import LogBridge
from llm_tracing.telemetry.providers import take_off
from llm_tracing.telemetry.resource import service_resource
from llm_tracing.telemetry.settings import apply_defaults, withdraw_defaults

log = logging.getLogger("llm_tracing.telemetry")

_lock = threading.RLock()
_active: "Telemetry | None" = None
# OpenTelemetry lets a process set its TracerProvider once: ours outlives shutdown(), and serves the next configure().
_made: TracerProvider | None = None


def configure(
    service_name: str | None = None,
    *,
    service_version: str | None = None,
    endpoint: str | None = None,
    resource_attributes: Mapping[str, AttributeValue] | None = None,
) -> "Telemetry":
    """Start sending traces, logs and metrics; the handle ends it, and so does the end of the process.

    `endpoint` is the base address, such as `http://collector:4318`. Called again while active, it changes
    nothing and returns the same handle. With OTEL_SDK_DISABLED=true it does nothing. Providers that the
    application has already set are kept, and given our processors. ValueError if a setting asks for what is
    not supported.
    """
    given = (service_name, service_version, endpoint, resource_attributes)
    return configure_for(INSTRUMENTATIONS, None, *given)


def configure_for(
    libraries: Sequence[Instrumentation],
    told: Told | None,
    service_name: str | None = None,
    service_version: str | None = None,
    endpoint: str | None = None,
    resource_attributes: Mapping[str, AttributeValue] | None = None,
) -> "Telemetry":
    """`configure()` for a table of libraries of one's own; `told` is called with each one's fate."""
    global _active
    with _lock:
        if _active is not None:
            if service_name or service_version or endpoint or resource_attributes:
                log.info("configure() was called before: the first call stands")
            return _active
        if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
            return Telemetry(disabled=True)
        defaults = apply_defaults()
        try:
            resource = service_resource(service_name, service_version, resource_attributes)
            _active = _start(resource, endpoint, defaults, Instrumented(libraries, told))
        except ValueError:
            withdraw_defaults(defaults)
            raise
        atexit.register(_active.shutdown)
        return _active


def active() -> "Telemetry | None":
    """What was started and has not ended."""
    return _active


@dataclass(slots=True)
class Telemetry:
    """What `configure()` started. Every method may be called more than once."""

    disabled: bool = False
    _watch: DeliveryWatch | None = None
    _instrumented: Instrumented | None = None
    _bridge: LogBridge | None = None
    _batches: "list[_Batch]" = field(default_factory=list)
    _reader: "_Reader | None" = None
    _meters: MeterProvider | None = None
    _defaults: tuple[str, ...] = ()
    _ended: bool = False

    @property
    def instrumented(self) -> tuple[str, ...]:
        """The names of the instrumentations applied so far."""
        return self._instrumented.names if self._instrumented else ()

    def force_flush(self, timeout_s: float = 10.0) -> bool:
        """Send what waits; False if that was not done within `timeout_s`, or could not be delivered."""
        if self.disabled or self._ended or self._watch is None:
            return True
        work: list[Callable[[], object]] = [batch.force_flush for batch in self._batches]
        if self._reader:
            work.append(self._reader.force_flush)
        threads = [threading.Thread(target=flush, daemon=True) for flush in work]
        for thread in threads:
            thread.start()
        deadline = monotonic() + timeout_s
        for thread in threads:
            thread.join(max(0.0, deadline - monotonic()))
        return not any(thread.is_alive() for thread in threads) and not self._watch.failing

    def also_from(self, provider: TracerProvider) -> None:
        """Send the spans of another provider too."""
        for batch in self._batches:
            if isinstance(batch.processor, BatchSpanProcessor):
                provider.add_span_processor(batch.processor)

    def shutdown(self, timeout_s: float = 3.0) -> None:
        """Send what waits, then take everything off again, within about `timeout_s`.

        A dead endpoint is given one attempt per signal. Starts no thread: it also runs while Python ends.
        """
        global _active
        with _lock:
            if self.disabled or self._ended:
                return
            self._ended = True
            _active = None
        atexit.unregister(self.shutdown)
        if self._instrumented:
            self._instrumented.stop()
        if self._bridge:
            self._bridge.remove()
        self._end_exports(monotonic() + timeout_s)
        if self._watch:
            self._watch.remove()
        withdraw_defaults(self._defaults)

    def _end_exports(self, deadline: float) -> None:
        assert self._watch is not None
        self._watch.closing = True
        if self._watch.failing:  # a retry may be waiting: known to be dead, it gets no more time
            for batch in self._batches:
                batch.exporter.close()
        for batch in self._batches:
            batch.shutdown(deadline)
            take_off(batch.processor)
        if self._reader and self._meters:
            self._reader.shutdown(timeout_millis=max(1.0, (deadline - monotonic()) * 1000))
            self._meters.remove_metric_reader(self._reader)


@dataclass(frozen=True, slots=True)
class _Batch:
    """A batch processor and the exporter it feeds."""

    processor: BatchSpanProcessor | BatchLogRecordProcessor
    exporter: exporters.WatchedSpanExporter | exporters.WatchedLogExporter

    def force_flush(self) -> None:
        self.processor.force_flush()

    def shutdown(self, deadline: float) -> None:
        # The public shutdown() waits up to 30 s and takes no limit; the part inside it takes one.
        self.processor._batch_processor.shutdown(timeout_millis=max(1, int((deadline - monotonic()) * 1000)))


class _Reader(PeriodicExportingMetricReader):
    """Ends once: taking a reader off its provider ends it a second time, without a limit."""

    _done = False

    def shutdown(self, timeout_millis: float = 30_000, **kwargs: object) -> None:
        if not self._done:
            self._done = True
            super().shutdown(timeout_millis=timeout_millis)


def _start(
    resource: Resource, endpoint: str | None, defaults: tuple[str, ...], instrumented: Instrumented
) -> Telemetry:
    watch = DeliveryWatch(exporters.endpoint_of("spans", endpoint))
    # All three first: a setting that is refused is refused before anything has begun.
    spans = exporters.span_exporter(endpoint, watch) if exporters.wanted("spans") else None
    records = exporters.log_exporter(endpoint, watch) if exporters.wanted("log records") else None
    points = exporters.metric_exporter(endpoint, watch) if exporters.wanted("metrics") else None
    telemetry = Telemetry(_watch=watch, _defaults=defaults)
    watch.install()
    tracers = _start_traces(telemetry, resource, spans)
    loggers = _start_logs(telemetry, resource, records) if records else None
    meters = _start_metrics(telemetry, resource, points) if points else None
    telemetry._instrumented = instrumented
    instrumented.start(tracer_provider=tracers, meter_provider=meters, logger_provider=loggers)
    return telemetry


def _start_traces(
    telemetry: Telemetry, resource: Resource, exporter: exporters.WatchedSpanExporter | None
) -> TracerProvider:
    global _made
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        trace.set_tracer_provider(provider)
        _made = provider
    elif provider is not _made:
        log.info("The application has set a TracerProvider: it is kept, and its spans are sent too")
    if exporter:
        processor = BatchSpanProcessor(exporter)
        provider.add_span_processor(processor)
        telemetry._batches.append(_Batch(processor, exporter))
    return provider


def _start_logs(telemetry: Telemetry, resource: Resource, exporter: exporters.WatchedLogExporter) -> LoggerProvider:
    provider = _logs.get_logger_provider()
    if not isinstance(provider, LoggerProvider):
        provider = LoggerProvider(resource=resource, shutdown_on_exit=False)
        _logs.set_logger_provider(provider)
    processor = BatchLogRecordProcessor(exporter)
    provider.add_log_record_processor(processor)
    telemetry._batches.append(_Batch(processor, exporter))
    telemetry._bridge = LogBridge(provider)
    telemetry._bridge.install()
    return provider


def _start_metrics(
    telemetry: Telemetry, resource: Resource, exporter: exporters.WatchedMetricExporter
) -> MeterProvider:
    telemetry._reader = _Reader(exporter)
    provider = metrics.get_meter_provider()
    if not isinstance(provider, MeterProvider):
        provider = MeterProvider(resource=resource, shutdown_on_exit=False)
        metrics.set_meter_provider(provider)
    provider.add_metric_reader(telemetry._reader)
    telemetry._meters = provider
    return provider
