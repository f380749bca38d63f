"""Lists of message events in one attribute, read into messages."""

import json
from typing import Any

import pytest

from llm_tracing.normalize.conventions.event_lists import listed_messages, parted


def _text(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def _event(event: str, **fields: Any) -> dict[str, Any]:
    return {"event.name": f"gen_ai.{event}", **fields}


CALL = {"id": "call_1", "type": "function", "function": {"name": "get_time", "arguments": '{"city": "Paris"}'}}


def test_events_are_messages_and_the_choice_is_the_answer() -> None:
    asked, answered = listed_messages(
        json.dumps(
            [
                _event("system.message", role="system", content="Be short."),
                _event("user.message", content="What time is it?"),
                _event("assistant.message", role="assistant", tool_calls=[CALL]),
                _event("tool.message", role="tool", id="call_1", name="get_time", content="14:05"),
                _event("choice", index=0, finish_reason="stop", message={"role": "assistant", "content": "14:05."}),
            ]
        )
    )
    assert asked == [
        _text("system", "Be short."),
        _text("user", "What time is it?"),
        {
            "role": "assistant",
            "parts": [{"type": "tool_call", "id": "call_1", "name": "get_time", "arguments": {"city": "Paris"}}],
        },
        {
            "role": "tool",
            "name": "get_time",
            "parts": [{"type": "tool_call_response", "id": "call_1", "response": "14:05"}],
        },
    ]
    assert answered == [{**_text("assistant", "14:05."), "finish_reason": "stop"}]


def test_events_of_one_message_are_joined() -> None:
    events = [
        _event("assistant.message", role="assistant", content="Let me look.", **{"gen_ai.message.index": 1}),
        _event("assistant.message", role="assistant", tool_calls=[CALL], **{"gen_ai.message.index": 1}),
        _event("assistant.message", role="assistant", content="Done.", **{"gen_ai.message.index": 2}),
    ]
    asked, _ = listed_messages(events)
    assert asked is not None
    assert [[part["type"] for part in message["parts"]] for message in asked] == [["text", "tool_call"], ["text"]]


def test_a_part_whose_type_is_its_kind_is_read() -> None:
    parts = [{"kind": "text", "text": "Look:"}, {"kind": "image-url", "url": "http://x/y.png"}]
    asked, _ = listed_messages([_event("user.message", content=parts)])
    assert asked == [
        {
            "role": "user",
            "parts": [{"type": "text", "content": "Look:"}, {"url": "http://x/y.png", "type": "image-url"}],
        }
    ]


@pytest.mark.parametrize("sent", [None, "", "text", "[1]", '{"event.name": "x"}', [{"role": "user"}], 3, "[" * 500])
def test_what_is_no_list_of_events_has_no_messages(sent: Any) -> None:
    assert listed_messages(sent) == (None, None)


def test_odd_events_do_not_break_the_list() -> None:
    odd = [_event("choice"), _event("choice", message=3), {"event.name": 5}, _event("tool.message", role="tool")]
    asked, answered = listed_messages(odd)
    assert len(asked or []) == 2
    assert answered is not None


def test_a_conversation_is_parted_after_the_last_thing_a_user_said() -> None:
    result = {"role": "user", "parts": [{"type": "tool_call_response", "id": "1", "response": "x"}]}
    talk = [_text("user", "a"), _text("assistant", "b"), _text("user", "c"), _text("assistant", "d"), result]
    assert parted(talk) == (talk[:3], talk[3:])
    assert parted([_text("assistant", "b")]) == (None, [_text("assistant", "b")])
    assert parted(None) == (None, None)
