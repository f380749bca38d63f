"""The bill of a trace: a line for each counted call, then one for each span with tokens that is not counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from llm_tracing.model import Attributes, SpanFacts
from llm_tracing.normalize.buckets import BUCKETS, Buckets, buckets
from llm_tracing.normalize.cost import Prices
from llm_tracing.normalize.unit_prices import Charge
from llm_tracing.normalize.values import as_int, from_json_text
from llm_tracing.query.view import SpanView

# Bucket -> the count of Facts.usage_sources that it comes from, where that is not `{bucket}_tokens`.
SOURCES: dict[str, str] = {"fresh_input": "input_tokens"}

# Totals that clients send beside the counts: an attribute, or a key of one that holds JSON. Source: the captures.
TOTALS: tuple[tuple[str, str | None], ...] = (
    ("gen_ai.usage.total_tokens", None),
    ("llm.token_count.total", None),
    ("llm.usage.total_tokens", None),
    ("gen_ai.client.token.usage", None),  # OpenLIT
    ("ai.usage.totalTokens", None),  # the AI SDK
    ("langfuse.observation.usage_details", "total"),
    ("mlflow.chat.tokenUsage", "total_tokens"),
    ("langsmith.metadata.usage_metadata", "total_tokens"),
    ("gen_ai.usage.raw", "total_tokens"),  # Logfire: the provider's own object
)


class BucketLine(NamedTuple):
    """One bucket that holds tokens. `per_token` and `amount` are pico-USD, None where nothing is charged."""

    bucket: str
    tokens: int
    attribute: str | None
    per_token: int | Decimal | None
    amount: int | None


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One span of the bill: each of its tokens is in exactly one bucket. Amounts are pico-USD."""

    span: SpanFacts
    counted: bool
    not_counted_because: str | None
    usage: Buckets
    lines: list[BucketLine]
    attributes: dict[str, str]
    charge: Charge | None
    unpriced_because: str | None
    provider_total_tokens: int | None
    provider_total_attribute: str | None

    @property
    def total_disagrees(self) -> bool:
        """The client's own total is not the sum of the buckets."""
        total = self.provider_total_tokens
        return total is not None and total != self.usage.input_tokens + self.usage.output_tokens


def ledger(views: Sequence[SpanView], prices: Prices) -> list[LedgerEntry]:
    """Counted calls first, both parts in tree order."""
    entries = [_entry(view, prices) for view in views if view.counted or view.not_counted_because]
    return sorted(entries, key=lambda entry: not entry.counted)


def _entry(view: SpanView, prices: Prices) -> LedgerEntry:
    span = view.record.facts()
    usage, charge = buckets(span), prices.charge(span) if view.counted else None
    attributes = dict(view.facts.usage_sources)
    total, total_attribute = provider_total(view.attributes)
    return LedgerEntry(
        span,
        view.counted,
        view.not_counted_because,
        usage,
        _lines(usage, attributes, charge),
        attributes,
        charge,
        _why_unpriced(span) if view.counted and charge is None else None,
        total,
        total_attribute,
    )


def _lines(usage: Buckets, attributes: dict[str, str], charge: Charge | None) -> list[BucketLine]:
    return [
        BucketLine(
            bucket,
            tokens,
            attributes.get(SOURCES.get(bucket, f"{bucket}_tokens")),
            charge.per_token[place] if charge else None,
            charge.amounts[place] if charge else None,
        )
        for place, (bucket, tokens) in enumerate(zip(BUCKETS, usage, strict=True))
        if tokens
    ]


def provider_total(attributes: Attributes) -> tuple[int | None, str | None]:
    """The total that the client sent, and its attribute."""
    for attribute, key in TOTALS:
        value = attributes.get(attribute)
        if value is None:
            continue
        if key is not None:
            found = from_json_text(value)
            value = found.get(key) if isinstance(found, dict) else None
        total = as_int(value)
        if total is not None:
            return total, attribute
    return None, None


def _why_unpriced(span: SpanFacts) -> str:
    if not span.has_tokens:
        return "The call carries no token counts."
    model = span.response_model or span.request_model
    return f"No price known for {model}." if model else "The call names no model."
