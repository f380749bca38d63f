"""Clients that nobody here wrote, with their own ideas of the protocol: what they send is what the API shows."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry._logs import SeverityNumber
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogExporter
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpanExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from tests.builders import NOON, messages
from tests.running import Running

CURL = ("curl", "-sS", "--noproxy", "*", "-w", "\n%{http_code}", "-H", "Content-Type: application/json", "-d", "@-")
RESOURCE = Resource({"service.name": "bakery", "service.version": "1.2"})


def _exporters(server: Running, way: str) -> tuple[Any, Any, Any]:
    if way == "grpc":
        target: dict[str, Any] = {"endpoint": server.addresses.grpc, "insecure": True}
        return GrpcSpanExporter(**target), GrpcLogExporter(**target), GrpcMetricExporter(**target)
    compression = Compression.Gzip if way == "http gzip" else Compression.NoCompression
    return (
        OTLPSpanExporter(f"{server.addresses.http}/v1/traces", compression=compression),
        OTLPLogExporter(f"{server.addresses.http}/v1/logs", compression=compression),
        OTLPMetricExporter(f"{server.addresses.http}/v1/metrics", compression=compression),
    )


@pytest.mark.parametrize("way", ["http", "http gzip", "grpc"])
def test_the_python_sdk_sends_traces_logs_and_metrics(server: Running, way: str) -> None:
    spans, logs, metrics = _exporters(server, way)
    tracers = TracerProvider(resource=RESOURCE)
    tracers.add_span_processor(BatchSpanProcessor(spans))
    loggers = LoggerProvider(resource=RESOURCE)
    loggers.add_log_record_processor(BatchLogRecordProcessor(logs))
    meters = MeterProvider([PeriodicExportingMetricReader(metrics)], resource=RESOURCE)

    with tracers.get_tracer("oven", "3").start_as_current_span("bake", kind=trace.SpanKind.SERVER) as root:
        root.set_attribute("loaves", 12)
        root.add_event("hot", {"celsius": 230.5})
        loggers.get_logger("oven").emit(
            body="the oven is hot", severity_text="WARN", severity_number=SeverityNumber.WARN, attributes={"door": 2}
        )
        with pytest.raises(ValueError, match="burnt"), tracers.get_tracer("oven").start_as_current_span("crust"):
            raise ValueError("burnt")
    meters.get_meter("oven").create_counter("loaves", "1", "baked").add(12)
    for provider in (tracers, loggers, meters):
        provider.shutdown()

    context = root.get_span_context()
    detail = server.trace(f"{context.trace_id:032x}")
    bake, crust = detail.spans
    assert (bake.name, bake.otel_kind, bake.kind, bake.service) == ("bake", "server", "server", "bakery")
    assert bake.attributes == {"loaves": 12}
    assert [(event.name, event.attributes) for event in bake.events] == [("hot", {"celsius": 230.5})]
    assert bake.resource.attributes["service.version"] == "1.2"
    assert (bake.scope.name, bake.scope.version) == ("oven", "3")
    assert (crust.parent_span_id, crust.depth, crust.status) == (bake.span_id, 1, "error")
    assert crust.error is not None
    assert (crust.error.type, crust.error.message) == ("ValueError", "ValueError: burnt")
    [record] = server.logs(trace_id=detail.trace.trace_id)
    assert (record.body, record.severity_text, record.span_id) == ("the oven is hot", "WARN", bake.span_id)
    assert (record.severity_number, record.attributes) == (13, {"door": 2})
    [metric] = [found for found in server.metrics() if found.name == "loaves"]
    assert (metric.type, metric.unit, metric.service, metric.point_count) == ("sum", "1", "bakery", 1)


def test_curl_sends_otlp_json(server: Running) -> None:
    trace_id, span_id = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"
    tree = {
        "resourceSpans": [
            {
                "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "shell"}}]},
                "scopeSpans": [
                    {
                        "scope": {"name": "by hand"},
                        "spans": [
                            {
                                "traceId": trace_id.upper(),
                                "spanId": span_id,
                                "name": "chat",
                                "kind": 3,
                                "startTimeUnixNano": str(NOON),
                                "endTimeUnixNano": NOON + 1_500_000_000,
                                "attributes": [
                                    {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
                                    {"key": "gen_ai.request.model", "value": {"stringValue": "gpt-4o"}},
                                    {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "7"}},
                                    {
                                        "key": "gen_ai.input.messages",
                                        "value": {"stringValue": messages("user", "¿Acústico?")},
                                    },
                                ],
                                "status": {"code": 1},
                                "aFieldOfTomorrow": True,
                            }
                        ],
                    }
                ],
            }
        ]
    }
    sent = subprocess.run(
        [*CURL, f"{server.addresses.http}/v1/traces"],
        input=json.dumps(tree),
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    assert sent.stdout == "{}\n200"
    [found] = server.trace(trace_id).spans
    assert (found.span_id, found.kind, found.otel_kind, found.status) == (span_id, "llm", "client", "ok")
    assert found.duration_ns == "1500000000"
    assert found.usage is not None
    assert (found.usage.input_tokens, found.usage.output_tokens) == (7, None)
    assert (found.input, server.traces()[0].input) == ("¿Acústico?", "¿Acústico?")


def test_a_plain_flask_app_under_opentelemetry_instrument_is_seen(server: Running) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    environment = {
        **kept,
        "OTEL_SERVICE_NAME": "flask-shop",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_EXPORTER_OTLP_ENDPOINT": server.addresses.http,
        "OTEL_METRICS_EXPORTER": "otlp",
        "OTEL_LOGS_EXPORTER": "otlp",
        "OTEL_PYTHON_LOGGING_AUTO_INSTRUMENTATION_ENABLED": "true",
        "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "fastapi,httpx,sqlalchemy,openai,langchain",
    }
    instrument = Path(sys.executable).with_name("opentelemetry-instrument")
    ended = subprocess.run(
        [str(instrument), sys.executable, str(Path(__file__).with_name("flask_app.py"))],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert json.loads(ended.stdout) == {"count": 1}, ended.stderr

    [summary] = server.traces()
    assert (summary.name, summary.service, summary.llm_call_count) == ("GET /albums/<int:least>", "flask-shop", 0)
    root, *statements = server.trace(summary.trace_id).spans
    assert (root.kind, root.depth) == ("server", 0)
    assert {(found.kind, found.depth, found.folded_into) for found in statements} == {("db", 1, root.span_id)}
    texts = [found.attributes.get("db.query.text", found.attributes.get("db.statement")) for found in statements]
    assert "SELECT count(*) FROM albums WHERE sold > ?" in texts
    [record] = server.logs(trace_id=summary.trace_id)
    assert (record.body, record.span_id) == ("counted albums over 26", root.span_id)
    assert "http.server.duration" in {metric.name for metric in server.metrics()}
