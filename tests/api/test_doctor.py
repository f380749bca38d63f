"""The doctor's first page: what each sender sent and what became of it."""

from llm_tracing.api import schema
from tests.builders import chat, counter, log, log_request, metric_request, span, trace_request
from tests.running import Running


def _senders(server: Running) -> dict[str, schema.Sender]:
    return {sender.sender: sender for sender in server.get("/doctor", schema.Doctor).senders}


def test_what_was_taken_is_counted_by_sender_and_signal(server: Running) -> None:
    server.export(
        trace_request(span("a", 1, attributes={**chat(), "gen_ai.mood": "good"}), service="counted"),
        log_request(log(), log(), service="counted"),
        metric_request(counter("requests", 1, 2, 3), service="counted"),
    )
    found = _senders(server)["counted"]
    assert found.received == {"traces": 1, "logs": 2, "metrics": 3}
    assert [(one.attribute, one.spans) for one in found.unmapped] == [("gen_ai.mood", 1)]
    assert (found.refused, found.last_error) == ({}, None)


def test_refused_items_are_counted_with_the_reason(server: Running) -> None:
    bad = span("bad", 1)
    bad.span_id = b"short"
    server.post("/v1/traces", trace_request(bad, span("good", 2), service="clumsy").SerializeToString())
    found = _senders(server)["clumsy"]
    assert (found.received, found.refused) == ({"traces": 1}, {"ids": 1})
    assert found.last_error is not None
    assert "16 bytes" in found.last_error.message


def test_a_request_that_cannot_be_read_is_counted_by_its_user_agent(server: Running) -> None:
    headers = {"content-type": "application/x-protobuf", "user-agent": "broken/1.0"}
    assert server.http.post("/v1/traces", content=b"\xff\xff", headers=headers).status_code == 400
    assert (
        server.http.post("/v1/logs", content=b"x", headers={**headers, "content-type": "text/csv"}).status_code == 415
    )
    found = _senders(server)["broken/1.0"]
    assert found.refused == {"invalid": 1, "media_type": 1}
    assert found.last_error is not None
    assert found.last_error.message.startswith("/v1/logs: Content-Type text/csv is not OTLP.")
