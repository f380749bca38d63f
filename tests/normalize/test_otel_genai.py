"""OpenTelemetry's GenAI conventions, today's names and those before them, read into the canonical model."""

import json
from typing import Any

import pytest

from llm_tracing.normalize.conventions import read_content, read_facts
from llm_tracing.normalize.conventions.contract import Content, Facts, SentEvent
from llm_tracing.normalize.conventions.otel_genai import KINDS
from tests.builders import chat, records, span

CHAT = {"gen_ai.operation.name": "chat"}


def _facts(**attributes: Any) -> Facts:
    found = read_facts({**CHAT, **{name.replace("__", "."): value for name, value in attributes.items()}})
    assert found is not None
    return found


def _content(**attributes: Any) -> Content:
    return read_content({**CHAT, **{name.replace("__", "."): value for name, value in attributes.items()}})


def test_a_span_without_genai_attributes_speaks_no_convention() -> None:
    assert read_facts({"http.request.method": "POST", "gen_ai.usage.input_tokens": 3}) is None


@pytest.mark.parametrize(("operation", "kind"), list(KINDS.items()))
def test_each_operation_has_its_kind(operation: str, kind: str) -> None:
    assert records(span(attributes={"gen_ai.operation.name": operation}))[0].kind == kind


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        ({"gen_ai.operation.name": "something new", "gen_ai.request.model": "m"}, "llm"),
        ({"gen_ai.tool.name": "search"}, "tool"),
        ({"gen_ai.agent.name": "planner"}, "agent"),
        ({"gen_ai.workflow.name": "qa"}, "chain"),
        ({"db.system": "sqlite"}, "db"),
        ({"db.query.text": "SELECT 1"}, "db"),
        ({"messaging.system": "kafka"}, "messaging"),
        ({}, "internal"),
    ],
)
def test_without_a_known_operation_the_other_attributes_tell(attributes: dict[str, str], kind: str) -> None:
    assert records(span(attributes=attributes))[0].kind == kind


def test_old_names_are_read_where_the_new_are_not_there() -> None:
    old = _facts(gen_ai__system="openai", gen_ai__usage__prompt_tokens=10, gen_ai__usage__completion_tokens=2)
    assert (old.provider, old.input_tokens, old.output_tokens) == ("openai", 10, 2)
    assert dict(old.usage_sources)["input_tokens"] == "gen_ai.usage.prompt_tokens"
    both = _facts(gen_ai__usage__prompt_tokens=10, gen_ai__usage__input_tokens=11)
    assert both.input_tokens == 11
    assert dict(both.usage_sources) == {"input_tokens": "gen_ai.usage.input_tokens"}


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (7, 7),
        (7.0, 7),
        ("7", 7),
        (0, 0),
        (-1, None),
        ("seven", None),
        (True, None),
        (float("inf"), None),
        (2**62, None),
    ],
)
def test_token_counts_are_whole_and_plausible_or_none(sent: Any, read: int | None) -> None:
    assert _facts(gen_ai__usage__input_tokens=sent).input_tokens == read


def test_a_zero_that_was_sent_is_not_a_null() -> None:
    usage = _facts(gen_ai__usage__input_tokens=0)
    assert (usage.input_tokens, usage.output_tokens) == (0, None)


def test_messages_come_as_json_text_as_a_structure_or_as_plain_text() -> None:
    canonical = [{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}]
    for sent in (
        json.dumps(canonical),
        canonical,
        "Hi",
        '[{"role": "user", "content": "Hi"}]',
        {"messages": canonical},
    ):
        assert _content(gen_ai__input__messages=sent).input_messages == canonical


def test_tool_calls_have_their_arguments_as_json_values() -> None:
    parts = [
        {"type": "tool_call", "id": "1", "name": "run_sql", "arguments": '{"sql": "SELECT 1"}'},
        {"type": "tool_call_response", "id": "1", "result": "[[1]]"},
        {"type": "hologram", "anything": [1]},
    ]
    [message] = (
        _content(gen_ai__output__messages=json.dumps([{"role": "assistant", "parts": parts}])).output_messages or []
    )
    assert message["parts"] == [
        {"type": "tool_call", "id": "1", "name": "run_sql", "arguments": {"sql": "SELECT 1"}},
        {"type": "tool_call_response", "id": "1", "response": [[1]]},
        {"type": "hologram", "anything": [1]},
    ]


def test_system_text_that_is_sent_apart_is_a_list_of_parts() -> None:
    sent = _content(gen_ai__system_instructions='[{"type": "text", "content": "Be brief."}]')
    assert sent.system_instructions == [{"type": "text", "content": "Be brief."}]
    assert _content(gen_ai__system_instructions="Be brief.").system_instructions == sent.system_instructions
    assert sent.input_messages is None


def test_finish_reasons_have_one_spelling() -> None:
    sent = ["stop", "tool_calls", "max_tokens", "something_new"]
    assert _content(gen_ai__response__finish_reasons=sent).finish_reasons == (
        "stop",
        "tool_call",
        "length",
        "something_new",
    )
    assert _content(gen_ai__response__finish_reasons='["stop"]').finish_reasons == ("stop",)


def test_a_tool_and_a_retrieval_have_their_content() -> None:
    execute = {"gen_ai__operation__name": "execute_tool", "gen_ai__tool__name": "run_sql"}
    tool = _content(**execute, gen_ai__tool__call__arguments='{"q": 1}').tool
    assert tool is not None
    assert (tool.name, tool.arguments, tool.result) == ("run_sql", {"q": 1}, None)
    found = _content(gen_ai__retrieval__query__text="albums", gen_ai__retrieval__documents='[{"id": "d1"}]')
    assert (found.input, found.documents) == ("albums", [{"id": "d1"}])


def test_the_wait_for_the_first_chunk_is_in_nanoseconds() -> None:
    assert _facts(gen_ai__response__time_to_first_chunk=0.25).time_to_first_token_ns == 250_000_000


PREVIEWS: dict[str, tuple[dict[str, Any], str | None, str | None]] = {
    "the last words of the user": (
        {
            **CHAT,
            "gen_ai.input.messages": '[{"role": "user", "content": "first"}, {"role": "user", "content": " last "},'
            ' {"role": "assistant", "content": "hm"}]',
        },
        "last",
        None,
    ),
    "an answer": (chat("q", "a"), "q", "a"),
    "a tool call where there is no text": (
        {
            **CHAT,
            "gen_ai.output.messages": '[{"parts": [{"type": "tool_call", "name": "f", "arguments": "{\\"x\\":1}"}]}]',
        },
        None,
        'f({"x":1})',
    ),
    "arguments and result of a tool": (
        {
            "gen_ai.tool.name": "t",
            "gen_ai.tool.call.arguments": '{"sql": "SELECT 1"}',
            "gen_ai.tool.call.result": "[1]",
        },
        "SELECT 1",
        "[1]",
    ),
    "the telling key of an object": (chat('{"k": 3, "question": "Which?"}', '{"answer": "That."}'), "Which?", "That."),
    "nothing": (CHAT, None, None),
    "a long text": (chat("é" * 2_000, ""), "é" * 500, None),
}


@pytest.mark.parametrize("case", PREVIEWS)
def test_previews_are_what_a_person_looks_for(case: str) -> None:
    attributes, asked, answered = PREVIEWS[case]
    [record] = records(span(attributes=attributes))
    assert (record.input_preview, record.output_preview) == (asked, answered)


def test_a_wait_for_the_first_chunk_says_that_the_answer_was_streamed() -> None:
    call = {"gen_ai.operation.name": "chat"}
    assert read_content(call).streaming is None
    assert read_content({**call, "gen_ai.response.time_to_first_chunk": 0.2}).streaming is True
    assert read_content({**call, "gen_ai.client.operation.time_to_first_chunk": 0.2}).streaming is True
    said = {**call, "gen_ai.request.stream": False, "gen_ai.response.time_to_first_chunk": 0.2}
    assert read_content(said).streaming is False


def test_a_conversation_in_the_text_of_one_message_is_unpacked() -> None:
    items = [
        {"role": "user", "content": "Rain?"},
        {"type": "function_call", "call_id": "c1", "name": "sky", "arguments": '{"at": "Oslo"}'},
        {"type": "function_call_output", "call_id": "c1", "output": "rain"},
    ]
    text = {"type": "text", "content": json.dumps(items)}
    sent = {"gen_ai.operation.name": "chat", "gen_ai.input.messages": json.dumps([{"role": "user", "parts": [text]}])}
    assert read_content(sent).input_messages == [
        {"role": "user", "parts": [{"type": "text", "content": "Rain?"}]},
        {
            "role": "assistant",
            "parts": [{"type": "tool_call", "id": "c1", "name": "sky", "arguments": {"at": "Oslo"}}],
        },
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "rain"}]},
    ]


@pytest.mark.parametrize("text", ['[{"price": 1}]', "[{oops", '[{"type": "text"}]', "[]"])
def test_other_json_that_somebody_said_stays_text(text: str) -> None:
    message = {"role": "user", "parts": [{"type": "text", "content": text}]}
    sent = {"gen_ai.operation.name": "chat", "gen_ai.input.messages": json.dumps([message])}
    assert read_content(sent).input_messages == [message]


def test_blocks_of_text_in_a_text_are_unpacked() -> None:
    blocks = json.dumps([{"type": "text", "text": "Be"}, {"type": "text", "text": "brief."}])
    messages = [
        {"role": "system", "parts": [{"type": "text", "content": blocks}]},
        {"role": "user", "parts": [{"type": "text", "content": "Rain?"}]},
    ]
    sent = {"gen_ai.operation.name": "chat", "gen_ai.input.messages": json.dumps(messages)}
    [system, _] = read_content(sent).input_messages or []
    assert system["parts"] == [{"type": "text", "content": "Be"}, {"type": "text", "content": "brief."}]


def test_reasons_to_stop_are_read_from_the_messages_where_only_they_have_them() -> None:
    answer = [{"role": "assistant", "parts": [], "finish_reason": "end_turn"}]
    content = read_content({"gen_ai.operation.name": "chat", "gen_ai.output.messages": json.dumps(answer)})
    assert content.finish_reasons == ("stop",)
    assert content.output_messages == [{"role": "assistant", "parts": [], "finish_reason": "stop"}]


def test_a_result_that_came_as_blocks_of_text_is_their_text() -> None:
    blocks = [{"text": '{"n": 1}'}]
    part = {"type": "tool_call_response", "id": "c1", "response": blocks}
    sent = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "look_up"}
    content = read_content(
        {
            **sent,
            "gen_ai.tool.call.result": json.dumps(blocks),
            "gen_ai.input.messages": json.dumps([{"role": "tool", "parts": [part]}]),
        }
    )
    assert content.tool is not None
    assert content.tool.result == {"n": 1}
    assert content.input_messages == [{"role": "tool", "parts": [{**part, "response": {"n": 1}}]}]
    rows = [{"text": "a", "score": 1}]
    content = read_content({**sent, "gen_ai.tool.call.result": json.dumps(rows)})
    assert content.tool is not None
    assert content.tool.result == rows


def test_an_operation_that_opentelemetry_does_not_list_is_a_step() -> None:
    [record] = records(span(attributes={"gen_ai.operation.name": "execute_event_loop_cycle"}))
    assert record.kind == "chain"


def test_the_id_of_a_response_is_no_session() -> None:
    facts = read_facts({"gen_ai.operation.name": "chat", "gen_ai.conversation.id": "resp_123"})
    assert facts is not None
    assert facts.session_id is None
    facts = read_facts({"gen_ai.operation.name": "chat", "gen_ai.conversation.id": "conv_123"})
    assert facts is not None
    assert facts.session_id == "conv_123"


def test_the_systems_text_is_not_shown_twice_where_two_signals_tell_it() -> None:
    event = {"role": "system", "content": "Be kind."}
    content = read_content(
        {"gen_ai.operation.name": "chat", "gen_ai.system_instructions": '[{"type": "text", "content": "Be kind."}]'},
        events=[SentEvent("gen_ai.system.message", event), SentEvent("gen_ai.user.message", {"content": "Hi?"})],
    )
    assert [message["role"] for message in content.input_messages or []] == ["user"]


def test_a_returned_model_alone_tells_a_call() -> None:
    [record] = records(span(attributes={"gen_ai.response.model": "m-1", "gen_ai.usage.input_tokens": 3}))
    assert (record.kind, record.response_model, record.input_tokens) == ("llm", "m-1", 3)


def test_an_answer_that_is_pythons_text_of_a_tool_call_is_one() -> None:
    call = "ResponseFunctionToolCall(arguments='{\"q\": 1}', call_id='c1', name='f', type='function_call', id='fc1')"
    message = "{'content': 'Look', 'tool_calls': [{'id': 'c2', 'function': {'arguments': '{}', 'name': 'g'}}]}"
    texts = [{"type": "text", "content": text} for text in (call, message, "no function_call()")]
    content = read_content({"gen_ai.operation.name": "chat", "gen_ai.output.messages": json.dumps([{"parts": texts}])})
    assert content.output_messages is not None
    assert content.output_messages[0]["parts"] == [
        {"type": "tool_call", "id": "c1", "name": "f", "arguments": {"q": 1}},
        {"type": "text", "content": "Look"},
        {"type": "tool_call", "id": "c2", "name": "g", "arguments": {}},
        {"type": "text", "content": "no function_call()"},
    ]


def test_a_call_that_names_no_operation_has_that_of_its_kind() -> None:
    [record] = records(span(attributes={"gen_ai.provider.name": "mistral_ai", "gen_ai.request.model": "m-1"}))
    assert (record.kind, record.operation) == ("llm", "chat")
