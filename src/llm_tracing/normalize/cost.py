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


class UnitPrices(NamedTuple):
    """Pico-USD per token of each bucket. `exact` is genai-prices' own price where amounts are not linear (tiers)."""

    fresh_input: Decimal
    cache_read: Decimal
    cache_write: Decimal
    output: Decimal
    exact: Any = None


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
                return _amount(prices, span)
        return None


def _amount(prices: UnitPrices, span: SpanFacts) -> int:
    cache_read, cache_write = span.cache_read_tokens or 0, span.cache_write_tokens or 0
    total_input, output = span.input_tokens or 0, span.output_tokens or 0
    if prices.exact is not None:
        return _exact(prices.exact, total_input, cache_read, cache_write, output)
    # More cache than input: the client leaves the cached tokens out of its input.
    fresh = total_input if cache_read + cache_write > total_input else total_input - cache_read - cache_write
    return int(
        fresh * prices.fresh_input
        + cache_read * prices.cache_read
        + cache_write * prices.cache_write
        + output * prices.output
    )


def _exact(price: Any, total_input: int, cache_read: int, cache_write: int, output: int) -> int:
    from genai_prices import Usage

    if cache_read + cache_write > total_input:
        total_input += cache_read + cache_write
    usage = Usage(
        input_tokens=total_input,
        cache_read_tokens=cache_read,
        cache_write_tokens=cache_write,
        output_tokens=output,
    )
    return int(price.calc_price(usage)["total_price"] * PICO_USD)


def _own_prices() -> dict[str, UnitPrices]:
    text = files("llm_tracing.normalize").joinpath("prices.yaml").read_text(encoding="utf-8")
    return {
        entry["model"]: UnitPrices(
            *(
                Decimal(str(entry[name])) * _PER_MILLION_PICO
                for name in ("input", "cache_read", "cache_write", "output")
            )
        )
        for entry in yaml.safe_load(text)["models"]
    }


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


def _unit_prices(price: Any) -> UnitPrices | None:
    """None where the list has the model but no price for its tokens."""
    fresh, output = getattr(price, "input_mtok", None), getattr(price, "output_mtok", None)
    if fresh is None and output is None:
        return None
    fresh, output = fresh or Decimal(0), output or Decimal(0)
    read, write = getattr(price, "cache_read_mtok", None), getattr(price, "cache_write_mtok", None)
    read, write = (fresh if read is None else read), (fresh if write is None else write)
    if not all(isinstance(number, Decimal) for number in (fresh, read, write, output)):
        return UnitPrices(Decimal(0), Decimal(0), Decimal(0), Decimal(0), exact=price)
    return UnitPrices(*(number * _PER_MILLION_PICO for number in (fresh, read, write, output)))
