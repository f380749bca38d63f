"""Nothing that a rule finds is on disk, whichever way it came."""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from google.protobuf.descriptor import FieldDescriptor
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from llm_tracing.redaction.redactor import Redactor
from llm_tracing.redaction.rules import parse_rules
from tests.builders import TRACE, log, log_request, span, trace_request
from tests.langsmith_requests import MULTIPART, multipart, part, run, split_off
from tests.receive.every_field import filled, leaves
from tests.running import Running, Signal
from tests.server.process import run as command

SECRET = "ada.lovelace@analytical.example"
KEPT = "the question itself"
# Texts that name things rather than say something: left as they are.
NAMES = {
    "opentelemetry.proto.common.v1.KeyValue.key",
    "opentelemetry.proto.common.v1.InstrumentationScope.name",
    "opentelemetry.proto.common.v1.InstrumentationScope.version",
    "opentelemetry.proto.common.v1.EntityRef.schema_url",
    "opentelemetry.proto.common.v1.EntityRef.type",
    "opentelemetry.proto.common.v1.EntityRef.id_keys",
    "opentelemetry.proto.common.v1.EntityRef.description_keys",
    "opentelemetry.proto.trace.v1.ResourceSpans.schema_url",
    "opentelemetry.proto.trace.v1.ScopeSpans.schema_url",
    "opentelemetry.proto.trace.v1.Span.trace_state",
    "opentelemetry.proto.trace.v1.Span.Link.trace_state",
    "opentelemetry.proto.logs.v1.ResourceLogs.schema_url",
    "opentelemetry.proto.logs.v1.ScopeLogs.schema_url",
    "opentelemetry.proto.logs.v1.LogRecord.severity_text",
    "opentelemetry.proto.logs.v1.LogRecord.event_name",
    "opentelemetry.proto.metrics.v1.ResourceMetrics.schema_url",
    "opentelemetry.proto.metrics.v1.ScopeMetrics.schema_url",
    "opentelemetry.proto.metrics.v1.Metric.name",
    "opentelemetry.proto.metrics.v1.Metric.description",
    "opentelemetry.proto.metrics.v1.Metric.unit",
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path, redact="email") as running:
        yield running


def on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize(
    ("signal", "kind"),
    [
        ("traces", ExportTraceServiceRequest),
        ("logs", ExportLogsServiceRequest),
        ("metrics", ExportMetricsServiceRequest),
    ],
)
def test_every_text_of_otlp_is_looked_at(signal: Signal, kind: type) -> None:
    request = filled(kind, 1_000_001).request
    Redactor(parse_rules(r"patterns: [{name: it, match: 'sentinel-\d+'}]")).apply(signal, request)
    left: set[str] = set()
    gone: set[str] = set()
    for holder, field in leaves(request):
        if field.type == FieldDescriptor.TYPE_STRING:
            value = getattr(holder, field.name)
            texts = list(value) if field.is_repeated else [value]
            (gone if all(text == "[it]" for text in texts) else left).add(field.full_name)
    assert left <= NAMES
    assert "opentelemetry.proto.common.v1.AnyValue.string_value" in gone - left


def test_an_otlp_span_and_log_are_stored_without_it(server: Running) -> None:
    asked = json.dumps([{"role": "user", "parts": [{"type": "text", "content": f"{KEPT} of {SECRET} " * 20}]}])
    sent = span(name=f"ask {SECRET}", attributes={"gen_ai.input.messages": asked, "gen_ai.operation.name": "chat"})
    server.export(trace_request(sent), log_request(log(f"asked by {SECRET}", trace=TRACE)))
    [found] = server.trace(TRACE).spans
    assert found.name == "ask [email]"
    assert "[email]" in str(found.input_messages)
    assert KEPT in str(found.input_messages)
    assert [record.body for record in server.logs()] == ["asked by [email]"]
    assert SECRET.encode() not in on_disk(server.data)


def test_grpc_is_no_way_around(server: Running) -> None:
    server.export_grpc(trace_request(span(attributes={"mail": SECRET})))
    assert server.trace(TRACE).spans[0].attributes["mail"] == "[email]"


def test_a_langsmith_run_is_stored_without_it(server: Running) -> None:
    whole = run(
        1,
        inputs={"question": f"{KEPT} of {SECRET}"},
        outputs={"answer": [SECRET]},
        error=f"no mail to {SECRET}",
        extra={"metadata": {"who": SECRET}},
        events=[{"name": "said", "time": "2026-11-23T16:00:00Z", "to": SECRET}],
        start_time="2026-11-23T16:00:00Z",
        end_time="2026-11-23T16:00:01Z",
    )
    attached = part(f"attachment.{whole['id']}.note", f"for {SECRET}".encode(), "Content-Type: text/plain")
    score = part(f"feedback.{uuid4()}", {"run_id": whole["id"], "key": "note", "comment": f"tell {SECRET}"})
    answer = server.post("/langsmith/runs/multipart", multipart(*split_off("post", whole), attached, score), MULTIPART)
    assert answer.status_code == 202, answer.text
    later = {"id": whole["id"], "trace_id": whole["trace_id"], "dotted_order": whole["dotted_order"]}
    patch = {**later, "outputs": {"answer": f"ask {SECRET}"}}
    assert server.post("/langsmith/runs/batch", json.dumps({"patch": [patch]}).encode(), "application/json").is_success
    [trace] = server.traces()
    stored = server.http.get(f"/api/v1/traces/{trace.trace_id}").text
    assert KEPT in stored
    assert "[email]" in stored
    assert SECRET not in stored
    assert SECRET.encode() not in on_disk(server.data)


def test_what_is_refused_is_kept_without_its_bytes(server: Running) -> None:
    assert server.post("/v1/traces", b'{"resourceSpans": "' + SECRET.encode(), "application/json").status_code == 400
    kept = server.http.get("/api/v1/doctor/errors").json()["errors"]
    assert [error["payload_bytes"] for error in kept] == [None]
    assert SECRET.encode() not in on_disk(server.data)


def test_rules_of_one_service_leave_the_others(tmp_path: Path) -> None:
    (rules := tmp_path / "rules.yaml").write_text("{services: [qa], builtin: [email], attributes: [user.name]}")
    with Running(tmp_path / "data", redact=str(rules)) as server:
        both = {"mail": SECRET, "user.name": "Ada"}
        server.export(trace_request(span(span_id=1, attributes=both), service="qa"))
        server.export(trace_request(span(span_id=2, attributes=both), service="shop"))
        found = {one.service: one.attributes for one in server.trace(TRACE).spans}
        assert found["qa"] == {"mail": "[email]", "user.name": "[attribute]"}
        assert found["shop"] == both


def test_a_dry_run_shows_what_would_go_and_changes_nothing(tmp_path: Path) -> None:
    with Running(tmp_path) as server:
        server.export(trace_request(span(attributes={"mail": f"write to {SECRET} now"})))
        port = server.addresses.http.rpartition(":")[2]
        said = command("redaction", "email,card", "--port", port)
        assert said.returncode == 0, said.stderr
        lines = said.stdout.splitlines()
        assert any(line.split() == ["1", "email"] for line in lines)
        assert any(line.startswith("  - ") and SECRET in line for line in lines)
        assert any(line.startswith("  + ") and "write to [email] now" in line for line in lines)
        assert server.trace(TRACE).spans[0].attributes["mail"] == f"write to {SECRET} now"
        nothing = command("redaction", "card", "--port", port)
        assert nothing.stdout.startswith("Nothing would go from 1 traces")
        wrong = command("redaction", "emial", "--port", port)
        assert (wrong.returncode, "Known: email" in wrong.stderr) == (1, True)
    gone = command("redaction", "email", "--port", port)
    assert (gone.returncode, "llm-tracing serve" in gone.stderr) == (1, True)
