"""OTLP/gRPC: the three collector services over one sink.

Source: OpenTelemetry protocol specification, "OTLP/gRPC": UNAVAILABLE tells the sender to try again.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2_grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc

from llm_tracing.access.certificate import Certificate
from llm_tracing.errors import LlmTracingError, PortInUse, ReceiveError
from llm_tracing.receive.decode import INTERNAL, PROTOBUF, RESOURCE_EXHAUSTED, Signal
from llm_tracing.receive.http import export_response
from llm_tracing.receive.sink import GRPC, Sink

_CODES = {RESOURCE_EXHAUSTED: grpc.StatusCode.RESOURCE_EXHAUSTED, INTERNAL: grpc.StatusCode.INTERNAL}
_WORKERS = 16  # each waits for its commit, so this is how many requests can share one


class _Exporter:
    """The one method that all three services have."""

    def __init__(self, signal: Signal, sink: Sink) -> None:
        self._signal: Signal = signal
        self._sink = sink

    def Export(self, request: Message, context: Any) -> Message:
        try:
            accepted = self._sink.submit(self._signal, request, request.ByteSize(), GRPC).result()
        except ReceiveError as error:
            self._sink.senders.refused(GRPC, "unavailable" if error.status == 503 else "failed", error.line())
            if self._sink.senders.kept.takes(error):
                self._keep(request, error.line(), "failed", error.status)
            context.abort(_CODES.get(error.grpc_code, grpc.StatusCode.UNAVAILABLE), error.line())
        except LlmTracingError as error:
            context.abort(grpc.StatusCode.UNAVAILABLE, error.line())
        if accepted.rejected:
            self._keep(request, accepted.message, "partial", 200)
        return export_response(self._signal, accepted)

    def _keep(self, request: Message, message: str, reason: str, status: int) -> None:
        """As the request of OTLP/HTTP that says the same."""
        self._sink.senders.kept.add(
            sender=GRPC,
            reason=reason,
            message=message,
            method="POST",
            path=f"/v1/{self._signal}",
            content_type=PROTOBUF,
            content_encoding="",
            status=status,
            payload=request.SerializeToString(),
        )


class GrpcReceiver:
    """The OTLP/gRPC server; `port` is the one it really listens on."""

    def __init__(
        self,
        sink: Sink,
        host: str,
        port: int,
        max_body: int,
        interceptors: Sequence[Any] = (),
        certificate: Certificate | None = None,
    ) -> None:
        self._server = grpc.server(
            ThreadPoolExecutor(_WORKERS, thread_name_prefix="otlp-grpc"),
            interceptors=list(interceptors),
            options=[("grpc.max_receive_message_length", max_body), ("grpc.so_reuseport", 0)],
        )
        trace_service_pb2_grpc.add_TraceServiceServicer_to_server(_Exporter("traces", sink), self._server)  # type: ignore[no-untyped-call]
        logs_service_pb2_grpc.add_LogsServiceServicer_to_server(_Exporter("logs", sink), self._server)  # type: ignore[no-untyped-call]
        metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(_Exporter("metrics", sink), self._server)  # type: ignore[no-untyped-call]
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            if certificate is None:
                self.port: int = self._server.add_insecure_port(address)
            else:
                pair = (certificate.key.read_bytes(), certificate.chain.read_bytes())
                self.port = self._server.add_secure_port(address, grpc.ssl_server_credentials([pair]))
        except RuntimeError as error:
            raise PortInUse(host, port, "--grpc-port", "LLM_TRACING_GRPC_PORT") from error

    def start(self) -> None:
        self._server.start()

    def stop(self, grace_s: float) -> None:
        self._server.stop(grace_s).wait(grace_s + 1)
