"""Requests and responses of providers, read into canonical messages, tokens, models and finish reasons."""

import json
from typing import Any

import pytest

from llm_tracing.normalize.conventions.provider_json import (
    finish_reasons_in,
    model_in,
    request_messages,
    response_id_in,
    response_messages,
    streaming_in,
    system_in,
    usage_in,
)

Json = dict[str, Any]


def _text(role: str, text: str) -> Json:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def _call(identifier: str | None = "c1") -> Json:
    return {"type": "tool_call", "id": identifier, "name": "get_weather", "arguments": {"city": "Paris"}}


def _result(response: Any, identifier: str | None = "c1") -> Json:
    return {"role": "tool", "parts": [{"type": "tool_call_response", "id": identifier, "response": response}]}


HI, ASKS, TOLD = _text("user", "Hi"), {"role": "assistant", "parts": [_call()]}, _result({"temp": 18})
ARGUMENTS = '{"city": "Paris"}'
OPENAI_CALL = {"id": "c1", "type": "function", "function": {"name": "get_weather", "arguments": ARGUMENTS}}


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        (
            "openai chat",
            {
                "messages": [
                    {"role": "user", "content": "Hi"},
                    {"role": "assistant", "content": None, "tool_calls": [OPENAI_CALL]},
                    {"role": "tool", "tool_call_id": "c1", "content": '{"temp": 18}'},
                ]
            },
        ),
        (
            "openai responses",
            {
                "input": [
                    {"role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
                    {"type": "function_call", "call_id": "c1", "name": "get_weather", "arguments": ARGUMENTS},
                    {"type": "function_call_output", "call_id": "c1", "output": '{"temp": 18}'},
                    {"type": "item_reference", "id": "msg_1"},
                ]
            },
        ),
        (
            "anthropic",
            {
                "messages": [
                    {"role": "user", "content": "Hi"},
                    {
                        "role": "assistant",
                        "content": [
                            {"type": "tool_use", "id": "c1", "name": "get_weather", "input": {"city": "Paris"}}
                        ],
                    },
                    {
                        "role": "user",
                        "content": [
                            {
                                "type": "tool_result",
                                "tool_use_id": "c1",
                                "content": [{"type": "text", "text": '{"temp": 18}'}],
                            }
                        ],
                    },
                ]
            },
        ),
        (
            "bedrock",
            {
                "messages": [
                    {"role": "user", "content": [{"text": "Hi"}, {"cachePoint": {"type": "default"}}]},
                    {
                        "role": "assistant",
                        "content": [
                            {"toolUse": {"toolUseId": "c1", "name": "get_weather", "input": {"city": "Paris"}}}
                        ],
                    },
                    {
                        "role": "user",
                        "content": [{"toolResult": {"toolUseId": "c1", "content": [{"json": {"temp": 18}}]}}],
                    },
                ]
            },
        ),
        (
            "gemini",
            {
                "contents": [
                    {"role": "user", "parts": [{"text": "Hi"}]},
                    {
                        "role": "model",
                        "parts": [{"functionCall": {"id": "c1", "name": "get_weather", "args": {"city": "Paris"}}}],
                    },
                    {
                        "role": "user",
                        "parts": [
                            {"function_response": {"id": "c1", "name": "w", "response": {"result": {"temp": 18}}}}
                        ],
                    },
                ]
            },
        ),
        (
            "ai sdk",
            [
                {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
                {
                    "role": "assistant",
                    "content": [
                        {"type": "tool-call", "toolCallId": "c1", "toolName": "get_weather", "input": {"city": "Paris"}}
                    ],
                },
                {
                    "role": "tool",
                    "content": [
                        {
                            "type": "tool-result",
                            "toolCallId": "c1",
                            "toolName": "get_weather",
                            "output": {"type": "json", "value": {"temp": 18}},
                        }
                    ],
                },
            ],
        ),
        (
            "langchain",
            [
                [
                    {"type": "human", "content": "Hi"},
                    {
                        "type": "ai",
                        "content": "",
                        "tool_calls": [{"name": "get_weather", "args": {"city": "Paris"}, "id": "c1"}],
                    },
                    {"type": "tool", "content": '{"temp": 18}', "tool_call_id": "c1"},
                ]
            ],
        ),
    ],
)
def test_a_tool_loop_reads_the_same_from_every_provider(name: str, request_: Any) -> None:
    assert request_messages(request_) == [HI, ASKS, TOLD]
    assert request_messages(json.dumps(request_)) == [HI, ASKS, TOLD]


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ("Hi", [HI]),
        ({"input": "Hi"}, [HI]),
        ({"prompt": "Hi"}, [HI]),
        ({"contents": "Hi"}, [HI]),
        ({"kwargs": {"messages": [{"role": "user", "content": "Hi"}]}}, [HI]),
        ({"message": "Hi", "chat_history": [{"role": "CHATBOT", "message": "x"}]}, [_text("assistant", "x"), HI]),
        ({"messages": [{"role": "user", "content": "Hi"}, {"role": "tool", "content": {"function": {}}}]}, [HI]),
        ({"question": "Hi"}, None),
        (None, None),
        (7, None),
    ],
)
def test_a_conversation_is_found_where_the_request_keeps_it(request_: Any, expected: Any) -> None:
    assert request_messages(request_) == expected


@pytest.mark.parametrize(
    "request_",
    [
        {"system": "Be kind.", "messages": []},
        {"system": [{"type": "text", "text": "Be kind."}], "messages": []},
        {"system": [{"text": "Be kind."}], "messages": []},
        {"instructions": "Be kind.", "input": "Hi"},
        {"systemInstruction": {"parts": [{"text": "Be kind."}]}, "contents": []},
        {"config": {"system_instruction": "Be kind."}, "contents": []},
    ],
)
def test_system_text_beside_the_messages_is_read_apart(request_: Any) -> None:
    assert system_in(request_) == [{"type": "text", "content": "Be kind."}]
    assert system_in({"messages": [{"role": "system", "content": "Be kind."}]}) is None


ANSWER = {"role": "assistant", "parts": [{"type": "text", "content": "Looking."}, _call()]}
ANSWERS: list[tuple[str, Any, tuple[str, ...]]] = [
    (
        "openai chat",
        {
            "choices": [
                {
                    "finish_reason": "tool_calls",
                    "message": {"role": "assistant", "content": "Looking.", "tool_calls": [OPENAI_CALL]},
                }
            ]
        },
        ("tool_call",),
    ),
    (
        "openai responses",
        {
            "status": "completed",
            "output": [
                {"type": "reasoning", "id": "rs_1", "summary": []},
                {
                    "type": "message",
                    "id": "m",
                    "status": "completed",
                    "role": "assistant",
                    "content": [{"type": "output_text", "text": "Looking."}],
                },
                {
                    "type": "function_call",
                    "id": "fc",
                    "call_id": "c1",
                    "name": "get_weather",
                    "arguments": ARGUMENTS,
                    "status": "completed",
                },
            ],
        },
        ("tool_call",),
    ),
    (
        "anthropic",
        {
            "type": "message",
            "role": "assistant",
            "stop_reason": "tool_use",
            "content": [
                {"type": "text", "text": "Looking."},
                {"type": "tool_use", "id": "c1", "name": "get_weather", "input": {"city": "Paris"}},
            ],
        },
        ("tool_call",),
    ),
    (
        "bedrock",
        {
            "stopReason": "tool_use",
            "output": {
                "message": {
                    "role": "assistant",
                    "content": [
                        {"text": "Looking."},
                        {"toolUse": {"toolUseId": "c1", "name": "get_weather", "input": {"city": "Paris"}}},
                    ],
                }
            },
        },
        ("tool_call",),
    ),
    (
        "gemini",
        {
            "candidates": [
                {
                    "finishReason": "STOP",
                    "content": {
                        "role": "model",
                        "parts": [
                            {"text": "Looking."},
                            {"functionCall": {"id": "c1", "name": "get_weather", "args": {"city": "Paris"}}},
                        ],
                    },
                }
            ]
        },
        ("stop",),
    ),
    (
        "langchain",
        {
            "generations": [
                [
                    {
                        "text": "Looking.",
                        "message": {
                            "type": "ai",
                            "content": "Looking.",
                            "response_metadata": {"finish_reason": "tool_calls"},
                            "tool_calls": [{"name": "get_weather", "args": {"city": "Paris"}, "id": "c1"}],
                        },
                    }
                ]
            ]
        },
        ("tool_call",),
    ),
    (
        "blocks alone",
        [
            {"type": "text", "text": "Looking."},
            {"type": "tool_use", "id": "c1", "name": "get_weather", "input": {"city": "Paris"}},
        ],
        (),
    ),
]


@pytest.mark.parametrize(("name", "response", "reasons"), ANSWERS, ids=[name for name, *_ in ANSWERS])
def test_an_answer_reads_the_same_from_every_provider(name: str, response: Any, reasons: tuple[str, ...]) -> None:
    messages = response_messages(response)
    assert messages is not None
    assert [(one["role"], one["parts"]) for one in messages] == [(ANSWER["role"], ANSWER["parts"])]
    assert finish_reasons_in(response) == reasons


def test_thoughts_are_reasoning_in_every_form() -> None:
    forms = [
        {"choices": [{"message": {"role": "assistant", "content": "42", "reasoning_content": "Hm."}}]},
        {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "42"}]},
        {"candidates": [{"content": {"parts": [{"text": "Hm.", "thought": True}, {"text": "42"}]}}]},
        {"output": [{"type": "reasoning", "id": "r", "summary": [{"type": "summary_text", "text": "Hm."}]},
                    {"type": "message", "status": "completed", "role": "assistant", "content": "42"}]},
        {"output": {"message": {"role": "assistant", "content": [
            {"reasoningContent": {"reasoningText": {"text": "Hm."}}}, {"text": "42"}]}}},
    ]  # fmt: skip
    parts = [{"type": "reasoning", "content": "Hm."}, {"type": "text", "content": "42"}]
    assert [response_messages(form) for form in forms] == [[{"role": "assistant", "parts": parts}]] * len(forms)


def test_a_structured_answer_as_text_is_what_the_model_said() -> None:
    assert response_messages('{"sql": "SELECT 1"}') == [_text("assistant", '{"sql": "SELECT 1"}')]
    assert response_messages({"sql": "SELECT 1"}) is None


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (
            {"prompt_tokens": 1312, "completion_tokens": 186, "prompt_tokens_details": {"cached_tokens": 1024},
             "completion_tokens_details": {"reasoning_tokens": 128}},
            (1312, 186, 1024, None, 128),
        ),
        (
            {"input_tokens": 1312, "output_tokens": 186, "input_tokens_details": {"cached_tokens": 1024},
             "output_tokens_details": {"reasoning_tokens": 128}},
            (1312, 186, 1024, None, 128),
        ),
        (
            {"input_tokens": 21, "output_tokens": 9, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 1840},
            (1861, 9, 0, 1840, None),
        ),
        (
            {"input_tokens": 2021, "output_tokens": 9, "cache_read_input_tokens": 40, "cache_creation_input_tokens": 0},
            (2061, 9, 40, 0, None),
        ),
        (
            {"input_tokens": 1861, "output_tokens": 9, "total_tokens": 1870, "cache_read_input_tokens": 1840},
            (1861, 9, 1840, None, None),
        ),
        (
            {"inputTokens": 21, "outputTokens": 9, "cacheReadInputTokens": 40, "totalTokens": 70},
            (61, 9, 40, None, None),
        ),
        (
            {"promptTokenCount": 50, "candidatesTokenCount": 9, "thoughtsTokenCount": 7, "cachedContentTokenCount": 30},
            (50, 16, 30, None, 7),
        ),
        (
            {"input_tokens": 1861, "output_tokens": 9,
             "input_token_details": {"cache_creation": 0, "ephemeral_5m_input_tokens": 1840}},
            (1861, 9, None, 1840, None),
        ),
        ({"prompt_tokens": -1, "completion_tokens": "many"}, (None, None, None, None, None)),
    ],
)  # fmt: skip
def test_usage_of_every_provider_has_the_cache_in_its_input(usage: Json, expected: tuple[int | None, ...]) -> None:
    found = usage_in({"usage": usage})
    names = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")
    assert tuple(found.get(name) for name in names) == expected


def test_usage_is_found_where_the_response_keeps_it() -> None:
    expected = {"input_tokens": 3, "output_tokens": 4}
    assert usage_in({"usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 4}}) == expected
    assert usage_in({"prompt_eval_count": 3, "eval_count": 4}) == expected
    assert usage_in({"usage": {"tokens": {"input_tokens": 3, "output_tokens": 4}}}) == expected
    assert usage_in({"meta": {"billed_units": {"input_tokens": 3, "output_tokens": 4}}}) == expected
    assert usage_in({"response": {"usage": {"input_tokens": 3, "output_tokens": 4}}}) == expected


def test_model_id_and_streaming_are_read() -> None:
    assert model_in({"model": "gpt-4o"}) == "gpt-4o"
    assert model_in('{"modelVersion": "gemini-2.5-flash"}') == "gemini-2.5-flash"
    assert model_in({"model": {"name": "x"}}) is None
    assert response_id_in({"id": "chatcmpl-1", "choices": []}) == "chatcmpl-1"
    assert response_id_in({"id": "customer-1"}) is None
    assert streaming_in({"stream": True}) is True
    assert streaming_in({"stream": "yes"}) is None


DEEP = "[" * 5000 + "]" * 5000


@pytest.mark.parametrize(
    "value",
    [None, True, 3, float("nan"), "", "{", "[null, 1, [2]]", DEEP, {"messages": 3}, {"messages": [None, {"role": 3}]},
     {"choices": [None, {"message": 3}, {"message": {"content": [[], 1, None]}}]}, {"output": [[1], {"type": 3}]},
     {"generations": [[]]}, {"generations": [[3]]}, {"usage": [1]}, {"usage": {"tokens": 3}}, {"candidates": {}},
     {"contents": {"parts": 3}}, {"system": {"a": 1}}, {"config": []}, [{"type": "tool_result"}],
     {"messages": [{"role": "user", "content": [{"toolResult": {"content": [{"json": 1}, 2]}}]}]}],
)  # fmt: skip
def test_odd_values_raise_nothing(value: Any) -> None:
    for read in (
        request_messages, response_messages, system_in, finish_reasons_in, usage_in, model_in, response_id_in,
        streaming_in,
    ):  # fmt: skip
        read(value)
