"""A small OTLP collector that keeps what it is sent: real HTTP or gRPC, real protobuf, nothing of the server.

`requests` holds every accepted request as (path, raw body) in order; the properties decode them anew on
each access.
"""

import gzip
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic, sleep
from typing import Any, TypeAlias

import grpc
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2, logs_service_pb2_grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

Message: TypeAlias = Any  # a protobuf message: the package comes without types
Plain: TypeAlias = Any  # a decoded AnyValue: str, bool, int, float, bytes, list, dict or None

REQUESTS: dict[str, Message] = {
    "/v1/traces": trace_service_pb2.ExportTraceServiceRequest,
    "/v1/logs": logs_service_pb2.ExportLogsServiceRequest,
    "/v1/metrics": metrics_service_pb2.ExportMetricsServiceRequest,
}


def plain(value: AnyValue) -> Plain:
    """An AnyValue as the Python value it stands for."""
    which = value.WhichOneof("value")
    if which is None:
        return None
    if which == "array_value":
        return [plain(item) for item in value.array_value.values]
    if which == "kvlist_value":
        return attributes(value.kvlist_value.values)
    return getattr(value, which)


def attributes(pairs: Iterable[KeyValue]) -> dict[str, Plain]:
    return {pair.key: plain(pair.value) for pair in pairs}


@dataclass(frozen=True, slots=True)
class SinkSpan:
    trace_id: str
    span_id: str
    parent_id: str
    name: str
    kind: int
    scope: str
    status: int
    start_ns: int
    end_ns: int
    attributes: dict[str, Plain]
    resource: dict[str, Plain]
    events: list[tuple[str, dict[str, Plain]]]


@dataclass(frozen=True, slots=True)
class SinkLog:
    trace_id: str
    span_id: str
    body: Plain
    severity: int
    severity_text: str
    scope: str
    event_name: str
    attributes: dict[str, Plain]
    resource: dict[str, Plain]


@dataclass(frozen=True, slots=True)
class SinkMetric:
    name: str
    unit: str
    scope: str
    points: list[dict[str, Plain]]
    resource: dict[str, Plain]


@dataclass(slots=True)
class Sink:
    """What arrived. `endpoint` is the base address a client is told."""

    endpoint: str = ""
    requests: list[tuple[str, bytes]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def _decoded(self, path: str) -> Iterator[Any]:
        for sent_path, body in list(self.requests):
            if sent_path == path:
                message = REQUESTS[path]()
                message.ParseFromString(body)
                yield message

    @property
    def spans(self) -> list[SinkSpan]:
        return [
            SinkSpan(
                trace_id=span.trace_id.hex(),
                span_id=span.span_id.hex(),
                parent_id=span.parent_span_id.hex(),
                name=span.name,
                kind=span.kind,
                scope=scoped.scope.name,
                status=span.status.code,
                start_ns=span.start_time_unix_nano,
                end_ns=span.end_time_unix_nano,
                attributes=attributes(span.attributes),
                resource=attributes(group.resource.attributes),
                events=[(event.name, attributes(event.attributes)) for event in span.events],
            )
            for message in self._decoded("/v1/traces")
            for group in message.resource_spans
            for scoped in group.scope_spans
            for span in scoped.spans
        ]

    @property
    def logs(self) -> list[SinkLog]:
        return [
            SinkLog(
                trace_id=record.trace_id.hex(),
                span_id=record.span_id.hex(),
                body=plain(record.body),
                severity=record.severity_number,
                severity_text=record.severity_text,
                scope=scoped.scope.name,
                event_name=record.event_name,
                attributes=attributes(record.attributes),
                resource=attributes(group.resource.attributes),
            )
            for message in self._decoded("/v1/logs")
            for group in message.resource_logs
            for scoped in group.scope_logs
            for record in scoped.log_records
        ]

    @property
    def metrics(self) -> list[SinkMetric]:
        return [
            SinkMetric(
                name=metric.name,
                unit=metric.unit,
                scope=scoped.scope.name,
                points=[
                    attributes(point.attributes) for point in getattr(metric, metric.WhichOneof("data")).data_points
                ],
                resource=attributes(group.resource.attributes),
            )
            for message in self._decoded("/v1/metrics")
            for group in message.resource_metrics
            for scoped in group.scope_metrics
            for metric in scoped.metrics
        ]

    def wait_for(self, holds: Callable[["Sink"], object], seconds: float = 5.0) -> None:
        """Return when `holds(self)` is true; AssertionError after `seconds`."""
        deadline = monotonic() + seconds
        while not holds(self):
            assert monotonic() < deadline, f"not within {seconds} s; spans: {[s.name for s in self.spans]}"
            sleep(0.02)


def _http_handler(sink: Sink) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            known = self.path in REQUESTS
            if known:
                sink.headers.append({key.lower(): value for key, value in self.headers.items()})
                sink.requests.append((self.path, body))
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet: the tests read `sink.requests`."""

    return Handler


@contextmanager
def http_sink(port: int = 0) -> Iterator[Sink]:
    sink = Sink()
    server = ThreadingHTTPServer(("127.0.0.1", port), _http_handler(sink))
    server.daemon_threads = True
    sink.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def grpc_sink() -> Iterator[Sink]:
    sink = Sink()

    def keeper(path: str, response: Message) -> Callable[[Any, Message, grpc.ServicerContext], Message]:
        def export(_self: object, request: Message, context: grpc.ServicerContext) -> Message:
            sink.headers.append({key: str(value) for key, value in context.invocation_metadata()})
            sink.requests.append((path, request.SerializeToString()))
            return response

        return export

    server = grpc.server(ThreadPoolExecutor(max_workers=3))
    for path, module, service, response in (
        (
            "/v1/traces",
            trace_service_pb2_grpc,
            "TraceService",
            trace_service_pb2.ExportTraceServiceResponse(),
        ),
        ("/v1/logs", logs_service_pb2_grpc, "LogsService", logs_service_pb2.ExportLogsServiceResponse()),
        (
            "/v1/metrics",
            metrics_service_pb2_grpc,
            "MetricsService",
            metrics_service_pb2.ExportMetricsServiceResponse(),
        ),
    ):
        servicer = type(service, (getattr(module, f"{service}Servicer"),), {"Export": keeper(path, response)})
        getattr(module, f"add_{service}Servicer_to_server")(servicer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    sink.endpoint = f"http://127.0.0.1:{port}"
    server.start()
    try:
        yield sink
    finally:
        server.stop(grace=None).wait()
