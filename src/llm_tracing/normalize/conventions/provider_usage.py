"""Token usage as providers report it: many names in, the canonical buckets out.

Canonical input includes cached tokens, canonical output includes reasoning. Anthropic and Bedrock leave the cached ones
out of their input, Gemini leaves the thoughts out of its candidates; the others include both.

Source: the API references of OpenAI (chat and Responses), Anthropic, Gemini, Bedrock Converse, Cohere, Ollama,
DeepSeek; LangChain's `UsageMetadata`; the AI SDK's `LanguageModelUsage`.
"""

from typing import Any

from llm_tracing.model import USAGE_DETAILS
from llm_tracing.normalize.conventions.flattened import below
from llm_tracing.normalize.conventions.reading import Sources
from llm_tracing.normalize.values import as_int

Path = tuple[str, ...]

# Canonical bucket -> paths inside a usage object. The highest count is read: some clients leave 0 in all but one.
PATHS: dict[str, tuple[Path, ...]] = {
    "input_tokens": (
        ("prompt_tokens",), ("input_tokens",), ("inputTokens",), ("promptTokens",), ("promptTokenCount",),
        ("prompt_token_count",), ("inputTokenCount",), ("input_token_count",), ("prompt_eval_count",),
    ),
    "output_tokens": (
        ("completion_tokens",), ("output_tokens",), ("outputTokens",), ("completionTokens",), ("candidatesTokenCount",),
        ("candidates_token_count",), ("outputTokenCount",), ("generated_token_count",), ("eval_count",),
    ),
    "cache_read_tokens": (
        ("prompt_tokens_details", "cached_tokens"), ("input_tokens_details", "cached_tokens"),
        ("input_token_details", "cache_read"), ("inputTokenDetails", "cacheReadTokens"), ("cache_read_input_tokens",),
        ("cacheReadInputTokens",), ("cachedContentTokenCount",), ("cached_content_token_count",),
        ("cachedInputTokens",), ("prompt_cache_hit_tokens",), ("cached_tokens",),
    ),
    "cache_write_tokens": (
        ("prompt_tokens_details", "cache_write_tokens"), ("prompt_tokens_details", "cache_creation_tokens"),
        ("input_token_details", "cache_creation"), ("inputTokenDetails", "cacheWriteTokens"),
        ("cache_creation_input_tokens",), ("cacheWriteInputTokens",),
    ),
    "reasoning_tokens": (
        ("completion_tokens_details", "reasoning_tokens"), ("output_tokens_details", "reasoning_tokens"),
        ("output_token_details", "reasoning"), ("outputTokenDetails", "reasoningTokens"), ("thoughtsTokenCount",),
        ("thoughts_token_count",), ("reasoning_tokens",), ("reasoningTokens",),
    ),
    "cache_write_5m_tokens": (
        ("cache_creation", "ephemeral_5m_input_tokens"), ("input_token_details", "ephemeral_5m_input_tokens"),
        ("prompt_tokens_details", "cache_creation_token_details", "ephemeral_5m_input_tokens"),
    ),
    "cache_write_1h_tokens": (
        ("cache_creation", "ephemeral_1h_input_tokens"), ("input_token_details", "ephemeral_1h_input_tokens"),
        ("prompt_tokens_details", "cache_creation_token_details", "ephemeral_1h_input_tokens"),
    ),
    "input_audio_tokens": (
        ("prompt_tokens_details", "audio_tokens"), ("input_tokens_details", "audio_tokens"),
        ("input_token_details", "audio"),
    ),
    "output_audio_tokens": (
        ("completion_tokens_details", "audio_tokens"), ("output_tokens_details", "audio_tokens"),
        ("output_token_details", "audio"),
    ),
    "input_image_tokens": (("prompt_tokens_details", "image_tokens"), ("input_tokens_details", "image_tokens")),
    "output_image_tokens": (
        ("completion_tokens_details", "image_tokens"), ("output_tokens_details", "image_tokens"),
    ),
}  # fmt: skip
TOTAL: tuple[Path, ...] = (("total_tokens",), ("totalTokens",), ("totalTokenCount",), ("total_token_count",))
# Fields that only Anthropic's and Bedrock's own usage has beside an input without them.
BESIDE_INPUT = frozenset(
    {"cache_read_input_tokens", "cache_creation_input_tokens", "cacheReadInputTokens", "cacheWriteInputTokens"}
)
OWN_INPUT = ("input_tokens", "inputTokens")  # how both call that input
THOUGHTS = (("thoughtsTokenCount",), ("thoughts_token_count",))  # Gemini's, beside the candidates
TOOL_PROMPT = (("toolUsePromptTokenCount",), ("tool_use_prompt_token_count",))


def usage_of(usage: Any, *, inclusive: bool = False) -> dict[str, int]:
    """Canonical buckets of a usage object; a bucket that it does not name is left out, and a detail that is 0.

    `inclusive` says that an input that may be Anthropic's or Bedrock's includes the cached tokens all the same.
    """
    counts = {bucket: count for bucket, paths in PATHS.items() if (count := _count(usage, paths)) is not None}
    counts = {bucket: count for bucket, count in counts.items() if count or bucket not in USAGE_DETAILS}
    if thoughts := _count(usage, THOUGHTS):
        counts["output_tokens"] = counts.get("output_tokens", 0) + thoughts
    if "input_tokens" in counts:
        counts["input_tokens"] += _count(usage, TOOL_PROMPT) or 0
    by_time = counts.get("cache_write_5m_tokens", 0) + counts.get("cache_write_1h_tokens", 0)
    if by_time > counts.get("cache_write_tokens", 0):
        counts["cache_write_tokens"] = by_time
    if "input_tokens" in counts and not inclusive and _cache_is_beside(usage, counts):
        counts["input_tokens"] += _cached(counts)
    return counts


def read_usage(usage: Any) -> dict[str, Any]:
    """The counts of a usage object as fields of Facts, without where they came from; nothing for another value."""
    fields = token_fields(usage_of(usage), ()) if isinstance(usage, dict) else {}
    fields.pop("usage_sources", None)
    return fields


def with_cache(counts: dict[str, int]) -> dict[str, int]:
    """The same with an input that is not less than its cached part: where it is, it was told without it."""
    if "input_tokens" in counts and _cached(counts) > counts["input_tokens"]:
        return {**counts, "input_tokens": counts["input_tokens"] + _cached(counts)}
    return counts


def token_fields(counts: dict[str, int], sources: Sources) -> dict[str, Any]:
    """Buckets as fields of Facts: the rarer ones together in `details`, with where each came from."""
    fields: dict[str, Any] = {bucket: count for bucket, count in counts.items() if bucket not in USAGE_DETAILS}
    if details := {bucket: count for bucket, count in counts.items() if bucket in USAGE_DETAILS}:
        fields["details"] = details
    fields["usage_sources"] = sources
    return fields


def _cache_is_beside(usage: Any, counts: dict[str, int]) -> bool:
    cached, sent = _cached(counts), counts["input_tokens"]
    if not cached:
        return False
    if cached > sent:
        return True
    if BESIDE_INPUT.isdisjoint(usage) or not any(name in usage for name in OWN_INPUT):
        return False
    total = _count(usage, TOTAL)
    return total is None or total == sent + cached + counts.get("output_tokens", 0)


def _cached(counts: dict[str, int]) -> int:
    return counts.get("cache_read_tokens", 0) + counts.get("cache_write_tokens", 0)


def _count(usage: Any, paths: tuple[Path, ...]) -> int | None:
    return max((count for path in paths if (count := as_int(below(usage, *path))) is not None), default=None)
