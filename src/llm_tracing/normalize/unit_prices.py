"""What a token of each bucket costs, and what a call's buckets cost with that: plain, exact arithmetic.

Amounts are whole pico-USD per bucket, so that they add up to the amount of the call, and calls to that of their trace.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from llm_tracing.model import PICO_USD
from llm_tracing.normalize.buckets import BUCKETS, Buckets

PER_MILLION = PICO_USD / 1_000_000  # pico-USD per token at one USD per million tokens
MAX_AMOUNT = 2**63 - 1  # pico-USD: nine million dollars; what is more reads as this
_ZERO = Decimal(0)

# What a bucket without a price of its own costs: as the first of these that has one.
FALLBACKS: dict[str, tuple[str, ...]] = {
    "fresh_input": (),
    "input_audio": ("fresh_input",),
    "input_image": ("fresh_input",),
    "cache_read": ("fresh_input",),
    "cache_read_audio": ("cache_read", "input_audio", "fresh_input"),
    "cache_write": ("fresh_input",),
    "cache_write_5m": ("cache_write", "fresh_input"),
    "cache_write_1h": ("cache_write", "fresh_input"),
    "output": (),
    "reasoning": ("output",),
    "output_audio": ("output",),
    "output_image": ("output",),
}

# Pico-USD per token, in the order of Buckets. Nearly all are whole, and whole numbers are three times as quick.
PerToken = tuple[int | Decimal, ...]


class UnitPrices(NamedTuple):
    """Prices of one model at one time. `tiers` are (threshold, prices), highest first.

    A call with more input tokens than a threshold has all its tokens priced by that tier. `call` is pico-USD per call
    beside its tokens; `source` says for people where the prices are from.
    """

    per_token: PerToken
    call: Decimal = _ZERO
    tiers: tuple[tuple[int, PerToken], ...] = ()
    source: str = ""
    provider: str | None = None
    model: str = ""

    def of(self, input_tokens: int) -> PerToken:
        """The prices that hold for a call with so much input."""
        return next((tier for threshold, tier in self.tiers if input_tokens > threshold), self.per_token)


class Charge(NamedTuple):
    """What one call costs, in whole pico-USD: `amounts` by bucket in the order of Buckets, `call` beside the tokens."""

    prices: UnitPrices
    per_token: PerToken
    amounts: tuple[int, ...]
    call: int

    @property
    def total(self) -> int:
        return min(sum(self.amounts) + self.call, MAX_AMOUNT)


def per_token(usd_per_million: Mapping[str, Decimal]) -> PerToken:
    """USD per million tokens by bucket; the buckets left out cost as FALLBACKS says, the others nothing."""
    found: list[int | Decimal] = []
    for bucket in BUCKETS:
        named = next((name for name in (bucket, *FALLBACKS[bucket]) if name in usd_per_million), None)
        price = _ZERO if named is None else usd_per_million[named] * PER_MILLION
        found.append(int(price) if price == price.to_integral_value() else price)
    return tuple(found)


def usd_per_million(pico_usd_per_token: int | Decimal) -> str:
    """As people write prices: '0.15', without an exponent or trailing zeros."""
    text = f"{Decimal(pico_usd_per_token) / PER_MILLION:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def charge(prices: UnitPrices, buckets: Buckets) -> Charge:
    per_token = prices.of(buckets.input_tokens) if prices.tiers else prices.per_token
    amounts = tuple([whole(count * price) if count else 0 for count, price in zip(buckets, per_token, strict=True)])
    return Charge(prices, per_token, amounts, whole(prices.call) if prices.call else 0)


def whole(amount: int | Decimal) -> int:
    return amount if isinstance(amount, int) else int(amount.to_integral_value())


FROM_LOCAL_CACHE = Charge(
    UnitPrices((0,) * len(BUCKETS), source="the client's own cache: nothing was called"),
    (0,) * len(BUCKETS),
    (0,) * len(BUCKETS),
    0,
)
