"""OTLP over gRPC, from the sender's side.

Source: OpenTelemetry protocol specification, "OTLP/gRPC Response" and its table of codes that may be retried.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2_grpc import LogsServiceStub
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2_grpc import MetricsServiceStub
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub

from llm_tracing.errors import ConfigError
from llm_tracing.exchange.replay.answers import Answer, one_line, retry_delay, seconds, taken
from llm_tracing.exchange.replay.target import Target
from llm_tracing.receive.decode import Signal

_Code = grpc.StatusCode
_LATER = frozenset(
    {_Code.CANCELLED, _Code.DEADLINE_EXCEEDED, _Code.ABORTED, _Code.OUT_OF_RANGE, _Code.UNAVAILABLE, _Code.DATA_LOSS}
)
_WRONG = frozenset({_Code.UNAUTHENTICATED, _Code.PERMISSION_DENIED, _Code.UNIMPLEMENTED, _Code.NOT_FOUND})
_TIMEOUT_S = 60.0
_TOO_LARGE = ("larger than max", "larger than limit", "over the limit")  # grpc-go, grpc core, our own receiver


class GrpcSender:
    """Raises ConfigError for a certificate that cannot be read."""

    def __init__(self, target: Target) -> None:
        self._metadata = [(name.lower(), value) for name, value in target.headers.items()]
        self._channel = _channel(target)
        self._stubs: dict[Signal, Any] = {
            "traces": TraceServiceStub(self._channel),  # type: ignore[no-untyped-call]
            "logs": LogsServiceStub(self._channel),  # type: ignore[no-untyped-call]
            "metrics": MetricsServiceStub(self._channel),  # type: ignore[no-untyped-call]
        }

    def send(self, signal: Signal, request: Message) -> Answer:
        try:
            answer = self._stubs[signal].Export(
                request, timeout=_TIMEOUT_S, metadata=self._metadata, compression=grpc.Compression.Gzip
            )
        except grpc.RpcError as error:
            return _refusal(error)
        return taken(answer)

    def close(self) -> None:
        self._channel.close()


def _channel(target: Target) -> grpc.Channel:
    parts = urlsplit(target.endpoint)
    if parts.scheme == "http":
        return grpc.insecure_channel(parts.netloc)
    try:
        roots = Path(target.certificate).read_bytes() if target.certificate else None
    except OSError as error:
        raise ConfigError(f"{target.certificate} cannot be read: {error.strerror or error}.") from error
    return grpc.secure_channel(parts.netloc, grpc.ssl_channel_credentials(roots))


def _refusal(error: Any) -> Answer:
    code, told = error.code(), one_line(str(error.details() or ""))
    said = f"{code.name}{': ' if told else ''}{told}"
    wait = _wait(error.trailing_metadata() or ())
    if code is _Code.RESOURCE_EXHAUSTED and wait is None:  # not to be retried without RetryInfo
        return Answer("too_large" if any(words in told for words in _TOO_LARGE) else "refused", said)
    if code in _LATER or code is _Code.RESOURCE_EXHAUSTED:
        return Answer("later", said, wait_s=wait)
    return Answer("wrong" if code in _WRONG else "refused", said)


def _wait(trailers: Any) -> float | None:
    found = dict(trailers)
    try:
        if details := found.get("grpc-status-details-bin"):
            return retry_delay(Status.FromString(details))
        if info := found.get("google.rpc.retryinfo-bin"):
            return seconds(RetryInfo.FromString(info))
    except DecodeError:
        pass
    return None
