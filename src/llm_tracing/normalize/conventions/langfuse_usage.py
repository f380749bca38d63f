"""Langfuse's `usage_details` and `cost_details`, JSON of any keys.

Its own keys are meant to be disjoint: `input` beside `input_cache_read`, `output` beside `output_reasoning`, so that
all of them add up to `total`. Some integrations send an `input` that includes its parts; then `input` and `output`
alone add up. Others send the provider's own object (`prompt_tokens`, `input_tokens` with details).
"""

from itertools import product
from typing import Any

from llm_tracing.normalize.conventions.provider_usage import usage_of
from llm_tracing.normalize.conventions.serialized import opened
from llm_tracing.normalize.values import as_int, pico_usd

# Canonical bucket -> keys that are parts of the input, and of the output. Source: langfuse-python's callback handler
# (LangChain's details under `input_`, `output_`), langfuse-js `observeOpenAI` (OpenAI's), the docs (Anthropic's).
INPUT_PARTS: dict[str, tuple[str, ...]] = {
    "cache_read_tokens": (
        "input_cache_read", "input_cached_tokens", "input_cached", "cache_read_input_tokens", "input_cache_read_tokens",
        "input_cache_read_input_tokens", "cached_tokens",
    ),
    "cache_write_tokens": (
        "input_cache_creation", "input_cache_write", "input_cache_write_tokens", "cache_creation_input_tokens",
        "input_cache_creation_tokens", "input_cache_creation_input_tokens",
    ),
    "cache_write_5m_tokens": ("input_ephemeral_5m_input_tokens", "input_cache_creation_5m"),
    "cache_write_1h_tokens": ("input_ephemeral_1h_input_tokens", "input_cache_creation_1h"),
    "input_audio_tokens": ("input_audio", "input_audio_tokens"),
    "input_image_tokens": ("input_image", "input_image_tokens"),
}  # fmt: skip
OUTPUT_PARTS: dict[str, tuple[str, ...]] = {
    "reasoning_tokens": ("output_reasoning", "output_reasoning_tokens", "reasoning_tokens"),
    "output_audio_tokens": ("output_audio", "output_audio_tokens"),
    "output_image_tokens": ("output_image", "output_image_tokens"),
}
WRITES_BY_TIME = ("cache_write_5m_tokens", "cache_write_1h_tokens")
ALWAYS = frozenset({"cache_read_tokens", "cache_write_tokens", "reasoning_tokens"})  # said also where they are 0


def usage_in(value: Any) -> dict[str, int]:
    """Canonical token buckets."""
    sent = opened(value)
    if not isinstance(sent, dict):
        return {}
    fresh, text = as_int(sent.get("input")), as_int(sent.get("output"))
    if fresh is None and text is None:
        return usage_of(sent)
    counts = {**_parts(sent, INPUT_PARTS), **_parts(sent, OUTPUT_PARTS)}
    by_time = sum(counts.get(bucket, 0) for bucket in WRITES_BY_TIME)
    counts["cache_write_tokens"] = max(counts.get("cache_write_tokens", 0), by_time)
    if not counts["cache_write_tokens"] and not any(key in sent for key in INPUT_PARTS["cache_write_tokens"]):
        del counts["cache_write_tokens"]
    inside = sum(count for bucket, count in counts.items() if bucket in INPUT_PARTS and bucket not in WRITES_BY_TIME)
    outside = sum(count for bucket, count in counts.items() if bucket in OUTPUT_PARTS)
    whole = _whole(fresh or 0, inside, text or 0, outside, as_int(sent.get("total")))
    if fresh is not None or inside:
        counts["input_tokens"] = whole[0]
    if text is not None or outside:
        counts["output_tokens"] = whole[1]
    return counts


def _whole(fresh: int, inside: int, text: int, outside: int, total: int | None) -> tuple[int, int]:
    """All input and all output: by the first reading that adds up to the total, else with the parts beside."""
    inputs, outputs = (fresh + inside, fresh), (text + outside, text)
    if total is not None:
        for asked, answered in product(inputs, outputs):
            if asked + answered == total:
                return asked, answered
        if total > outputs[0] and inside:
            return total - outputs[0], outputs[0]
    return inputs[0], outputs[0]


def _parts(sent: dict[str, Any], names: dict[str, tuple[str, ...]]) -> dict[str, int]:
    found = {}
    for bucket, keys in names.items():
        count = next((count for key in keys if (count := as_int(sent.get(key))) is not None), None)
        if count is not None and (count or bucket in ALWAYS):
            found[bucket] = count
    return found


def cost_in(value: Any) -> int | None:
    """Pico-USD of a call: the total, else the sum of the parts; 0 says nothing, it stands on failed calls too."""
    sent = opened(value)
    if not isinstance(sent, dict):
        return None
    total = pico_usd(sent.get("total"))
    if total is None:
        total = sum(pico_usd(part) or 0 for part in sent.values())
    return total or None
