"""The attributes of Google's Agent Development Kit read into the canonical model."""

import json
from typing import Any

import pytest

from llm_tracing.normalize.conventions import read_content, read_facts
from llm_tracing.normalize.conventions.contract import Facts, ToolUse
from tests.builders import records, span

REQUEST = {
    "model": "gemini-3-pro",
    "config": {"system_instruction": "Be kind.", "tools": [{"function_declarations": [{"name": "look_up"}]}]},
    "contents": [
        {"role": "user", "parts": [{"text": "Hi?"}]},
        {"role": "model", "parts": [{"function_call": {"id": "c1", "name": "look_up", "args": {"q": "hi"}}}]},
        {"role": "user", "parts": [{"function_response": {"id": "c1", "name": "look_up", "response": {"n": 1}}}]},
    ],
}
RESPONSE = {
    "content": {"role": "model", "parts": [{"text": "Ho."}]},
    "finish_reason": "STOP",
    "usage_metadata": {
        "prompt_token_count": 40,
        "cached_content_token_count": 30,
        "candidates_token_count": 5,
        "thoughts_token_count": 7,
    },
}
CALL = {
    "gen_ai.system": "gcp.vertex.agent",
    "gen_ai.request.model": "gemini-3-pro",
    "gen_ai.usage.input_tokens": 40,
    "gen_ai.usage.output_tokens": 5,
    "gcp.vertex.agent.session_id": "s1",
    "gcp.vertex.agent.llm_request": json.dumps(REQUEST),
    "gcp.vertex.agent.llm_response": json.dumps(RESPONSE),
}


def _facts(attributes: dict[str, Any]) -> Facts:
    found = read_facts(attributes, "call_llm")
    assert found is not None
    return found


def test_a_call_is_read_from_the_kits_own_request_and_response() -> None:
    facts = _facts(CALL)
    assert (facts.kind, facts.operation, facts.provider) == ("llm", "generate_content", "gcp.gemini")
    assert (facts.request_model, facts.session_id) == ("gemini-3-pro", "s1")
    assert (facts.input_tokens, facts.cache_read_tokens) == (40, 30)
    assert (facts.output_tokens, facts.reasoning_tokens) == (12, 7)


def test_messages_come_in_geminis_form() -> None:
    content = read_content(CALL)
    assert content.system_instructions == [{"type": "text", "content": "Be kind."}]
    assert [message["role"] for message in content.input_messages or []] == ["user", "assistant", "tool"]
    assert content.input_messages is not None
    assert content.input_messages[2]["parts"] == [{"type": "tool_call_response", "id": "c1", "response": {"n": 1}}]
    assert content.output_messages == [{"role": "assistant", "parts": [{"type": "text", "content": "Ho."}]}]
    assert content.finish_reasons == ("stop",)


def test_a_tool_has_its_arguments_and_its_result() -> None:
    sent = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.system": "gcp.vertex.agent",
        "gen_ai.tool.name": "look_up",
        "gen_ai.tool.call.id": "c1",
        "gcp.vertex.agent.llm_request": "{}",
        "gcp.vertex.agent.llm_response": "{}",
        "gcp.vertex.agent.tool_call_args": '{"q": "hi"}',
        "gcp.vertex.agent.tool_response": '{"n": 1}',
    }
    facts = _facts(sent)
    assert (facts.kind, facts.provider, facts.request_model) == ("tool", None, None)
    content = read_content(sent)
    assert content.tool == ToolUse("look_up", "c1", {"q": "hi"}, {"n": 1})
    assert (content.input_messages, content.output_messages) == (None, None)


@pytest.mark.parametrize(
    ("model", "provider"),
    [("gemini-3-pro", "gcp.gemini"), ("anthropic/claude-4", "anthropic"), ("mine/llama", None), ("llama", None)],
)
def test_the_model_tells_the_provider_where_the_kit_names_itself(model: str, provider: str | None) -> None:
    sent = {"gen_ai.system": "gcp.vertex.agent", "gen_ai.request.model": model, "gcp.vertex.agent.session_id": "s1"}
    assert _facts(sent).provider == provider


@pytest.mark.parametrize("value", ["<not serializable>", "[]", "{", "null", 3, '{"content": 3, "usage_metadata": [1]}'])
def test_what_cannot_be_read_is_not_said(value: Any) -> None:
    sent = {"gcp.vertex.agent.llm_request": value, "gcp.vertex.agent.llm_response": value}
    [record] = records(span(attributes=sent))
    assert (record.input_tokens, record.request_model) == (None, None)
    assert read_content(sent).input_messages is None
