"""The processors of a process's providers: taking one off again, for which the SDK has no public way.

A process keeps the providers it has set, so what listens to them must be removable: a processor that has ended
would be handed every later span, and log that it ignores it.
"""

from typing import Any, TypeAlias

from opentelemetry import _logs, metrics, trace
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider

# The SDK's own parts, whose members used here are not public and not typed.
Inner: TypeAlias = Any


def processors() -> list[Inner]:
    """Those of spans and log records that the process's providers have."""
    tracers: Inner = trace.get_tracer_provider()
    loggers: Inner = _logs.get_logger_provider()
    return [
        *(tracers._active_span_processor._span_processors if isinstance(tracers, TracerProvider) else ()),
        *(loggers._multi_log_record_processor._log_record_processors if isinstance(loggers, LoggerProvider) else ()),
    ]


def readers() -> list[Inner]:
    """Those of metrics that the process's provider was made with."""
    meters: Inner = metrics.get_meter_provider()
    return list(meters._metric_readers) if isinstance(meters, MeterProvider) else []


def take_off(processor: Inner) -> None:
    """Nothing is handed to the processor any more. It is not ended by this."""
    tracers: Inner = trace.get_tracer_provider()
    loggers: Inner = _logs.get_logger_provider()
    if isinstance(tracers, TracerProvider):
        spans: Inner = tracers._active_span_processor
        with spans._lock:
            spans._span_processors = tuple(p for p in spans._span_processors if p is not processor)
    if isinstance(loggers, LoggerProvider):
        records: Inner = loggers._multi_log_record_processor
        with records._lock:
            records._log_record_processors = tuple(p for p in records._log_record_processors if p is not processor)


def take_off_reader(reader: Inner) -> None:
    """Forget a reader that its provider was made with, and that has ended."""
    meters: Inner = metrics.get_meter_provider()
    if isinstance(meters, MeterProvider):
        reader.shutdown = lambda *_, **__: None  # the provider would end it again, without a limit
        meters._metric_readers = tuple(r for r in meters._metric_readers if r is not reader)
        meters.remove_metric_reader(reader)
