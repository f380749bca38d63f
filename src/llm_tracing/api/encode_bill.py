"""The bill, what a trace would have cost elsewhere, and price lists, in the JSON shapes of schema_bill.py."""

from typing import Any

from llm_tracing.api.encode import money, span_hex
from llm_tracing.model import PICO_USD
from llm_tracing.normalize.buckets import BUCKETS
from llm_tracing.normalize.price_file import PRICES
from llm_tracing.normalize.unit_prices import UnitPrices, usd_per_million
from llm_tracing.query.cost_on import CostOn
from llm_tracing.query.ledger import BucketLine, LedgerEntry

Json = dict[str, Any]


def ledger_line(entry: LedgerEntry) -> Json:
    usage, charge = entry.usage, entry.charge
    return {
        "span_id": span_hex(entry.span.span_id),
        "name": entry.span.name,
        "provider": entry.span.provider,
        "model": entry.span.response_model or entry.span.request_model,
        "counted": entry.counted,
        "not_counted_because": entry.not_counted_because,
        "fresh_input_tokens": usage.fresh_tokens,
        "cache_read_tokens": usage.cache_read_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "output_tokens": usage.answer_tokens,
        "reasoning_tokens": usage.reasoning,
        "attributes": entry.attributes,
        "buckets": [_bucket(line) for line in entry.lines],
        "call_usd": money(charge.call) if charge and charge.call else None,
        "total_usd": money(charge.total if charge else None),
        "unpriced_because": entry.unpriced_because,
        "price_source": charge.prices.source if charge else None,
        "priced_as": _priced_as(charge.prices) if charge else None,
        "client_usd": money(entry.span.client_cost_pico_usd),
        "provider_total_tokens": entry.provider_total_tokens,
        "provider_total_attribute": entry.provider_total_attribute,
        "total_disagrees": entry.total_disagrees,
    }


def _bucket(line: BucketLine) -> Json:
    return {
        "bucket": line.bucket,
        "tokens": line.tokens,
        "attribute": line.attribute,
        "usd_per_million": None if line.per_token is None else usd_per_million(line.per_token),
        "usd": money(line.amount),
    }


def _priced_as(prices: UnitPrices) -> str | None:
    if not prices.model:
        return None
    return f"{prices.provider}/{prices.model}" if prices.provider else prices.model


def cost_on(found: CostOn) -> Json:
    return {
        "model": found.model,
        "provider": found.provider,
        "total_usd": money(found.total),
        "unpriced_calls": found.unpriced_calls,
        "lines": [{"span_id": span_hex(span_id), "usd": money(amount)} for span_id, amount in found.lines],
    }


def model_prices(prices: UnitPrices) -> Json:
    per_token = dict(zip(BUCKETS, prices.per_token, strict=True))
    return {
        "model": prices.model,
        "provider": prices.provider,
        "source": prices.source,
        "usd_per_million": {name: usd_per_million(per_token[bucket]) for name, bucket in PRICES.items()},
        "usd_per_call": f"{prices.call / PICO_USD:f}" if prices.call else None,
        "dearer_above_input_tokens": prices.tiers[-1][0] if prices.tiers else None,
    }
