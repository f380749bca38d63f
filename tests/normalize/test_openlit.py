"""OpenLIT's attributes read into the canonical model."""

import json
from typing import Any

import pytest

from llm_tracing.normalize.conventions import read_content, read_facts
from llm_tracing.normalize.conventions.contract import Facts
from tests.builders import chat, messages, records, span

OWN = {"gen_ai.sdk.version": "1.7.2"}


def _facts(attributes: dict[str, Any]) -> Facts:
    found = read_facts(attributes)
    assert found is not None
    return found


def _calls(attributes: dict[str, Any]) -> list[tuple[Any, Any, Any]]:
    found = read_content(attributes).output_messages or []
    parts = [part for message in found for part in message["parts"] if part["type"] == "tool_call"]
    return [(part["id"], part["name"], part["arguments"]) for part in parts]


JOINED = {
    **OWN,
    **chat(),
    "gen_ai.tool.name": "get_weather, get_time",
    "gen_ai.tool.call.id": "call_1, call_2",
    "gen_ai.tool.args": '{"city": "Paris", "unit": "celsius"}, {"city": "Paris"}',
}


def test_the_tools_that_a_model_asks_for_are_joined_on_its_call() -> None:
    assert _calls(JOINED) == [
        ("call_1", "get_weather", {"city": "Paris", "unit": "celsius"}),
        ("call_2", "get_time", {"city": "Paris"}),
    ]
    assert records(span(attributes=JOINED))[0].kind == "llm"
    assert read_content(JOINED).tool is None


def test_calls_in_the_answer_are_not_told_twice() -> None:
    part = {"type": "tool_call", "id": "call_1", "name": "get_time", "arguments": {}}
    answer = json.dumps([{"role": "assistant", "parts": [part]}])
    assert _calls({**JOINED, "gen_ai.output.messages": answer}) == [("call_1", "get_time", {})]


def test_joined_calls_do_not_hide_the_text_of_the_answer() -> None:
    content = read_content({**JOINED, "gen_ai.output.messages": messages("assistant", "Let me look.")})
    assert content.output_messages is not None
    assert [part["type"] for part in content.output_messages[0]["parts"]] == ["text", "tool_call", "tool_call"]


def test_joined_values_that_do_not_match_lose_only_themselves() -> None:
    odd = {**JOINED, "gen_ai.tool.call.id": "call_1", "gen_ai.tool.args": '{"city": "Par'}
    assert _calls(odd) == [(None, "get_weather", None), (None, "get_time", None)]


def test_a_tools_arguments_and_result_may_be_python() -> None:
    tool = read_content(
        {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "get_time",
            "gen_ai.tool.args": "{'city': 'Paris'}",
            "gen_ai.tool.call.result": "content='14:05' name='get_time' tool_call_id='call_2'",
        }
    ).tool
    assert tool is not None
    assert (tool.arguments, tool.result) == ({"city": "Paris"}, "14:05")


def test_the_total_is_not_the_input_and_a_cost_of_nothing_is_no_price() -> None:
    facts = _facts({**OWN, **chat(), "gen_ai.client.token.usage": 36, "gen_ai.usage.cost": 0})
    assert (facts.input_tokens, facts.client_cost_pico_usd) == (None, None)
    assert _facts({**OWN, **chat(), "gen_ai.usage.cost": 0.5}).client_cost_pico_usd == 500_000_000_000


@pytest.mark.parametrize(("cached", "total"), [(1840, 1889), (30, 49), (0, 49)])
def test_more_cached_tokens_than_input_tell_that_they_are_not_in_it(cached: int, total: int) -> None:
    sent = {**OWN, **chat(provider="anthropic", tokens=(49, 13)), "gen_ai.usage.cache_read.input_tokens": cached}
    assert _facts(sent).input_tokens == total


def test_the_wait_for_the_first_token_is_one_only_where_the_answer_streams() -> None:
    sent = {**OWN, **chat(), "gen_ai.server.time_to_first_token": 0.25}
    assert _facts({**sent, "gen_ai.request.is_stream": True}).time_to_first_token_ns == 250_000_000
    assert _facts({**sent, "gen_ai.request.stream": False}).time_to_first_token_ns is None


def test_a_system_text_in_both_places_is_told_once() -> None:
    parts = [{"type": "text", "text": "Be short."}]
    sent = {
        **chat(),
        "gen_ai.system_instructions": json.dumps([{"type": "text", "content": repr(parts)}]),
        "gen_ai.input.messages": json.dumps(
            [
                {"role": "system", "parts": [{"type": "text", "content": "Be short."}]},
                {"role": "user", "parts": [{"type": "text", "content": "hi"}]},
            ]
        ),
    }
    content = read_content(sent)
    assert content.system_instructions == [{"type": "text", "content": "Be short."}]
    assert content.input_messages == json.loads(messages("user", "hi"))


def test_a_decorated_function_is_a_chain_with_plain_input_and_output() -> None:
    sent = {
        "gen_ai.output.messages": "It is 14:05.",
        "function.args": "('What time is it?',)",
        "function.kwargs": "{}",
    }
    assert records(span("loop", attributes=sent))[0].kind == "chain"
    content = read_content(sent)
    assert (content.input, content.output) == ("What time is it?", "It is 14:05.")
    both = read_content({**sent, "function.args": "(1, [2])", "function.kwargs": "{'deep': True}"})
    assert both.input == {"args": [1, [2]], "kwargs": {"deep": True}}
    assert read_content({**sent, "function.args": "(<object>,)"}).input == "(<object>,)"


def test_a_plain_answer_is_a_message() -> None:
    content = read_content({**OWN, **chat(), "gen_ai.output.messages": "It is 14:05."})
    assert content.output_messages == json.loads(messages("assistant", "It is 14:05."))


def test_a_workflow_has_its_input_and_output() -> None:
    sent = {
        "gen_ai.operation.name": "invoke_workflow",
        "gen_ai.workflow.input": '"How long?"',
        "gen_ai.workflow.output": '{"days": 30}',
    }
    content = read_content(sent)
    assert (content.input, content.output) == ("How long?", {"days": 30})


@pytest.mark.parametrize(
    ("operation", "kind", "named"),
    [
        ("embedding", "embedding", "embeddings"),
        ("framework", "chain", "framework"),
        ("agent", "agent", "invoke_agent"),
        ("rerank", "reranker", "rerank"),
    ],
)
def test_operations_that_opentelemetry_does_not_list_have_a_kind(operation: str, kind: str, named: str) -> None:
    facts = _facts({**OWN, **chat(operation=operation)})
    assert (facts.kind, facts.operation) == (kind, named)


def test_documents_that_are_none_do_not_break_what_two_conventions_say() -> None:
    sent = {**OWN, **chat(operation="retrieval"), "gen_ai.retrieval.documents": "[null, [], {}]"}
    assert read_content(sent).documents == [None, [], {}]
