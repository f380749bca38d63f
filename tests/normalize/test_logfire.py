"""Logfire's attributes, of today and of before, read into the canonical model."""

import json
from typing import Any

import pytest

from llm_tracing.normalize.conventions import read_content, read_facts
from llm_tracing.normalize.conventions.contract import Facts, ToolUse
from llm_tracing.normalize.counting import decide
from tests.builders import chat, records, span

LOGFIRE = {"logfire.span_type": "span"}
SCRUBBED = "[Scrubbed due to 'session']"
ANTHROPIC = {
    "input_tokens": 49,
    "output_tokens": 13,
    "cache_read_input_tokens": 1840,
    "cache_creation_input_tokens": 0,
}
OLD = {
    **LOGFIRE,
    "logfire.msg_template": "Chat Completion with {request_data[model]!r}",
    "request_data": json.dumps({"model": "gpt-4", "stream": False, "messages": [{"role": "user", "content": "hi"}]}),
    "response_data": json.dumps(
        {
            "message": {"role": "assistant", "content": "hello"},
            "usage": {"prompt_tokens": 9, "completion_tokens": 2, "completion_tokens_details": {"reasoning_tokens": 1}},
        }
    ),
}


def _facts(attributes: dict[str, Any]) -> Facts:
    found = read_facts(attributes)
    assert found is not None
    return found


def test_cached_tokens_come_from_the_providers_own_usage() -> None:
    sent = {**chat(provider="anthropic", tokens=(1889, 13)), "gen_ai.usage.raw": json.dumps(ANTHROPIC)}
    facts = _facts(sent)
    assert (facts.input_tokens, facts.output_tokens) == (1889, 13)
    assert (facts.cache_read_tokens, facts.cache_write_tokens) == (1840, 0)
    assert dict(facts.usage_sources)["input_tokens"] == "gen_ai.usage.input_tokens"
    assert dict(facts.usage_sources)["cache_read_tokens"] == "gen_ai.usage.raw"


def test_the_providers_own_usage_stands_in_for_counts_that_are_missing_or_leave_the_cache_out() -> None:
    raw = {"gen_ai.usage.raw": json.dumps(ANTHROPIC)}
    assert _facts({**chat(provider="anthropic"), **raw}).input_tokens == 1889
    assert _facts({**chat(provider="anthropic", tokens=(49, 13)), **raw}).input_tokens == 1889
    assert _facts({**chat(provider="aws.bedrock", tokens=(1889, 13)), **raw}).input_tokens == 1889


@pytest.mark.parametrize("raw", ["", "{", "[]", "null", '{"input_tokens": "x"}', "{" * 300])
def test_a_usage_that_cannot_be_read_is_not_said(raw: str) -> None:
    facts = _facts({**chat(tokens=(3, 4)), "gen_ai.usage.raw": raw})
    assert (facts.input_tokens, facts.cache_read_tokens) == (3, None)


def test_the_cost_that_logfire_worked_out_is_the_clients() -> None:
    assert _facts({**chat(), "operation.cost": 0.000252}).client_cost_pico_usd == 252_000_000


def test_session_and_user_are_plain_attributes_of_any_span() -> None:
    [plain] = records(span(attributes={**LOGFIRE, "session_id": "s-1", "user_id": 7}))
    assert (plain.kind, plain.session_id, plain.user_id) == ("internal", "s-1", "7")


def test_a_scrubbed_session_is_none() -> None:
    [scrubbed] = records(span(attributes={**LOGFIRE, "session_id": SCRUBBED, "session.id": SCRUBBED, "user_id": "u"}))
    assert (scrubbed.session_id, scrubbed.user_id) == (None, "u")
    [elsewhere] = records(span(attributes={**LOGFIRE, **chat(), "session.id": SCRUBBED, "session_id": "s-1"}))
    assert elsewhere.session_id == "s-1"


def test_a_template_gives_way_to_the_name_that_it_makes() -> None:
    template = "Message with {request_data[model]!r}"
    names = {"logfire.msg_template": template, "logfire.msg": "Message with 'claude'"}
    assert records(span(template, attributes={**LOGFIRE, **names}))[0].name == "Message with 'claude'"
    kept = {"logfire.msg": "clerk run"}
    assert records(span("invoke_agent clerk", attributes={**LOGFIRE, **kept}))[0].name == "invoke_agent clerk"


@pytest.mark.parametrize(
    ("template", "request_data", "kind", "operation"),
    [
        ("Chat Completion with {request_data[model]!r}", {"model": "m", "messages": []}, "llm", "chat"),
        ("Message with {request_data[model]!r}", {"model": "m", "messages": []}, "llm", "chat"),
        ("Completion with {request_data[model]!r}", {"model": "m", "prompt": "p"}, "llm", "text_completion"),
        ("Embedding Creation with {request_data[model]!r}", {"model": "m", "input": "t"}, "embedding", "embeddings"),
        ("streaming response from {request_data[model]!r} took", {"model": "m", "messages": []}, "llm", "chat"),
        ("request for {user_id}", {"model": "m"}, "internal", None),
    ],
)
def test_versions_before_the_operation_say_it_in_their_template(
    template: str, request_data: dict[str, Any], kind: str, operation: str | None
) -> None:
    sent = {**LOGFIRE, "logfire.msg_template": template, "request_data": json.dumps(request_data)}
    [record] = records(span(attributes=sent))
    assert (record.kind, record.operation) == (kind, operation)


def test_older_versions_send_the_request_and_the_answer_whole() -> None:
    facts, content = _facts(OLD), read_content(OLD)
    assert (facts.kind, facts.operation, facts.request_model) == ("llm", "chat", "gpt-4")
    assert (facts.input_tokens, facts.output_tokens, facts.reasoning_tokens) == (9, 2, 1)
    assert content.input_messages == [{"role": "user", "parts": [{"type": "text", "content": "hi"}]}]
    assert content.output_messages == [{"role": "assistant", "parts": [{"type": "text", "content": "hello"}]}]
    assert content.streaming is False


def test_a_streamed_answer_and_a_system_text_of_older_versions_are_read() -> None:
    content = read_content(
        {
            "logfire.span_type": "log",
            "logfire.msg_template": "streaming response from {request_data[model]!r} took {duration:.2f}s",
            "request_data": json.dumps({"model": "claude", "system": "Be short.", "messages": []}),
            "response_data": json.dumps({"combined_chunk_content": "Hello there", "chunk_count": 2}),
        }
    )
    assert content.streaming is True
    assert content.system_instructions == [{"type": "text", "content": "Be short."}]
    assert content.output_messages == [{"role": "assistant", "parts": [{"type": "text", "content": "Hello there"}]}]


def test_a_span_that_only_announces_a_call_is_none() -> None:
    pending = {**chat(), "logfire.span_type": "pending_span", "logfire.pending_parent_id": "0" * 16}
    [call, announced] = records(
        span("chat", 1, attributes={**LOGFIRE, **chat(tokens=(1, 2))}), span("chat", 2, 1, attributes=pending)
    )
    assert (call.kind, announced.kind) == ("llm", "internal")
    assert decide([call.facts(), announced.facts()], {1: None, 2: 1}) == {1: None}


def test_odd_requests_and_answers_are_not_said() -> None:
    for odd in ("", "[]", "{", '{"messages": 3}', '{"model": {}, "messages": {"a": 1}}', 5):
        sent = {**LOGFIRE, "request_data": odd, "response_data": odd}
        assert records(span(attributes=sent))[0].input_tokens is None
        read_content(sent)


AGENTS_CALL = {
    **LOGFIRE,
    "logfire.msg_template": "Chat completion with {gen_ai.request.model!r}",
    "gen_ai.system": "openai",
    "gen_ai.request.model": "gpt-4o",
    "input": json.dumps([{"role": "user", "content": "Hi?"}]),
    "output": json.dumps([{"role": "assistant", "content": "Ho.", "tool_calls": None}]),
    "request_data": json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi?"}] * 2}),
    "usage": json.dumps({"input_tokens": 9, "output_tokens": 4, "input_tokens_details": {"cached_tokens": 5}}),
}


def test_a_call_of_the_agents_sdk_has_its_answer_apart_and_its_usage_as_an_object() -> None:
    facts, content = _facts(AGENTS_CALL), read_content(AGENTS_CALL)
    assert (facts.kind, facts.operation) == ("llm", "chat")
    assert (facts.input_tokens, facts.output_tokens, facts.cache_read_tokens) == (9, 4, 5)
    assert content.input_messages == [{"role": "user", "parts": [{"type": "text", "content": "Hi?"}]}]
    assert content.output_messages == [{"role": "assistant", "parts": [{"type": "text", "content": "Ho."}]}]


@pytest.mark.parametrize(
    ("template", "kind", "operation"),
    [
        ("OpenAI Agents trace: {name}", "chain", None),
        ("Agent run: {name!r}", "agent", "invoke_agent"),
        ("Function: {name}", "tool", "execute_tool"),
        ("Guardrail {name!r} triggered={triggered}", "guardrail", None),
        ("Responses API with {gen_ai.request.model!r}", None, None),
    ],
)
def test_the_template_says_what_a_step_of_the_agents_sdk_is(
    template: str, kind: str | None, operation: str | None
) -> None:
    facts = _facts({**LOGFIRE, "logfire.msg_template": template, "usage": '{"input_tokens": 3}'})
    assert (facts.kind, facts.operation, facts.input_tokens) == (kind, operation, None)


def test_a_function_of_the_agents_sdk_is_a_tools_use() -> None:
    sent = {
        **LOGFIRE,
        "logfire.msg_template": "Function: {name}",
        "name": "look_up",
        "input": '{"q": 1}',
        "output": "no",
    }
    assert read_content(sent).tool == ToolUse("look_up", None, {"q": 1}, "no")


def test_the_trace_of_the_agents_sdk_has_the_session_and_the_user() -> None:
    said = {"group_id": "s1", "metadata": '{"user_id": "u1"}'}
    facts = _facts({**LOGFIRE, "logfire.msg_template": "OpenAI Agents trace: {name}", **said})
    assert (facts.session_id, facts.user_id) == ("s1", "u1")
    unsaid = {"group_id": "null", "metadata": "null"}
    assert _facts({**LOGFIRE, "logfire.msg_template": "OpenAI Agents trace: {name}", **unsaid}).session_id is None
    facts = _facts({**LOGFIRE, "logfire.msg_template": "mine {group_id}", **said})
    assert (facts.session_id, facts.user_id) == (None, None)


def test_listed_events_without_a_choice_end_with_the_answer() -> None:
    told = [
        {"event.name": "gen_ai.user.message", "role": "user", "content": "Hi?"},
        {"event.name": "gen_ai.assistant.message", "role": "assistant", "content": "Ho."},
    ]
    content = read_content({**AGENTS_CALL, "input": "", "output": "", "request_data": "{}", "events": json.dumps(told)})
    assert [message["role"] for message in content.input_messages or []] == ["user"]
    assert [message["role"] for message in content.output_messages or []] == ["assistant"]
