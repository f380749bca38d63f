"""The AI SDK's attributes, of its versions 3 to 7, read into the canonical model."""

import json
from typing import Any

import pytest

from llm_tracing.normalize.conventions import CONTENT_ATTRIBUTES, read_content, read_facts
from llm_tracing.normalize.conventions.contract import Facts
from llm_tracing.normalize.counting import decide
from tests.builders import records, span

CALL = {"ai.operationId": "ai.generateText.doGenerate", "ai.model.provider": "openai.responses", "ai.model.id": "m"}


def _facts(attributes: dict[str, Any], name: str = "") -> Facts:
    found = read_facts(attributes, name)
    assert found is not None
    return found


def _text(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


@pytest.mark.parametrize(
    ("operation", "kind", "named", "streaming"),
    [
        ("ai.generateText", "chain", None, False),
        ("ai.generateText.doGenerate", "llm", "chat", False),
        ("ai.streamText", "chain", None, True),
        ("ai.streamText.doStream", "llm", "chat", True),
        ("ai.generateObject.doGenerate", "llm", "chat", False),
        ("ai.streamObject.doStream", "llm", "chat", True),
        ("ai.embed", "chain", None, None),
        ("ai.embed.doEmbed", "embedding", "embeddings", None),
        ("ai.embedMany.doEmbed", "embedding", "embeddings", None),
        ("ai.rerank.doRerank", "reranker", None, None),
        ("ai.toolCall", "tool", "execute_tool", None),
    ],
)
def test_the_last_step_of_the_operation_is_the_kind(
    operation: str, kind: str, named: str | None, streaming: bool | None
) -> None:
    for attributes, name in (
        ({"ai.operationId": operation}, ""),
        ({"operation.name": f"{operation} my-function", "ai.model.id": "m"}, ""),
        ({"ai.model.id": "m"}, operation),
    ):
        facts = _facts(attributes, name)
        assert (facts.kind, facts.operation) == (kind, named)
        assert read_content(attributes, name).streaming is streaming


def test_the_inner_call_is_counted_and_not_the_sum_above_it() -> None:
    usage = {"ai.usage.inputTokens": 3, "ai.usage.outputTokens": 4}
    spans = records(
        span("outer", 1, attributes={"ai.operationId": "ai.generateText", "ai.model.id": "m", **usage}),
        span("inner", 2, parent=1, attributes={**CALL, **usage}),
    )
    reasons = decide([record.facts() for record in spans], {1: None, 2: 1})
    assert reasons[2] is None
    assert reasons[1] is not None


TOKENS: list[tuple[str, dict[str, Any], tuple[int | None, ...]]] = [
    ("version 4", {"promptTokens": 31, "completionTokens": 22}, (31, 22, None, None, None)),
    (
        "version 5",
        {"inputTokens": 31, "outputTokens": 22, "cachedInputTokens": 8, "reasoningTokens": 5},
        (31, 22, 8, None, 5),
    ),
    (
        "version 6",
        {"inputTokens": 31, "outputTokens": 22, "inputTokenDetails.cacheReadTokens": 8,
         "inputTokenDetails.cacheWriteTokens": 2, "outputTokenDetails.reasoningTokens": 5},
        (31, 22, 8, 2, 5),
    ),
    ("as text", {"inputTokens": "31", "outputTokens": "22"}, (31, 22, None, None, None)),
    ("not a number", {"promptTokens": float("nan")}, (None, None, None, None, None)),
    ("embedding", {"tokens": 30}, (30, None, None, None, None)),
]  # fmt: skip


def _tokens(facts: Facts) -> tuple[int | None, ...]:
    tokens = (facts.input_tokens, facts.output_tokens)
    return (*tokens, facts.cache_read_tokens, facts.cache_write_tokens, facts.reasoning_tokens)


@pytest.mark.parametrize(("name", "usage", "expected"), TOKENS, ids=[name for name, *_ in TOKENS])
def test_usage_of_every_version_is_read(name: str, usage: dict[str, Any], expected: tuple[int | None, ...]) -> None:
    assert _tokens(_facts({**CALL, **{f"ai.usage.{key}": value for key, value in usage.items()}})) == expected


def test_before_version_6_anthropics_cache_stands_beside_the_input_and_in_its_metadata() -> None:
    before = {
        **CALL,
        "ai.model.provider": "anthropic.messages",
        "ai.usage.inputTokens": 21,
        "ai.usage.outputTokens": 9,
        "ai.usage.cachedInputTokens": 40,
        "ai.response.providerMetadata": json.dumps({"anthropic": {"cacheCreationInputTokens": 1800}}),
    }
    assert _tokens(_facts(before)) == (1861, 9, 40, 1800, None)
    since = {**before, "ai.usage.inputTokens": 1861, "ai.usage.inputTokenDetails.cacheWriteTokens": 1800}
    assert _tokens(_facts(since)) == (1861, 9, 40, 1800, None)


def test_bedrocks_cache_is_added_once() -> None:
    attributes = {**CALL, "ai.model.provider": "amazon-bedrock", "gen_ai.usage.input_tokens": 21,
                  "ai.usage.inputTokens": 21, "ai.usage.cachedInputTokens": 40}  # fmt: skip
    assert _facts(attributes).input_tokens == 61
    details = {"ai.usage.inputTokens": 61, "ai.usage.inputTokenDetails.cacheReadTokens": 40}
    assert _facts({**attributes, **details}).input_tokens == 61


def test_openais_cached_tokens_of_version_4_stand_in_its_metadata() -> None:
    metadata = json.dumps({"openai": {"cachedPromptTokens": 1024, "reasoningTokens": 128}})
    facts = _facts(
        {**CALL, "ai.usage.promptTokens": 1312, "ai.usage.completionTokens": 186,
         "ai.response.providerMetadata": metadata}
    )  # fmt: skip
    assert _tokens(facts) == (1312, 186, 1024, None, 128)
    assert ("cache_read_tokens", "ai.response.providerMetadata") in facts.usage_sources


def test_models_provider_id_and_time_to_first_token_are_read() -> None:
    facts = _facts(
        {**CALL, "ai.response.model": "m-1", "ai.response.id": "resp_1", "ai.response.msToFirstChunk": 101.5}
    )
    assert (facts.provider, facts.request_model, facts.response_model) == ("openai", "m", "m-1")
    assert (facts.response_id, facts.time_to_first_token_ns) == ("resp_1", 101_500_000)
    assert _facts({**CALL, "ai.response.msToFirstChunk": "2612.1"}).time_to_first_token_ns == 2_612_100_000
    assert _facts({**CALL, "ai.response.msToFirstChunk": "soon"}).time_to_first_token_ns is None


@pytest.mark.parametrize(
    ("sent", "model", "provider"),
    [
        ("google.generative-ai", "g", "gcp.gen_ai"),
        ("anthropic.messages", "c", "anthropic"),
        ("gateway", "anthropic/claude-sonnet-4.5", "anthropic"),
        ("openrouter.chat", "openai/gpt-4o", "openai"),
        ("gateway", "gpt-4o", None),
    ],
)
def test_a_router_is_not_the_provider_of_a_model(sent: str, model: str, provider: str | None) -> None:
    assert _facts({**CALL, "ai.model.provider": sent, "ai.model.id": model}).provider == provider


@pytest.mark.parametrize("session", ["sessionId", "session_id", "threadId", "thread_id", "conversationId", "chatId"])
@pytest.mark.parametrize("user", ["userId", "user_id"])
def test_session_and_user_have_the_usual_keys(session: str, user: str) -> None:
    metadata = "ai.telemetry.metadata."
    facts = _facts({**CALL, metadata + session: "s", metadata + user: "u"})
    assert (facts.session_id, facts.user_id) == ("s", "u")


def test_the_prompt_of_a_call_and_of_the_wrapper_above_it() -> None:
    messages = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
    ]
    inner = read_content({**CALL, "ai.prompt.messages": json.dumps(messages)})
    assert inner.input_messages == [_text("system", "Be kind."), _text("user", "Hi")]
    for prompt in ({"system": "Be kind.", "prompt": "Hi"}, {"system": "Be kind.", "messages": messages[1:]}):
        outer = read_content({"ai.operationId": "ai.generateText", "ai.prompt": json.dumps(prompt)})
        assert outer.input_messages == [_text("user", "Hi")]
        assert outer.system_instructions == [{"type": "text", "content": "Be kind."}]


@pytest.mark.parametrize(
    "result",
    [
        {"output": {"type": "text", "value": '{"temp": 18}'}},
        {"output": {"type": "json", "value": {"temp": 18}}},
        {"output": {"type": "content", "value": [{"type": "text", "text": '{"temp": 18}'}]}},
        {"result": {"temp": 18}},
    ],
)
def test_a_tool_result_comes_out_of_its_wrapping(result: dict[str, Any]) -> None:
    part = {"type": "tool-result", "toolCallId": "c1", "toolName": "get_weather", **result}
    [message] = read_content(
        {**CALL, "ai.prompt.messages": json.dumps([{"role": "tool", "content": [part]}])}
    ).input_messages or [{}]
    assert message == {
        "role": "tool",
        "parts": [{"type": "tool_call_response", "id": "c1", "response": {"temp": 18}}],
    }


def test_an_answer_has_reasoning_text_and_tool_calls() -> None:
    calls = [{"toolCallId": "c1", "toolName": "get_weather", "input": '{"city": "Paris"}'},
             {"toolCallId": "c2", "toolName": "get_time", "args": {"city": "Paris"}}]  # fmt: skip
    content = read_content(
        {
            **CALL,
            "ai.response.reasoning": "Hm.",
            "ai.response.text": "Looking.",
            "ai.response.toolCalls": json.dumps(calls),
            "ai.response.finishReason": "tool-calls",
        }
    )
    assert content.finish_reasons == ("tool_call",)
    assert content.output_messages == [
        {
            "role": "assistant",
            "parts": [
                {"type": "reasoning", "content": "Hm."},
                {"type": "text", "content": "Looking."},
                {"type": "tool_call", "id": "c1", "name": "get_weather", "arguments": {"city": "Paris"}},
                {"type": "tool_call", "id": "c2", "name": "get_time", "arguments": {"city": "Paris"}},
            ],
        }
    ]


def test_a_generated_object_is_the_answer_and_version_3_says_result() -> None:
    assert read_content({**CALL, "ai.response.object": '{"sql": "x"}'}).output_messages == [
        _text("assistant", '{"sql": "x"}')
    ]
    assert read_content({**CALL, "ai.result.text": "Hello"}).output_messages == [_text("assistant", "Hello")]


def test_a_tool_call_is_read_with_json_inside_json() -> None:
    tool = read_content(
        {
            "ai.operationId": "ai.toolCall",
            "ai.toolCall.name": "get_weather",
            "ai.toolCall.id": "c1",
            "ai.toolCall.args": '{"city":"Paris"}',
            "ai.toolCall.result": '"{\\"temp\\":18}"',
        }
    ).tool
    assert tool is not None
    assert (tool.name, tool.call_id, tool.arguments, tool.result) == (
        "get_weather", "c1", {"city": "Paris"}, {"temp": 18},
    )  # fmt: skip


def test_embedded_texts_are_the_input_and_the_model_that_answered_is_the_one_asked() -> None:
    many = {"ai.operationId": "ai.embedMany.doEmbed", "ai.model.id": "m", "ai.values": ['"a"', '"b"']}
    assert read_content(many).input == ["a", "b"]
    assert read_content({**many, "ai.values": None, "ai.value": '"a"'}).input == "a"
    assert _facts(many).response_model is None
    assert _facts({**many, "ai.usage.tokens": 6}).response_model == "m"


def test_the_sdks_own_words_go_before_a_translation_of_them() -> None:
    both = {**CALL, "openinference.span.kind": "LLM", "llm.token_count.prompt": 31, "ai.usage.inputTokens": 31,
            "ai.usage.cachedInputTokens": 8}  # fmt: skip
    facts = _facts(both)
    assert (facts.input_tokens, facts.cache_read_tokens) == (31, 8)
    assert dict(facts.usage_sources)["input_tokens"] == "ai.usage.inputTokens"
    outer = {**both, "ai.operationId": "ai.generateText"}
    assert _facts(outer).kind == "chain"


def test_prompts_and_answers_are_content() -> None:
    assert {"ai.prompt", "ai.prompt.messages", "ai.response.text", "ai.toolCall.result"} <= CONTENT_ATTRIBUTES


@pytest.mark.parametrize("value", ["{", "[]", "null", '"x', 7, True, float("inf"), "[" * 5000, "[null, 3]", [1, None]])
def test_odd_values_raise_nothing(value: Any) -> None:
    names = (
        "ai.model.id", "ai.model.provider", "ai.prompt", "ai.prompt.messages", "ai.response.text",
        "ai.response.reasoning", "ai.response.toolCalls", "ai.response.providerMetadata",
        "ai.response.msToFirstChunk", "ai.usage.inputTokens", "ai.values", "ai.toolCall.args", "ai.toolCall.result",
        "ai.response.finishReason",
    )  # fmt: skip
    for operation in ("ai.generateText.doGenerate", "ai.toolCall", "ai.embed.doEmbed", value):
        attributes = {**dict.fromkeys(names, value), "ai.operationId": operation}
        assert read_facts(attributes) is not None
        read_content(attributes)


@pytest.mark.parametrize(
    ("sent", "output", "metadata", "expected"),
    [
        # Version 5 leaves the cache beside the input, version 6 has it inside, and of objects neither says more.
        (21, 22, {"anthropic": {"usage": {"input_tokens": 21, "output_tokens": 22, "cache_read_input_tokens": 1840,
                                          "cache_creation_input_tokens": 100}}}, (1961, 22, 1840, 100, None)),
        (1961, 22, {"anthropic": {"usage": {"input_tokens": 21, "output_tokens": 22, "cache_read_input_tokens": 1840,
                                            "cache_creation_input_tokens": 100}}}, (1961, 22, 1840, 100, None)),
        (31, 14, {"google": {"usageMetadata": {"promptTokenCount": 31, "candidatesTokenCount": 14,
                                               "thoughtsTokenCount": 8, "cachedContentTokenCount": 12}}},
         (31, 22, 12, None, 8)),
        (31, 22, {"google": {"usageMetadata": {"promptTokenCount": 31}}}, (31, 22, None, None, None)),
        (31, 22, {"google": {"usageMetadata": [1]}, "anthropic": 7}, (31, 22, None, None, None)),
    ],
)  # fmt: skip
def test_the_usage_in_the_providers_metadata_says_what_the_counts_include(
    sent: int, output: int, metadata: dict[str, Any], expected: tuple[int | None, ...]
) -> None:
    facts = _facts(
        {
            "ai.operationId": "ai.generateObject.doGenerate",
            "ai.model.id": "m",
            "ai.usage.promptTokens": sent,
            "ai.usage.completionTokens": output,
            "ai.response.providerMetadata": json.dumps(metadata),
        }
    )
    assert expected == (
        facts.input_tokens,
        facts.output_tokens,
        facts.cache_read_tokens,
        facts.cache_write_tokens,
        facts.reasoning_tokens,
    )


def test_version_7_adds_to_gen_ai_attributes_what_it_is_asked_for() -> None:
    call = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "m",
        "gen_ai.usage.input_tokens": 1961,
        "gen_ai.usage.cache_read.input_tokens": 1840,
        "ai.usage.outputTokenDetails.reasoningTokens": 8,
        "ai.settings.context.sessionId": "s1",
        "ai.settings.context.userId": "u1",
    }
    facts = _facts(call, "chat m")
    assert (facts.kind, facts.operation, facts.provider) == ("llm", "chat", "anthropic")
    assert (facts.input_tokens, facts.cache_read_tokens, facts.reasoning_tokens) == (1961, 1840, 8)
    assert (facts.session_id, facts.user_id) == ("s1", "u1")
    inner = {name: value for name, value in call.items() if not name.startswith("ai.settings.")}
    assert _facts(inner, "chat m").reasoning_tokens == 8
