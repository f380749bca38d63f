"""Bytes of an OTLP request to its protobuf message, whatever the encoding; refusals say what to do.

Source: OpenTelemetry protocol specification, "OTLP/HTTP Request" and "JSON Protobuf Encoding".
"""

import base64
import binascii
import gzip
import io
import json
import zlib
from collections.abc import Callable
from typing import Any, Literal

import zstandard
from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from llm_tracing.errors import ReceiveError

Signal = Literal["traces", "logs", "metrics"]
PROTOBUF = "application/x-protobuf"
JSON = "application/json"

REQUESTS: dict[Signal, type[Message]] = {
    "traces": ExportTraceServiceRequest,
    "logs": ExportLogsServiceRequest,
    "metrics": ExportMetricsServiceRequest,
}

# google.rpc.Code
INVALID_ARGUMENT, RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE = 3, 8, 13, 14

_STEP = 1024  # bytes of zstd at a time: at most 32 MiB when decompressed (128 KiB for 4 bytes)

# OTLP/JSON writes these as hex, where proto3's JSON form would have base64.
_HEX_FIELDS = frozenset({"traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id"})


def media_type(content_type: str | None) -> str:
    """The media type of a Content-Type header; 415 unless it is one that OTLP names."""
    found = (content_type or "").split(";", 1)[0].strip().lower()
    if found in (PROTOBUF, JSON):
        return found
    raise ReceiveError(
        415, INVALID_ARGUMENT, f"Content-Type {found or '(none)'} is not OTLP.", f"Send {PROTOBUF} or {JSON}."
    )


def too_large(size: int | None, limit: int) -> ReceiveError:
    amount = f"a body of {size:,} bytes is" if size is not None else "the body is"
    return ReceiveError(
        413,
        INVALID_ARGUMENT,
        f"Refused: {amount} over the limit of {limit:,} bytes.",
        "Send smaller batches, or raise LLM_TRACING_MAX_BODY.",
    )


def _bounded(read: Callable[[int], bytes], limit: int) -> bytes:
    data = read(limit + 1)
    if len(data) > limit:
        raise too_large(None, limit)
    return data


def _inflate(body: bytes, limit: int) -> bytes:
    """zlib or raw deflate: clients differ in what they call deflate."""
    for window in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        stream = zlib.decompressobj(window)
        try:
            data = stream.decompress(body, limit + 1)
        except zlib.error:
            continue
        if len(data) > limit:
            raise too_large(None, limit)
        if not stream.eof:
            raise zlib.error("the stream ends early")
        return data
    raise zlib.error("neither zlib nor raw deflate")


def _unzstd(body: bytes, limit: int) -> bytes:
    """One frame or several. Their headers need not say how much they hold, so they are fed in small steps."""
    chunks: list[bytes] = []
    size = at = 0
    frame = None
    while at < len(body):
        frame = frame or zstandard.ZstdDecompressor().decompressobj()
        chunk = frame.decompress(body[at : at + _STEP])
        at += _STEP
        if frame.eof:
            at = min(at, len(body)) - len(frame.unused_data)
            frame = None
        size += len(chunk)
        if size > limit:
            raise too_large(None, limit)
        chunks.append(chunk)
    if frame is not None:
        raise zstandard.ZstdError("the stream ends early")
    return b"".join(chunks)


def decompress(body: bytes, content_encoding: str | None, limit: int) -> bytes:
    """The plain body. Never holds more than `limit` bytes of output.

    Raises ReceiveError: 415 for an encoding not known, 413 over the limit, 400 for a broken stream.
    """
    encoding = (content_encoding or "identity").strip().lower()
    try:
        if encoding in ("identity", ""):
            return body
        if encoding in ("gzip", "x-gzip"):
            return _bounded(gzip.GzipFile(fileobj=io.BytesIO(body)).read, limit)
        if encoding == "deflate":
            return _inflate(body, limit)
        if encoding == "zstd":
            return _unzstd(body, limit)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        raise ReceiveError(400, INVALID_ARGUMENT, f"The body is not valid {encoding}: {error}.") from error
    raise ReceiveError(
        415,
        INVALID_ARGUMENT,
        f"Content-Encoding {encoding} is not known.",
        "Use gzip, deflate, zstd or identity.",
    )


def _hex_to_base64(text: str) -> str:
    return base64.b64encode(binascii.unhexlify(text)).decode()


def _ids_to_base64(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            key: _hex_to_base64(value) if key in _HEX_FIELDS and isinstance(value, str) else _ids_to_base64(value)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [_ids_to_base64(item) for item in node]
    return node


def _from_json(body: bytes, message: Message) -> None:
    tree = json.loads(body)
    if not isinstance(tree, dict):
        raise ValueError("the top level is not an object")
    fill_from_tree(tree, message)


def fill_from_tree(tree: dict[str, Any], message: Message) -> None:
    """Fill a request with what its JSON says. Raises ParseError, ValueError, RecursionError."""
    json_format.ParseDict(_ids_to_base64(tree), message, ignore_unknown_fields=True)


def decode(signal: Signal, body: bytes, media: str) -> Message:
    """The Export*ServiceRequest in a plain body; ReceiveError 400 if it is malformed."""
    message = REQUESTS[signal]()
    try:
        if media == JSON:
            _from_json(body, message)
        else:
            message.ParseFromString(body)
    except (DecodeError, json_format.ParseError, ValueError, RecursionError) as error:
        form = "OTLP JSON" if media == JSON else "OTLP protobuf"
        reason = " ".join(str(error).split())[:300]
        raise ReceiveError(
            400,
            INVALID_ARGUMENT,
            f"The body is not {form} for {signal}: {reason}.",
            "Nothing of it was stored.",
        ) from error
    return message
