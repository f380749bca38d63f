"""The server's own traces, sent where LLM_TRACING_TRACE_SELF says: requests, commits, reads of the store.

Off unless asked for. Never to itself: what carries our own mark is refused, and what carries the mark of
any server's own traces makes no span, so that two servers which watch each other fall silent.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from opentelemetry import context, trace
from opentelemetry.trace import Link, NoOpTracer, Span, SpanContext, SpanKind, StatusCode, Tracer

from llm_tracing.errors import ConfigError
from llm_tracing.version import __version__

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider  # only loaded where it is used

MARK = "x-llm-tracing-self"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0", "::"})  # noqa: S104 - names that mean this machine
_MAX_LINKS = 100
_EXPORT_S = 5


class RequestSpan:
    """The span of one request, or nothing."""

    def __init__(self, span: Span | None) -> None:
        self._span = span

    def answered(self, name: str, route: str, status: int) -> None:
        if self._span is None:
            return
        self._span.update_name(name)
        self._span.set_attributes({"http.route": route, "http.response.status_code": status})
        if status >= 500:
            self._span.set_status(StatusCode.ERROR)


class OwnTraces:
    """With `endpoint` None nothing is made and nothing is sent. The endpoint is OTLP/HTTP, with or without /v1/traces.

    `ports` are our own, which the endpoint may not be. Raises ConfigError.
    """

    def __init__(self, endpoint: str | None = None, ports: Sequence[int] = (), hosts: Iterable[str] = ()) -> None:
        self.instance_id = str(uuid4())
        self._tracer: Tracer = NoOpTracer()
        self._provider: TracerProvider | None = None
        if endpoint:
            self._provider = self._start(_checked(endpoint, ports, _LOOPBACK | set(hosts)))
            self._tracer = self._provider.get_tracer("llm_tracing.server", __version__)

    def _start(self, url: str) -> TracerProvider:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.util.re import parse_env_headers

        names = {
            "service.name": "llm-tracing-server",
            "service.version": __version__,
            "service.instance.id": self.instance_id,
        }
        # Not the process's own provider: whoever runs us inside a program of theirs has one.
        provider = TracerProvider(resource=Resource.create(names), shutdown_on_exit=False)
        sent = parse_env_headers(os.environ.get("OTEL_EXPORTER_OTLP_HEADERS", ""), liberal=True)  # a key, perhaps
        exporter = OTLPSpanExporter(endpoint=url, headers={**sent, MARK: self.instance_id}, timeout=_EXPORT_S)
        provider.add_span_processor(BatchSpanProcessor(exporter))
        return provider

    @property
    def on(self) -> bool:
        return self._provider is not None

    def sent(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        """Whether a request is our own export, come back to us."""
        return self.on and (MARK.encode(), self.instance_id.encode()) in headers

    @contextmanager
    def request(self, method: str, headers: Iterable[tuple[bytes, bytes]]) -> Iterator[RequestSpan]:
        """A span around a request; none for somebody's own traces."""
        if not self.on or any(name == MARK.encode() for name, _ in headers):
            yield RequestSpan(None)
            return
        attributes = {"http.request.method": method}
        with self._tracer.start_as_current_span(method, context.Context(), SpanKind.SERVER, attributes) as span:
            yield RequestSpan(span)

    @contextmanager
    def call(self, method: str, marked: bool) -> Iterator[None]:
        """A span around a gRPC call, named as its method."""
        if not self.on or marked:
            yield
            return
        attributes = {"rpc.system.name": "grpc", "rpc.method": method}
        with self._tracer.start_as_current_span(method, context.Context(), SpanKind.SERVER, attributes):
            yield

    def current(self) -> SpanContext | None:
        """The span of ours that the calling thread or task is in."""
        if not self.on:
            return None
        found = trace.get_current_span().get_span_context()
        return found if found.is_valid else None

    @contextmanager
    def commit(self, requests: Sequence[SpanContext], spans: int) -> Iterator[None]:
        """A span around a commit, linked to the requests in it; none if nobody traces them."""
        if not requests:
            yield
            return
        links = [Link(one) for one in requests[:_MAX_LINKS]]
        attributes: dict[str, Any] = {"llm_tracing.requests": len(requests), "llm_tracing.spans": spans}
        with self._tracer.start_as_current_span(
            "commit", trace.set_span_in_context(trace.NonRecordingSpan(requests[0])), attributes=attributes, links=links
        ):
            yield

    @contextmanager
    def read(self) -> Iterator[None]:
        """A span around one use of a reader, if a request of ours is behind it."""
        if self.current() is None:
            yield
            return
        with self._tracer.start_as_current_span("read store", attributes={"db.system.name": "duckdb"}):
            yield

    def stop(self) -> None:
        """Send what waits."""
        if self._provider is not None:
            self._provider.shutdown()


def _checked(endpoint: str, ports: Sequence[int], hosts: set[str] | frozenset[str]) -> str:
    try:
        found = urlsplit(endpoint)
        port = found.port or (443 if found.scheme == "https" else 80)
    except ValueError:
        found, port = urlsplit(""), 0
    if found.scheme not in ("http", "https") or not found.hostname:
        raise ConfigError(
            f"LLM_TRACING_TRACE_SELF is no address of OTLP/HTTP: {endpoint[:200]!r}.",
            "Name another server, as in http://127.0.0.1:4328.",
        )
    if found.hostname in hosts and port in ports:
        raise ConfigError(
            "LLM_TRACING_TRACE_SELF is this server itself: each trace would make another one.",
            "Name another server.",
        )
    return endpoint if found.path.endswith("/v1/traces") else f"{endpoint.rstrip('/')}/v1/traces"
