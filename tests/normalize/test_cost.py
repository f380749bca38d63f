"""What a call costs: as the price list says, to the pico-dollar, and never 0 where nothing is known."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from genai_prices import Usage, calc_price
from genai_prices.data_snapshot import get_snapshot

from llm_tracing.model import PICO_USD, SpanFacts, usd
from llm_tracing.normalize.cost import Prices
from llm_tracing.normalize.unit_prices import MAX_AMOUNT
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


def test_amounts_by_bucket_add_up_to_the_cost(prices: Prices) -> None:
    call = _facts("claude-sonnet-4-5", (12_345, 678), "anthropic", read=1_000, write=2_000)
    found = prices.charge(call)
    assert found is not None
    assert sum(found.amounts) + found.call == found.total == prices.cost(call)
    assert found.prices.source.startswith("genai-prices ")
    assert (found.prices.provider, found.prices.model) == ("anthropic", "claude-sonnet-4-5")


def test_a_call_over_a_threshold_has_all_its_tokens_at_the_higher_price(prices: Prices) -> None:
    below, above = (prices.charge(_facts("gemini-2.5-pro", (n, 100), "gcp.gemini")) for n in (200_000, 200_001))
    assert below is not None
    assert above is not None
    assert above.per_token[0] == 2 * below.per_token[0]
    assert above.amounts[0] == 200_001 * int(above.per_token[0])


def test_cache_writes_that_last_an_hour_cost_more(prices: Prices) -> None:
    call = _facts("claude-sonnet-4-5", (3_000, 0), "anthropic", write=2_000)
    hour = prices.charge(call._replace(usage_details='{"cache_write_1h_tokens": 2000}'))
    minutes = prices.charge(call._replace(usage_details='{"cache_write_5m_tokens": 2000}'))
    assert hour is not None
    assert minutes is not None
    assert minutes.total == prices.cost(call)
    assert hour.total - minutes.total == 2_000 * (6_000_000 - 3_750_000)


def test_audio_and_images_have_their_own_prices(prices: Prices) -> None:
    details = {
        "input_audio_tokens": 500,
        "cache_read_audio_tokens": 200,
        "output_audio_tokens": 80,
        "input_image_tokens": 300,
    }
    call = _facts("gpt-realtime", (1_000, 100), read=300)
    counts: dict[str, Any] = {"input_tokens": 1_000, "output_tokens": 100, "cache_read_tokens": 300}
    listed = calc_price(
        Usage(
            **counts,
            input_audio_tokens=500,
            cache_audio_read_tokens=200,
            output_audio_tokens=80,
            input_image_tokens=300,
            cache_image_read_tokens=0,
        ),
        "gpt-realtime",
        provider_id="openai",
    ).total_price
    assert prices.cost(call._replace(usage_details=orjson.dumps(details).decode())) == listed * PICO_USD
    zeros = {
        "input_audio_tokens": 0,
        "cache_audio_read_tokens": 0,
        "input_image_tokens": 0,
        "cache_image_read_tokens": 0,
    }
    plain = calc_price(Usage(**counts, **zeros), "gpt-realtime", provider_id="openai").total_price
    assert prices.cost(call) == plain * PICO_USD


def test_every_dated_price_of_the_list_holds_at_its_time(prices: Prices) -> None:
    base = _facts("m", (1_000, 100))
    compared = 0
    for provider in [p for p in get_snapshot().providers if p.id in ("anthropic", "deepseek", "google", "openai")]:
        for model in provider.models:
            for price in model.prices if isinstance(model.prices, list) else []:
                for at in _times_of(price.constraint):
                    listed = calc_price(
                        Usage(input_tokens=1_000, output_tokens=100),
                        model.id,
                        provider_id=provider.id,
                        genai_request_timestamp=at,
                    ).total_price
                    facts = base._replace(
                        provider=provider.id,
                        request_model=model.id,
                        start_time_unix_nano=int(at.timestamp()) * 10**9,
                    )
                    ours = prices.cost(facts)
                    assert (ours is None and listed == 0) or abs(Decimal(ours or 0) / PICO_USD - listed) <= 3 / PICO_USD
                    compared += listed > 0
    assert compared > 100


def _times_of(constraint: Any) -> list[datetime]:
    if hasattr(constraint, "start_date"):
        day = datetime.combine(constraint.start_date, datetime.min.time(), UTC)
        return [day - timedelta(seconds=1), day, day + timedelta(hours=23)]
    if hasattr(constraint, "start_time"):
        midnight = datetime(2026, 11, 23, tzinfo=UTC)
        return [midnight + timedelta(hours=hour, minutes=1) for hour in range(24)]
    return []


@pytest.mark.parametrize("model", ["gpt-4o-mini", "nobody-knows-it", None])
@pytest.mark.parametrize("tokens", [(10, 10), None])
def test_an_answer_from_the_clients_own_cache_costs_nothing(
    prices: Prices, model: str | None, tokens: tuple[int, int] | None
) -> None:
    call = _facts(model, tokens)._replace(usage_details='{"from_local_cache":1}')
    assert prices.cost(call) == 0
