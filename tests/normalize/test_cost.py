"""What a call costs: as the price list says, to the pico-dollar, and never 0 where nothing is known."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from genai_prices import Usage, calc_price
from genai_prices.data_snapshot import get_snapshot

from llm_tracing.model import PICO_USD, SpanFacts, usd
from llm_tracing.normalize.cost import MAX_AMOUNT, Prices
from tests.builders import NOON, chat, records, span

CACHE_READ, CACHE_WRITE = "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_write.input_tokens"


@pytest.fixture(scope="module")
def prices() -> Prices:
    return Prices()


def _facts(
    model: str | None, tokens: tuple[int, int] | None, provider: str = "openai", read: int = 0, write: int = 0
) -> SpanFacts:
    attributes = chat(model=model, provider=provider, tokens=tokens)
    attributes |= {name: count for name, count in ((CACHE_READ, read), (CACHE_WRITE, write)) if count}
    return records(span(attributes=attributes))[0].facts()


@pytest.mark.parametrize(
    ("provider", "model", "tokens", "read", "write"),
    [
        ("openai", "gpt-4o-mini", (1_000, 200), 0, 0),
        ("openai", "gpt-4o-mini", (1_000, 200), 640, 0),
        ("anthropic", "claude-sonnet-4-5", (12_345, 678), 1_000, 2_000),
        ("gcp.gemini", "gemini-2.5-pro", (250_000, 100), 10_000, 0),
        ("aws.bedrock", "us.anthropic.claude-sonnet-4-20250514-v1:0", (10, 10), 0, 0),
    ],
)
def test_a_known_model_costs_what_the_price_list_says(
    prices: Prices, provider: str, model: str, tokens: tuple[int, int], read: int, write: int
) -> None:
    listed = calc_price(
        Usage(input_tokens=tokens[0], output_tokens=tokens[1], cache_read_tokens=read, cache_write_tokens=write),
        model,
        provider_id={"gcp.gemini": "google", "aws.bedrock": "aws"}.get(provider, provider),
        genai_request_timestamp=datetime.fromtimestamp(NOON // 10**9, UTC),
    ).total_price
    ours = prices.cost(_facts(model, tokens, provider, read, write))
    assert ours is not None
    assert listed > 0
    assert abs(Decimal(ours) / PICO_USD - listed) <= 2 / PICO_USD


USAGES: list[dict[str, Any]] = [
    {"input_tokens": 1_000, "output_tokens": 100},
    {"input_tokens": 300_000, "output_tokens": 1_000, "cache_read_tokens": 100_000},
    {"input_tokens": 5_000, "output_tokens": 100, "cache_read_tokens": 1_000, "cache_write_tokens": 2_000},
]


def test_every_model_of_the_price_list_costs_what_it_says(prices: Prices) -> None:
    """A model that the list names without a price for its tokens is unpriced here, where the list says 0."""
    base = _facts("m", (1, 1))
    when = datetime.fromtimestamp(NOON // 10**9, UTC)
    wrong: list[tuple[str, str, Decimal, int | None]] = []
    compared = 0
    for provider in get_snapshot().providers:
        for model in provider.models:
            for counts in USAGES:
                try:
                    listed = calc_price(
                        Usage(**counts), model.id, provider_id=provider.id, genai_request_timestamp=when
                    ).total_price
                except (LookupError, ValueError):
                    continue
                ours = prices.cost(base._replace(provider=provider.id, request_model=model.id, **counts))
                compared += listed > 0
                if (ours is None and listed > 0) or abs(Decimal(ours or 0) / PICO_USD - listed) > 3 / PICO_USD:
                    wrong.append((provider.id, model.id, listed, ours))
    assert wrong == []
    assert compared > 1_000


def test_cached_tokens_beyond_the_input_are_a_client_that_leaves_them_out(prices: Prices) -> None:
    inclusive = prices.cost(_facts("gpt-4o-mini", (1_500, 10), read=1_000))
    exclusive = prices.cost(_facts("gpt-4o-mini", (500, 10), read=1_000))
    assert inclusive == exclusive


def test_a_model_nobody_knows_is_unpriced_and_not_free(prices: Prices) -> None:
    assert prices.cost(_facts("our-own-model-7b", (10, 10), provider="acme")) is None
    assert prices.cost(_facts(None, (10, 10))) is None


def test_a_call_without_tokens_is_unpriced(prices: Prices) -> None:
    assert prices.cost(_facts("gpt-4o-mini", None)) is None


def test_the_offline_model_is_free(prices: Prices) -> None:
    cost = prices.cost(_facts("offline-sql", (10, 10), provider="openai"))
    assert cost == 0
    assert usd(cost) == "0"


def test_an_unknown_provider_does_not_hide_a_known_model(prices: Prices) -> None:
    assert prices.cost(_facts("gpt-4o-mini", (10, 10), provider="our.gateway")) is not None


def test_a_price_of_nonsense_is_bounded(prices: Prices) -> None:
    assert prices.cost(_facts("gpt-4o", (10**12, 10**12))) == MAX_AMOUNT


@pytest.mark.parametrize(
    ("pico", "text"),
    [(0, "0"), (1, "0.000000000001"), (1_500_000_000, "0.0015"), (10**12, "1"), (10**13, "10"), (MAX_AMOUNT, None)],
)
def test_money_is_a_plain_decimal_string(pico: int, text: str | None) -> None:
    assert usd(pico) == (text or "9223372.036854775807")
