"""OpenInference's attributes read into the canonical model."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tracing.normalize.conventions import CONTENT_ATTRIBUTES, read_content, read_facts
from llm_tracing.normalize.conventions.contract import Content, Facts
from llm_tracing.normalize.conventions.openinference import KINDS
from tests.builders import records, span

LLM = {"openinference.span.kind": "LLM"}
TOOL = {"openinference.span.kind": "TOOL", "tool.name": "get_weather"}
ASKED, ANSWERED = "llm.input_messages", "llm.output_messages"


def _facts(attributes: dict[str, Any]) -> Facts:
    found = read_facts(attributes)
    assert found is not None
    return found


def _input(*flattened: tuple[str, Any]) -> list[dict[str, Any]]:
    return read_content({**LLM, **{f"{ASKED}.{name}": value for name, value in flattened}}).input_messages or []


def _text(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


@pytest.mark.parametrize(("sent", "kind"), [(sent, kind) for sent, (kind, _) in KINDS.items()])
def test_each_span_kind_has_its_kind(sent: str, kind: str) -> None:
    assert records(span(attributes={"openinference.span.kind": sent}))[0].kind == kind


def test_a_model_call_has_the_operation_that_opentelemetry_would_name() -> None:
    assert _facts(LLM).operation == "chat"
    assert _facts({"openinference.span.kind": "EMBEDDING"}).operation == "embeddings"
    assert _facts({**LLM, "llm.prompts.0.prompt.text": "Once"}).operation == "text_completion"


def test_tokens_come_with_the_attribute_they_were_read_from() -> None:
    facts = _facts(
        {
            **LLM,
            "llm.token_count.prompt": 1312,
            "llm.token_count.completion": 186.0,
            "llm.token_count.prompt_details.cache_read": "1024",
            "llm.token_count.prompt_details.cache_write": 0,
            "llm.token_count.completion_details.reasoning": 128,
        }
    )
    assert (facts.input_tokens, facts.output_tokens, facts.cache_read_tokens) == (1312, 186, 1024)
    assert (facts.cache_write_tokens, facts.reasoning_tokens) == (0, 128)
    assert dict(facts.usage_sources)["cache_read_tokens"] == "llm.token_count.prompt_details.cache_read"


def test_the_requested_model_is_read_from_the_invocation_parameters() -> None:
    answered = {**LLM, "llm.model_name": "gpt-4o-mini-2024-07-18", "llm.token_count.completion": 3}
    facts = _facts({**answered, "llm.invocation_parameters": '{"model": "gpt-4o-mini"}'})
    assert (facts.request_model, facts.response_model) == ("gpt-4o-mini", "gpt-4o-mini-2024-07-18")
    echo = _facts({**answered, "llm.invocation_parameters": '{"id": "resp_1", "model": "gpt-4o-mini-2024-07-18"}'})
    assert echo.request_model is None


def test_a_call_that_was_not_answered_has_no_returned_model() -> None:
    facts = _facts({**LLM, "llm.model_name": "gpt-4o-mini"})
    assert (facts.request_model, facts.response_model) == ("gpt-4o-mini", None)


def test_models_that_are_named_apart_are_taken_as_they_are() -> None:
    names = {"llm.request.model_name": "claude-a", "llm.response.model_name": "claude-a-1", "llm.model_name": "other"}
    facts = _facts({**LLM, **names})
    assert (facts.request_model, facts.response_model) == ("claude-a", "claude-a-1")


def test_session_user_and_cost_are_read() -> None:
    facts = _facts({**LLM, "session.id": "s", "user.id": 42, "llm.cost.total": 0.0000125})
    assert (facts.session_id, facts.user_id, facts.client_cost_pico_usd) == ("s", "42", 12_500_000)


def test_messages_are_sorted_by_number_may_start_at_one_and_have_holes() -> None:
    found = _input(
        *((f"{n}.message.{key}", value) for n in (10, 2, 1) for key, value in (("role", "user"), ("content", f"m{n}")))
    )
    assert found == [_text("user", "m1"), _text("user", "m2"), _text("user", "m10")]


def test_a_text_in_content_and_in_contents_counts_once() -> None:
    same = [
        ("0.message.role", "human"),
        ("0.message.content", "Hello there"),
        ("0.message.contents.0.message_content.type", "text"),
        ("0.message.contents.0.message_content.text", "Hello there"),
    ]
    assert _input(*same) == [_text("user", "Hello there")]
    two = [*same[:1], *same[2:], ("0.message.content", "Something else")]
    assert [part["content"] for part in _input(*two)[0]["parts"]] == ["Something else", "Hello there"]


def test_a_tool_call_in_contents_and_in_tool_calls_counts_once() -> None:
    call = {"id": "call_1", "function.name": "get_weather", "function.arguments": '{"city": "Paris"}'}
    [message] = _input(
        ("0.message.role", "ai"),
        ("0.message.contents.0.message_content.type", "tool_use"),
        *((f"0.message.contents.0.tool_call.{key}", value) for key, value in call.items()),
        *((f"0.message.tool_calls.0.tool_call.{key}", value) for key, value in call.items()),
    )
    assert message["role"] == "assistant"
    assert message["parts"] == [
        {"type": "tool_call", "id": "call_1", "name": "get_weather", "arguments": {"city": "Paris"}}
    ]


def test_arguments_that_are_json_in_json_are_opened() -> None:
    call = "0.message.tool_calls.0.tool_call.function"
    [message] = _input((f"{call}.name", "f"), (f"{call}.arguments", json.dumps('{"city": "Paris"}')))
    assert message["parts"][0]["arguments"] == {"city": "Paris"}


def test_a_tools_message_is_a_tool_call_response() -> None:
    [message] = _input(
        ("3.message.role", "tool"), ("3.message.tool_call_id", "call_1"), ("3.message.content", '{"temp": 18}')
    )
    assert message == {
        "role": "tool",
        "parts": [{"type": "tool_call_response", "id": "call_1", "response": {"temp": 18}}],
    }


def test_reasoning_and_images_are_parts_of_their_own() -> None:
    [message] = _input(
        ("0.message.contents.0.message_content.type", "reasoning"),
        ("0.message.contents.0.message_content.text", "Count them."),
        ("0.message.contents.1.message_content.type", "image"),
        ("0.message.contents.1.message_content.image.image.url", "https://example.com/a.png"),
    )
    assert message["parts"] == [
        {"type": "reasoning", "content": "Count them."},
        {"type": "uri", "modality": "image", "uri": "https://example.com/a.png"},
    ]


def test_the_generic_input_and_output_are_left_out_where_there_are_messages() -> None:
    said = {f"{ASKED}.0.message.content": "Hi", f"{ANSWERED}.0.message.content": "Hello"}
    content = read_content({**LLM, "input.value": '{"model": "m"}', "output.value": '{"id": 1}', **said})
    assert (content.input, content.output) == (None, None)
    chain = read_content(
        {"openinference.span.kind": "CHAIN", "input.value": '{"question": "Why"}', "output.value": "So"}
    )
    assert (chain.input, chain.output) == ({"question": "Why"}, "So")


def test_the_plain_output_of_a_model_call_is_its_answer() -> None:
    content = read_content({**LLM, "output.value": "Hello"})
    assert content.output_messages == [_text("assistant", "Hello")]


@pytest.mark.parametrize(
    "sent",
    [
        '{"city": "Paris"}',
        "{'city': 'Paris'}",
        '{"args": [], "sanitize_inputs_outputs": true, "kwargs": {"city": "Paris"}}',
    ],
)
def test_a_tools_arguments_are_found_in_the_forms_of_frameworks(sent: str) -> None:
    tool = read_content({**TOOL, "input.value": sent}).tool
    assert tool is not None
    assert (tool.name, tool.arguments) == ("get_weather", {"city": "Paris"})


@pytest.mark.parametrize(
    "sent",
    [
        "18 degrees",
        '"18 degrees"',
        '{"type": "tool", "data": {"content": "18 degrees", "tool_call_id": "c"}}',
        '{"output": {"lc": 1, "id": ["langchain", "ToolMessage"], "kwargs": {"content": "18 degrees"}}}',
        json.dumps({"output": "content='18 degrees' name='get_weather' tool_call_id='c'"}),
    ],
)
def test_a_tools_result_is_found_in_the_forms_of_frameworks(sent: str) -> None:
    tool = read_content({**TOOL, "output.value": sent, "tool_call.id": "c"}).tool
    assert tool is not None
    assert (tool.call_id, tool.result) == ("c", "18 degrees")


def test_what_a_tool_takes_is_not_what_it_was_given() -> None:
    tool = read_content({**TOOL, "tool.parameters": '{"type": "object", "properties": {}}'}).tool
    assert tool is not None
    assert tool.arguments is None


def test_documents_of_a_retriever_are_read() -> None:
    root = "retrieval.documents"
    content = read_content(
        {
            "openinference.span.kind": "RETRIEVER",
            "input.value": "refunds?",
            f"{root}.1.document.content": "Shipping",
            f"{root}.0.document.content": "Refunds",
            f"{root}.0.document.score": 0.5,
            f"{root}.0.document.metadata": '{"page": 1}',
        }
    )
    assert content.input == "refunds?"
    assert content.documents == [
        {"content": "Refunds", "score": 0.5, "metadata": {"page": 1}},
        {"content": "Shipping", "metadata": None},
    ]


def test_an_embedding_shows_its_texts_and_not_its_vectors() -> None:
    found = read_content(
        {
            "openinference.span.kind": "EMBEDDING",
            "embedding.embeddings.0.embedding.text": "a",
            "embedding.embeddings.1.embedding.text": "b",
            "output.value": '{"data": [{"embedding": [1.0]}]}',
        }
    )
    assert (found.input, found.output) == (["a", "b"], None)


def _langchain_result() -> str:
    message = {
        "lc": 1,
        "id": ["langchain", "schema", "messages", "AIMessage"],
        "kwargs": {
            "content": "Hello",
            "response_metadata": {"model_name": "gpt-5-mini-2025", "finish_reason": "stop"},
            "usage_metadata": {"input_tokens": 9, "input_token_details": {"cache_read": 4, "cache_creation": 0,
                                                                          "ephemeral_5m_input_tokens": 3}},
        },
    }  # fmt: skip
    return json.dumps({"generations": [[{"text": "Hello", "message": message}]]})


def test_what_older_langchain_spans_keep_in_their_output_is_read() -> None:
    attributes = {
        **LLM,
        "llm.model_name": "gpt-5-mini",
        "llm.token_count.prompt": 10,
        "metadata": '{"ls_provider": "openai"}',
        "output.value": _langchain_result(),
    }
    facts, content = _facts(attributes), read_content(attributes)
    assert (facts.provider, facts.response_model) == ("openai", "gpt-5-mini-2025")
    assert (facts.input_tokens, facts.cache_read_tokens, facts.cache_write_tokens) == (10, 4, 3)
    assert dict(facts.usage_sources)["cache_read_tokens"] == "output.value"
    assert content.output_messages == [_text("assistant", "Hello")]
    assert content.finish_reasons == ("stop",)


def _answer_of_langchain(own_id: str, **metadata: str) -> str:
    kwargs = {"content": "Hello", "id": own_id, "response_metadata": metadata}
    return json.dumps({"generations": [[{"message": {"lc": 1, "kwargs": kwargs}}]]})


@pytest.mark.parametrize(
    ("given", "response_id"),
    [
        ('{"id": "chatcmpl-1", "choices": []}', "chatcmpl-1"),
        ('{"id":"msg_1","content":[]}', "msg_1"),
        (_answer_of_langchain("lc_run--1-0", id="chatcmpl-1"), "chatcmpl-1"),
        (_answer_of_langchain("msg_1"), "msg_1"),
        (_answer_of_langchain("lc_run--1-0"), None),
        (_answer_of_langchain("run-1-0"), None),
        ('{"id": 1}', None),
        ('{"choices": [], "id": "not the first"}', None),
        ("Hello", None),
        (7, None),
    ],
)
def test_the_id_of_a_response_is_read_from_what_the_call_gave(given: object, response_id: str | None) -> None:
    assert _facts({**LLM, "output.value": given, "llm.finish_reason": "stop"}).response_id == response_id
    assert _facts({"openinference.span.kind": "CHAIN", "output.value": given}).response_id is None


def test_the_messages_in_a_langgraph_state_are_messages() -> None:
    state = {"messages": [{"type": "human", "data": {"content": "Hi"}}, {"type": "ai", "data": {"content": "Hello"}}]}
    content = read_content({"openinference.span.kind": "CHAIN", "input.value": json.dumps(state)})
    assert content.input_messages == [_text("user", "Hi"), _text("assistant", "Hello")]


def test_the_answer_in_a_langgraph_state_is_what_came_after_the_question() -> None:
    state = {"messages": [{"type": "human", "data": {"content": "Hi"}}, {"type": "ai", "data": {"content": "Hello"}}]}
    attributes = {"openinference.span.kind": "CHAIN", "output.value": json.dumps(state)}
    assert read_content(attributes).output_messages == [_text("assistant", "Hello")]
    assert records(span(attributes=attributes))[0].output_preview == "Hello"


def test_texts_of_flattened_messages_are_kept_as_content_and_roles_are_not() -> None:
    assert f"{ASKED}.0.message.content" in CONTENT_ATTRIBUTES
    assert f"{ASKED}.0.message.tool_calls.0.tool_call.function.arguments" in CONTENT_ATTRIBUTES
    assert f"{ASKED}.0.message.role" not in CONTENT_ATTRIBUTES
    assert "http.request.content" not in CONTENT_ATTRIBUTES


def test_a_field_comes_from_the_convention_that_has_it() -> None:
    both = {
        **LLM,
        "llm.token_count.prompt": 31,
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.system": "openai.responses",
        "gen_ai.usage.input_tokens": 31,
        "gen_ai.usage.output_tokens": 22,
        f"{ANSWERED}.0.message.content": "Hello",
        "gen_ai.input.messages": '[{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}]',
    }
    facts, content = _facts(both), read_content(both)
    assert (facts.request_model, facts.provider, facts.output_tokens) == ("gpt-4o-mini", "openai", 22)
    assert dict(facts.usage_sources) == {
        "input_tokens": "llm.token_count.prompt",
        "output_tokens": "gen_ai.usage.output_tokens",
    }
    assert content.input_messages == [_text("user", "Hi")]
    assert content.output_messages == [_text("assistant", "Hello")]


_STEPS = st.sampled_from(["0", "1", "message", "role", "content", "contents", "message_content", "text", "tool_calls",
                          "tool_call", "function", "arguments", "type", "tool_call_id"])  # fmt: skip
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["tool", "{", '{"a": 1}', '""']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_STEPS, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.lists(_STEPS, max_size=7).map(".".join), _VALUES, max_size=8))
def test_no_shape_of_flattened_messages_raises_or_changes_the_attributes(below: dict[str, Any]) -> None:
    attributes = {**LLM, **{f"{ASKED}.{name}": value for name, value in below.items()}}
    before = repr(attributes)
    content: Content = read_content(attributes)
    assert all(isinstance(message["parts"], list) for message in content.input_messages or [])
    assert repr(attributes) == before


def _langchain_call(content: Any, metadata: dict[str, Any]) -> dict[str, Any]:
    """What the instrumentation for LangChain.js sends: the result as output, beside the flattened messages."""
    message = {
        "lc": 1,
        "id": ["langchain_core", "messages", "AIMessage"],
        "kwargs": {"content": content, "response_metadata": metadata},
    }
    return {
        **LLM,
        "llm.model_name": "m",
        "llm.invocation_parameters": '{"model": "m"}',
        "llm.finish_reason": "stop",
        "llm.token_count.completion": 4,
        f"{ANSWERED}.0.message.role": "assistant",
        "output.value": json.dumps({"generations": [[{"text": "No.", "message": message}]]}),
    }


def test_langchains_result_names_the_returned_model() -> None:
    facts = _facts(_langchain_call("No.", {"model_name": "m-2026"}))
    assert (facts.request_model, facts.response_model) == ("m", "m-2026")


def test_a_flattened_message_without_its_blocks_is_read_from_the_raw_value() -> None:
    call = _langchain_call([{"type": "text", "text": "No."}], {})
    asked = {
        "lc": 1,
        "id": ["langchain_core", "messages", "SystemMessage"],
        "kwargs": {"content": [{"type": "text", "text": "Be brief."}]},
    }
    call |= {"input.value": json.dumps({"messages": [[asked]]}), f"{ASKED}.0.message.role": "system"}
    content = read_content(call)
    assert content.input_messages == [_text("system", "Be brief.")]
    assert content.output_messages == [_text("assistant", "No.")]


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ({"status": "completed", "output": [{"type": "message"}]}, "stop"),
        ({"status": "completed", "output": [{"type": "function_call"}]}, "tool_call"),
        (
            {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}, "output": [{}]},
            "length",
        ),
    ],
)
def test_a_raw_response_says_why_it_ended_where_nothing_else_does(output: dict[str, Any], reason: str) -> None:
    sent = {**LLM, "output.value": json.dumps(output)}
    assert read_content(sent).finish_reasons == (reason,)
    assert read_content({**sent, "llm.finish_reason": "length"}).finish_reasons == ("length",)


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_raw_response_names_the_model_that_answered(wrapped: bool) -> None:
    response = {"object": "chat.completion", "model": "m-2026", "choices": []}
    call = {
        **LLM,
        "llm.model_name": "m",
        "llm.token_count.completion": 4,
        "output.value": json.dumps([response] if wrapped else response),
    }
    facts = _facts(call)
    assert (facts.request_model, facts.response_model) == ("m", "m-2026")
    said = _facts({**call, "llm.response.model_name": "m-2025"})
    assert said.response_model == "m-2025"


def test_a_raw_request_has_the_system_text_and_the_results_that_flattening_lost() -> None:
    calls: list[dict[str, Any]] = [
        {"type": "tool_use", "id": name, "name": name, "input": {}} for name in ("sky", "sea")
    ]
    results = [{"type": "tool_result", "tool_use_id": name, "content": "calm"} for name in ("sky", "sea")]
    request = {
        "model": "m",
        "system": "Be brief.",
        "messages": [
            {"role": "user", "content": "Rain?"},
            {"role": "assistant", "content": calls},
            {"role": "user", "content": results},
        ],
    }
    flattened = {
        f"{ASKED}.0.message.role": "user",
        f"{ASKED}.0.message.content": "Rain?",
        f"{ASKED}.1.message.role": "assistant",
        f"{ASKED}.1.message.tool_calls.0.tool_call.id": "sky",
        f"{ASKED}.1.message.tool_calls.0.tool_call.function.name": "sky",
        f"{ASKED}.1.message.tool_calls.1.tool_call.id": "sea",
        f"{ASKED}.1.message.tool_calls.1.tool_call.function.name": "sea",
        f"{ASKED}.2.message.role": "user",
        f"{ASKED}.2.message.tool_call_id": "sea",
        f"{ASKED}.2.message.content": "calm",
    }
    alone = read_content({**LLM, **flattened}).input_messages or []
    assert alone[2] == {"role": "tool", "parts": [{"type": "tool_call_response", "id": "sea", "response": "calm"}]}
    content = read_content({**LLM, **flattened, "input.value": json.dumps(request)})
    assert content.system_instructions == [{"type": "text", "content": "Be brief."}]
    found = [part["id"] for part in (content.input_messages or [])[2]["parts"]]
    assert found == ["sky", "sea"]


def test_input_tokens_include_the_cached_ones_whoever_the_provider_is() -> None:
    counts = {"llm.token_count.prompt": 40, "llm.token_count.prompt_details.cache_read": 30}
    facts = _facts({**LLM, "llm.provider": "aws", **counts})
    assert (facts.provider, facts.input_tokens, facts.cache_read_tokens) == ("aws.bedrock", 40, 30)


def test_details_that_only_the_providers_answer_has_are_read_from_it() -> None:
    usage = {"prompt_tokens": 41, "completion_tokens": 9, "prompt_tokens_details": {"cached_tokens": 30}}
    answer = {"output.value": json.dumps({"choices": [], "usage": usage})}
    facts = _facts({**LLM, "llm.token_count.prompt": 40, **answer})
    assert (facts.input_tokens, facts.output_tokens, facts.cache_read_tokens) == (40, None, 30)
    assert dict(facts.usage_sources)["cache_read_tokens"] == "output.value"
    facts = _facts({**LLM, **answer})
    assert (facts.input_tokens, facts.output_tokens, facts.cache_read_tokens) == (41, 9, 30)
    assert _facts({"openinference.span.kind": "CHAIN", **answer}).input_tokens is None


def test_a_step_that_prepares_a_request_is_no_call() -> None:
    sent = {**LLM, "llm.model_name": "gpt-4o", "output.value": json.dumps({"messages": ["a"], "tools": []})}
    assert (_facts(sent).kind, _facts(sent).operation) == ("chain", None)
    assert _facts({**sent, "output.value": '{"messages": []}'}).kind == "llm"


def test_the_address_of_an_object_is_no_answer() -> None:
    content = read_content({**LLM, "output.value": "<groq.Stream object at 0x7efd74474860>"})
    assert (content.output, content.output_messages) == (None, None)


def test_a_tool_of_llamaindex_has_its_arguments_and_what_the_model_was_given() -> None:
    given = {"blocks": [{"text": '{"n": 1}'}], "tool_name": "look_up", "raw_input": {}, "raw_output": "Found(n=1)"}
    sent = {**TOOL, "input.value": '{"kwargs": {"q": "hi"}}', "output.value": json.dumps(given)}
    tool = read_content(sent).tool
    assert tool is not None
    assert (tool.arguments, tool.result) == ({"q": "hi"}, {"n": 1})


def test_autogens_results_of_tools_stand_beside_an_empty_message() -> None:
    result = {"name": "look_up", "content": '{"n": 1}', "call_id": "c1", "is_error": False}
    told = _input(("0.message.role", "function"), ("0.function.0", json.dumps(result)), ("0.function.x", "y"))
    assert told == [{"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": {"n": 1}}]}]


def test_an_answer_of_tool_calls_alone_is_a_message() -> None:
    calls = [{"id": "c1", "type": "function", "function": {"name": "look_up", "arguments": '{"q": 1}'}}]
    part = {"type": "tool_call", "id": "c1", "name": "look_up", "arguments": {"q": 1}}
    content = read_content({**LLM, "output.value": json.dumps(calls)})
    assert content.output_messages == [{"role": "assistant", "parts": [part]}]


def test_quotes_around_a_tools_name_are_not_its_name() -> None:
    call = ("0.message.tool_calls.0.tool_call.function.name", "'look_up'")
    [message] = _input(("0.message.role", "assistant"), call)
    assert message["parts"][0]["name"] == "look_up"
