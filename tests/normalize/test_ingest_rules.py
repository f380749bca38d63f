"""The rules learnt from other tools' bugs, one test each: shared knowledge about the conventions, section G."""

import json
from typing import Any

import pytest

from llm_tracing.normalize.buckets import buckets
from llm_tracing.normalize.conventions import read_content, read_facts
from llm_tracing.normalize.conventions.contract import Facts
from llm_tracing.normalize.cost import Prices
from llm_tracing.normalize.rollup import roll_up
from tests.builders import chat, records, span

PRICES = Prices()
USAGE = "gen_ai.usage."


def _facts(attributes: dict[str, Any]) -> Facts:
    found = read_facts(attributes)
    assert found is not None
    return found


def _rolled(*spans: Any) -> Any:
    return roll_up([record.facts() for record in records(*spans)], PRICES)[0]


@pytest.mark.parametrize(("sent", "all_input", "fresh"), [(1840 + 21, 1861, 21), (21, 1861, 21)], ids=str)
def test_1_buckets_are_disjoint_whether_the_source_counts_the_cache_inside_or_beside(
    sent: int, all_input: int, fresh: int
) -> None:
    call = chat(provider="anthropic", model="claude-sonnet-4-5", tokens=(sent, 5))
    [record] = records(span("chat", attributes={**call, f"{USAGE}cache_read.input_tokens": 1840}))
    found = buckets(record.facts())
    assert (found.input_tokens, found.fresh_input, found.cache_read) == (all_input, fresh, 1840)


def test_2_reasoning_is_inside_the_output() -> None:
    trace = _rolled(span("chat", attributes={**chat(tokens=(10, 186)), f"{USAGE}reasoning.output_tokens": 128}))
    assert (trace.output_tokens, trace.reasoning_tokens) == (186, 128)


@pytest.mark.parametrize("operation", ["invoke_agent", "invoke_workflow", "plan"])
def test_3_usage_of_a_wrapper_does_not_count_beside_that_of_its_calls(operation: str) -> None:
    wrapper = {**chat(operation=operation, tokens=(20, 5)), "gen_ai.agent.name": "a"}  # of the last call only
    trace = _rolled(
        span("agent", 1, attributes=wrapper),
        span("chat", 2, 1, attributes=chat(tokens=(10, 2))),
        span("chat", 3, 1, attributes=chat(tokens=(20, 5))),
    )
    assert (trace.input_tokens, trace.output_tokens, trace.llm_call_count) == (30, 7, 2)
    assert _rolled(span("agent", 1, attributes=wrapper)).input_tokens == 20


def test_4_a_call_that_two_instrumentations_tell_is_counted_once() -> None:
    told = {**chat(tokens=(31, 22)), "gen_ai.response.id": "resp-1"}
    nested = _rolled(span("ChatOpenAI", 1, attributes=told), span("chat", 2, 1, attributes=told))
    beside = _rolled(span("a", 1), span("ChatOpenAI", 2, 1, attributes=told), span("chat", 3, 1, attributes=told))
    for trace in (nested, beside):
        assert (trace.llm_call_count, trace.input_tokens) == (1, 31)
    again = {**told, "gen_ai.response.id": "resp-2"}
    asked_twice = _rolled(span("a", 1), span("chat", 2, 1, attributes=told), span("chat", 3, 1, attributes=again))
    assert asked_twice.llm_call_count == 2


def test_5_langsmith_over_otlp_gives_its_usage_as_json_or_as_python_text() -> None:
    run = {"langsmith.span.kind": "llm", "gen_ai.system": "openai", "gen_ai.request.model": "gpt-4o-mini"}
    usage = '{"input_tokens": 1312, "output_tokens": 186, "input_token_details": {"cache_read": 1024}}'
    details = {
        "gen_ai.usage.input_tokens": 1312,
        "gen_ai.usage.output_tokens": 186,
        "gen_ai.usage.input_token_details": "{'cache_read': 1024}",
    }
    for sent in ({"langsmith.metadata.usage_metadata": usage}, details):
        facts = _facts({**run, **sent})
        assert (facts.input_tokens, facts.output_tokens, facts.cache_read_tokens) == (1312, 186, 1024)
    assert dict(facts.usage_sources) == {
        "input_tokens": "gen_ai.usage.input_tokens",
        "output_tokens": "gen_ai.usage.output_tokens",
        "cache_read_tokens": "gen_ai.usage.input_token_details",
    }


@pytest.mark.parametrize(
    "read",
    [
        "cache_read.input_tokens", "cache_read_input_tokens", "cache_read_tokens", "details.cache_read_tokens",
        "details.cache_read_input_tokens", "input_cached_tokens", "prompt_details.cache_read",
    ],
)  # fmt: skip
def test_6_every_name_of_cached_tokens_is_accepted(read: str) -> None:
    assert _facts({**chat(tokens=(100, 1)), USAGE + read: 64}).cache_read_tokens == 64


@pytest.mark.parametrize(
    "write",
    [
        "cache_write.input_tokens", "cache_creation.input_tokens", "cache_write_input_tokens",
        "cache_creation_input_tokens", "cache_write_tokens", "cache_creation_tokens", "details.cache_write_tokens",
        "details.cache_creation_tokens", "details.cache_write_input_tokens", "details.cache_creation_input_tokens",
        "prompt_details.cache_write", "prompt_details.cache_creation",
    ],
)  # fmt: skip
def test_6_every_name_of_cache_writes_is_accepted(write: str) -> None:
    assert _facts({**chat(tokens=(100, 1)), USAGE + write: 32}).cache_write_tokens == 32


def test_7_no_price_is_unpriced_and_never_0() -> None:
    trace = _rolled(span("chat", attributes=chat(model="nobody-knows-it", provider="acme", tokens=(5, 5))))
    assert (trace.cost_pico_usd, trace.unpriced_calls) == (None, 1)


def test_8_attributes_decide_and_not_the_scope() -> None:
    openinference = {"openinference.span.kind": "LLM", "llm.model_name": "m", "llm.token_count.prompt": 3}
    [record] = records(span("anything", attributes=openinference))  # the scope is that of the tests
    assert (record.kind, record.input_tokens) == ("llm", 3)


@pytest.mark.parametrize(
    ("sent", "name"), [("openai.responses", "openai"), ("@ai-sdk/anthropic", "anthropic"), ("OpenAI", "openai")]
)
def test_9_a_provider_has_one_name(sent: str, name: str) -> None:
    assert _facts(chat(provider=sent)).provider == name


def test_10_an_answer_from_a_local_cache_costs_nothing() -> None:
    usage = {"input_tokens": 1_000_000, "output_tokens": 5, "total_cost": 0}  # as LangChain marks it
    answer = {
        "generations": [[{"text": "hi", "message": {"lc": 1, "kwargs": {"content": "hi", "usage_metadata": usage}}}]]
    }
    run = {
        "langsmith.span.kind": "llm",
        "langsmith.metadata.ls_provider": "openai",
        "langsmith.metadata.ls_model_name": "gpt-4o-mini",
        "gen_ai.completion": json.dumps(answer),
    }
    trace = _rolled(span("ChatOpenAI", attributes=run))
    assert (trace.cost_pico_usd, trace.unpriced_calls, trace.input_tokens) == (0, 0, 1_000_000)


def test_11_an_orphan_is_kept_and_a_late_parent_mends_the_tree() -> None:
    child = span("chat", 2, 1, attributes=chat(tokens=(10, 2)))
    assert _rolled(child).name == "chat"
    assert _rolled(child, span("GET /ask", 1)).name == "GET /ask"


@pytest.mark.parametrize("key", ["response", "result"])
@pytest.mark.parametrize("as_text", [True, False])
def test_12_results_are_read_under_both_names_as_text_or_structure(key: str, as_text: bool) -> None:
    part = {"type": "tool_call_response", "id": "c1", key: '{"n": 1}' if as_text else {"n": 1}}
    found = read_content({**chat(), "gen_ai.input.messages": [{"role": "tool", "parts": [part]}]}).input_messages
    assert found == [{"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": {"n": 1}}]}]


@pytest.mark.parametrize(
    "content", ["Hello", [{"type": "text", "text": "Hello"}], [{"type": "text", "content": "Hello"}]]
)
def test_12_content_is_text_or_parts(content: Any) -> None:
    found = read_content({**chat(), "gen_ai.input.messages": [{"role": "user", "content": content}]}).input_messages
    assert found == [{"role": "user", "parts": [{"type": "text", "content": "Hello"}]}]


@pytest.mark.parametrize("value", [3, 3.0, "3"])
def test_12_a_count_may_be_a_double_or_text(value: Any) -> None:
    assert _facts({**chat(), f"{USAGE}input_tokens": value}).input_tokens == 3


# Rule 13, attributes that nobody reads are kept and counted: test_unmapped.py and tests/api/test_doctor.py.
