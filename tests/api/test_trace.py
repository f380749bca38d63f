"""One trace, one span: the tree, the meaning, the bill."""

import json

import pytest

from llm_tracing.api import schema
from tests.api.history import ANSWER, ASK, FAILED, QUESTION, SQL
from tests.builders import MS, NOON, SECOND, TRACE, chat, hex_id, log, log_request, span, trace_hex, trace_request
from tests.running import Running

NO_CONTENT: dict[str, object] = dict.fromkeys(
    ("streaming", "input", "output", "input_messages", "output_messages", "system_instructions", "tool", "documents")
)


@pytest.fixture(scope="module")
def ask(history: Running) -> schema.TraceDetail:
    return history.trace(ASK)


def _span(detail: schema.TraceDetail, span_id: int) -> schema.Span:
    return next(found for found in detail.spans if found.span_id == hex_id(span_id))


def test_spans_are_depth_first_with_their_folds(ask: schema.TraceDetail) -> None:
    assert [(s.name, s.depth, s.kind, s.folded_into) for s in ask.spans] == [
        ("GET /ask", 0, "server", None),
        ("qa", 1, "chain", None),
        ("chat", 2, "llm", None),
        ("POST", 3, "client", hex_id(3)),
        ("run_sql", 2, "tool", None),
        ("connect", 3, "db", hex_id(5)),
        ("SELECT", 3, "db", hex_id(5)),
        ("chat", 2, "llm", None),
    ]
    assert {s.trace_id for s in ask.spans} == {ASK}


def test_a_model_call_shows_its_messages_usage_and_cost(ask: schema.TraceDetail) -> None:
    call = _span(ask, 3)
    assert call.input_messages == [{"role": "user", "parts": [{"type": "text", "content": QUESTION}]}]
    assert call.output_messages == [{"role": "assistant", "parts": [{"type": "text", "content": SQL}]}]
    assert call.system_instructions == [{"type": "text", "content": "You write SQL."}]
    assert (call.input, call.output) == (QUESTION, SQL)
    assert (call.provider, call.operation) == ("openai", "chat")
    assert (call.request_model, call.response_model) == ("gpt-4o-mini", "gpt-4o-mini-2024-07-18")
    assert (call.streaming, call.time_to_first_token_ns, call.finish_reasons) == (True, "250000000", ["stop"])
    assert call.usage == schema.Usage(
        input_tokens=1_000,
        output_tokens=50,
        cache_read_tokens=400,
        cache_write_tokens=None,
        reasoning_tokens=20,
        total_tokens=1_050,
    )
    assert call.cost == schema.SpanCost(total_usd="0.00015", source="prices", client_usd=None)
    assert (call.counted, call.not_counted_because) == (True, None)


def test_attributes_are_shown_as_they_were_sent(ask: schema.TraceDetail) -> None:
    attributes = _span(ask, 8).attributes
    assert json.loads(attributes["gen_ai.output.messages"])[0]["content"] == ANSWER
    assert "\\u00fa" in attributes["gen_ai.output.messages"]
    assert _span(ask, 7).attributes["db.query.text"] == SQL


def test_a_tool_has_its_arguments_and_result_as_json_values(ask: schema.TraceDetail) -> None:
    tool = _span(ask, 5).tool
    assert tool == schema.Tool(name="run_sql", call_id="call_1", arguments={"sql": SQL}, result=[["Acústico", 22]])


def test_free_is_not_unpriced(ask: schema.TraceDetail) -> None:
    assert _span(ask, 8).cost == schema.SpanCost(total_usd="0", source="prices", client_usd=None)
    assert _span(ask, 1).cost is None


def test_the_ledger_has_each_token_in_one_bucket_and_says_what_is_not_counted(ask: schema.TraceDetail) -> None:
    first, second, chain = ask.ledger
    assert (first.span_id, first.model, first.counted) == (hex_id(3), "gpt-4o-mini-2024-07-18", True)
    assert (first.fresh_input_tokens, first.cache_read_tokens) == (600, 400)
    assert (first.output_tokens, first.reasoning_tokens) == (30, 20)
    assert first.attributes["cache_read_tokens"] == "gen_ai.usage.cache_read.input_tokens"
    assert (first.total_usd, second.total_usd, chain.total_usd) == ("0.00015", "0", None)
    assert (chain.name, chain.counted, chain.fresh_input_tokens) == ("qa", False, 999)
    assert chain.not_counted_because == "Not counted: repeats the usage of its 2 calls below."
    assert _span(ask, 2).not_counted_because == chain.not_counted_because


def test_a_failed_span_has_its_error_events_and_links(history: Running) -> None:
    detail = history.trace(FAILED)
    [call] = detail.spans
    assert (call.status, call.error) == ("error", schema.SpanError(type="RateLimit", message="slow down"))
    [event] = call.events
    assert (event.name, event.time_unix_nano) == ("exception", str(NOON + 20 * SECOND + 5))
    [link] = call.links
    assert (link.trace_id, link.span_id, link.trace_state, link.attributes) == (
        ASK,
        hex_id(8),
        "a=b",
        {"why": "retry of"},
    )
    [line] = detail.ledger
    assert (line.counted, line.unpriced_because) == (True, "The call carries no token counts.")


def test_the_light_tree_is_the_whole_one_without_content(history: Running) -> None:
    for trace_id in (ASK, FAILED):
        whole, light = history.trace(trace_id), history.trace(trace_id, content="false")
        assert (light.trace, light.ledger) == (whole.trace, whole.ledger)
        empty = {**NO_CONTENT, "attributes": {}, "events": [], "links": [], "finish_reasons": []}
        for one, shown in zip(whole.spans, light.spans, strict=True):
            name = one.tool and schema.Tool(name=one.tool.name, call_id=None, arguments=None, result=None)
            assert shown == one.model_copy(update={**empty, "tool": name})


def test_one_span_is_what_the_whole_trace_shows_of_it(history: Running, ask: schema.TraceDetail) -> None:
    for found in ask.spans:
        assert history.get(f"/traces/{ASK}/spans/{found.span_id}", schema.Span) == found
    assert history.get(f"/traces/{ASK.upper()}/spans/{hex_id(3)}", schema.Span) == _span(ask, 3)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"/traces/{trace_hex(99)}", 404, "not_found"),
        (f"/traces/{trace_hex(99)}/spans/{hex_id(1)}", 404, "not_found"),
        (f"/traces/{ASK}/spans/{hex_id(99)}", 404, "not_found"),
        ("/traces/123", 400, "bad_request"),
        (f"/traces/{ASK}/spans/xyz", 400, "bad_request"),
        ("/nothing", 404, "not_found"),
    ],
)
def test_what_is_not_there_is_an_error_in_the_one_shape(history: Running, path: str, status: int, code: str) -> None:
    found, error = history.refused(path)
    assert (found, error.code) == (status, code)
    assert error.hint


def test_content_is_true_or_false(history: Running) -> None:
    assert history.refused(f"/traces/{ASK}", content="maybe")[0] == 400


def test_another_method_is_an_error_in_the_one_shape(history: Running) -> None:
    answer = history.http.put(f"/api/v1/traces/{ASK}")
    assert answer.status_code == 405
    assert schema.ApiError.model_validate_json(answer.content, strict=True).error.code == "method_not_allowed"


def _names(detail: schema.TraceDetail) -> list[tuple[str, int, bool]]:
    return [(found.name, found.depth, found.is_orphan) for found in detail.spans]


def test_content_that_came_as_log_records_is_shown_on_the_span_and_the_records_as_sent(server: Running) -> None:
    body = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hi " * 200}}
    event = log(body, trace=TRACE, span_id=1, event_name="gen_ai.choice", attributes={"gen_ai.system": "openai"})
    server.export(log_request(event), trace_request(span("chat m", 1, attributes=chat(tokens=(3, 2)))))
    [shown] = server.trace(TRACE).spans
    one = server.get(f"/traces/{TRACE}/spans/{hex_id(1)}", schema.Span)
    for found in (shown, one):
        assert found.output_messages == [
            {"role": "assistant", "parts": [{"type": "text", "content": "Hi " * 200}], "finish_reason": "stop"}
        ]
        assert found.finish_reasons == ["stop"]
    assert server.trace(TRACE).trace.output == ("Hi " * 167)[:500].strip()
    [record] = server.logs()
    assert (record.body, record.attributes) == (body, {"gen_ai.system": "openai"})


def test_an_orphan_keeps_the_parent_it_named_and_a_late_parent_repairs_the_tree(server: Running) -> None:
    server.export(trace_request(span("child", 2, 1, start=NOON + MS), span("grandchild", 3, 2, start=NOON + 2 * MS)))
    before = server.trace(TRACE)
    assert _names(before) == [("child", 0, True), ("grandchild", 1, False)]
    assert before.spans[0].parent_span_id == hex_id(1)
    assert before.trace.name == "child"
    server.export(trace_request(span("root", 1, duration=9 * MS)))
    after = server.trace(TRACE)
    assert _names(after) == [("root", 0, False), ("child", 1, False), ("grandchild", 2, False)]
    assert (after.trace.name, after.trace.duration_ns) == ("root", str(9 * MS))


def test_cycles_and_duplicate_ids_are_shown_whole(server: Running) -> None:
    server.export(
        trace_request(
            span("a", 1, 2), span("b", 2, 1, start=NOON + 1), span("twin", 1, 2, start=NOON + 2), span("me", 9, 9)
        )
    )
    detail = server.trace(TRACE)
    assert sorted(name for name, *_ in _names(detail)) == ["a", "b", "me", "twin"]
    assert detail.trace.span_count == 4
    assert server.get(f"/traces/{TRACE}/spans/{hex_id(2)}", schema.Span).name == "b"


def test_a_late_parent_with_tokens_does_not_count_them_twice(server: Running) -> None:
    server.export(trace_request(span("chat", 2, 1, attributes=chat("q", "a", tokens=(10, 5)))))
    agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 5}
    server.export(trace_request(span("agent", 1, attributes=agent)))
    detail = server.trace(TRACE)
    assert detail.trace.usage.total_tokens == 15
    assert [found.counted for found in detail.spans] == [False, True]
    [row] = server.get("/stats", schema.Stats).rows
    assert (row.count, row.usage.total_tokens) == (1, 15)
