"""LiteLLM's attributes, of today and of before, read into the canonical model."""

import json
from typing import Any

import pytest

from llm_tracing.normalize.conventions import read_content, read_facts
from llm_tracing.normalize.conventions.contract import Facts
from llm_tracing.normalize.counting import decide
from tests.builders import chat, messages, records, span

OWN = {"litellm.call_id": "76d4a490", "llm.is_streaming": "False"}
USAGE = {
    "prompt_tokens": 533,
    "completion_tokens": 214,
    "completion_tokens_details": {"reasoning_tokens": 128, "text_tokens": None},
    "prompt_tokens_details": {"cached_tokens": 256},
}
RAW = {
    "llm.openai.messages": repr([{"role": "user", "content": "It's noon?"}]),
    "llm.openai.choices": repr(
        [
            {
                "finish_reason": "tool_calls",
                "message": {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [
                        {"id": "call_1", "function": {"name": "get_time", "arguments": '{"city": "Paris"}'}}
                    ],
                },
            }
        ]
    ),
    "llm.openai.usage": repr(USAGE),
    "llm.openai.moderation": "",
}


def _facts(attributes: dict[str, Any], name: str = "litellm_request") -> Facts:
    found = read_facts(attributes, name)
    assert found is not None
    return found


def test_cached_and_reasoning_tokens_come_from_the_repr_of_the_usage() -> None:
    facts = _facts({**OWN, **chat(tokens=(533, 214)), "metadata.usage_object": repr(USAGE)})
    assert (facts.input_tokens, facts.output_tokens) == (533, 214)
    assert (facts.cache_read_tokens, facts.reasoning_tokens) == (256, 128)
    sources = dict(facts.usage_sources)
    assert (sources["input_tokens"], sources["reasoning_tokens"]) == (
        "gen_ai.usage.input_tokens",
        "metadata.usage_object",
    )


def test_the_usage_may_stand_in_the_hidden_parameters() -> None:
    facts = _facts({**chat(), "hidden_params": json.dumps({"usage_object": USAGE, "response_cost": 0.25})})
    assert (facts.input_tokens, facts.cache_read_tokens) == (533, 256)
    assert facts.client_cost_pico_usd == 250_000_000_000


def test_its_input_has_the_cached_tokens_in_whoever_the_provider_is() -> None:
    usage = {"prompt_tokens": 1861, "cache_read_input_tokens": 840, "completion_tokens": 9}
    sent = {**OWN, **chat(provider="bedrock", tokens=(1861, 9)), "metadata.usage_object": repr(usage)}
    assert _facts(sent).input_tokens == 1861


def test_the_total_of_its_costs_is_the_clients_and_nothing_is_no_price() -> None:
    assert _facts({**OWN, **chat(), "gen_ai.cost.total_cost": 1.08e-05}).client_cost_pico_usd == 10_800_000
    assert _facts({**OWN, **chat(), "hidden_params": '{"response_cost": 0.0}'}).client_cost_pico_usd is None


@pytest.mark.parametrize(
    ("sent", "kind", "operation"),
    [
        ({"llm.request.type": "completion"}, "llm", "chat"),
        ({"llm.request.type": "acompletion"}, "llm", "chat"),
        ({"llm.request.type": "atext_completion"}, "llm", "text_completion"),
        ({"llm.request.type": "aresponses"}, "llm", "chat"),
        ({"llm.request.type": "anthropic_messages"}, "llm", "chat"),
        ({"llm.request.type": "agenerate_content_stream"}, "llm", "generate_content"),
        ({"llm.request.type": "completion", "gen_ai.operation.name": "chat"}, "llm", "chat"),
        ({"llm.request.type": "embedding", "gen_ai.operation.name": "embedding"}, "embedding", "embeddings"),
        ({"llm.request.type": "aembedding"}, "embedding", "embeddings"),
        ({"llm.request.type": "arerank"}, "reranker", None),
    ],
)
def test_its_call_types_are_named_as_opentelemetry_names_the_operation(
    sent: dict[str, Any], kind: str, operation: str | None
) -> None:
    facts = _facts({**OWN, "gen_ai.request.model": "m", **sent})
    assert (facts.kind, facts.operation) == (kind, operation)


def test_the_call_types_of_others_are_left_to_them() -> None:
    assert _facts({"llm.request.type": "completion", "llm.is_streaming": False}, "openai.completion").operation == (
        "text_completion"
    )


def test_an_empty_provider_is_the_one_in_front_of_the_model() -> None:
    sent = {**OWN, "gen_ai.system": "", "gen_ai.request.model": "m", "litellm.provider.model": "openai/m"}
    assert _facts(sent).provider == "openai"
    assert _facts({**sent, "gen_ai.system": "azure"}).provider == "azure.ai.openai"
    assert _facts({**sent, "litellm.provider.model": "m"}).provider is None


def test_session_and_user_come_from_its_own_places() -> None:
    facts = _facts({**OWN, **chat(), "llm.user": "u-1", "metadata.requester_metadata": "{'session_id': 's-1'}"})
    assert (facts.session_id, facts.user_id) == ("s-1", "u-1")
    assert _facts({**OWN, **chat(), "metadata.user_api_key_end_user_id": "u-2"}).user_id == "u-2"


@pytest.mark.parametrize("sent", [{"metadata.cache_hit": "True"}, {"hidden_params": '{"cache_hit": true}'}])
def test_an_answer_from_its_own_cache_is_marked(sent: dict[str, Any]) -> None:
    assert _facts({**OWN, **chat(), **sent}).details == {"from_local_cache": 1}
    assert _facts({**OWN, **chat(), "metadata.cache_hit": "False"}).details is None


def test_streaming_is_told_in_words() -> None:
    assert read_content({**OWN, "llm.is_streaming": "True"}).streaming is True
    assert read_content(OWN).streaming is False


def test_calls_beside_parts_and_the_results_of_tools_are_read() -> None:
    sent = [
        {
            "role": "assistant",
            "parts": [{"type": "text", "content": ""}],
            "tool_calls": [{"id": "call_1", "function": {"name": "get_time", "arguments": '{"city": "Paris"}'}}],
        },
        {"role": "tool", "parts": [{"type": "text", "content": "14:05"}], "tool_call_id": "call_1"},
    ]
    found = read_content({**OWN, **chat(), "gen_ai.input.messages": json.dumps(sent)}).input_messages
    assert found is not None
    assert found[0]["parts"][-1] == {
        "type": "tool_call",
        "id": "call_1",
        "name": "get_time",
        "arguments": {"city": "Paris"},
    }
    assert found[1]["parts"] == [{"type": "tool_call_response", "id": "call_1", "response": "14:05"}]


def test_a_raw_request_shows_what_was_said_and_counts_nothing() -> None:
    content = read_content(RAW, "raw_gen_ai_request")
    assert content.input_messages == json.loads(messages("user", "It's noon?"))
    assert content.output_messages is not None
    assert content.output_messages[0]["parts"][0]["arguments"] == {"city": "Paris"}
    assert content.finish_reasons == ("tool_call",)
    call = {**OWN, **chat(tokens=(533, 214))}
    rows = records(span("litellm_request", 1, attributes=call), span("raw_gen_ai_request", 2, 1, attributes=RAW))
    assert [row.kind for row in rows] == ["llm", "internal"]
    assert decide([row.facts() for row in rows], {1: None, 2: 1}) == {1: None}


def test_a_raw_request_to_anthropic_is_read_too() -> None:
    content = read_content(
        {
            "llm.anthropic.system": repr([{"type": "text", "text": "Be short."}]),
            "llm.anthropic.messages": repr([{"role": "user", "content": [{"type": "text", "text": "hi"}]}]),
            "llm.anthropic.content": repr([{"type": "text", "text": "hello"}]),
            "llm.anthropic.stop_reason": "end_turn",
        }
    )
    assert content.system_instructions == [{"type": "text", "content": "Be short."}]
    assert content.input_messages == json.loads(messages("user", "hi"))
    assert content.output_messages == json.loads(messages("assistant", "hello"))
    assert content.finish_reasons == ("stop",)


def test_prompt_and_completion_as_attributes_are_read() -> None:
    content = read_content(
        {
            **chat(),
            "gen_ai.content.prompt": repr([{"role": "user", "content": "hi"}]),
            "gen_ai.content.completion": "yo",
        }
    )
    assert content.input_messages == json.loads(messages("user", "hi"))
    assert content.output_messages == json.loads(messages("assistant", "yo"))


@pytest.mark.parametrize("odd", ["", "{", "[1, 2]", "{1: 2}", "x" * 10, 7, True, "{" * 2000])
def test_odd_values_are_not_said(odd: Any) -> None:
    sent = {**OWN, **chat(), "metadata.usage_object": odd, "hidden_params": odd, "metadata.requester_metadata": odd}
    facts = _facts(sent)
    assert (facts.input_tokens, facts.session_id, facts.details) == (None, None, None)
    read_content({"llm.openai.messages": odd, "llm.openai.choices": odd, "llm.gemini.candidates": odd})
