"""Token counts and costs as LangSmith's clients write them.

`usage_metadata` is LangSmith's and LangChain's own form: input includes the cached tokens and output the reasoning.
Where it is absent, the provider's own object may stand in the outputs, as its SDK gave it.
Source: langsmith-sdk, `schemas.UsageMetadata`, `wrappers/`; langchain-core, `messages.ai.UsageMetadata`.
"""

from typing import Any, NamedTuple

from llm_tracing.model import USAGE_DETAILS, Attributes
from llm_tracing.normalize.conventions.flattened import below
from llm_tracing.normalize.conventions.provider_usage import usage_of
from llm_tracing.normalize.conventions.serialized import literal
from llm_tracing.normalize.values import as_int, from_json_text, pico_usd

# Canonical bucket -> the side of usage_metadata that details it, and the names there. A name also counts with the
# service tier before it (`priority_cache_read`) or with the part over a price step behind it (`cache_read_over_200k`).
DETAILS: dict[str, tuple[str, str]] = {
    "cache_read_tokens": ("input_token_details", "cache_read"),
    "cache_write_tokens": ("input_token_details", "cache_creation"),
    "cache_write_5m_tokens": ("input_token_details", "ephemeral_5m_input_tokens"),
    "cache_write_1h_tokens": ("input_token_details", "ephemeral_1h_input_tokens"),
    "input_audio_tokens": ("input_token_details", "audio"),
    "input_image_tokens": ("input_token_details", "image"),
    "reasoning_tokens": ("output_token_details", "reasoning"),
    "output_audio_tokens": ("output_token_details", "audio"),
    "output_image_tokens": ("output_token_details", "image"),
}
_TIERS = ("", "priority_", "flex_")
_STEPS = ("", "_over_200k")

# LangSmith's OpenTelemetry exporter: the details as JSON text or as a Python-style string, beside OTel's two sums.
EXPORTED_DETAILS = ("gen_ai.usage.input_token_details", "gen_ai.usage.output_token_details")


class Usage(NamedTuple):
    """Tokens by canonical bucket, those of model.USAGE_DETAILS apart, and what the client says it cost."""

    tokens: dict[str, int]
    details: dict[str, int]
    cost_pico_usd: int | None = None


def of_metadata(sent: Any) -> Usage | None:
    """The usage in `usage_metadata`: an object, its JSON text, or its Python `repr`; None if it says nothing."""
    sent = literal(from_json_text(sent))
    if not isinstance(sent, dict):
        return None
    found = {name: count for name in ("input_tokens", "output_tokens") if (count := as_int(sent.get(name))) is not None}
    sides = {side: literal(from_json_text(sent.get(side))) for side in ("input_token_details", "output_token_details")}
    for bucket, (side, name) in DETAILS.items():
        if not sides[side]:
            continue
        spellings = (tier + name + step for tier in _TIERS for step in _STEPS)
        counts = [count for key in spellings if (count := as_int(below(sides[side], key))) is not None]
        if counts:
            found[bucket] = sum(counts)
    return _usage(found, cost(sent))


def of_exporter(attributes: Attributes) -> Usage | None:
    """The usage in the attributes of LangSmith's exporter; None without its details, as others read the sums."""
    if not any(name in attributes for name in EXPORTED_DETAILS):
        return None
    return of_metadata({name.rpartition(".")[2]: attributes.get(name) for name in EXPORTED_DETAILS})


def exported_in(bucket: str) -> str:
    """The attribute of LangSmith's exporter that a bucket came from."""
    return EXPORTED_DETAILS[DETAILS[bucket][0] == "output_token_details"]


def of_provider(sent: Any) -> Usage | None:
    """The usage in a provider's own object; None if it says nothing."""
    return _usage(usage_of(sent), None) if isinstance(sent, dict) else None


def _usage(found: dict[str, int], cost_pico_usd: int | None) -> Usage | None:
    """Cache writes are the sum of their classes where the whole leaves these out (LangChain says 0 then)."""
    classes = [found[name] for name in ("cache_write_5m_tokens", "cache_write_1h_tokens") if name in found]
    if classes:
        found["cache_write_tokens"] = max(sum(classes), found.get("cache_write_tokens", 0))
    details = {bucket: count for bucket, count in found.items() if bucket in USAGE_DETAILS and count}
    tokens = {bucket: count for bucket, count in found.items() if bucket not in USAGE_DETAILS}
    if not tokens and cost_pico_usd is None:
        return None
    return Usage(tokens, details, cost_pico_usd)


def cost(sent: dict[str, Any]) -> int | None:
    """`total_cost`, else the sum of its two parts, as pico-USD."""
    total = pico_usd(sent.get("total_cost"))
    parts = [amount for name in ("input_cost", "output_cost") if (amount := pico_usd(sent.get(name))) is not None]
    return total if total is not None else sum(parts) if parts else None
