"""Pydantic AI's attributes, of today and of before, read into the canonical model."""

import json
from typing import Any

import pytest

from llm_tracing.normalize.conventions import read_content, read_facts
from llm_tracing.normalize.conventions.contract import Facts
from llm_tracing.normalize.counting import decide
from tests.builders import chat, messages, records, span

OWN = "01a2091c-a2ca-77c0-bef8-d39e387f7fef"
OLD_AGENT = {
    "agent_name": "weather",
    "model_name": "gpt-4o-mini",
    "final_result": "18 degrees",
    "gen_ai.usage.input_tokens": 305,
    "gen_ai.usage.output_tokens": 62,
    "all_messages_events": json.dumps(
        [
            {"event.name": "gen_ai.user.message", "role": "user", "content": "How warm is it?"},
            {"event.name": "gen_ai.assistant.message", "role": "assistant", "content": "18 degrees"},
        ]
    ),
}
AGENT = {
    "gen_ai.operation.name": "invoke_agent",
    "agent_name": "clerk",
    "model_name": "gpt-4o-mini",
    "gen_ai.agent.call.id": OWN,
    "gen_ai.conversation.id": OWN,
    "gen_ai.aggregated_usage.input_tokens": 24,
    "gen_ai.aggregated_usage.output_tokens": 12,
    "gen_ai.aggregated_usage.cache_creation.input_tokens": 5,
    "gen_ai.aggregated_usage.details.reasoning_tokens": 3,
}


def _facts(attributes: dict[str, Any], name: str = "") -> Facts:
    found = read_facts(attributes, name)
    assert found is not None
    return found


def test_the_first_form_of_an_agent_says_no_operation() -> None:
    facts = _facts(OLD_AGENT, "agent run")
    assert (facts.kind, facts.operation, facts.request_model) == ("agent", "invoke_agent", "gpt-4o-mini")
    assert (facts.input_tokens, facts.output_tokens) == (305, 62)


def test_an_agent_shows_what_it_was_told_and_what_came_of_it() -> None:
    for sent in (
        OLD_AGENT,
        {
            **AGENT,
            "final_result": "18 degrees",
            "pydantic_ai.all_messages": json.dumps(
                json.loads(messages("user", "How warm is it?")) + json.loads(messages("assistant", "18 degrees"))
            ),
        },
    ):
        content = read_content(sent)
        assert content.input_messages == json.loads(messages("user", "How warm is it?"))
        assert content.output_messages == json.loads(messages("assistant", "18 degrees"))


def test_a_structured_result_is_json() -> None:
    assert read_content({**AGENT, "final_result": '{"degrees": 18}'}).output == {"degrees": 18}


def test_sums_of_an_agent_are_read_and_not_counted_beside_its_calls() -> None:
    facts = _facts(AGENT)
    assert (facts.input_tokens, facts.output_tokens, facts.cache_write_tokens, facts.reasoning_tokens) == (24, 12, 5, 3)
    for agent in (AGENT, OLD_AGENT):
        rows = records(span("a", 1, attributes=agent), span("c", 2, 1, attributes=chat(tokens=(24, 12))))
        reasons = decide([row.facts() for row in rows], {1: None, 2: 1})
        assert [span_id for span_id, reason in reasons.items() if reason is None] == [2]


@pytest.mark.parametrize(
    ("detail", "bucket"),
    [
        ("reasoning_tokens", "reasoning_tokens"),
        ("thoughts_tokens", "reasoning_tokens"),
        ("cache_read_tokens", "cache_read_tokens"),
        ("cached_tokens", "cache_read_tokens"),
        ("cache_read_input_tokens", "cache_read_tokens"),
        ("cached_content_tokens", "cache_read_tokens"),
        ("cache_write_tokens", "cache_write_tokens"),
        ("cache_creation_input_tokens", "cache_write_tokens"),
    ],
)
def test_details_have_the_providers_own_names(detail: str, bucket: str) -> None:
    sent = {**chat(tokens=(500, 200)), "model_request_parameters": "{}", f"gen_ai.usage.details.{detail}": 128}
    assert getattr(_facts(sent), bucket) == 128


def test_rarer_details_come_together_and_only_where_they_are_not_zero() -> None:
    sent = {**chat(), "model_request_parameters": "{}", "gen_ai.usage.details.input_audio_tokens": 4}
    assert _facts({**sent, "gen_ai.usage.details.output_audio_tokens": 0}).details == {"input_audio_tokens": 4}


def test_a_conversation_that_the_library_made_up_is_no_session() -> None:
    call = {**chat(), "gen_ai.agent.call.id": OWN, "gen_ai.conversation.id": OWN}
    assert _facts(call).session_id is None
    assert _facts({**call, "session_id": "s-1", "logfire.span_type": "span"}).session_id == "s-1"
    assert _facts({**call, "session.id": "s-1"}).session_id == "s-1"
    assert _facts({**call, "gen_ai.conversation.id": "support-17"}).session_id == "support-17"
    assert _facts({**chat(), "gen_ai.conversation.id": OWN}).session_id == OWN


def test_metadata_of_an_agent_may_name_session_and_user() -> None:
    facts = _facts({**AGENT, "metadata": '{"session_id": "s-1", "user_id": "u-1"}'})
    assert (facts.session_id, facts.user_id) == ("s-1", "u-1")
    assert _facts({**AGENT, "metadata": "3"}).user_id is None


def test_the_first_form_of_a_tool_is_read() -> None:
    sent = {"gen_ai.tool.name": "get_weather", "gen_ai.tool.call.id": "call_1", "tool_arguments": '{"city": "Paris"}'}
    [record] = records(span("running tool", attributes={**sent, "tool_response": '{"temp": 18}'}))
    assert record.kind == "tool"
    tool = read_content({**sent, "tool_response": '{"temp": 18}'}).tool
    assert tool is not None
    assert (tool.name, tool.call_id, tool.arguments, tool.result) == (
        "get_weather",
        "call_1",
        {"city": "Paris"},
        {"temp": 18},
    )


@pytest.mark.parametrize(
    ("name", "kind"), [("running tools", "chain"), ("running 2 tools", "chain"), ("running late", "internal")]
)
def test_the_span_around_tools_that_run_together_is_a_chain(name: str, kind: str) -> None:
    assert records(span(name, attributes={"tools": ["a", "b"]}))[0].kind == kind


def test_events_on_a_call_are_its_messages() -> None:
    events = [
        {"event.name": "gen_ai.user.message", "role": "user", "content": "hi"},
        {"event.name": "gen_ai.choice", "index": 0, "message": {"role": "assistant", "content": "hello"}},
    ]
    content = read_content({**chat(), "events": json.dumps(events)})
    assert content.input_messages == json.loads(messages("user", "hi"))
    assert content.output_messages == json.loads(messages("assistant", "hello"))


def test_plain_attributes_of_the_same_names_mean_nothing() -> None:
    for sent in ({"events": "[1, 2]"}, {"tools": 3}, {"agent_name": "x"}, {"final_result": "{"}):
        [record] = records(span(attributes=sent))
        assert (record.kind, record.input_tokens) == ("internal", None)
