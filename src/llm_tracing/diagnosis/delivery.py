"""Whether what is sent to an address arrives: the right protocol on the right port, and a trace there and back."""

import http.client
import os
import secrets
import ssl
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from llm_tracing.diagnosis.check import PROBE_SERVICE, Check, Level
from llm_tracing.diagnosis.server import ServerApi
from llm_tracing.diagnosis.target import (
    ENDPOINT,
    GRPC_PORT,
    HTTP_PORT,
    PATH,
    PROTOCOL,
    TRACES_ENDPOINT,
    Target,
    first_of,
)
from llm_tracing.diagnosis.wire import Speaks, speaks

TIMEOUT_S = 5.0
FOUND_WITHIN_S = 3.0
NEAR_S = 0.5  # for ports that may be the right one
_METHOD = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


class NotTaken(Exception):
    """An export that failed: `status` is HTTP's or gRPC's word for it."""

    def __init__(self, status: str, said: str = "") -> None:
        super().__init__(f"{status}: {said}" if said else status)
        self.status = status


def check_path(target: Target) -> list[Check]:
    """Mistakes in the path that can be seen without asking anybody."""
    if target.is_grpc:
        return []
    if target.said_by != TRACES_ENDPOINT and target.path.count(PATH) > 1:
        title = f"{target.said_by} ends in {PATH}, and exporters add it once more: they send to {target.path}."
        todo = f"Write {target.said_by}={target.url.rstrip('/').removesuffix(PATH)}, or use {TRACES_ENDPOINT}."
        return [Check("delivery", "error", title, todo)]
    if target.said_by == TRACES_ENDPOINT and not target.path.endswith(PATH):
        title = f"{TRACES_ENDPOINT} is used as it is, and does not end in {PATH}: spans go to {target.path}."
        todo = f"Write {TRACES_ENDPOINT}={target.url.rstrip('/')}{PATH}, or use {ENDPOINT} without a path."
        return [Check("delivery", "error", title, todo)]
    return []


def check_wire(target: Target) -> list[Check]:
    """Whether what speaks at the address is what the exporter speaks."""
    found = speaks(target.host, target.port)
    where = f"{target.address} ({target.said_by})"
    if found in ("unresolved", "nothing", "silent", "unknown"):
        title, todo = _NOBODY[found]
        todo = todo.format(said_by=ENDPOINT if target.said_by == "the default" else target.said_by)
        return [Check("delivery", "error", f"{title} {where}.", todo)]
    if target.is_grpc and found == "http/1.1":
        title = f"OTLP/gRPC is sent to {where}, which speaks HTTP/1.1."
        return [Check("delivery", "error", title, _other_port(target, GRPC_PORT, "http/2", "http/protobuf"))]
    if not target.is_grpc and found == "http/2":
        title = f"OTLP/HTTP is sent to {where}, which speaks gRPC."
        return [Check("delivery", "error", title, _other_port(target, HTTP_PORT, "http/1.1", "grpc"))]
    if found == "tls" and not target.tls:
        title = f"{where} speaks TLS, but the address says plain text."
        return [Check("delivery", "error", title, f"Write https:// in {target.said_by}.")]
    if found != "tls" and target.tls:
        title = f"{where} speaks plain text, but the exporter speaks TLS."
        todo = f"Write http:// in {target.said_by}" + (
            "." if target.scheme else ", or set OTEL_EXPORTER_OTLP_INSECURE=true."
        )
        return [Check("delivery", "error", title, todo)]
    return []


_NOBODY: dict[Speaks, tuple[str, str]] = {
    "unresolved": ("There is no host of the name in", "Correct {said_by}; in a container the host is not localhost."),
    "nothing": (
        "Nothing listens on",
        "Start `llm-tracing serve`, or correct {said_by}; in a container, localhost is the container itself.",
    ),
    "silent": ("Something listens but does not answer on", "Look for a firewall, or a process that hangs there."),
    "unknown": ("Something that is neither HTTP nor gRPC listens on", "Correct the port in {said_by}."),
}


def _other_port(target: Target, usual: int, wanted: Speaks, protocol: str) -> str:
    """The way out: the port near by that speaks what is sent, else the usual one; or the other protocol."""
    near = dict.fromkeys((usual, target.port + 1, target.port - 1))
    port = next((p for p in near if p != target.port and speaks(target.host, p, NEAR_S) == wanted), None)
    name = ENDPOINT if target.said_by in ("the default", "--endpoint") else target.said_by
    path = PATH if name == TRACES_ENDPOINT and not target.is_grpc else ""
    host = target.address.rpartition(":")[0]
    way = f"Set {name}=http://{host}:{port or usual}{path}" + (" (it listens there)" if port else "")
    return f"{way}, or {PROTOCOL}={protocol}."


def check_probe(target: Target, env: Mapping[str, str], api: ServerApi | None) -> list[Check]:
    """Send a trace of our own; with a server, look for it there."""
    trace_id = secrets.token_hex(16)
    started = time.monotonic()
    try:
        send(target, probe_request(trace_id), env)
    except NotTaken as error:
        return [_not_taken(target, error)]
    way = "OTLP/gRPC" if target.is_grpc else "OTLP/HTTP"
    taken = Check("delivery", "ok", f"{target.address} takes {way} ({target.said_by}).")
    if api is None:
        return [taken]
    while time.monotonic() - started < FOUND_WITHIN_S:
        if api.has_trace(trace_id):
            took = (time.monotonic() - started) * 1000
            return [taken, Check("delivery", "ok", f"A trace sent there is on the server after {took:.0f} ms.")]
        time.sleep(0.1)
    title = f"A trace sent to {target.address} was taken, but is not on the server at {api.base}."
    todo = f"Another receiver or a Collector listens there: correct {_variable(target)}, or look at its pipeline."
    return [taken, Check("delivery", "error", title, todo)]


def _variable(target: Target) -> str:
    return ENDPOINT if target.said_by == "the default" else target.said_by


def _not_taken(target: Target, error: NotTaken) -> Check:
    level: Level = "error"
    title = f"{target.address} does not take spans at {target.path}: it answers {error}."
    if target.is_grpc:
        title = f"{target.address} does not take OTLP/gRPC: it answers {error}."
    status = error.status
    if status in ("404", "405"):
        todo = f"The path is wrong, or it is no OTLP receiver: {_variable(target)} should be http://host:port alone."
    elif status in ("401", "403", "UNAUTHENTICATED", "PERMISSION_DENIED"):
        todo = "Give the key that it wants in OTEL_EXPORTER_OTLP_HEADERS=name=value."
    elif status == "421":
        todo = "Add the host name to LLM_TRACING_ALLOWED_HOSTS on the server."
    elif status == "UNIMPLEMENTED":
        todo = f"It speaks gRPC but is no OTLP receiver: correct the port in {_variable(target)}."
    elif "CERTIFICATE" in str(error):
        todo = "Name the certificate to trust in OTEL_EXPORTER_OTLP_CERTIFICATE."
    else:
        todo = "Its own log says why; the server's doctor page keeps what it refused."
    return Check("delivery", level, title, todo)


def probe_request(trace_id: str) -> ExportTraceServiceRequest:
    """One span of a service that the server's doctor passes over."""
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.append(KeyValue(key="service.name", value=AnyValue(string_value=PROBE_SERVICE)))
    scope = group.scope_spans.add()
    scope.scope.name = PROBE_SERVICE
    now = time.time_ns()
    scope.spans.add(
        trace_id=bytes.fromhex(trace_id),
        span_id=secrets.token_bytes(8),
        name="llm-tracing doctor",
        start_time_unix_nano=now - 1_000_000,
        end_time_unix_nano=now,
    )
    return request


def send(target: Target, request: ExportTraceServiceRequest, env: Mapping[str, str]) -> None:
    """Raises NotTaken."""
    headers = headers_of(env)
    if target.is_grpc:
        _send_grpc(target, request, headers, env)
    else:
        _send_http(target, request, headers, env)


def headers_of(env: Mapping[str, str]) -> dict[str, str]:
    """OTEL_EXPORTER_OTLP_HEADERS: `key=value,key=value`, values percent-encoded."""
    said, _ = first_of(env, "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS")
    pairs = (pair.partition("=") for pair in said.split(",") if "=" in pair)
    return {name.strip().lower(): unquote(value.strip()) for name, _, value in pairs}


def _certificate(env: Mapping[str, str]) -> str | None:
    path, _ = first_of(env, "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE")
    return path or None


def _send_http(
    target: Target, request: ExportTraceServiceRequest, headers: dict[str, str], env: Mapping[str, str]
) -> None:
    connection: http.client.HTTPConnection
    try:
        if target.tls:
            context = ssl.create_default_context(cafile=_certificate(env))
            connection = http.client.HTTPSConnection(target.host, target.port, timeout=TIMEOUT_S, context=context)
        else:
            connection = http.client.HTTPConnection(target.host, target.port, timeout=TIMEOUT_S)
        named = {"Content-Type": "application/x-protobuf", "User-Agent": "llm-tracing-doctor", **headers}
        connection.request("POST", target.path, request.SerializeToString(), named)
        answer = connection.getresponse()
        body = answer.read(2_000)
        connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotTaken(type(error).__name__, str(error)[:200]) from error
    if answer.status >= 300:
        text = "".join(char for char in body.decode("utf-8", "replace") if char.isprintable() and char != "\ufffd")
        raise NotTaken(str(answer.status), text[:200])


def _send_grpc(
    target: Target, request: ExportTraceServiceRequest, headers: dict[str, str], env: Mapping[str, str]
) -> None:
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # its own log says less than the finding does
    import grpc

    channel: Any
    if target.tls:
        path = _certificate(env)
        try:
            roots = None
            if path:
                with open(path, "rb") as file:  # noqa: PTH123
                    roots = file.read()
        except OSError as error:
            raise NotTaken("CERTIFICATE", str(error)) from error
        channel = grpc.secure_channel(target.address, grpc.ssl_channel_credentials(roots))
    else:
        channel = grpc.insecure_channel(target.address, options=[("grpc.enable_http_proxy", 0)])
    with channel:
        export = channel.unary_unary(
            _METHOD,
            request_serializer=ExportTraceServiceRequest.SerializeToString,
            response_deserializer=ExportTraceServiceResponse.FromString,
        )
        try:
            export(request, timeout=TIMEOUT_S, metadata=tuple(headers.items()))
        except grpc.RpcError as error:
            code = error.code()
            raise NotTaken(code.name, str(error.details() or "")[:200]) from error
