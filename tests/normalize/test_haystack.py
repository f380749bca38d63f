"""Haystack's own spans read into the canonical model."""

import json
from typing import Any

import pytest

from llm_tracing.normalize.conventions import read_content, read_facts
from llm_tracing.normalize.conventions.contract import Facts
from llm_tracing.normalize.conventions.haystack import KINDS
from tests.builders import records, span

META = {
    "model": "gpt-4o-1",
    "finish_reason": "tool_calls",
    "usage": {"prompt_tokens": 40, "completion_tokens": 9, "prompt_tokens_details": {"cached_tokens": 30}},
}
CALL = {"tool_call": {"id": "c1", "tool_name": "look_up", "arguments": {"q": "hi"}}}
RESULT = {"tool_call_result": {"result": '{"n": 1}', "origin": {"id": "c1", "tool_name": "look_up"}, "error": False}}
HISTORY: list[dict[str, Any]] = [
    {"role": "system", "meta": {}, "name": None, "content": [{"text": "Be kind."}]},
    {"role": "user", "meta": {}, "name": None, "content": [{"text": "Hi?"}]},
]
REPLY = {"role": "assistant", "meta": META, "name": None, "content": [CALL]}


def _component(kind: str, asked: Any, given: Any) -> dict[str, Any]:
    return {
        "haystack.component.type": kind,
        "haystack.component.input": json.dumps(asked),
        "haystack.component.output": json.dumps(given),
    }


def _facts(attributes: dict[str, Any]) -> Facts:
    found = read_facts(attributes, "haystack.component.run")
    assert found is not None
    return found


@pytest.mark.parametrize(("end", "kind"), [(end, kind) for end, (kind, _) in KINDS.items()])
def test_the_class_of_a_component_tells_its_kind(end: str, kind: str) -> None:
    assert _facts({"haystack.component.type": f"My{end}"}).kind == kind
    assert _facts({"haystack.component.type": "ToolInvoker"}).kind == "chain"


def test_a_generator_tells_its_model_its_tokens_and_its_messages() -> None:
    sent = _component("OpenAIChatGenerator", {"messages": HISTORY}, {"replies": [REPLY]})
    facts, content = _facts(sent), read_content(sent)
    assert (facts.response_model, facts.input_tokens, facts.cache_read_tokens) == ("gpt-4o-1", 40, 30)
    assert [message["role"] for message in content.input_messages or []] == ["system", "user"]
    assert content.output_messages is not None
    assert content.output_messages[0]["parts"] == [
        {"type": "tool_call", "id": "c1", "name": "look_up", "arguments": {"q": "hi"}}
    ]
    assert content.finish_reasons == ("tool_call",)


def test_a_generator_of_plain_texts_has_what_it_tells_beside_them() -> None:
    sent = _component("OpenAIGenerator", {"prompt": "Hi?"}, {"replies": ["Ho."], "meta": [META]})
    facts, content = _facts(sent), read_content(sent)
    assert (facts.response_model, facts.output_tokens) == ("gpt-4o-1", 9)
    assert content.input_messages == [{"role": "user", "parts": [{"type": "text", "content": "Hi?"}]}]
    assert content.output_messages == [{"role": "assistant", "parts": [{"type": "text", "content": "Ho."}]}]


def test_an_agent_gives_what_came_after_its_question() -> None:
    tool: dict[str, Any] = {"role": "tool", "meta": {}, "name": None, "content": [RESULT]}
    sent = {
        "haystack.agent.max_steps": 9,
        "haystack.agent.input": json.dumps({"messages": HISTORY}),
        "haystack.agent.output": json.dumps({"messages": [*HISTORY, REPLY, tool]}),
    }
    content = read_content(sent)
    assert (_facts(sent).kind, _facts(sent).input_tokens) == ("agent", None)
    assert [message["role"] for message in content.output_messages or []] == ["assistant", "tool"]
    assert content.output_messages is not None
    assert content.output_messages[1]["parts"] == [{"type": "tool_call_response", "id": "c1", "response": {"n": 1}}]


def test_a_retriever_gives_documents() -> None:
    document = {"id": "d1", "content": "Paris.", "score": 0.9, "meta": {"source": "a.md"}}
    sent = _component("InMemoryBM25Retriever", {"query": "capital", "top_k": 1}, {"documents": [document]})
    content = read_content(sent)
    assert (content.input, content.documents) == (
        "capital",
        [{"id": "d1", "content": "Paris.", "score": 0.9, "metadata": {"source": "a.md"}}],
    )


@pytest.mark.parametrize("value", ["", "[1]", "{", '{"replies": 3}', '{"replies": [3], "meta": "x"}', "null"])
def test_what_cannot_be_read_is_not_said(value: str) -> None:
    sent = {"haystack.component.type": "OpenAIGenerator", "haystack.component.output": value}
    [record] = records(span(attributes=sent))
    assert (record.kind, record.input_tokens) == ("llm", None)
    read_content(sent)


def test_what_an_agent_asks_its_model_is_pythons_text() -> None:
    asked = (
        "{'messages': [ChatMessage(_role=<ChatRole.USER: 'user'>, _content=[TextContent(text='Hi?')], _meta={}), "
        "ChatMessage(_role=<ChatRole.ASSISTANT: 'assistant'>, _content=[ToolCall(tool_name='f', arguments={'q': 1}, "
        "id='c1')]), ChatMessage(_role=<ChatRole.TOOL: 'tool'>, _content=[ToolCallResult(result='2', "
        "origin=ToolCall(tool_name='f', arguments={}, id='c1'), error=False)])], "
        "'tools': [Tool(name='f', function=<function f at 0x7f>)]}"
    )
    content = read_content({"haystack.component.type": "XGenerator", "haystack.component.input": asked})
    assert content.input_messages == [
        {"role": "user", "parts": [{"type": "text", "content": "Hi?"}]},
        {"role": "assistant", "parts": [{"type": "tool_call", "id": "c1", "name": "f", "arguments": {"q": 1}}]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "2"}]},
    ]
