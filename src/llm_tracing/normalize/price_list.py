"""The public price list: the `genai-prices` package, whose own update over the network is never started.

It lists a model's prices by date and by time of day, in tiers of input tokens, and by kind of token. Importing it costs
some 90 MB, so that happens at the first call that needs it; finding a model takes some 200 us, so callers keep what
they found.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import version
from typing import Any

from llm_tracing.model import PICO_USD
from llm_tracing.normalize.unit_prices import PerToken, UnitPrices, per_token

Dated = Callable[[int], UnitPrices | None]  # nanoseconds since the epoch -> the prices that hold then

_MAX_TIMESTAMP_S = 253_402_300_799  # the last second of the year 9999
_PER_THOUSAND = PICO_USD / 1_000
VERSION = version("genai-prices")
SOURCE = f"genai-prices {VERSION}"

# gen_ai.provider.name -> genai-prices provider id, where they differ.
PROVIDER_IDS: dict[str, str] = {
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

# Bucket -> the field of genai_prices.types.ModelPrice, USD per million tokens.
FIELDS: dict[str, str] = {
    "fresh_input": "input_mtok",
    "input_audio": "input_audio_mtok",
    "input_image": "input_image_mtok",
    "cache_read": "cache_read_mtok",
    "cache_read_audio": "cache_audio_read_mtok",
    "cache_write": "cache_write_mtok",
    "cache_write_5m": "cache_write_5m_mtok",
    "cache_write_1h": "cache_write_1h_mtok",
    "output": "output_mtok",
    "reasoning": "output_reasoning_mtok",
    "output_audio": "output_audio_mtok",
    "output_image": "output_image_mtok",
}


def find(provider: str | None, model: str) -> Dated | None:
    """The prices of a model, by OpenTelemetry's name of its provider or by the list's; None if it is not listed.

    A provider that is not known does not hide a model that is.
    """
    from genai_prices.data_snapshot import get_snapshot

    for provider_id in dict.fromkeys((PROVIDER_IDS.get(provider or "", provider), None)):
        try:
            found, info = get_snapshot().find_provider_model(model, None, provider_id, None)
        except LookupError:
            continue
        return dated(found.id, info)
    return None


def is_provider(name: str) -> bool:
    from genai_prices.data_snapshot import find_provider_by_id, get_snapshot

    return find_provider_by_id(get_snapshot().providers, PROVIDER_IDS.get(name, name)) is not None


def listed() -> Iterator[tuple[str, Any]]:
    """The list's own names of providers with each of their models, for `dated`."""
    from genai_prices.data_snapshot import get_snapshot

    for provider in get_snapshot().providers:
        for model in provider.models:
            yield provider.id, model


def dated(provider_id: str, info: Any) -> Dated | None:
    """The prices of one model of the list; None if it lists none for tokens."""
    if not isinstance(info.prices, list):
        prices = _unit_prices(provider_id, info.id, info.prices)
        return None if prices is None else lambda _: prices
    by_price = {id(each.prices): _unit_prices(provider_id, info.id, each.prices) for each in info.prices}
    if all(prices is None for prices in by_price.values()):
        return None

    def at(time_unix_nano: int) -> UnitPrices | None:
        when = datetime.fromtimestamp(min(time_unix_nano // 1_000_000_000, _MAX_TIMESTAMP_S), UTC)
        return by_price.get(id(info.get_prices(when)))

    return at


def _unit_prices(provider_id: str, model: str, price: Any) -> UnitPrices | None:
    """None where the list has the model but no price for its tokens."""
    sent = {bucket: value for bucket, field in FIELDS.items() if (value := getattr(price, field, None)) is not None}
    if "fresh_input" not in sent and "output" not in sent:
        return None
    thresholds = sorted({tier.start for value in sent.values() for tier in _tiers(value)}, reverse=True)
    tiers = tuple((threshold, _above(threshold, sent)) for threshold in thresholds)
    per_call = (getattr(price, "requests_kcount", None) or Decimal(0)) * _PER_THOUSAND
    return UnitPrices(_above(-1, sent), per_call, tiers, SOURCE, provider_id, model)


def _above(threshold: int, sent: dict[str, Any]) -> PerToken:
    """The prices of a call whose input is just over a threshold."""
    return per_token({bucket: _in_tier(value, threshold) for bucket, value in sent.items()})


def _in_tier(value: Any, threshold: int) -> Decimal:
    """A price that is one number, or the one of its highest tier that starts at the threshold or below."""
    if not hasattr(value, "tiers"):
        return Decimal(value)
    reached = [tier.price for tier in _tiers(value) if tier.start <= threshold]  # ascending, says genai-prices
    return Decimal(reached[-1] if reached else value.base)


def _tiers(value: Any) -> Sequence[Any]:
    found: Sequence[Any] = getattr(value, "tiers", ())
    return found
