"""Protocol -> OTLP exporters, each wrapped so that `DeliveryWatch` learns how every export ended."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeAlias

from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk._logs.export import LogRecordExporter, LogRecordExportResult
from opentelemetry.sdk.metrics.export import MetricExporter, MetricExportResult, MetricsData
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from llm_tracing.telemetry.delivery import DeliveryWatch, Signal

# An exporter of the SDK, of any signal: they share no type that has all of what is used here.
_Exporter: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one signal is exported: its word in OTEL_* names, its path over HTTP, its classes by protocol."""

    signal: Signal
    word: str
    path: str
    classes: dict[str, str]


_HTTP = "opentelemetry.exporter.otlp.proto.http"
_GRPC = "opentelemetry.exporter.otlp.proto.grpc"
_KINDS: dict[Signal, _Kind] = {
    "spans": _Kind("spans", "TRACES", "v1/traces", {
        "http/protobuf": f"{_HTTP}.trace_exporter:OTLPSpanExporter",
        "grpc": f"{_GRPC}.trace_exporter:OTLPSpanExporter",
    }),
    "log records": _Kind("log records", "LOGS", "v1/logs", {
        "http/protobuf": f"{_HTTP}._log_exporter:OTLPLogExporter",
        "grpc": f"{_GRPC}._log_exporter:OTLPLogExporter",
    }),
    "metrics": _Kind("metrics", "METRICS", "v1/metrics", {
        "http/protobuf": f"{_HTTP}.metric_exporter:OTLPMetricExporter",
        "grpc": f"{_GRPC}.metric_exporter:OTLPMetricExporter",
    }),
}  # fmt: skip
_DEFAULT_ENDPOINT = {"http/protobuf": "http://localhost:4318", "grpc": "http://localhost:4317"}


def exporter_classes() -> list[tuple[Signal, str, str]]:
    """Signal, module and class of each exporter of the SDK."""
    return [
        (kind.signal, *place.split(":", 1))  # type: ignore[misc]  # always two
        for kind in _KINDS.values()
        for place in kind.classes.values()
    ]


def protocol_of(signal: Signal) -> str:
    """The protocol the environment asks for. ValueError names the setting and the choices."""
    name = f"OTEL_EXPORTER_OTLP_{_KINDS[signal].word}_PROTOCOL"
    if not os.environ.get(name):
        name = "OTEL_EXPORTER_OTLP_PROTOCOL"
    protocol = os.environ.get(name, "").strip() or "http/protobuf"
    if protocol not in _DEFAULT_ENDPOINT:
        raise ValueError(f"{name}={protocol} is not supported. Set it to http/protobuf or grpc.")
    return protocol


def wanted(signal: Signal) -> bool:
    """False for OTEL_{TRACES,LOGS,METRICS}_EXPORTER=none. ValueError for an exporter other than otlp."""
    name = f"OTEL_{_KINDS[signal].word}_EXPORTER"
    value = os.environ.get(name, "").strip() or "otlp"
    if value not in ("otlp", "none"):
        raise ValueError(f"{name}={value} is not supported. Set it to otlp or none.")
    return value == "otlp"


def usable(signal: Signal) -> bool:
    """`wanted`, and a ValueError at once for what would fail later: a protocol that is unknown or not installed."""
    if not wanted(signal):
        return False
    _exporter_class(signal)
    return True


def endpoint_of(signal: Signal, endpoint: str | None = None) -> str:
    """The base address telemetry goes to, as the user knows it."""
    return (
        endpoint
        or os.environ.get(f"OTEL_EXPORTER_OTLP_{_KINDS[signal].word}_ENDPOINT")
        or os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT")
        or _DEFAULT_ENDPOINT[protocol_of(signal)]
    )


def _exporter_class(signal: Signal) -> Callable[..., _Exporter]:
    module_name, _, class_name = _KINDS[signal].classes[protocol_of(signal)].partition(":")
    try:
        made: Callable[..., _Exporter] = getattr(import_module(module_name), class_name)
    except ImportError as error:
        raise ValueError(
            "OTEL_EXPORTER_OTLP_PROTOCOL=grpc needs the gRPC exporter: pip install 'llm-tracing[grpc]'"
        ) from error
    return made


def _make(signal: Signal, endpoint: str | None) -> _Exporter:
    kind, protocol, made = _KINDS[signal], protocol_of(signal), _exporter_class(signal)
    if endpoint is None:
        return made()  # the exporter reads every OTEL_EXPORTER_OTLP_* name itself
    return made(endpoint=f"{endpoint.rstrip('/')}/{kind.path}" if protocol == "http/protobuf" else endpoint)


exported_to: Callable[[Sequence[ReadableLogRecord], bool], None] | None = None
"""Called with each batch of log records and whether it was delivered: `llm-tracing run` sets it."""


class _Watched:
    """What the three wrappers share: tell the watch, and close the inner exporter once."""

    def __init__(self, inner: _Exporter, signal: Signal, watch: DeliveryWatch) -> None:
        self._inner = inner
        self._signal = signal
        self._watch = watch
        self._closed = False

    def _tell(self, delivered: bool, count: int) -> None:
        if delivered:
            self._watch.delivered(self._signal)
        else:
            self._watch.failed(self._signal, "the export failed")
            self._watch.lost(self._signal, count)

    def close(self) -> None:
        """Abort a retry that waits; an attempt on the wire ends by its own timeout."""
        if not self._closed:
            self._closed = True
            self._inner.shutdown()


class WatchedSpanExporter(_Watched, SpanExporter):
    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        if self._closed:
            return SpanExportResult.FAILURE
        with self._watch.attempt(self._signal, self.close):
            result: SpanExportResult = self._inner.export(spans)
        self._tell(result is SpanExportResult.SUCCESS, len(spans))
        return result

    def shutdown(self) -> None:
        self.close()


class WatchedLogExporter(_Watched, LogRecordExporter):
    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        if self._closed:
            return LogRecordExportResult.FAILURE
        with self._watch.attempt(self._signal, self.close):
            result: LogRecordExportResult = self._inner.export(batch)
        self._tell(result is LogRecordExportResult.SUCCESS, len(batch))
        if exported_to is not None:
            exported_to(batch, result is LogRecordExportResult.SUCCESS)
        return result

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return True  # nothing is buffered in an exporter

    def shutdown(self) -> None:
        self.close()


class WatchedMetricExporter(_Watched, MetricExporter):
    def __init__(self, inner: _Exporter, signal: Signal, watch: DeliveryWatch) -> None:
        _Watched.__init__(self, inner, signal, watch)
        MetricExporter.__init__(
            self,
            preferred_temporality=inner._preferred_temporality,
            preferred_aggregation=inner._preferred_aggregation,
        )

    def export(self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: object) -> MetricExportResult:
        if self._closed:
            return MetricExportResult.FAILURE
        with self._watch.attempt(self._signal, self.close):
            result: MetricExportResult = self._inner.export(metrics_data, timeout_millis=timeout_millis)
        # A missed export of cumulative metrics loses resolution, not counts.
        self._tell(result is MetricExportResult.SUCCESS, 0)
        return result

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        return True  # nothing is buffered in an exporter

    def shutdown(self, timeout_millis: float = 30_000, **kwargs: object) -> None:
        self.close()


def span_exporter(endpoint: str | None, watch: DeliveryWatch) -> WatchedSpanExporter:
    return WatchedSpanExporter(_make("spans", endpoint), "spans", watch)


def log_exporter(endpoint: str | None, watch: DeliveryWatch) -> WatchedLogExporter:
    return WatchedLogExporter(_make("log records", endpoint), "log records", watch)


def metric_exporter(endpoint: str | None, watch: DeliveryWatch) -> WatchedMetricExporter:
    return WatchedMetricExporter(_make("metrics", endpoint), "metrics", watch)
