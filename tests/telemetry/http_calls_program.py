"""The same HTTP calls under an instrumentor of httpx or httpx2: prints spans, metric points and headers as JSON.

python -m tests.telemetry.http_calls_program {official|ours} {httpx|httpx2}
"""

import asyncio
import json
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from typing import Any

os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "http"

import opentelemetry.instrumentation.httpx as official
from opentelemetry.instrumentation.utils import suppress_http_instrumentation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import format_span_id

from llm_tracing.telemetry import httpx_calls

INSTRUMENTORS: dict[tuple[str, str], Callable[[], Any]] = {
    ("official", "httpx"): official.HTTPXClientInstrumentor,
    ("official", "httpx2"): official.HTTPX2ClientInstrumentor,
    ("ours", "httpx"): httpx_calls.HTTPXCalls,
    ("ours", "httpx2"): httpx_calls.HTTPX2Calls,
}
CALLS = (
    ("GET", "/200"),
    ("POST", "/404"),
    ("PUT", "/503?sig=secret&AWSAccessKeyId=secret&page=2"),
    ("GET", "//user:password@HOST/200"),
    ("REPORT", "/200"),
    ("GET", "//127.0.0.1:1/nobody"),
    ("GET", "//[::1]:1/nobody"),
)
parents: list[str] = []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        parents.append(self.headers.get("traceparent", ""))
        status = int(self.path[1:4])
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_PUT = do_REPORT = do_GET

    def log_message(self, *_: Any) -> None:
        pass


def main(whose: str, package: str) -> None:
    module: Any = import_module(package)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{server.server_port}"
    spans, reader, tracers = InMemorySpanExporter(), InMemoryMetricReader(), TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    instrumentor = INSTRUMENTORS[whose, package]()
    instrumentor.instrument(tracer_provider=tracers, meter_provider=MeterProvider([reader]))
    wanted = [
        (method, f"http:{path.replace('HOST', host)}" if path.startswith("//") else f"http://{host}{path}")
        for method, path in CALLS
    ]
    with module.Client(trust_env=False) as client:
        for method, url in wanted:
            with suppress(module.ConnectError):
                client.request(method, url)
        with suppress_http_instrumentation():
            client.get(f"http://{host}/200")
    asyncio.run(_again(module, wanted))
    instrumentor.uninstrument()
    with module.Client(trust_env=False) as client:
        client.get(f"http://{host}/200")
    server.shutdown()
    print(json.dumps(_found(spans, reader, host)))


async def _again(module: Any, wanted: list[tuple[str, str]]) -> None:
    async with module.AsyncClient(trust_env=False) as client:
        for method, url in wanted:
            with suppress(module.ConnectError):
                await client.request(method, url)
        waiting = asyncio.create_task(client.get("http://127.0.0.2:1/never"))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


def _found(spans: InMemorySpanExporter, reader: InMemoryMetricReader, host: str) -> dict[str, object]:
    finished = spans.get_finished_spans()
    sent = [format_span_id(span.context.span_id) for span in finished if span.context]
    metrics = reader.get_metrics_data()
    return {
        "spans": [
            [
                span.name,
                str(span.kind),
                {name: _moved(value, host) for name, value in sorted((span.attributes or {}).items())},
                str(span.status.status_code),
                span.status.description,
                [
                    [
                        event.name,
                        (event.attributes or {}).get("exception.type"),
                        str((event.attributes or {}).get("exception.message")),
                    ]
                    for event in span.events
                ],
                span.instrumentation_scope.name if span.instrumentation_scope else None,
                span.parent is None,
            ]
            for span in finished
        ],
        "points": sorted(
            [
                metric.name,
                metric.unit,
                sorted((name, _moved(value, host)) for name, value in (point.attributes or {}).items()),
                point.count,
            ]
            for resource in (metrics.resource_metrics if metrics else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
            for point in metric.data.data_points
            if isinstance(point, HistogramDataPoint)
        ),
        "parents": [sent.index(parent.split("-")[2]) if parent else None for parent in parents],
    }


def _moved(value: object, host: str) -> object:
    """Without the port, which differs each time."""
    port = host.rpartition(":")[2]
    return value.replace(host, "HOST") if isinstance(value, str) else "PORT" if str(value) == port else value


if __name__ == "__main__":
    main(*sys.argv[1:])
