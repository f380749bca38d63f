"""The load: traces of a question answered from a database, in batches as OpenTelemetry's SDK and collector send them.

Questions, statements and answers differ from trace to trace; the 2.3 kB system prompt with the schema is the same, as
it is in life.
"""

from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from bench.question import Question, attributes, make_question, make_steps

SDK_BATCH = 512  # OTEL_BSP_MAX_EXPORT_BATCH_SIZE
COLLECTOR_BATCH = 8_192  # send_batch_size of the collector's batch processor
FIRST_TRACE_NS = 1_767_225_600_000_000_000  # 2026-01-01
TRACE_EVERY_NS = 4_000_000_000

_MS = 1_000_000
_SAMPLED_LOCAL_PARENT = 0x101
_SCHEMA_URL = "https://opentelemetry.io/schemas/1.37.0"
_VERSION = "0.61b0"
SERVICES = ("qa", "qa", "qa", "shop-assistant", "reporting")


class Trace(NamedTuple):
    trace_id: bytes
    question: Question
    service: str
    spans: list[tuple[str, Span]]  # (scope, span), in the order they end


def make_trace(number: int, dice: Random) -> Trace:
    """The trace of one question; `number` sets its time."""
    question = make_question(number, dice)
    trace_id = dice.randbytes(16)
    begun = FIRST_TRACE_NS + number * TRACE_EVERY_NS
    steps = make_steps(question, dice)
    ids = [dice.randbytes(8) for _ in steps]
    spans = [
        (
            step.scope,
            Span(
                trace_id=trace_id,
                span_id=ids[place],
                parent_span_id=b"" if step.parent is None else ids[step.parent],
                flags=_SAMPLED_LOCAL_PARENT,
                name=step.name,
                kind=step.kind,
                start_time_unix_nano=begun + int(step.start_ms * _MS),
                end_time_unix_nano=begun + int(step.end_ms * _MS),
                attributes=step.attributes,
            ),
        )
        for place, step in enumerate(steps)
    ]
    if question.failed:
        _fail(spans[0][1])
    return Trace(trace_id, question, dice.choice(SERVICES), sorted(spans, key=lambda item: item[1].end_time_unix_nano))


def _fail(span: Span) -> None:
    span.status.CopyFrom(Status(code=Status.STATUS_CODE_ERROR, message="OperationalError: database is locked"))
    event = span.events.add(name="exception", time_unix_nano=span.end_time_unix_nano)
    event.attributes.extend(
        attributes(
            exception__type="sqlite3.OperationalError",
            exception__message="database is locked",
            exception__stacktrace="Traceback (most recent call last):\n"
            + '  File "service.py", line 10, in ask\n' * 20,
        )
    )


def traces(count: int, seed: int = 1, first: int = 0) -> Iterator[Trace]:
    """`first` is the number of the first one: they are later than those before it."""
    dice = Random(seed)
    return (make_trace(number, dice) for number in range(first, first + count))


def trace_bodies(count: int, spans_per_body: int, seed: int = 1, first: int = 0) -> Iterator[bytes]:
    """OTLP protobuf bodies of `spans_per_body` spans: the ended spans of `count` traces, cut where it falls."""
    waiting: list[tuple[str, str, Span]] = []
    for trace in traces(count, seed, first):
        waiting.extend((trace.service, scope, span) for scope, span in trace.spans)
        while len(waiting) >= spans_per_body:
            yield body_of(waiting[:spans_per_body])
            del waiting[:spans_per_body]
    if waiting:
        yield body_of(waiting)


def body_of(spans: list[tuple[str, str, Span]]) -> bytes:
    """One export: a resource for each service, in it the scopes, as the SDK and the collector group them."""
    request = ExportTraceServiceRequest()
    grouped: dict[str, dict[str, list[Span]]] = {}
    for service, scope, span in spans:
        grouped.setdefault(service, {}).setdefault(scope, []).append(span)
    for service, scopes in grouped.items():
        resource_spans = request.resource_spans.add()
        resource_spans.resource.attributes.extend(_resource(service))
        for scope, members in scopes.items():
            scope_spans = resource_spans.scope_spans.add(schema_url=_SCHEMA_URL)
            scope_spans.scope.name, scope_spans.scope.version = scope, _VERSION
            scope_spans.spans.extend(members)
    return request.SerializeToString()


def _resource(service: str) -> list[KeyValue]:
    return attributes(
        telemetry__sdk__language="python",
        telemetry__sdk__name="opentelemetry",
        telemetry__sdk__version="1.40.0",
        service__name=service,
        service__version="1.4.0",
        service__instance__id=f"{service}-0",
        deployment__environment__name="production",
        host__name="node-3",
    )


def log_bodies(count: int, logs_per_body: int = 2_000, seed: int = 1) -> Iterator[bytes]:
    """OTLP bodies of two log records for each of the same `count` traces."""
    request = ExportLogsServiceRequest()
    records: Any = None
    held = 0
    for trace in traces(count, seed):
        if records is None:
            resource_logs = request.resource_logs.add()
            resource_logs.resource.attributes.extend(_resource("qa"))
            records = resource_logs.scope_logs.add().log_records
        server = trace.spans[-1][1]
        for text in (f"asked: {trace.question.asked}", "answered with 5 rows"):
            record = records.add(time_unix_nano=server.start_time_unix_nano, severity_number=9, severity_text="INFO")
            record.body.string_value = text
            record.trace_id, record.span_id = trace.trace_id, server.span_id
            record.attributes.extend(attributes(code__function__name="ask", code__line__number=42))
            held += 1
        if held >= logs_per_body:
            yield request.SerializeToString()
            request, records, held = ExportLogsServiceRequest(), None, 0
    if held:
        yield request.SerializeToString()
