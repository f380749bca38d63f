"""The bill of a trace: a line for each counted call, then one for each span with tokens that is not counted."""

from collections.abc import Sequence
from dataclasses import dataclass

from llm_tracing.model import SpanFacts
from llm_tracing.normalize.cost import Prices
from llm_tracing.query.view import SpanView


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Disjoint buckets of one span: each token is in exactly one. Amounts are pico-USD."""

    span: SpanFacts
    counted: bool
    not_counted_because: str | None
    fresh_input_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    attributes: dict[str, str]
    cost_pico_usd: int | None
    unpriced_because: str | None


def ledger(views: Sequence[SpanView], prices: Prices) -> list[LedgerEntry]:
    """Counted calls first, both parts in tree order."""
    entries = [_entry(view, prices) for view in views if view.counted or view.not_counted_because]
    return sorted(entries, key=lambda entry: not entry.counted)


def _entry(view: SpanView, prices: Prices) -> LedgerEntry:
    span = view.record.facts()
    total_input, output = span.input_tokens or 0, span.output_tokens or 0
    cache_read, cache_write = span.cache_read_tokens or 0, span.cache_write_tokens or 0
    reasoning = min(span.reasoning_tokens or 0, output)
    cached = cache_read + cache_write
    cost = prices.cost(span) if view.counted else None
    return LedgerEntry(
        span,
        view.counted,
        view.not_counted_because,
        total_input if cached > total_input else total_input - cached,
        cache_read,
        cache_write,
        output - reasoning,
        reasoning,
        dict(view.facts.usage_sources),
        cost,
        _why_unpriced(span) if view.counted and cost is None else None,
    )


def _why_unpriced(span: SpanFacts) -> str:
    if not span.has_tokens:
        return "The call carries no token counts."
    model = span.response_model or span.request_model
    return f"No price known for {model}." if model else "The call names no model."
