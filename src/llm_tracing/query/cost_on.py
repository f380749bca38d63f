"""What a trace would have cost on other models: the same tokens at their prices of the same time."""

from collections.abc import Sequence
from dataclasses import dataclass

from llm_tracing.model import STATUS_ERROR, SpanFacts
from llm_tracing.normalize.buckets import buckets, from_local_cache
from llm_tracing.normalize.cost import Prices
from llm_tracing.normalize.rollup import is_unpriced
from llm_tracing.normalize.unit_prices import charge

# What is shown beside the trace's own models if nobody asks for others: big and small ones that many use.
MODELS: tuple[str, ...] = (
    "openai/gpt-6.1-sol",
    "openai/gpt-6-luna",
    "anthropic/claude-sonnet-5-5",
    "anthropic/claude-haiku-5-5",
    "google/gemini-3.8-flash",
    "mistral/mistral-large-4",
)


@dataclass(frozen=True, slots=True)
class CostOn:
    """Amounts are pico-USD; `lines` are (span id, amount) of every counted call."""

    model: str
    provider: str | None
    total: int | None
    unpriced_calls: int
    lines: list[tuple[int, int | None]]


def cost_on(calls: Sequence[SpanFacts], models: Sequence[str], prices: Prices) -> list[CostOn]:
    """`calls` are the counted ones of a trace. Those that are no model answering (embeddings) stay where they were."""
    return [_on(model, calls, prices) for model in models]


def default_models(calls: Sequence[SpanFacts], prices: Prices) -> list[str]:
    """The models of the trace, then others that are known and tell something."""
    own: list[str] = []
    for call in calls:
        found = prices.charge(call) if call.kind == "llm" else None
        if found is not None and (name := found.prices.model):
            if "*" in name:  # an entry of a file for many models
                name = call.response_model or call.request_model or name
            own.append(f"{found.prices.provider}/{name}" if found.prices.provider else name)
    when = max((call.start_time_unix_nano for call in calls), default=0)
    return list(dict.fromkeys([*own, *(model for model in MODELS if prices.named(model, when) is not None)]))


def _on(model: str, calls: Sequence[SpanFacts], prices: Prices) -> CostOn:
    lines: list[tuple[int, int | None]] = []
    unpriced = 0
    for call in calls:
        amount = _amount(model, call, prices)
        lines.append((call.span_id, amount))
        failed, tokens = call.status_code == STATUS_ERROR, (call.input_tokens or 0) + (call.output_tokens or 0)
        unpriced += is_unpriced(amount, failed=failed, tokens=tokens)
    amounts = [amount for _, amount in lines if amount is not None]
    found = prices.named(model, max((call.start_time_unix_nano for call in calls), default=0))
    return CostOn(model, found.provider if found else None, sum(amounts) if amounts else None, unpriced, lines)


def _amount(model: str, call: SpanFacts, prices: Prices) -> int | None:
    if call.kind != "llm" or from_local_cache(call):
        return prices.cost(call)
    found = prices.named(model, call.start_time_unix_nano) if call.has_tokens else None
    return None if found is None else charge(found, buckets(call)).total
