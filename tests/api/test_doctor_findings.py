"""Each finding of the doctor, made to happen on a running server."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from llm_tracing.api import schema
from tests.builders import NOON, SECOND, chat, log, log_request, span, trace_hex, trace_request
from tests.langsmith_requests import run
from tests.running import Running

CORPUS = Path(__file__).parent.parent / "data" / "corpus"
MINUTE = 60 * SECOND
MONTH_S = 31 * 86_400


def ago(nanoseconds: int) -> int:
    return time.time_ns() - nanoseconds


def doctor(server: Running, window: int = 3_600) -> schema.Doctor:
    return server.get("/doctor", schema.Doctor, window=window)


def found(server: Running, code: str, window: int = 3_600) -> schema.DoctorFinding:
    """The one finding of that kind."""
    [one] = [one for one in doctor(server, window).findings if one.code == code]
    return one


def sender(server: Running, name: str = "shop", window: int = 3_600) -> schema.Sender:
    [one] = [one for one in doctor(server, window).senders if one.sender == name]
    return one


def call(**more: Any) -> Span:
    """An LLM call of just now, with its text unless `attributes` say otherwise."""
    given: Mapping[str, Any] = {"attributes": chat("hi", "hello", tokens=(1, 1)), "start": ago(SECOND), **more}
    return span("chat", **given)


def test_all_is_well_with_a_sender_that_sends_everything(server: Running) -> None:
    server.export(trace_request(call(), span("step", 2, 1, start=ago(SECOND))))
    assert doctor(server).findings == []


def test_an_empty_server_has_no_senders(server: Running) -> None:
    report = doctor(server)
    assert (report.findings, report.senders, report.span_count, report.looked_at) == ([], [], 0, 0)


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ("opentelemetry.instrumentation.genai.openai", "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"),
        ("opentelemetry.instrumentation.openai_v2", "OTEL_SEMCONV_STABILITY_OPT_IN"),
        ("opentelemetry.instrumentation.openai.v1", "TRACELOOP_TRACE_CONTENT"),
        ("openinference.instrumentation.openai", "OPENINFERENCE_HIDE_INPUTS"),
        ("langsmith", "LANGSMITH_HIDE_INPUTS"),
        ("somebody.elses", "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"),
    ],
)
def test_calls_without_their_text_name_the_variable_of_their_instrumentation(
    server: Running, scope: str, names: str
) -> None:
    server.export(trace_request(call(attributes=chat(tokens=(5, 5))), service="mute", scope=scope))
    one = found(server, "content_off")
    assert (one.level, one.sender, one.count) == ("warning", "mute", 1)
    assert one.title == f"1 LLM call with tokens but without prompt and answer, from {scope}."
    assert names in one.todo


def test_the_real_client_with_content_off_is_told(server: Running) -> None:
    body = (CORPUS / "otel-genai-openai-nocontent-1.3b0" / "s1" / "001-traces.pb").read_bytes()
    assert server.post("/v1/traces", body).status_code == 200
    one = found(server, "content_off", MONTH_S)
    assert "opentelemetry.instrumentation.genai.openai" in one.title
    assert "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT" in one.todo


def test_text_that_comes_as_a_log_record_is_text(server: Running) -> None:
    start, trace = ago(SECOND), trace_hex(7)
    body = {"content": "what is there?"}
    server.export(
        trace_request(call(trace=trace, start=start, attributes=chat(tokens=(5, 5)))),
        log_request(log(body, trace=trace, span_id=1, time=start, event_name="gen_ai.user.message")),
    )
    assert doctor(server).findings == []


def test_a_call_that_two_instrumentations_tell_names_both(server: Running) -> None:
    start = ago(SECOND)
    request = trace_request(call(start=start, duration=SECOND // 2), scope="one.langchain")
    more = trace_request(call(span_id=2, parent=1, start=start + 5, duration=SECOND // 4), scope="two.openai")
    server.export(request, more)
    one = found(server, "told_twice")
    assert "told twice: by one.langchain and by two.openai" in one.title
    assert "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS" in one.todo


def test_old_data_of_several_senders_is_one_finding_that_names_them(server: Running) -> None:
    for service in ("billing", "search"):
        for number in (1, 2):
            server.export(trace_request(span("step", number, start=ago(400 * MINUTE)), service=service))
    one = found(server, "clock_behind")
    assert (one.level, one.sender, one.count) == ("info", None, 2)
    assert "2 senders ended 6 h" in one.title
    assert "billing, search" in one.title


@pytest.mark.parametrize(("minutes", "code"), [(10, "clock_ahead"), (-400, "clock_behind")])
def test_a_clock_that_is_off_is_told(server: Running, minutes: int, code: str) -> None:
    for number in (1, 2):
        server.export(trace_request(span("step", number, start=ago(-minutes * MINUTE))))
    one = found(server, code)
    assert ("10 min" if minutes > 0 else "6 h") in one.title
    assert "NTP" in one.todo
    offset = sender(server).clock_offset_ns
    assert offset is not None
    assert abs(int(offset) - minutes * MINUTE) < MINUTE


def test_one_batch_of_old_spans_is_late_and_no_clock(server: Running) -> None:
    server.export(trace_request(span("step", 1, start=ago(20 * MINUTE)), span("step", 2, start=ago(SECOND))))
    assert [one.code for one in doctor(server).findings] == ["late"]
    assert sender(server).late == 1


def test_spans_whose_parent_does_not_come_are_orphans(server: Running) -> None:
    remote = span("GET /", 3, 99, start=ago(5 * MINUTE))
    remote.flags = 0x301
    server.export(
        trace_request(span("a", 1, 77, start=ago(5 * MINUTE)), span("b", 2, 1, start=ago(5 * MINUTE)), remote)
    )
    assert found(server, "orphaned").title == "1 span whose parent did not arrive."
    assert "a service that sends nothing here" in found(server, "orphaned_remote").title
    assert sender(server).recent.orphaned == 2


def test_a_parent_may_still_come(server: Running) -> None:
    server.export(trace_request(span("a", 1, 77, start=ago(SECOND))))
    assert sender(server).recent.orphaned == 0


def test_models_without_a_price_are_named(server: Running) -> None:
    server.export(trace_request(call(attributes=chat("hi", "hello", model="home-made", tokens=(5, 5)))))
    one = found(server, "unpriced")
    assert (one.level, one.title) == ("info", "1 call of openai/home-made without a price.")
    assert "LLM_TRACING_PRICES" in one.todo
    [model] = sender(server).recent.unpriced
    assert (model.provider, model.model, model.calls) == ("openai", "home-made", 1)


def test_attributes_that_nobody_reads_are_named(server: Running) -> None:
    server.export(trace_request(call(attributes={**chat("hi", "hello"), "gen_ai.mood": "good"})))
    one = found(server, "unmapped")
    assert "1 attribute that nobody reads: gen_ai.mood." in one.title
    assert "LLM_TRACING_MAPPINGS" in one.todo


def test_spans_that_the_sender_cut_are_counted(server: Running) -> None:
    cut = span("long", 1, start=ago(SECOND))
    cut.dropped_events_count = 3
    server.export(trace_request(cut, span("whole", 2, 1, start=ago(SECOND))))
    assert "OTEL_SPAN_EVENT_COUNT_LIMIT" in found(server, "cut").todo
    assert sender(server).recent.cut == 1


def test_what_was_refused_comes_first(server: Running) -> None:
    bad = span("bad", 1, start=ago(SECOND))
    bad.span_id = b"short"
    server.post("/v1/traces", trace_request(bad, call(attributes=chat(tokens=(5, 5)))).SerializeToString())
    first, second = doctor(server).findings
    assert (first.code, first.level, second.code) == ("refused", "error", "content_off")
    assert "16 bytes" in first.todo


def test_a_span_sent_again_is_counted_and_stored_once(server: Running) -> None:
    request = trace_request(span("a", 1, start=ago(SECOND)), span("b", 2, 1, start=ago(SECOND)))
    server.export(request, request)
    one = sender(server)
    assert (one.received, one.again, one.stored) == ({"traces": 4}, 2, 2)


def test_the_ways_the_sdk_and_the_scopes_of_a_sender_are_told(server: Running) -> None:
    sdk = {"telemetry.sdk.name": "opentelemetry", "telemetry.sdk.language": "python", "telemetry.sdk.version": "1.45"}
    server.export(trace_request(span("a", 1, start=ago(SECOND)), scope="made.by", resource=sdk))
    server.export_grpc(trace_request(span("b", 2, start=ago(SECOND)), scope="made.by", resource=sdk))
    server.post("/v1/logs", b'{"resourceLogs": []}', "application/json")
    server.http.post("/langsmith/runs", json=run(1, session_name="shop"))
    one = sender(server)
    assert one.ways == {"OTLP/HTTP protobuf": 1, "OTLP/gRPC": 1, "LangSmith": 1}
    assert one.recent.sdks == ["opentelemetry python 1.45"]
    assert [(scope.name, scope.spans) for scope in one.recent.scopes] == [("made.by", 2)]


def test_what_folds_is_counted(server: Running) -> None:
    start = ago(MINUTE)
    sql = span("SELECT", 2, 1, start=start + 5, attributes={"db.system.name": "sqlite"})
    server.export(trace_request(call(start=start, duration=SECOND), sql))
    recent = sender(server).recent
    assert (recent.spans, recent.looked_at, recent.folded, recent.running) == (2, 2, 1, 0)


def test_what_could_fold_and_stays_is_not_counted_as_folded(server: Running) -> None:
    start = ago(MINUTE)
    failed = span("SELECT", 2, 1, start=start + 5, status=2, attributes={"db.system.name": "sqlite"})
    server.export(trace_request(call(start=start, duration=SECOND), failed))
    recent = sender(server).recent
    assert (recent.looked_at, recent.folded) == (2, 0)


def test_the_window_says_how_far_back_the_store_is_looked_at(server: Running) -> None:
    server.export(trace_request(span("a", 1, 77, start=NOON)))
    assert doctor(server, 60).span_count == 0
    assert server.refused("/doctor", window=1)[0] == 400


def test_a_sender_of_log_records_only_has_its_sdk_too(server: Running) -> None:
    server.export(log_request(log(time=ago(SECOND)), service="quiet"))
    one = sender(server, "quiet")
    assert (one.received, one.recent.spans, one.recent.scopes) == ({"logs": 1}, 0, [])


def test_after_a_restart_the_senders_in_the_store_are_still_there(tmp_path: Path) -> None:
    with Running(tmp_path / "data") as server:
        server.export(trace_request(span("a", 1, start=ago(SECOND))))
    with Running(tmp_path / "data") as server:
        one = sender(server)
        assert (one.received, one.recent.spans, one.last_seen_unix_nano) == ({}, 1, "0")


def test_the_doctors_own_probe_is_no_finding(server: Running) -> None:
    server.export(trace_request(call(attributes=chat(tokens=(5, 5))), service="llm-tracing-doctor"))
    assert doctor(server).findings == []


def test_the_json_is_what_the_page_asks_for(server: Running) -> None:
    answer = json.loads(server.http.get("/api/v1/doctor").content)
    assert set(answer) == set(schema.Doctor.model_fields)
