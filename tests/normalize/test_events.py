"""GenAI events of every generation, as span events and as log records, read into messages."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tracing.normalize.conventions import read_content, read_facts
from llm_tracing.normalize.conventions.contract import Content, SentEvent, ToolUse
from llm_tracing.normalize.preview import input_preview, output_preview
from tests.builders import chat, records, span

Json = Any
ARGUMENTS = '{"city": "Paris"}'
CALL = {"id": "c1", "type": "function", "function": {"name": "get_time", "arguments": ARGUMENTS}}
CALL_PART = {"type": "tool_call", "id": "c1", "name": "get_time", "arguments": {"city": "Paris"}}


def _text(role: str, text: str, **more: Any) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}], **more}


def _calls(*parts: Mapping[str, Any], role: str = "assistant", **more: Any) -> dict[str, Any]:
    return {"role": role, "parts": list(parts), **more}


def _result(identifier: str | None, response: Any) -> dict[str, Any]:
    return {"type": "tool_call_response", "id": identifier, "response": response}


def _log(name: str, body: Any = None, time: int = 0, **attributes: Any) -> SentEvent:
    return SentEvent(name, {key.replace("__", "."): value for key, value in attributes.items()}, body, time)


def _event(name: str, **attributes: Any) -> SentEvent:
    return _log(name, None, **attributes)


def _of_logs(*logs: SentEvent) -> Content:
    return read_content({"gen_ai.operation.name": "chat"}, logs=logs)


def _of_events(*events: SentEvent, **attributes: Any) -> Content:
    return read_content({"gen_ai.operation.name": "chat", **attributes}, events=events)


WHOLE = [_text("user", "What time is it?"), _calls(CALL_PART), _calls(_result("c1", "14:05"), role="tool")]

CONVERSATIONS: dict[str, list[SentEvent]] = {
    "openai-v2 2.1": [
        _log("gen_ai.user.message", {"content": "What time is it?"}),
        _log("gen_ai.assistant.message", {"tool_calls": [CALL]}),
        _log("gen_ai.tool.message", {"content": "14:05", "id": "c1"}),
    ],
    "botocore, where the results are told twice": [
        _log("gen_ai.user.message", {"content": [{"text": "What time is it?"}]}),
        _log(
            "gen_ai.assistant.message",
            {
                "content": [{"toolUse": {"toolUseId": "c1", "name": "get_time", "input": {"city": "Paris"}}}],
                "tool_calls": [{**CALL, "function": {"name": "get_time", "arguments": {"city": "Paris"}}}],
            },
        ),
        _log("gen_ai.tool.message", {"id": "c1", "content": [{"text": "14:05"}]}),
        _log("gen_ai.user.message", {"content": [{"toolResult": {"toolUseId": "c1", "content": [{"text": "14:05"}]}}]}),
    ],
    ".NET and Semantic Kernel: the body is JSON text": [
        _log("gen_ai.user.message", '{"content": "What time is it?"}'),
        _log("gen_ai.assistant.message", json.dumps({"role": "assistant", "tool_calls": [CALL]})),
        _log("gen_ai.tool.message", '{"id": "c1", "content": "14:05"}'),
    ],
    "1.28: attributes instead of a body": [
        _log("gen_ai.user.message", content="What time is it?", role="user"),
        _log("gen_ai.assistant.message", tool_calls=[CALL]),
        _log("gen_ai.tool.message", content="14:05", id="c1"),
    ],
    "Azure: gen_ai.event.content": [
        _log("gen_ai.user.message", gen_ai__event__content='{"role": "user", "content": "What time is it?"}'),
        _log("gen_ai.assistant.message", gen_ai__event__content=json.dumps({"tool_calls": [CALL]})),
        _log("gen_ai.tool.message", gen_ai__event__content='{"id": "c1", "content": "14:05"}'),
    ],
    "Strands: blocks as JSON text": [
        _log("gen_ai.user.message", content='[{"text": "What time is it?"}]'),
        _log(
            "gen_ai.assistant.message",
            content=json.dumps([{"toolUse": {"toolUseId": "c1", "name": "get_time", "input": {"city": "Paris"}}}]),
        ),
        _log(
            "gen_ai.tool.message",
            content=json.dumps([{"toolResult": {"toolUseId": "c1", "content": [{"text": "14:05"}]}}]),
        ),
    ],
    "LangSmith: flattened tool calls": [
        _log("gen_ai.user.message", content="What time is it?", role="user"),
        _log(
            "gen_ai.assistant.message",
            role="assistant",
            tool_calls__0__id="c1",
            tool_calls__0__type="function",
            tool_calls__0__function__name="get_time",
            tool_calls__0__function__arguments=ARGUMENTS,
        ),
        _log("gen_ai.tool.message", content="14:05", id="c1", role="tool"),
    ],
    "LiteLLM: an event gen_ai.content.prompt for each message": [
        _log("gen_ai.content.prompt", {"role": "user", "content": "What time is it?"}, gen_ai__prompt="What ..."),
        _log("gen_ai.content.prompt", {"role": "assistant", "tool_calls": [CALL]}),
        _log("gen_ai.content.prompt", {"role": "tool", "tool_call_id": "c1", "content": "14:05"}),
    ],
    "1.27: all messages as JSON": [
        _log(
            "gen_ai.content.prompt",
            gen_ai__prompt=json.dumps(
                [
                    {"role": "user", "content": "What time is it?"},
                    {"role": "assistant", "content": None, "tool_calls": [CALL]},
                    {"role": "tool", "tool_call_id": "c1", "content": "14:05"},
                ]
            ),
        )
    ],
    "1.27: all messages as Python writes them": [
        _log(
            "gen_ai.content.prompt",
            gen_ai__prompt=repr(
                [
                    {"role": "user", "content": "What time is it?"},
                    {"role": "assistant", "content": None, "tool_calls": [CALL]},
                    {"role": "tool", "tool_call_id": "c1", "content": "14:05"},
                ]
            ),
        )
    ],
}


@pytest.mark.parametrize("form", CONVERSATIONS)
def test_a_conversation_is_the_same_in_every_form_and_by_both_signals(form: str) -> None:
    for content in (_of_logs(*CONVERSATIONS[form]), _of_events(*CONVERSATIONS[form])):
        assert content.input_messages == WHOLE
        assert content.output_messages is None


CHOICES: list[tuple[SentEvent, dict[str, Any]]] = [
    (
        _log("gen_ai.choice", {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hi"}}),
        _text("assistant", "Hi", finish_reason="stop"),
    ),
    (_log("gen_ai.choice", {"index": 0, "message": {"content": "Hi"}}), _text("assistant", "Hi")),
    (
        _log("gen_ai.choice", {"finish_reason": "tool_calls", "message": {"tool_calls": [CALL]}}),
        _calls(CALL_PART, finish_reason="tool_call"),
    ),
    (
        _log("gen_ai.choice", {"finish_reason": "tool_calls", "message": {"content": ""}, "tool_calls": [CALL]}),
        _calls(CALL_PART, finish_reason="tool_call"),
    ),
    (
        _log("gen_ai.choice", {"content": {"role": "model", "parts": [{"text": "Hi"}]}, "finish_reason": "STOP"}),
        _text("assistant", "Hi", finish_reason="stop"),
    ),
    (
        _log("gen_ai.choice", {"message": {"role": "model", "content": [{"text": "Hi"}]}, "finish_reason": "STOP"}),
        _text("assistant", "Hi", finish_reason="stop"),
    ),
    (
        _log("gen_ai.choice", gen_ai__event__content='{"message": {"content": "Hi"}, "finish_reason": "stop"}'),
        _text("assistant", "Hi", finish_reason="stop"),
    ),
    (
        _log("gen_ai.choice", message='[{"text": "Hi"}]', finish_reason="end_turn"),
        _text("assistant", "Hi", finish_reason="stop"),
    ),
    (_log("gen_ai.choice", message="Hi"), _text("assistant", "Hi")),
    (
        _log("gen_ai.choice", message__role="assistant", message__content="Hi", finish_reason="stop"),
        _text("assistant", "Hi", finish_reason="stop"),
    ),
    (
        _log(
            "gen_ai.choice",
            {"message": {"content": [{"kind": "thinking", "text": "Hm"}, {"kind": "text", "text": "Hi"}]}},
        ),
        _calls({"type": "reasoning", "content": "Hm"}, {"type": "text", "content": "Hi"}),
    ),
    (_log("gen_ai.content.completion", gen_ai__completion="Hi"), _text("assistant", "Hi")),
    (_log("gen_ai.content.completion", gen_ai__completion=["Hi"]), _text("assistant", "Hi")),
    (
        _log("gen_ai.content.completion", gen_ai__completion='[{"role": "assistant", "content": "Hi"}]'),
        _text("assistant", "Hi"),
    ),
    (_log("gen_ai.content.completion", gen_ai__completion='{"answer": 3}'), _text("assistant", '{"answer": 3}')),
    (
        _log("gen_ai.content.completion", {"index": 0, "finish_reason": "stop", "message": {"content": "Hi"}}),
        _text("assistant", "Hi", finish_reason="stop"),
    ),
    (_log("gen_ai.content.completion.chunk", gen_ai__completion__chunk="Hi"), _text("assistant", "Hi")),
]


@pytest.mark.parametrize(("event", "message"), CHOICES)
def test_a_choice_is_the_same_in_every_form(event: SentEvent, message: dict[str, Any]) -> None:
    content = _of_events(event)
    assert content.output_messages == [message]
    assert content.input_messages is None
    assert content.finish_reasons == ((message["finish_reason"],) if "finish_reason" in message else ())


def test_the_lines_of_one_prompt_are_messages_and_the_word_none_is_no_text() -> None:
    prompt = "system: Be brief.\nuser: One:\ntwo: three\nassistant: None\ntool: 14:05"
    content = _of_events(
        _event("gen_ai.content.prompt", gen_ai__prompt=prompt),
        _event("gen_ai.content.completion", gen_ai__completion="None"),
        **{"gen_ai.response.tool_calls": repr([CALL])},
    )
    assert content.input_messages == [
        _text("system", "Be brief."),
        _text("user", "One:\ntwo: three"),
        _calls(_result(None, "14:05"), role="tool"),
    ]
    assert content.output_messages == [_calls(CALL_PART)]
    none = _of_events(
        _event("gen_ai.content.completion", gen_ai__completion="None"), **{"gen_ai.response.tool_calls": "None"}
    )
    assert none.output_messages is None


def test_a_prompt_without_roles_is_what_the_user_said() -> None:
    for sent in ("Who: me?", '{"question": 1}', ["Who: me?"]):
        said = sent[0] if isinstance(sent, list) else sent
        assert _of_events(_event("gen_ai.content.prompt", gen_ai__prompt=sent)).input_messages == [_text("user", said)]


def test_the_texts_of_an_embedding_are_its_input() -> None:
    event = _event("gen_ai.content.prompt", gen_ai__prompt="['one', 'two']")
    content = read_content({"gen_ai.operation.name": "embeddings"}, events=[event])
    assert (content.input, content.input_messages) == (["one", "two"], None)


def test_the_event_with_all_details_is_read_as_a_span_is() -> None:
    said = {
        "gen_ai.input.messages": [{**_text("user", "Hello"), "name": None}],
        "gen_ai.output.messages": [_text("assistant", "Hi", finish_reason="stop")],
        "gen_ai.system_instructions": [{"type": "text", "content": "Be brief."}],
        "gen_ai.response.finish_reasons": ["stop"],
    }
    name = "gen_ai.client.inference.operation.details"
    in_body, text = SentEvent(name, {}, said), {key: json.dumps(value) for key, value in said.items()}
    for event in (SentEvent(name, said), in_body, SentEvent(name, text)):
        content = _of_logs(event)
        assert content.input_messages == [_text("user", "Hello")]
        assert content.output_messages == [_text("assistant", "Hi", finish_reason="stop")]
        assert content.system_instructions == [{"type": "text", "content": "Be brief."}]
        assert content.finish_reasons == ("stop",)


def test_content_on_span_and_event_counts_once_and_the_fuller_is_taken() -> None:
    log = _log("gen_ai.user.message", {"content": "Hello"})
    both = read_content(chat("Hello", "Hi"), logs=[log, _log("gen_ai.choice", {"message": {"content": "Hi"}})])
    assert both.input_messages == [_text("user", "Hello")]
    assert both.output_messages == [_text("assistant", "Hi")]
    fuller = read_content(chat("Hello"), events=[log], logs=[_log("gen_ai.system.message", {"content": "Be"}), log])
    assert fuller.input_messages == [_text("system", "Be"), _text("user", "Hello")]


def test_log_records_are_ordered_by_time_then_by_their_index_then_as_sent() -> None:
    def said(text: str, time: int, **more: Any) -> SentEvent:
        return _log("gen_ai.user.message", {"content": text}, time, **more)

    late, index = said("5", 9), "gen_ai__message__index"
    sent = [late, said("3", 2, **{index: 1}), said("1", 1), said("2", 2, **{index: 0}), said("4", 2, **{index: 1})]
    messages = _of_logs(*sent).input_messages or []
    assert [message["parts"][0]["content"] for message in messages] == ["1", "2", "3", "4", "5"]


ONE_CALL = [
    _log("gen_ai.system.message", {"content": "Be brief."}, 1, gen_ai__system="openai"),
    _log("gen_ai.user.message", {"content": "yes"}, 1),
    _log("gen_ai.assistant.message", {"content": "And now?"}, 1),
    _log("gen_ai.user.message", {"content": "yes"}, 1),
    _log("gen_ai.choice", {"index": 0, "message": {"content": "one"}}, 2),
    _log("gen_ai.choice", {"index": 1, "message": {"content": "two"}}, 2),
]


@given(st.integers(1, 3), st.integers(1, 3), st.randoms())
def test_records_sent_again_count_once_and_what_was_said_twice_stays(first: int, then: int, random: Any) -> None:
    """Those of one time were exported together; later ones may come first."""
    parts = [ONE_CALL[:4]] * first + [ONE_CALL[4:]] * then
    random.shuffle(parts)
    sent = [event for part in parts for event in part]
    assert _of_logs(*sent) == _of_logs(*ONE_CALL)
    assert len(_of_logs(*ONE_CALL).input_messages or []) == 4


@given(st.permutations(range(5)))
def test_the_order_in_which_records_arrive_does_not_matter_where_their_times_differ(order: list[int]) -> None:
    said = [event._replace(time_unix_nano=place) for place, event in enumerate(ONE_CALL[1:])]
    assert _of_logs(*(said[place] for place in order)) == _of_logs(*said)


def test_a_span_whose_only_marker_is_an_event_is_a_call() -> None:
    events = [
        ("gen_ai.user.message", {"gen_ai.system": "az.ai.inference", "content": "Hello"}),
        ("gen_ai.choice", {"message": "Hi"}),
    ]
    [record] = records(span(attributes={"custom": 1}, events=events))
    assert (record.kind, record.operation, record.provider) == ("llm", "chat", "azure.ai.inference")
    assert (record.input_preview, record.output_preview) == ("Hello", "Hi")
    [other] = records(span(events=[("exception", {"exception.type": "E"}), ("message", {"message.type": "SENT"})]))
    assert (other.kind, other.operation) == ("internal", None)


def test_a_span_event_with_all_details_gives_the_facts() -> None:
    details = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.usage.input_tokens": 3}
    facts = read_facts({}, events=[SentEvent("gen_ai.client.inference.operation.details", details)])
    assert facts is not None
    assert (facts.kind, facts.request_model, facts.input_tokens) == ("llm", "m", 3)


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        ({"gen_ai.operation.name": "invoke_agent"}, "agent"),
        ({"openinference.span.kind": "CHAIN"}, "chain"),
        ({"event_loop.cycle_id": "1"}, "chain"),
        ({"gen_ai.tool.name": "search"}, "tool"),
    ],
)
def test_events_do_not_make_a_call_of_a_span_that_says_what_it_is(attributes: dict[str, str], kind: str) -> None:
    [record] = records(span(attributes=attributes, events=[("gen_ai.user.message", {"content": "Hello"})]))
    assert record.kind == kind
    assert record.operation == {"agent": "invoke_agent", "tool": "execute_tool"}.get(kind)


def test_the_events_of_a_tool_are_its_arguments_and_its_result() -> None:
    attributes = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "get_time", "gen_ai.tool.call.id": "c1"}
    events = [
        _event("gen_ai.tool.message", role="tool", content=ARGUMENTS, id="c1"),
        _event("gen_ai.choice", message='[{"text": "14:05"}]', id="c1"),
    ]
    content = read_content(attributes, events=events)
    assert content.tool == ToolUse("get_time", "c1", {"city": "Paris"}, "14:05")
    assert (content.input_messages, content.output_messages) == (None, None)


def test_events_without_content_are_no_messages() -> None:
    content = _of_logs(
        _log("gen_ai.user.message"),
        _log("gen_ai.system.message", {}),
        _log("gen_ai.tool.message", {"id": "c1"}),
        _log("gen_ai.choice", {"index": 0, "finish_reason": "stop", "message": {"role": "assistant"}}),
    )
    assert (content.input_messages, content.output_messages) == (None, None)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats()
    | st.sampled_from(["", "None", "[", "{}"]) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["role", "content", "parts", "message", "tool_calls", "type", "text"]), inner)
        | inner.map(json.dumps)
        | inner.map(repr)
    ),
    max_leaves=12,
)  # fmt: skip
NAMES = [
    "gen_ai.user.message", "gen_ai.tool.message", "gen_ai.choice", "gen_ai.content.prompt", "gen_ai.content.completion",
    "gen_ai.client.inference.operation.details",
]  # fmt: skip
ATTRIBUTES = st.dictionaries(
    st.sampled_from(
        [
            "content", "message", "message.content", "tool_calls", "tool_calls.0.id", "gen_ai.event.content", "index",
            "gen_ai.prompt", "gen_ai.completion", "gen_ai.input.messages", "gen_ai.message.index", "role", "id",
        ]
    ),
    VALUES,
)  # fmt: skip
EVENTS = st.lists(st.builds(SentEvent, st.sampled_from(NAMES), ATTRIBUTES, VALUES, st.integers(0, 2)), max_size=4)


@given(EVENTS, EVENTS, st.sampled_from(["chat", "execute_tool", "embeddings"]))
def test_odd_events_do_no_harm(events: list[SentEvent], logs: list[SentEvent], operation: str) -> None:
    content = read_content({"gen_ai.operation.name": operation}, "", events, logs)
    input_preview(content)
    output_preview(content)
    read_facts({}, "", events)


@pytest.mark.parametrize("odd", [[None], {"a": 1}, 7])
def test_an_operation_that_is_no_text_does_no_harm(odd: Any) -> None:
    answer = SentEvent("gen_ai.choice", {"message": '{"content": "No."}'})
    content = read_content({"gen_ai.operation.name": odd}, "", [answer])
    assert content.output_messages == [{"role": "assistant", "parts": [{"type": "text", "content": "No."}]}]
