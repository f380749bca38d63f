"""OpenTelemetry's GenAI conventions, today's names and those before them, read into the canonical model."""

import json
from typing import Any

import pytest

from llm_tracing.normalize.conventions import read_content, read_facts
from llm_tracing.normalize.conventions.contract import Content, Facts
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
