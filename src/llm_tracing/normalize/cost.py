"""What a call cost: unit prices looked up once per model and day, then plain arithmetic.

Prices come from `prices.yaml` beside this file (models that no list knows) and from the `genai-prices` package, whose
own update over the network is never started. Looking a model up there takes some 200 us and its price lists some
90 MB, so it is imported at the first call that needs it, and each answer is kept.
"""

from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

from llm_tracing.model import PICO_USD, SpanFacts

_KEPT = 10_000
_DAY_NS = 86_400_000_000_000
_MAX_TIMESTAMP_S = 253_402_300_799  # the last second of the year 9999
_PER_MILLION_PICO = PICO_USD / 1_000_000
_PER_THOUSAND_PICO = PICO_USD / 1_000
MAX_AMOUNT = 2**63 - 1  # pico-USD: nine million dollars; what is more reads as this


class UnitPrices(NamedTuple):
    """Pico-USD per token of each bucket; `tiers` are (threshold, prices), highest first.

    A call with more input tokens than a threshold has all its tokens priced by that tier.
    """

    fresh_input: Decimal
    cache_read: Decimal
    cache_write: Decimal
    output: Decimal
    call: Decimal = Decimal(0)  # pico-USD per call, beside its tokens
    tiers: "tuple[tuple[int, UnitPrices], ...]" = ()


class Prices:
    """Unit prices by (provider, model, day); None where no price is known."""

    def __init__(self) -> None:
        self._known: dict[tuple[str | None, str, int], UnitPrices | None] = {}
        self._own = _own_prices()

    def of(self, provider: str | None, model: str, time_unix_nano: int) -> UnitPrices | None:
        if model in self._own:
            return self._own[model]
        key = (provider, model, time_unix_nano // _DAY_NS)
        if key not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[key] = _look_up(provider, model, time_unix_nano)
        return self._known[key]

    def cost(self, span: SpanFacts) -> int | None:
        """Pico-USD of a call; None if its model has no price or it has no tokens to be priced."""
        if not span.has_tokens:
            return None
        for model in (span.response_model, span.request_model):
            if model and (prices := self.of(span.provider, model, span.start_time_unix_nano)) is not None:
                return min(_amount(prices, span), MAX_AMOUNT)
        return None


def _amount(prices: UnitPrices, span: SpanFacts) -> int:
    cache_read, cache_write = span.cache_read_tokens or 0, span.cache_write_tokens or 0
    total_input, output = span.input_tokens or 0, span.output_tokens or 0
    # More cache than input: the client leaves the cached tokens out of its input.
    fresh = total_input if cache_read + cache_write > total_input else total_input - cache_read - cache_write
    if prices.tiers:
        all_input = fresh + cache_read + cache_write
        prices = next((tier for threshold, tier in prices.tiers if all_input > threshold), prices)
    return int(
        fresh * prices.fresh_input
        + cache_read * prices.cache_read
        + cache_write * prices.cache_write
        + output * prices.output
        + prices.call
    )


def _own_prices() -> dict[str, UnitPrices]:
    text = files("llm_tracing.normalize").joinpath("prices.yaml").read_text(encoding="utf-8")
    names = ("input", "cache_read", "cache_write", "output")
    found: dict[str, UnitPrices] = {}
    for entry in yaml.safe_load(text)["models"]:
        fresh, read, write, output = (Decimal(str(entry[name])) * _PER_MILLION_PICO for name in names)
        found[entry["model"]] = UnitPrices(fresh, read, write, output)
    return found


def _look_up(provider: str | None, model: str, time_unix_nano: int) -> UnitPrices | None:
    from genai_prices import Usage, calc_price

    seconds = time_unix_nano // 1_000_000_000
    when = datetime.fromtimestamp(min(seconds, _MAX_TIMESTAMP_S), UTC)
    for provider_id in dict.fromkeys((_PROVIDER_IDS.get(provider or "", provider), None)):
        try:
            found = calc_price(
                Usage(input_tokens=0, output_tokens=0),
                model,
                provider_id=provider_id,
                genai_request_timestamp=when,
            )
        except LookupError:
            continue
        return _unit_prices(found.model_price)
    return None


# gen_ai.provider.name -> genai-prices provider id, where they differ.
_PROVIDER_IDS: dict[str, str] = {
    "aws.bedrock": "aws",
    "azure.ai.openai": "azure",
    "azure.ai.inference": "azure",
    "gcp.gemini": "google",
    "gcp.gen_ai": "google",
    "gcp.vertex_ai": "google",
    "mistral_ai": "mistral",
    "moonshot_ai": "moonshotai",
    "x_ai": "x-ai",
}


_FIELDS = ("input_mtok", "cache_read_mtok", "cache_write_mtok", "output_mtok")


def _unit_prices(price: Any) -> UnitPrices | None:
    """None where the list has the model but no price for its tokens."""
    sent = [getattr(price, field, None) for field in _FIELDS]
    if sent[0] is None and sent[-1] is None:
        return None
    thresholds = sorted({tier.start for value in sent for tier in getattr(value, "tiers", ())}, reverse=True)
    per_call = (getattr(price, "requests_kcount", None) or Decimal(0)) * _PER_THOUSAND_PICO
    tiers = tuple((threshold, _above(threshold, sent)._replace(call=per_call)) for threshold in thresholds)
    return _above(-1, sent)._replace(call=per_call, tiers=tiers)


def _above(threshold: int, sent: list[Any]) -> UnitPrices:
    """The prices of a call whose input is just over a threshold; cached input without a price costs as input does."""
    fresh, read, write, output = (_in_tier(value, threshold) for value in sent)
    fresh = fresh or Decimal(0)
    return UnitPrices(
        fresh * _PER_MILLION_PICO,
        (fresh if read is None else read) * _PER_MILLION_PICO,
        (fresh if write is None else write) * _PER_MILLION_PICO,
        (output or Decimal(0)) * _PER_MILLION_PICO,
    )


def _in_tier(value: Any, threshold: int) -> Decimal | None:
    """A price that is one number, or the one of its highest tier that starts at the threshold or below."""
    tiers = getattr(value, "tiers", None)
    if tiers is None:
        return None if value is None else Decimal(value)
    reached = [tier.price for tier in tiers if tier.start <= threshold]  # ascending, says genai-prices
    return Decimal(reached[-1] if reached else value.base)
