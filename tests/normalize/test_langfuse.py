"""Langfuse's attributes read into the canonical model."""

import json
from typing import Any

import pytest

from llm_tracing.normalize.conventions import CONTENT_ATTRIBUTES, read_content, read_facts
from llm_tracing.normalize.conventions.contract import Content, Facts
from tests.builders import records, span

OBS = "langfuse.observation."
CALL = {OBS + "type": "generation", OBS + "model.name": "gpt-4o-mini-2024-07-18", OBS + "output": "Hello"}


def _facts(attributes: dict[str, Any]) -> Facts:
    found = read_facts(attributes)
    assert found is not None
    return found


def _content(kind: str, given: Any, told: Any, name: str = "") -> Content:
    return read_content({OBS + "type": kind, OBS + "input": given, OBS + "output": told}, name)


def _text(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


@pytest.mark.parametrize(
    ("type_", "kind", "operation"),
    [
        ("generation", "llm", "chat"),
        ("embedding", "embedding", "embeddings"),
        ("span", "chain", None),
        ("chain", "chain", None),
        ("event", "chain", None),
        ("agent", "agent", "invoke_agent"),
        ("tool", "tool", "execute_tool"),
        ("retriever", "retriever", "retrieval"),
        ("evaluator", "evaluator", None),
        ("guardrail", "guardrail", None),
        ("GENERATION", "llm", "chat"),
    ],
)
def test_the_type_of_an_observation_is_its_kind(type_: str, kind: str, operation: str | None) -> None:
    facts = _facts({OBS + "type": type_})
    assert (facts.kind, facts.operation) == (kind, operation)


def test_an_observation_without_a_type_but_with_a_model_is_a_call() -> None:
    assert _facts({OBS + "model.name": "gpt-4o"}).kind == "llm"
    assert _facts({OBS + "input": "x"}).kind is None


USAGE: list[tuple[str, dict[str, Any], tuple[int | None, ...]]] = [
    (
        "disjoint, LangChain",
        {"input": 288, "output": 58, "total": 1498, "input_cache_read": 1024, "output_reasoning": 128},
        (1312, 186, 1024, None, 128),
    ),
    (
        "inclusive, by the total",
        {"input": 1312, "output": 186, "total": 1498, "input_cached_tokens": 1024, "output_reasoning_tokens": 128},
        (1312, 186, 1024, None, 128),
    ),
    (
        "input disjoint, output inclusive",
        {"input": 288, "output": 186, "total": 1498, "input_cached_tokens": 1024, "output_reasoning_tokens": 128},
        (1312, 186, 1024, None, 128),
    ),
    (
        "disjoint, without a total",
        {"input": 21, "output": 9, "cache_creation_input_tokens": 1840, "cache_read_input_tokens": 0},
        (1861, 9, 0, 1840, None),
    ),
    (
        "details counted twice, the total is right",
        {"input": 0, "output": 9, "total": 1870, "input_cache_creation": 1840, "input_ephemeral_5m_input_tokens": 1840},
        (1861, 9, None, 1840, None),
    ),
    (
        "OpenAI's own",
        {"prompt_tokens": 1312, "completion_tokens": 186, "total_tokens": 1498,
         "prompt_tokens_details": {"cached_tokens": 1024}, "completion_tokens_details": {"reasoning_tokens": 128}},
        (1312, 186, 1024, None, 128),
    ),
    (
        "Responses",
        {"input_tokens": 24, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 12, "total_tokens": 36},
        (24, 12, 0, None, None),
    ),
    ("embedding", {"input": 30}, (30, None, None, None, None)),
    ("nothing", {"characters": 12}, (None, None, None, None, None)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "usage", "expected"), USAGE, ids=[name for name, *_ in USAGE])
def test_usage_details_become_totals(name: str, usage: dict[str, Any], expected: tuple[int | None, ...]) -> None:
    facts = _facts({**CALL, OBS + "usage_details": json.dumps(usage)})
    tokens = (facts.input_tokens, facts.output_tokens)
    assert (*tokens, facts.cache_read_tokens, facts.cache_write_tokens, facts.reasoning_tokens) == expected
    assert {attribute for _, attribute in facts.usage_sources} <= {OBS + "usage_details"}


def test_the_cache_is_not_added_again_for_a_provider_that_leaves_it_out() -> None:
    usage = json.dumps({"input": 288, "output": 58, "total": 1370, "input_cache_read": 1024})
    facts = _facts({**CALL, OBS + "metadata.ls_provider": "amazon_bedrock", OBS + "usage_details": usage})
    assert (facts.provider, facts.input_tokens) == ("aws.bedrock", 1312)


@pytest.mark.parametrize(
    ("cost", "expected"),
    [
        ('{"total": 0.5}', 500_000_000_000),
        ('{"input": 0.25, "output": 0.25}', 500_000_000_000),
        ('{"input": 0, "output": 0, "total": 0}', None),
        ("[]", None),
    ],
)
def test_a_cost_of_0_says_nothing(cost: str, expected: int | None) -> None:
    assert _facts({**CALL, OBS + "cost_details": cost}).client_cost_pico_usd == expected


@pytest.mark.parametrize(
    "attributes",
    [
        {"session.id": "s", "user.id": "u"},
        {"langfuse.session.id": "s", "langfuse.user.id": "u"},
        {OBS + "metadata.langfuse_session_id": '"s"', OBS + "metadata.langfuse_user_id": '"u"'},
        {OBS + "metadata.langfuse_session_id": "s", OBS + "metadata.langfuse_user_id": "u"},
        {"langfuse.trace.metadata.sessionId": "s", "langfuse.trace.metadata.userId": "u"},
        {"langfuse.trace.metadata": '{"session_id": "s", "user_id": "u"}'},
        {OBS + "metadata": '{"thread_id": "s", "user_id": "u"}'},
    ],
)
def test_session_and_user_stand_in_attributes_or_metadata(attributes: dict[str, Any]) -> None:
    [record] = records(span(attributes={OBS + "type": "span", **attributes}))
    assert (record.session_id, record.user_id) == ("s", "u")


def test_the_model_is_the_returned_one_once_it_has_answered() -> None:
    failed = {OBS + "level": "ERROR", OBS + "status_message": "429"}
    asked = {OBS + "metadata.ls_model_name": '"gpt-4o-mini"'}
    assert (_facts(CALL).request_model, _facts(CALL).response_model) == (None, "gpt-4o-mini-2024-07-18")
    both = _facts({**CALL, **asked})
    assert (both.request_model, both.response_model) == ("gpt-4o-mini", "gpt-4o-mini-2024-07-18")
    wrong = _facts({**CALL, OBS + "model.name": "gpt-4o-mini", **failed})
    assert (wrong.request_model, wrong.response_model) == ("gpt-4o-mini", None)


def test_a_level_of_error_is_a_failed_span_although_its_status_is_unset() -> None:
    failed = {OBS + "type": "tool", OBS + "level": "ERROR", OBS + "status_message": "no such table"}
    [record] = records(span(attributes=failed))
    assert (record.status_code, record.status_message) == (2, "no such table")
    [record] = records(span(attributes=failed, status=2, message="OperationalError"))
    assert (record.status_code, record.status_message) == (2, "OperationalError")
    [record] = records(
        span(attributes={OBS + "type": "tool", OBS + "level": "WARNING", OBS + "status_message": "slow"})
    )
    assert (record.status_code, record.status_message) == (0, None)


@pytest.mark.parametrize(
    "asked",
    [
        '[{"role": "user", "content": "Hi"}]',
        '{"messages": [{"role": "user", "content": "Hi"}], "tools": [{"type": "function"}]}',
        "Hi",
        '[{"role": "user", "content": "Hi"}, {"role": "tool", "content": {"type": "function", "function": {}}}]',
    ],
)
def test_what_a_model_was_asked_has_three_shapes_and_tools_among_them_are_no_messages(asked: str) -> None:
    content = _content("generation", asked, '{"role": "assistant", "content": "Hello"}')
    assert content.input_messages == [_text("user", "Hi")]
    assert content.output_messages == [_text("assistant", "Hello")]
    assert (content.input, content.output) == (None, None)


def test_a_first_token_and_a_finish_reason_are_told_of_a_stream() -> None:
    content = read_content(
        {
            **CALL,
            OBS + "completion_start_time": '"2026-11-23T15:38:35Z"',
            OBS + "metadata.finish_reason": '"tool_calls"',
        }
    )
    assert (content.streaming, content.finish_reasons) == (True, ("tool_call",))
    assert read_content(CALL).streaming is None


@pytest.mark.parametrize(
    ("asked", "told", "call_id"),
    [
        ('{"args": [], "kwargs": {"city": "Paris"}}', '{"temp": 18}', None),
        ('{"city": "Paris"}', '{"content": "{\\"temp\\": 18}", "type": "tool", "tool_call_id": "c1"}', "c1"),
        ("{'city': 'Paris'}", '{"temp": 18}', None),
    ],
)
def test_a_tool_is_named_by_its_span(asked: str, told: str, call_id: str | None) -> None:
    tool = _content("tool", asked, told, "get_weather").tool
    assert tool is not None
    assert (tool.name, tool.call_id, tool.arguments, tool.result) == (
        "get_weather", call_id, {"city": "Paris"}, {"temp": 18},
    )  # fmt: skip


def test_retrieved_documents_are_texts_or_langchain_documents() -> None:
    told = json.dumps(["Refunds take 30 days.", {"page_content": "Gift cards.", "metadata": {"page": 1}}])
    content = _content("retriever", '{"args": ["refunds?"], "kwargs": {}}', told)
    assert content.input == "refunds?"
    assert content.documents == [
        {"content": "Refunds take 30 days.", "metadata": None},
        {"content": "Gift cards.", "metadata": {"page": 1}},
    ]


def test_a_step_of_langchain_shows_what_it_added() -> None:
    asked = json.dumps({"messages": [{"type": "human", "content": "Hi"}]})
    told = json.dumps({"messages": [{"type": "human", "content": "Hi"}, {"type": "ai", "content": "Hello"}]})
    content = _content("chain", asked, told)
    assert content.input_messages == [_text("user", "Hi")]
    assert content.output_messages == [_text("assistant", "Hello")]
    assert _content("chain", '{"args": ["Hi"], "kwargs": {}}', "Hello").input == "Hi"


def test_prompts_and_answers_are_content() -> None:
    assert {OBS + "input", OBS + "output", "langfuse.trace.input", "langfuse.trace.output"} <= CONTENT_ATTRIBUTES


@pytest.mark.parametrize("value", ["{", "[]", "null", '"x', 7, True, float("nan"), "[" * 5000, '{"input": -1}', [1]])
def test_odd_values_raise_nothing(value: Any) -> None:
    for kind in ("generation", "tool", "retriever", "embedding", "chain", value):
        names = (
            "input",
            "output",
            "usage_details",
            "cost_details",
            "model.name",
            "metadata",
            "level",
            "status_message",
        )
        attributes = {OBS + "type": kind, **{OBS + name: value for name in names}}
        assert read_facts(attributes) is not None
        read_content(attributes, "x")


def test_a_message_in_the_role_of_a_tool_is_the_result_of_its_call() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "sky", "arguments": "{}"}}
    sent = [
        {"role": "user", "content": "Rain?"},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "sky", "content": '{"rain": 1}', "additional_kwargs": {}},
        {"role": "narrator", "content": "Later."},
    ]
    messages = _content("generation", json.dumps({"messages": sent}), "No.").input_messages or []
    assert messages[2:] == [
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": {"rain": 1}}]},
        _text("narrator", "Later."),
    ]


def test_calls_whose_message_lost_its_role_are_the_answer() -> None:
    told = json.dumps({"tool_calls": [{"function": {"name": "sky", "arguments": '{"at": "Oslo"}'}}]})
    part = {"type": "tool_call", "id": None, "name": "sky", "arguments": {"at": "Oslo"}}
    assert _content("generation", "Rain?", told).output_messages == [{"role": "assistant", "parts": [part]}]


def test_a_response_has_its_instructions_and_its_status_in_the_metadata() -> None:
    call = {
        **CALL,
        OBS + "input": "Rain?",
        OBS + "metadata.instructions": "Be brief.",
        OBS + "metadata.status": "completed",
    }
    content = read_content(call)
    assert content.system_instructions == [{"type": "text", "content": "Be brief."}]
    assert content.finish_reasons == ("stop",)
    asked = json.dumps([{"type": "function_call", "call_id": "c1", "name": "sky", "arguments": "{}"}])
    assert read_content({**call, OBS + "output": asked}).finish_reasons == ("tool_call",)
    assert read_content({**call, OBS + "metadata.status": "gold"}).finish_reasons == ()


def test_a_generation_by_a_model_of_embeddings_is_an_embedding() -> None:
    facts = _facts({OBS + "type": "generation", OBS + "model.name": "text-embedding-3-small", OBS + "output": ""})
    assert (facts.kind, facts.operation) == ("embedding", "embeddings")


def test_a_span_that_gave_a_tools_message_is_a_tool() -> None:
    message = {
        "lc": 1,
        "id": ["langchain_core", "messages", "ToolMessage"],
        "kwargs": {"content": "rain", "tool_call_id": "c1", "name": "sky"},
    }
    sent = {OBS + "type": "span", OBS + "input": '{"at": "Oslo"}', OBS + "output": json.dumps(message)}
    assert _facts(sent).kind == "tool"
    tool = read_content(sent, "sky").tool
    assert tool is not None
    assert (tool.name, tool.call_id, tool.arguments, tool.result) == ("sky", "c1", {"at": "Oslo"}, "rain")
    assert _facts({**sent, OBS + "output": '"a ToolMessage"'}).kind == "chain"


def test_a_graph_gives_the_last_message_of_its_state() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "sky", "arguments": "{}"}}
    state = [
        {"content": "Rain?", "role": "user"},
        {"content": "", "role": "assistant", "tool_calls": [call]},
        {"content": "rain", "role": "sky"},
        {"content": "Yes.", "role": "assistant"},
    ]
    answer = _content("span", "{}", json.dumps({"messages": state})).output_messages or []
    assert [message["role"] for message in answer] == ["assistant", "tool", "assistant"]
    assert answer[-1] == _text("assistant", "Yes.")
