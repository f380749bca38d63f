"""Short ways to build the OTLP that tests send, and the records it becomes."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import orjson
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from llm_tracing.model import Batch, SpanRecord
from llm_tracing.normalize.logs import add_logs
from llm_tracing.normalize.metrics import add_metrics
from llm_tracing.normalize.shared import SharedRows
from llm_tracing.normalize.spans import add_spans

TRACE = "0af7651916cd43dd8448eb211c80319c"
NOON = 1_795_435_200_000_000_000  # 2026-11-23T12:00:00Z
MS = 1_000_000
SECOND = 1_000_000_000


def any_value(value: Any) -> AnyValue:
    """A plain value as AnyValue; None is an AnyValue without a value."""
    if value is None:
        return AnyValue()
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, str):
        return AnyValue(string_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    if isinstance(value, float):
        return AnyValue(double_value=value)
    if isinstance(value, bytes):
        return AnyValue(bytes_value=value)
    found = AnyValue()
    if isinstance(value, Mapping):
        found.kvlist_value.SetInParent()
        found.kvlist_value.values.extend(key_values(value))
    else:
        found.array_value.SetInParent()
        found.array_value.values.extend(any_value(item) for item in value)
    return found


def key_values(values: Mapping[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=key, value=any_value(value)) for key, value in values.items()]


def hex_id(span_id: int) -> str:
    return f"{span_id:016x}"


def trace_hex(number: int) -> str:
    return f"{number:032x}"


def span(
    name: str = "step",
    span_id: int = 1,
    parent: int | None = None,
    *,
    trace: str = TRACE,
    start: int = NOON,
    duration: int = MS,
    kind: int = Span.SPAN_KIND_INTERNAL,
    status: int = 0,
    message: str = "",
    attributes: Mapping[str, Any] | None = None,
    events: Sequence[tuple[str, Mapping[str, Any]]] = (),
) -> Span:
    """A span; `start` and `duration` are nanoseconds, `events` names and attributes, a nanosecond apart."""
    built = Span(
        trace_id=bytes.fromhex(trace),
        span_id=span_id.to_bytes(8, "big"),
        parent_span_id=b"" if parent is None else parent.to_bytes(8, "big"),
        name=name,
        kind=kind,  # type: ignore[arg-type]
        start_time_unix_nano=start,
        end_time_unix_nano=start + duration,
        attributes=key_values(attributes or {}),
    )
    built.status.code = status  # type: ignore[assignment]
    built.status.message = message
    for place, (event, values) in enumerate(events):
        built.events.add(name=event, time_unix_nano=start + place, attributes=key_values(values))
    return built


def chat(
    asked: str | None = None,
    answered: str | None = None,
    *,
    model: str | None = "gpt-4o-mini",
    provider: str = "openai",
    tokens: tuple[int, int] | None = None,
    operation: str = "chat",
    **more: Any,
) -> dict[str, Any]:
    """Attributes of an LLM call in OpenTelemetry's GenAI names; `more` has `__` where a name has a dot."""
    found: dict[str, Any] = {"gen_ai.operation.name": operation, "gen_ai.provider.name": provider}
    if model is not None:
        found["gen_ai.request.model"] = model
    if tokens is not None:
        found["gen_ai.usage.input_tokens"], found["gen_ai.usage.output_tokens"] = tokens
    if asked is not None:
        found["gen_ai.input.messages"] = messages("user", asked)
    if answered is not None:
        found["gen_ai.output.messages"] = messages("assistant", answered)
    return {**found, **{name.replace("__", "."): value for name, value in more.items()}}


def messages(role: str, *texts: str) -> str:
    """The JSON text of messages with one text part each."""
    parts = [{"role": role, "parts": [{"type": "text", "content": text}]} for text in texts]
    return orjson.dumps(parts).decode()


def trace_request(
    *spans: Span, service: str = "shop", scope: str = "tests", resource: Mapping[str, Any] | None = None
) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.extend(key_values({"service.name": service, **(resource or {})}))
    inner = group.scope_spans.add()
    inner.scope.name = scope
    inner.spans.extend(spans)
    return request


def log(
    body: Any = "a line",
    *,
    trace: str | None = None,
    span_id: int | None = None,
    time: int = NOON,
    severity: int = 9,
    attributes: Mapping[str, Any] | None = None,
    event_name: str = "",
) -> LogRecord:
    return LogRecord(
        time_unix_nano=time,
        observed_time_unix_nano=time + 1,
        severity_number=severity,  # type: ignore[arg-type]
        severity_text="INFO",
        body=any_value(body),
        trace_id=b"" if trace is None else bytes.fromhex(trace),
        span_id=b"" if span_id is None else span_id.to_bytes(8, "big"),
        attributes=key_values(attributes or {}),
        event_name=event_name,
    )


def log_request(*records: LogRecord, service: str = "shop") -> ExportLogsServiceRequest:
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add()
    group.resource.attributes.extend(key_values({"service.name": service}))
    inner = group.scope_logs.add()
    inner.scope.name = "tests"
    inner.log_records.extend(records)
    return request


def counter(name: str, *values: int, time: int = NOON) -> Metric:
    metric = Metric(name=name, description="how often", unit="1")
    metric.sum.is_monotonic = True
    metric.sum.aggregation_temporality = 2  # type: ignore[assignment] # cumulative
    for place, value in enumerate(values):
        point = metric.sum.data_points.add()
        point.time_unix_nano = time + place
        point.as_int = value
    return metric


def metric_request(*metrics: Metric, service: str = "shop") -> ExportMetricsServiceRequest:
    request = ExportMetricsServiceRequest()
    group = request.resource_metrics.add()
    group.resource.attributes.extend(key_values({"service.name": service}))
    inner = group.scope_metrics.add()
    inner.scope.name = "tests"
    inner.metrics.extend(metrics)
    return request


def batch_of(*requests: Message) -> Batch:
    """What these requests become: rows of every table."""
    batch, shared = Batch.empty(), SharedRows()
    for request in requests:
        if isinstance(request, ExportTraceServiceRequest):
            add_spans(request, shared, batch)
        elif isinstance(request, ExportLogsServiceRequest):
            add_logs(request, shared, batch)
        else:
            add_metrics(request, shared, batch)
    return batch


_MADE = Batch.empty()


def records(*spans: Span, service: str = "shop") -> list[SpanRecord]:
    """The rows that spans become; what they refer to is kept for `batch_with`."""
    batch = batch_of(trace_request(*spans, service=service))
    _MADE.resources |= batch.resources
    _MADE.scopes |= batch.scopes
    _MADE.payloads |= batch.payloads
    return batch.spans


def batch_with(*spans: SpanRecord) -> Batch:
    """A batch of rows that `records` made, or rows made of them, with what they refer to."""
    batch = Batch.empty()
    batch.spans.extend(spans)
    batch.resources |= {row.resource_id: _MADE.resources[row.resource_id] for row in spans}
    batch.scopes |= {row.scope_id: _MADE.scopes[row.scope_id] for row in spans}
    batch.payloads |= _MADE.payloads
    return batch


def shuffled_batches(spans: Sequence[Span], order: Sequence[int], cuts: Sequence[int]) -> list[list[Span]]:
    """`spans` in the order of these indexes (any of them may come again), cut at these places."""
    line = [spans[index] for index in order]
    edges = [0, *sorted({cut for cut in cuts if 0 < cut < len(line)}), len(line)]
    return [line[a:b] for a, b in pairwise(edges)]
