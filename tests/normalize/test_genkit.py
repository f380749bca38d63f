"""Genkit's attributes read into the canonical model."""

import json
from typing import Any

import pytest

from llm_tracing.normalize.conventions import read_content, read_facts
from llm_tracing.normalize.conventions.contract import Facts

USAGE = {"prompt_tokens": 9, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 3}}
CHOICE = {"finish_reason": "tool_calls", "message": {"role": "assistant", "content": None}}
MODEL = {
    "genkit:type": "action",
    "genkit:metadata:subtype": "model",
    "genkit:name": "openai/gpt-5",
    "genkit:input": json.dumps(
        {
            "messages": [
                {"role": "system", "content": [{"text": "Be brief."}]},
                {"role": "user", "content": [{"text": "Rain?"}]},
                {"role": "model", "content": [{"toolRequest": {"name": "sky", "ref": "c1", "input": {"at": "Oslo"}}}]},
                {"role": "tool", "content": [{"toolResponse": {"name": "sky", "ref": "c1", "output": {"rain": 1}}}]},
            ]
        }
    ),
    "genkit:output": json.dumps(
        {
            "finishReason": "stop",
            "message": {"role": "model", "content": [{"toolRequest": {"name": "sky", "ref": "c2", "input": {}}}]},
            "usage": {"inputTokens": 9, "outputTokens": 4, "totalTokens": 13},
            "raw": {"id": "chatcmpl-1", "model": "gpt-5-2026", "choices": [CHOICE], "usage": USAGE},
        }
    ),
    "genkit:state": "success",
    "genkit:sessionId": "s1",
}


def _facts(attributes: dict[str, Any]) -> Facts:
    found = read_facts(attributes)
    assert found is not None
    return found


def test_a_model_is_a_call_with_the_counts_of_the_providers_own_answer() -> None:
    facts = _facts(MODEL)
    assert (facts.kind, facts.operation, facts.provider) == ("llm", "chat", "openai")
    assert (facts.request_model, facts.response_model, facts.response_id) == ("gpt-5", "gpt-5-2026", "chatcmpl-1")
    assert (facts.input_tokens, facts.output_tokens, facts.cache_read_tokens) == (9, 4, 3)
    assert facts.session_id == "s1"


def test_messages_have_their_tool_calls_and_results() -> None:
    content = read_content(MODEL)
    assert content.input_messages == [
        {"role": "system", "parts": [{"type": "text", "content": "Be brief."}]},
        {"role": "user", "parts": [{"type": "text", "content": "Rain?"}]},
        {
            "role": "assistant",
            "parts": [{"type": "tool_call", "id": "c1", "name": "sky", "arguments": {"at": "Oslo"}}],
        },
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": {"rain": 1}}]},
    ]
    call = {"type": "tool_call", "id": "c2", "name": "sky", "arguments": {}}
    assert content.output_messages == [{"role": "assistant", "parts": [call]}]
    assert content.finish_reasons == ("tool_call",)


@pytest.mark.parametrize(
    ("name", "provider"),
    [
        ("googleai/gemini-2.5-flash", "gcp.gemini"),
        ("vertexai/gemini-2.5-flash", "gcp.vertex_ai"),
        ("anthropic/claude", "anthropic"),
        ("my-plugin/house-model", None),
        ("house-model", None),
    ],
)
def test_the_plugin_names_the_provider(name: str, provider: str | None) -> None:
    facts = _facts({**MODEL, "genkit:name": name, "genkit:output": ""})
    assert facts.provider == provider
    assert facts.request_model == name.rpartition("/")[2]


def test_thoughts_beside_the_output_are_output_too() -> None:
    usage = {"inputTokens": 31, "outputTokens": 14, "thoughtsTokens": 8, "cachedContentTokens": 12, "totalTokens": 53}
    facts = _facts({**MODEL, "genkit:output": json.dumps({"usage": usage})})
    assert (facts.input_tokens, facts.output_tokens) == (31, 22)
    assert (facts.cache_read_tokens, facts.reasoning_tokens) == (12, 8)


def test_other_actions_have_their_kind_and_content() -> None:
    flow = {"genkit:type": "action", "genkit:metadata:subtype": "flow", "genkit:name": "menu"}
    assert _facts({**flow, "genkit:output": '"No."'}).kind == "chain"
    assert read_content({**flow, "genkit:output": '"No."'}).output_messages is not None
    tool = {**flow, "genkit:metadata:subtype": "tool", "genkit:name": "sky"}
    use = read_content({**tool, "genkit:input": '{"at": "Oslo"}', "genkit:output": '"rain"'}).tool
    assert use is not None
    assert (use.name, use.arguments, use.result) == ("sky", {"at": "Oslo"}, "rain")
    embedder = {**flow, "genkit:metadata:subtype": "embedder", "genkit:name": "openai/embed-3"}
    texts = json.dumps({"input": [{"content": [{"text": "one"}]}, {"content": [{"text": "two"}]}]})
    assert _facts(embedder).kind == "embedding"
    assert read_content({**embedder, "genkit:input": texts}).input == ["one", "two"]
    retriever = {**flow, "genkit:metadata:subtype": "retriever"}
    found = json.dumps({"documents": [{"content": [{"text": "one"}], "metadata": {"page": 1}}]})
    query = json.dumps({"query": {"content": [{"text": "what"}]}})
    content = read_content({**retriever, "genkit:input": query, "genkit:output": found})
    assert content.input == "what"
    assert content.documents == [{"content": "one", "metadata": {"page": 1}}]


@pytest.mark.parametrize(
    "odd", ["", "{", "[1]", '{"messages": 7, "message": [], "usage": "x", "raw": 3}', 7, None, [{}]]
)
def test_odd_values_are_not_said(odd: Any) -> None:
    for subtype in ("model", "tool", "embedder", "retriever", "flow", 7):
        sent = {"genkit:metadata:subtype": subtype, "genkit:name": "a/b", "genkit:input": odd, "genkit:output": odd}
        assert _facts(sent).input_tokens is None
        read_content(sent)
