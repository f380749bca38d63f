"""An OTLP/HTTP endpoint that keeps the spans it is sent."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from llm_tracing.qa.local_server import serving


@dataclass
class Received:
    url: str = ""
    spans: list[Span] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)
    metrics: list[bytes] = field(default_factory=list)  # requests, as they came

    def named(self, name: str) -> list[Span]:
        return [span for span in self.spans if span.name == name]

    def parent(self, span: Span) -> Span:
        return next(other for other in self.spans if other.span_id == span.parent_span_id)


@contextmanager
def otlp_endpoint() -> Iterator[Received]:
    received = Received()

    async def take(request: Request) -> Response:
        body = await request.body()
        if request.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        received.paths.add(request.url.path)
        if request.url.path == "/v1/traces":
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    received.spans.extend(scope.spans)
        if request.url.path == "/v1/metrics":
            received.metrics.append(body)
        return Response(media_type="application/x-protobuf")

    with serving(Starlette(routes=[Route("/v1/{signal}", take, methods=["POST"])])) as address:
        received.url = address
        yield received
