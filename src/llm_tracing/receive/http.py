"""OTLP/HTTP: any path that ends in /v1/traces, /v1/logs or /v1/metrics.

Source: OpenTelemetry protocol specification, "OTLP/HTTP": success and failure answer in the request's own encoding;
a failure carries google.rpc.Status, a partly refused request 200 with partial_success.
"""

import asyncio
from collections.abc import Awaitable, Callable

from google.protobuf import json_format
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from llm_tracing.errors import LlmTracingError, ReceiveError
from llm_tracing.receive.decode import (
    JSON,
    PROTOBUF,
    UNAVAILABLE,
    Signal,
    decode,
    decompress,
    media_type,
    too_large,
)
from llm_tracing.receive.senders import Senders
from llm_tracing.receive.sink import Accepted, Sink

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
_REASONS = {413: "too_large", 415: "media_type", 429: "queue_full", 500: "failed", 503: "unavailable"}
# A JSON body this large is decoded off the event loop; protobuf is quick enough at any size that is allowed.
_JSON_IN_THREAD = 64 * 1024


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


def failure(error: LlmTracingError, media: str) -> Response:
    """An error in OTLP's own form. What is not the sender's fault asks it to come again."""
    if isinstance(error, ReceiveError):
        status, code, retry = error.status, error.grpc_code, error.retry_after_s
    else:
        status, code, retry = 503, UNAVAILABLE, 1
    body = Status(code=code, message=error.line())
    headers = {} if retry is None else {"Retry-After": str(retry)}
    return Response(_encode(body, media), status, headers, media_type=media)


def note_refusal(senders: Senders, request: Request, error: LlmTracingError) -> None:
    """Count a request that was refused whole; whose it is, only its User-Agent says."""
    status = error.status if isinstance(error, ReceiveError) else 503
    sender = request.headers.get("user-agent", "(no User-Agent)")[:200]
    senders.refused(sender, _REASONS.get(status, "invalid"), f"{request.url.path}: {error.line()}")


async def read_body(request: Request, limit: int) -> bytes:
    """The body as sent; ReceiveError 413 as soon as it is seen to be over `limit`."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise too_large(int(declared), limit)
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise too_large(None, limit)
        chunks.append(chunk)
    return b"".join(chunks)


def export_endpoint(signal: Signal, sink: Sink, max_body: int) -> Callable[[Request], Awaitable[Response]]:
    async def export(request: Request) -> Response:
        media = JSON if JSON in request.headers.get("content-type", "").lower() else PROTOBUF
        try:
            media = media_type(request.headers.get("content-type"))
            sent = await read_body(request, max_body)
            body = decompress(sent, request.headers.get("content-encoding"), max_body)
            if media == JSON and len(body) > _JSON_IN_THREAD:
                message = await asyncio.to_thread(decode, signal, body, media)
            else:
                message = decode(signal, body, media)
            accepted = await asyncio.wrap_future(sink.submit(signal, message, len(body)))
        except ClientDisconnect:
            return Response(status_code=400)
        except LlmTracingError as error:
            note_refusal(sink.senders, request, error)
            return failure(error, media)
        return Response(_encode(export_response(signal, accepted), media), media_type=media)

    return export


def otlp_routes(sink: Sink, max_body: int) -> list[Route]:
    """The routes of the three signals; clients such as Langfuse's put a path of their own before /v1/traces."""
    return [
        Route(f"{prefix}/v1/{signal}", export_endpoint(signal, sink, max_body), methods=["POST"])
        for signal in RESPONSES
        for prefix in ("", "/{prefix:path}")
    ]
