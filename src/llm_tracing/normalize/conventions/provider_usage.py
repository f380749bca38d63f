"""Token counts in the usage object that a provider's API answers with, which some clients hand on whole.

Source: the API references of OpenAI (chat completions, responses), Anthropic, Gemini and Bedrock (Converse), and
LiteLLM's `Usage`, which has OpenAI's names for all of them. Counts are those of the canonical model: input with its
cached tokens, output with its reasoning.
"""

from typing import Any

from llm_tracing.model import USAGE_DETAILS
from llm_tracing.normalize.conventions.flattened import below
from llm_tracing.normalize.values import as_int

_PROMPT, _INPUT = "prompt_tokens_details", "input_tokens_details"
_COMPLETION, _OUTPUT = "completion_tokens_details", "output_tokens_details"
_WRITES = "cache_creation_token_details"

# Bucket -> the places of its count; the highest is read, as some clients fill one of them and leave 0 in another.
PATHS: dict[str, tuple[tuple[str, ...], ...]] = {
    "input_tokens": (
        ("prompt_tokens",), ("input_tokens",), ("inputTokens",), ("promptTokenCount",), ("prompt_token_count",),
    ),
    "output_tokens": (
        ("completion_tokens",), ("output_tokens",), ("outputTokens",), ("candidatesTokenCount",),
        ("candidates_token_count",),
    ),
    "cache_read_tokens": (
        (_PROMPT, "cached_tokens"), (_INPUT, "cached_tokens"), ("cache_read_input_tokens",),
        ("prompt_cache_hit_tokens",), ("cacheReadInputTokens",), ("cachedContentTokenCount",),
        ("cached_content_token_count",),
    ),
    "cache_write_tokens": (
        ("cache_creation_input_tokens",), (_PROMPT, "cache_creation_tokens"), (_PROMPT, "cache_write_tokens"),
        ("cacheWriteInputTokens",),
    ),
    "reasoning_tokens": (
        (_COMPLETION, "reasoning_tokens"), (_OUTPUT, "reasoning_tokens"), ("reasoning_tokens",),
        ("thoughtsTokenCount",), ("thoughts_token_count",),
    ),
    "cache_write_5m_tokens": (
        ("cache_creation", "ephemeral_5m_input_tokens"), (_PROMPT, _WRITES, "ephemeral_5m_input_tokens"),
    ),
    "cache_write_1h_tokens": (
        ("cache_creation", "ephemeral_1h_input_tokens"), (_PROMPT, _WRITES, "ephemeral_1h_input_tokens"),
    ),
    "input_audio_tokens": ((_PROMPT, "audio_tokens"), (_INPUT, "audio_tokens")),
    "output_audio_tokens": ((_COMPLETION, "audio_tokens"), (_OUTPUT, "audio_tokens")),
    "input_image_tokens": ((_PROMPT, "image_tokens"), (_INPUT, "image_tokens")),
    "output_image_tokens": ((_COMPLETION, "image_tokens"), (_OUTPUT, "image_tokens")),
}  # fmt: skip

# Their input leaves the cached tokens out. With `prompt_tokens` the same names are LiteLLM's, whose input has them.
_BESIDE_INPUT = {
    "input_tokens": ("cache_read_input_tokens", "cache_creation_input_tokens"),
    "inputTokens": ("cacheReadInputTokens", "cacheWriteInputTokens"),
}
_GEMINI_THOUGHTS = ("thoughtsTokenCount", "thoughts_token_count")


def read_usage(usage: Any) -> dict[str, Any]:
    """The counts of a usage object as fields of Facts; the rarer buckets come in `details`, where they are not 0."""
    if not isinstance(usage, dict):
        return {}
    found: dict[str, Any] = {}
    for bucket, paths in PATHS.items():
        counts = [count for path in paths if (count := as_int(below(usage, *path))) is not None]
        if counts:
            found[bucket] = max(counts)
    details = {bucket: found.pop(bucket) for bucket in USAGE_DETAILS & found.keys()}
    if details := {bucket: count for bucket, count in sorted(details.items()) if count}:
        found["details"] = details
    if "prompt_tokens" not in usage:
        for field, cached in _BESIDE_INPUT.items():
            if field in usage and "input_tokens" in found:
                found["input_tokens"] += sum(as_int(usage.get(name)) or 0 for name in cached)
    if "output_tokens" in found:
        found["output_tokens"] += next((n for name in _GEMINI_THOUGHTS if (n := as_int(usage.get(name)))), 0)
    return found
