"""The usage objects of providers, read into one way of counting."""

from typing import Any

import pytest

from llm_tracing.normalize.conventions.provider_usage import read_usage

OBJECTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "chat completions": (
        {
            "prompt_tokens": 533,
            "completion_tokens": 214,
            "prompt_tokens_details": {"cached_tokens": 256, "audio_tokens": 7},
            "completion_tokens_details": {"reasoning_tokens": 128, "audio_tokens": 0},
        },
        {
            "input_tokens": 533,
            "output_tokens": 214,
            "cache_read_tokens": 256,
            "reasoning_tokens": 128,
            "details": {"input_audio_tokens": 7},
        },
    ),
    "responses": (
        {
            "input_tokens": 533,
            "output_tokens": 214,
            "input_tokens_details": {"cached_tokens": 256},
            "output_tokens_details": {"reasoning_tokens": 128},
        },
        {"input_tokens": 533, "output_tokens": 214, "cache_read_tokens": 256, "reasoning_tokens": 128},
    ),
    "Anthropic, whose input leaves the cache out": (
        {
            "input_tokens": 21,
            "output_tokens": 9,
            "cache_creation_input_tokens": 1840,
            "cache_read_input_tokens": 100,
            "cache_creation": {"ephemeral_5m_input_tokens": 1800, "ephemeral_1h_input_tokens": 40},
        },
        {
            "input_tokens": 1961,
            "output_tokens": 9,
            "cache_read_tokens": 100,
            "cache_write_tokens": 1840,
            "details": {"cache_write_1h_tokens": 40, "cache_write_5m_tokens": 1800},
        },
    ),
    "LiteLLM, whose input has the cache in": (
        {
            "prompt_tokens": 1861,
            "completion_tokens": 9,
            "prompt_tokens_details": {"cached_tokens": 0, "cache_creation_tokens": 1840},
            "cache_creation_input_tokens": 1840,
            "cache_read_input_tokens": 0,
            "completion_tokens_details": None,
        },
        {"input_tokens": 1861, "output_tokens": 9, "cache_read_tokens": 0, "cache_write_tokens": 1840},
    ),
    "Gemini, whose output leaves the thoughts out": (
        {"promptTokenCount": 10, "candidatesTokenCount": 5, "thoughtsTokenCount": 3, "cachedContentTokenCount": 4},
        {"input_tokens": 10, "output_tokens": 8, "cache_read_tokens": 4, "reasoning_tokens": 3},
    ),
    "Bedrock": (
        {"inputTokens": 5, "outputTokens": 6, "cacheReadInputTokens": 7},
        {"input_tokens": 12, "output_tokens": 6, "cache_read_tokens": 7},
    ),
    "odd values": ({"prompt_tokens": -1, "completion_tokens": "many", "prompt_tokens_details": [1]}, {}),
}


@pytest.mark.parametrize("provider", OBJECTS)
def test_a_usage_object_is_read_into_one_way_of_counting(provider: str) -> None:
    sent, counts = OBJECTS[provider]
    assert read_usage(sent) == counts


@pytest.mark.parametrize("sent", [None, "text", 3, ["prompt_tokens"], {}])
def test_what_is_no_usage_object_has_no_counts(sent: Any) -> None:
    assert read_usage(sent) == {}
