"""OTLP/gRPC: the three collector services over one sink.

Messages are taken as bytes and decoded here, so that one that is too large or no protobuf is counted and kept as over
HTTP. Source: OpenTelemetry protocol specification, "OTLP/gRPC": UNAVAILABLE tells the sender to try again.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from llm_tracing.access.certificate import Certificate
from llm_tracing.errors import LlmTracingError, PortInUse, ReceiveError
from llm_tracing.own_traces import MARK, OwnTraces
from llm_tracing.receive.decode import (
    INTERNAL,
    INVALID_ARGUMENT,
    PROTOBUF,
    RESOURCE_EXHAUSTED,
    Signal,
    decode,
    too_large,
)
from llm_tracing.receive.http import code_of, export_response, reason_of, retry_after
from llm_tracing.receive.kept import MAX_PAYLOAD
from llm_tracing.receive.sink import GRPC, Sink

_CODES = {
    RESOURCE_EXHAUSTED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    INTERNAL: grpc.StatusCode.INTERNAL,
    INVALID_ARGUMENT: grpc.StatusCode.INVALID_ARGUMENT,
}
WORKERS = 16  # each waits for its commit, so this is how many requests can share one
_COLLECTOR = "opentelemetry.proto.collector"
_SERVICES: dict[Signal, str] = {
    "traces": f"{_COLLECTOR}.trace.v1.TraceService",
    "logs": f"{_COLLECTOR}.logs.v1.LogsService",
    "metrics": f"{_COLLECTOR}.metrics.v1.MetricsService",
}


class _Exporter:
    """The one method that all three services have."""

    def __init__(self, signal: Signal, sink: Sink, max_body: int) -> None:
        self._signal: Signal = signal
        self._sink = sink
        self._max_body = max_body

    def export(self, messages: Iterator[bytes], context: Any) -> bytes:
        """Answer the one message of a call. It comes as a stream of one: so this is also called when none arrives."""
        sender = _sender(context)
        body = self._whole(messages, context, sender)
        try:
            if len(body) > self._max_body:
                raise too_large(len(body), self._max_body)
            accepted = self._sink.submit(self._signal, decode(self._signal, body, PROTOBUF), len(body), GRPC).result()
        except ReceiveError as error:
            self._refuse(sender, error, body)
            _abort(context, error)
        except LlmTracingError as error:
            self._sink.senders.refused(sender, "unavailable", error.line())
            _abort(context, error)
        if accepted.rejected:
            self._keep(sender, body, accepted.message, "partial", 200)
        return export_response(self._signal, accepted).SerializeToString()

    def _whole(self, messages: Iterator[bytes], context: Any, sender: str) -> bytes:
        try:
            return next(messages)
        except StopIteration:
            what = "A call without a message."
        except Exception:  # gRPC has ended the call by itself and says no more here than that
            what = (
                f"A message did not arrive whole: over the limit of {self._max_body:,} bytes by far "
                "(send smaller batches, or raise LLM_TRACING_MAX_BODY), or the sender gave up."
            )
        self._sink.senders.refused(sender, "incomplete", f"{self._path}: {what}")
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, what)
        raise AssertionError("abort() always raises")

    def _refuse(self, sender: str, error: ReceiveError, body: bytes) -> None:
        message = f"{self._path}: {error.line()}"
        self._sink.senders.refused(sender, reason_of(error.status), message)
        if self._sink.senders.kept.takes(error):
            self._keep(sender, body, message, reason_of(error.status), error.status)

    @property
    def _path(self) -> str:
        """That of the request over OTLP/HTTP that says the same: it is sent again there."""
        return f"/v1/{self._signal}"

    def _keep(self, sender: str, body: bytes, message: str, reason: str, status: int) -> None:
        self._sink.senders.kept.add(
            sender=sender,
            reason=reason,
            message=message,
            method="POST",
            path=self._path,
            content_type=PROTOBUF,
            content_encoding="",
            status=status,
            payload=body,
        )


def _sender(context: Any) -> str:
    """Its User-Agent, as over HTTP; the message itself may not be readable."""
    named = [value for key, value in context.invocation_metadata() or () if key == "user-agent"]
    return str(named[0])[:200] if named and named[0] else "(no User-Agent)"


def _most(max_body: int) -> int:
    """Bytes of a message that are read, a little more than are taken: the sender of a larger one is told which."""
    return max(max_body + max_body // 4, MAX_PAYLOAD)


def _abort(context: Any, error: LlmTracingError) -> None:
    """End a call; with RetryInfo where it may come again, without which RESOURCE_EXHAUSTED is for good."""
    too_long = isinstance(error, ReceiveError) and error.status == 413
    code = RESOURCE_EXHAUSTED if too_long else code_of(error)
    details = Status(code=code, message=error.line())
    if (seconds := retry_after(error)) is not None:
        info = RetryInfo()
        info.retry_delay.seconds = seconds
        details.details.add().Pack(info)
        # The Python exporter reads RetryInfo here, the others in the details of the status.
        python_key = ("google.rpc.retryinfo-bin", info.SerializeToString())
        context.set_trailing_metadata((("grpc-status-details-bin", details.SerializeToString()), python_key))
    context.abort(_CODES.get(code, grpc.StatusCode.UNAVAILABLE), error.line())


class OwnTracesInterceptor(grpc.ServerInterceptor):
    """A span of our own around every call, where somebody wants to see them."""

    def __init__(self, traces: OwnTraces) -> None:
        self._traces = traces

    def intercept_service(self, continuation: Callable[[Any], Any], details: Any) -> Any:
        handler = continuation(details)
        if not self._traces.on or handler is None or handler.stream_unary is None:
            return handler
        marked = any(name == MARK for name, _ in details.invocation_metadata)

        def serve(messages: Iterator[bytes], call: Any) -> bytes:
            with self._traces.call(details.method.lstrip("/"), marked):
                answer: bytes = handler.stream_unary(messages, call)
                return answer

        return grpc.stream_unary_rpc_method_handler(serve, handler.request_deserializer, handler.response_serializer)


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
            ThreadPoolExecutor(WORKERS, thread_name_prefix="otlp-grpc"),
            interceptors=list(interceptors),
            maximum_concurrent_rpcs=4 * WORKERS,  # what waits beyond holds its whole message in memory
            # What is too large is read as far as it can be kept; gRPC itself ends what is larger still.
            options=[("grpc.max_receive_message_length", _most(max_body)), ("grpc.so_reuseport", 0)],
        )
        for signal, service in _SERVICES.items():
            method: Any = grpc.stream_unary_rpc_method_handler(_Exporter(signal, sink, max_body).export)
            self._server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(service, {"Export": method})])
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
