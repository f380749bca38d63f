"""The bill of a trace, what it would have cost elsewhere, and the models that have a price."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from llm_tracing.api import schema
from tests.api.history import ASK, FAILED
from tests.builders import TRACE, chat, hex_id, span, trace_hex, trace_request
from tests.running import Running

BILL, CACHED, NESTED = TRACE, trace_hex(2), trace_hex(3)
PRICES = """
models:
  - {model: spoken, input: 1, output: 2, input_audio: 10, output_audio: 20, reasoning: 3, request: 0.5}
  - {model: "house-*", provider: acme, input: 7, output: 7}
"""
SPOKEN: dict[str, Any] = {
    "gen_ai.usage.cache_read.input_tokens": 10,
    "gen_ai.usage.cache_write.input_tokens": 20,
    "gen_ai.usage.cache_creation.ephemeral_1h_input_tokens": 5,
    "gen_ai.usage.audio.input_tokens": 30,
    "gen_ai.usage.audio.output_tokens": 4,
    "gen_ai.usage.reasoning.output_tokens": 6,
    "gen_ai.usage.total_tokens": 120,
    "gen_ai.usage.cost": 0.25,
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder: Path = tmp_path_factory.mktemp("bill")
    (folder / "prices.yaml").write_text(PRICES, encoding="utf-8")
    with Running(folder / "data", prices=folder / "prices.yaml") as started:
        started.export(
            trace_request(
                span("agent", 1, attributes={"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 9}),
                span("speak", 2, 1, attributes=chat(model="spoken", provider="acme", tokens=(100, 20)) | SPOKEN),
                span("chat", 3, 1, attributes=chat(tokens=(1_000_000, 0), gen_ai__usage__total_tokens=1_000_000)),
                span("house", 4, 1, attributes=chat(model="house-9", provider="acme", tokens=(1, 1))),
                span(
                    "embed",
                    5,
                    1,
                    attributes=chat(model="text-embedding-3-small", operation="embeddings", tokens=(50, 0)),
                ),
                span("odd", 6, 1, attributes=chat(model="nobody-knows-it", provider="acme", tokens=(5, 5))),
                span("failed", 7, 1, status=2, attributes=chat()),
            ),
            trace_request(
                span(
                    "left out",
                    1,
                    trace=CACHED,
                    attributes=chat(
                        model="claude-sonnet-4-5",
                        provider="anthropic",
                        tokens=(21, 22),
                        gen_ai__usage__cache_read__input_tokens=1840,
                        gen_ai__usage__total_tokens=43,
                    ),
                )
            ),
            trace_request(
                span(
                    "agent",
                    1,
                    trace=NESTED,
                    attributes={"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 9},
                ),
                span("chat", 2, 1, trace=NESTED, attributes=chat(tokens=(9, 1))),
            ),
        )
        yield started


@pytest.fixture(scope="module")
def bill(running: Running) -> schema.TraceDetail:
    return running.trace(BILL)


def _line(detail: schema.TraceDetail, span_id: int) -> schema.LedgerLine:
    return next(line for line in detail.ledger if line.span_id == hex_id(span_id))


def test_each_bucket_has_its_price_amount_and_attribute(bill: schema.TraceDetail) -> None:
    line = _line(bill, 2)
    assert [(b.bucket, b.tokens, b.usd_per_million, b.usd) for b in line.buckets] == [
        ("fresh_input", 40, "1", "0.00004"),
        ("input_audio", 30, "10", "0.0003"),
        ("cache_read", 10, "1", "0.00001"),
        ("cache_write", 15, "1", "0.000015"),
        ("cache_write_1h", 5, "1", "0.000005"),
        ("output", 10, "2", "0.00002"),
        ("reasoning", 6, "3", "0.000018"),
        ("output_audio", 4, "20", "0.00008"),
    ]
    assert [b.attribute for b in line.buckets] == [
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.audio.input_tokens",
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_write.input_tokens",
        "gen_ai.usage.cache_creation.ephemeral_1h_input_tokens",
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.reasoning.output_tokens",
        "gen_ai.usage.audio.output_tokens",
    ]
    assert (line.fresh_input_tokens, line.cache_read_tokens, line.cache_write_tokens) == (70, 10, 20)
    assert (line.output_tokens, line.reasoning_tokens, line.call_usd) == (14, 6, "0.5")
    assert line.price_source is not None
    assert line.price_source.endswith("prices.yaml, entry 1")
    assert (line.priced_as, line.client_usd) == ("spoken", "0.25")


def test_lines_add_up_to_the_cost_of_the_trace(bill: schema.TraceDetail) -> None:
    for line in bill.ledger:
        amounts = [Decimal(amount) for amount in (*(b.usd for b in line.buckets), line.call_usd) if amount is not None]
        assert line.total_usd is None or Decimal(line.total_usd) == sum(amounts)
    total = sum(Decimal(line.total_usd) for line in bill.ledger if line.total_usd is not None)
    assert bill.trace.cost.total_usd is not None
    assert Decimal(bill.trace.cost.total_usd) == total
    assert bill.trace.cost.unpriced_calls == 1


def test_a_line_without_a_price_says_why_and_has_no_amounts(bill: schema.TraceDetail) -> None:
    line = _line(bill, 6)
    assert (line.total_usd, line.price_source, line.priced_as) == (None, None, None)
    assert line.unpriced_because == "No price known for nobody-knows-it."
    assert [(b.tokens, b.usd_per_million, b.usd) for b in line.buckets] == [(5, None, None), (5, None, None)]


def test_what_is_not_counted_says_what_it_repeats(running: Running, bill: schema.TraceDetail) -> None:
    agent = _line(bill, 1)
    assert agent.not_counted_because == "Not counted: repeats the usage of its 6 calls below."
    assert (agent.total_usd, agent.unpriced_because, agent.buckets[0].usd) == (None, None, None)
    one = _line(running.trace(NESTED), 1)
    assert one.not_counted_because == "Not counted: repeats the call below it."


def test_a_total_of_the_client_that_is_not_the_sum_is_marked(running: Running, bill: schema.TraceDetail) -> None:
    right, left_out = _line(bill, 2), _line(running.trace(CACHED), 1)
    assert (right.provider_total_tokens, right.total_disagrees) == (120, False)
    assert right.provider_total_attribute == "gen_ai.usage.total_tokens"
    assert (left_out.provider_total_tokens, left_out.total_disagrees) == (43, True)
    assert (_line(bill, 4).provider_total_tokens, _line(bill, 4).total_disagrees) == (None, False)


def test_input_includes_the_cache_where_the_client_leaves_it_out(running: Running) -> None:
    detail = running.trace(CACHED)
    for usage in (detail.spans[0].usage, detail.trace.usage):
        assert usage is not None
        assert (usage.input_tokens, usage.cache_read_tokens, usage.total_tokens) == (1861, 1840, 1883)
    assert (detail.ledger[0].fresh_input_tokens, detail.ledger[0].cache_read_tokens) == (21, 1840)


def test_the_cost_sent_by_the_client_stands_beside_ours(running: Running, bill: schema.TraceDetail) -> None:
    spoken = next(one for one in bill.spans if one.span_id == hex_id(2))
    assert spoken.cost == schema.SpanCost(total_usd="0.500488", source="prices", client_usd="0.25")


def _on(running: Running, trace_id: str, *models: str) -> list[schema.CostOnModel]:
    return running.get(f"/traces/{trace_id}/cost-on", schema.CostOn, model=list(models)).models


def test_a_trace_on_another_model_has_the_same_tokens_at_its_prices(running: Running, bill: schema.TraceDetail) -> None:
    own, spoken, unknown = _on(running, BILL, "openai/gpt-4o-mini", "spoken", "no-such-model")
    amounts = {line.span_id: line.usd for line in own.lines}
    assert (own.model, own.provider, own.unpriced_calls) == ("openai/gpt-4o-mini", "openai", 0)
    assert amounts[hex_id(3)] == _line(bill, 3).total_usd == "0.15"
    assert amounts[hex_id(6)] == "0.00000375"
    assert amounts[hex_id(7)] is None
    assert amounts[hex_id(5)] == _line(bill, 5).total_usd  # an embedding stays where it is
    assert own.total_usd is not None
    assert Decimal(own.total_usd) == sum(Decimal(usd) for usd in amounts.values() if usd is not None)
    assert {line.span_id: line.usd for line in spoken.lines}[hex_id(2)] == _line(bill, 2).total_usd
    assert (unknown.provider, unknown.unpriced_calls) == (None, 4)
    assert unknown.total_usd == _line(bill, 5).total_usd


def test_without_a_wish_the_models_are_its_own_and_some_that_many_use(
    running: Running, bill: schema.TraceDetail
) -> None:
    names = [found.model for found in _on(running, BILL)]
    assert names[:3] == ["spoken", "openai/gpt-4o-mini", "acme/house-9"]
    assert 6 <= len(names) <= 12
    for found in _on(running, BILL):
        assert found.total_usd is not None, found.model
    own = _on(running, BILL, *names[:3])
    at_home = [
        (line.span_id, line.usd)
        for found, n in zip(own, (2, 3, 4), strict=True)
        for line in found.lines
        if line.span_id == hex_id(n)
    ]
    assert at_home == [(hex_id(n), _line(bill, n).total_usd) for n in (2, 3, 4)]


def test_costs_elsewhere_of_what_is_not_there(history: Running) -> None:
    assert history.refused(f"/traces/{trace_hex(99)}/cost-on")[0] == 404
    assert history.refused(f"/traces/{ASK}/cost-on", model="x" * 201)[0] == 400
    assert history.refused(f"/traces/{ASK}/cost-on", model=["m"] * 21)[0] == 400
    [failed] = history.get(f"/traces/{FAILED}/cost-on", schema.CostOn, model="gpt-4o").models
    assert (failed.total_usd, failed.unpriced_calls) == (None, 0)


def _models(running: Running, **parameters: object) -> list[schema.ModelPrices]:
    return running.get("/prices/models", schema.ModelPricesList, **parameters).models


def test_models_are_found_by_parts_of_their_names(running: Running) -> None:
    [mini, *others] = _models(running, q="openai/gpt-4o-mini")
    assert (mini.provider, mini.model, mini.usd_per_million.input) == ("openai", "gpt-4o-mini", "0.15")
    assert mini.source.startswith("genai-prices ")
    assert all("gpt-4o-mini" in each.model for each in others)
    assert _models(running, q="gpt-4o-mini")[0] == mini
    assert {each.provider for each in _models(running, q="anthropic sonnet")} >= {"anthropic"}
    assert _models(running, q="no-such-model") == []
    assert len(_models(running)) == 20
    assert len(_models(running, q="gpt", limit=3)) == 3
    assert running.refused("/prices/models", limit=201)[0] == 400


def test_prices_of_ones_own_come_first(running: Running) -> None:
    [spoken, *_] = _models(running, q="spoken")
    assert (spoken.provider, spoken.usd_per_call) == (None, "0.5")
    assert spoken.source.endswith("prices.yaml, entry 1")
    assert (spoken.usd_per_million.input_audio, spoken.usd_per_million.cache_read) == ("10", "1")
    [house] = _models(running, q="house")
    assert (house.provider, house.model) == ("acme", "house-*")


def test_a_model_with_tiers_says_from_where_on(running: Running) -> None:
    [pro, *_] = _models(running, q="google/gemini-2.5-pro")
    assert pro.dearer_above_input_tokens == 200_000
