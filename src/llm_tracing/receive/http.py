"""OTLP/HTTP: any path that ends in /v1/traces, /v1/logs or /v1/metrics.

Source: OpenTelemetry protocol specification, "OTLP/HTTP": success and failure answer in the request's own encoding;
a failure carries google.rpc.Status, a partly refused request 200 with partial_success.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from functools import partial

from google.protobuf import json_format
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from llm_tracing.errors import DiskFull, LlmTracingError, ReceiveError, StoreError
from llm_tracing.receive.decode import (
    JSON,
    PROTOBUF,
    RESOURCE_EXHAUSTED,
    UNAVAILABLE,
    Signal,
    decode,
    decompress,
    media_type,
    too_large,
)
from llm_tracing.receive.in_flight import InFlight
from llm_tracing.receive.kept import MAX_PAYLOAD
from llm_tracing.receive.senders import Senders
from llm_tracing.receive.sink import HTTP_JSON, HTTP_PROTOBUF, Accepted, Sink
from llm_tracing.receive.threads import in_thread

RESPONSES: dict[Signal, type[Message]] = {
    "traces": ExportTraceServiceResponse,
    "logs": ExportLogsServiceResponse,
    "metrics": ExportMetricsServiceResponse,
}
REJECTED_FIELD: dict[Signal, str] = {
    "traces": "rejected_spans",
    "logs": "rejected_log_records",
    "metrics": "rejected_data_points",
}
WAYS = {PROTOBUF: HTTP_PROTOBUF, JSON: HTTP_JSON}
REPLAYED = "llm_tracing.replayed"  # in the scope of a request that is run again
_REASONS = {413: "too_large", 415: "media_type", 429: "queue_full", 500: "failed", 503: "unavailable"}
# A JSON body this large is decoded off the event loop; protobuf is quick enough at any size that is allowed.
_JSON_IN_THREAD = 64 * 1024


def reason_of(status: int) -> str:
    """The word that a refusal with this status is counted under."""
    return _REASONS.get(status, "invalid")


def export_response(signal: Signal, accepted: Accepted) -> Message:
    """The Export*ServiceResponse of a request that was taken."""
    response = RESPONSES[signal]()
    if accepted.rejected or accepted.message:
        partial = response.partial_success  # type: ignore[attr-defined]
        setattr(partial, REJECTED_FIELD[signal], accepted.rejected)
        partial.error_message = accepted.message
    return response


def _encode(message: Message, media: str) -> bytes:
    return json_format.MessageToJson(message, indent=None).encode() if media == JSON else message.SerializeToString()


def code_of(error: LlmTracingError) -> int:
    """google.rpc.Code of an error."""
    if isinstance(error, ReceiveError):
        return error.grpc_code
    return RESOURCE_EXHAUSTED if isinstance(error, DiskFull) else UNAVAILABLE


def retry_after(error: LlmTracingError) -> int | None:
    """Seconds after which a request refused for this may come again; None if it would be refused again."""
    if isinstance(error, ReceiveError):
        return error.retry_after_s
    return error.retry_after_s if isinstance(error, StoreError) else 1


def failure(error: LlmTracingError, media: str) -> Response:
    """An error in OTLP's own form. What is not the sender's fault asks it to come again."""
    if isinstance(error, ReceiveError):
        status, code, retry = error.status, error.grpc_code, error.retry_after_s
    else:
        status, code, retry = 503, code_of(error), retry_after(error)
    body = Status(code=code, message=error.line())
    headers = {} if retry is None else {"Retry-After": str(retry)}
    return Response(_encode(body, media), status, headers, media_type=media)


async def note_refusal(senders: Senders, request: Request, error: LlmTracingError, sent: bytes | None) -> None:
    """Count a request that was refused whole, and keep it; whose it is, only its User-Agent says."""
    status = error.status if isinstance(error, ReceiveError) else 503
    sender = request.headers.get("user-agent", "(no User-Agent)")[:200]
    reason, message = reason_of(status), f"{request.url.path}: {error.line()}"
    if REPLAYED in request.scope:  # it is kept already
        return
    senders.refused(sender, reason, message)
    if senders.kept.takes(error):
        await keep(senders, request, sent, sender=sender, reason=reason, message=message, status=status)


async def keep(
    senders: Senders, request: Request, sent: bytes | None, *, sender: str, reason: str, message: str, status: int
) -> None:
    """Keep a request of which something was refused; writing it down takes a thread, not the event loop."""
    if REPLAYED in request.scope:
        return
    await in_thread(
        partial(
            senders.kept.add,
            sender=sender,
            reason=reason,
            message=message,
            method=request.method,
            path=request.url.path,
            content_type=request.headers.get("content-type", ""),
            content_encoding=request.headers.get("content-encoding", ""),
            status=status,
            payload=sent,
        )
    )


class Body:
    """The body of one request; `sent` are its bytes once they are all here, else None."""

    def __init__(self, request: Request, in_flight: InFlight | None = None) -> None:
        self._request = request
        self._in_flight = in_flight or InFlight(sys.maxsize)
        self._held = 0
        self.sent: bytes | None = None

    def __enter__(self) -> "Body":
        return self

    def __exit__(self, *_: object) -> None:
        self._in_flight.give_back(self._held)

    def hold(self, size: int) -> None:
        """Count bytes that this request holds until it is answered; ReceiveError 503 if all hold too many."""
        self._in_flight.take(size, self._held)
        self._held += size

    async def read(self, limit: int) -> bytes:
        """The body as sent; ReceiveError 413 as soon as it is seen to be over `limit` and too large to be kept."""
        most = max(limit, MAX_PAYLOAD)
        declared = self._request.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > most:
            raise too_large(int(declared), limit)
        chunks: list[bytes] = []
        size = 0
        async for chunk in self._request.stream():
            size += len(chunk)
            if size > most:
                raise too_large(None, limit)
            self.hold(len(chunk))
            chunks.append(chunk)
        self.sent = b"".join(chunks)
        if size > limit:
            raise too_large(size, limit)
        return self.sent


async def read_body(request: Request, limit: int) -> bytes:
    """The body as sent; ReceiveError 413 if it is over `limit`."""
    with Body(request) as body:
        return await body.read(limit)


def export_endpoint(
    signal: Signal, sink: Sink, max_body: int, in_flight: InFlight
) -> Callable[[Request], Awaitable[Response]]:
    async def export(request: Request) -> Response:
        with Body(request, in_flight) as whole:
            return await _export(request, whole)

    async def _export(request: Request, whole: Body) -> Response:
        media = JSON if JSON in request.headers.get("content-type", "").lower() else PROTOBUF
        try:
            sent = await whole.read(max_body)
            media = media_type(request.headers.get("content-type"))
            body = decompress(sent, request.headers.get("content-encoding"), max_body)
            if body is not sent:
                whole.hold(len(body))
            if media == JSON and len(body) > _JSON_IN_THREAD:
                message = await in_thread(partial(decode, signal, body, media))
            else:
                message = decode(signal, body, media)
            accepted = await asyncio.wrap_future(sink.submit(signal, message, len(body), WAYS[media]))
        except ClientDisconnect:
            return Response(status_code=400)
        except LlmTracingError as error:
            await note_refusal(sink.senders, request, error, whole.sent)
            return failure(error, media)
        if accepted.rejected:
            sender = request.headers.get("user-agent", "(no User-Agent)")[:200]
            await keep(
                sink.senders, request, sent, sender=sender, reason="partial", message=accepted.message, status=200
            )
        return Response(_encode(export_response(signal, accepted), media), media_type=media)

    return export


def otlp_routes(sink: Sink, max_body: int, in_flight: InFlight) -> list[Route]:
    """The routes of the three signals; clients such as Langfuse's put a path of their own before /v1/traces."""
    return [
        Route(f"{prefix}/v1/{signal}", export_endpoint(signal, sink, max_body, in_flight), methods=["POST"])
        for signal in RESPONSES
        for prefix in ("", "/{prefix:path}")
    ]
