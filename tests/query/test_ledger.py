"""The bill over what real clients sent: every number has a home, and the lines add up."""

import json
from pathlib import Path
from typing import Any

import pytest

from llm_tracing.normalize.cost import Prices
from llm_tracing.query.ledger import ledger, provider_total
from llm_tracing.query.view import trace_view
from llm_tracing.store.contract import Page
from llm_tracing.store.duck import DuckDBStore
from tests.normalize.corpus import cases, replay


def test_the_bills_of_all_captures_add_up_and_name_their_sources(tmp_path: Path) -> None:
    prices = Prices()
    store = DuckDBStore(tmp_path / "data", prices)
    for case in cases():
        replay(case, store)
    priced = 0
    for row in store.traces(Page(limit=10_000)):
        stored = store.trace(row.trace_id)
        assert stored is not None
        entries = ledger(trace_view(stored), prices)
        counted = [entry for entry in entries if entry.counted]
        charges = [entry.charge for entry in counted if entry.charge is not None]
        assert row.cost_pico_usd == (sum(charge.total for charge in charges) if charges else None)
        assert all(sum(charge.amounts) + charge.call == charge.total for charge in charges)
        assert row.input_tokens == sum(entry.usage.input_tokens for entry in counted)
        assert row.output_tokens == sum(entry.usage.output_tokens for entry in counted)
        for entry in entries:
            assert [line.bucket for line in entry.lines if line.attribute is None] == []
            assert sum(line.tokens for line in entry.lines) == sum(entry.usage)
            assert entry.counted or entry.not_counted_because
        priced += len(charges)
    store.close()
    assert priced > 100


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, (None, None)),
        ({"gen_ai.usage.total_tokens": 5}, (5, "gen_ai.usage.total_tokens")),
        ({"gen_ai.usage.total_tokens": "many", "llm.usage.total_tokens": 6.0}, (6, "llm.usage.total_tokens")),
        ({"llm.token_count.total": 7}, (7, "llm.token_count.total")),
        (
            {"langfuse.observation.usage_details": json.dumps({"total": 8, "input": 3})},
            (8, "langfuse.observation.usage_details"),
        ),
        ({"langfuse.observation.usage_details": "{broken"}, (None, None)),
        ({"mlflow.chat.tokenUsage": "[1]"}, (None, None)),
        ({"gen_ai.usage.total_tokens": -1}, (None, None)),
    ],
)
def test_the_total_that_a_client_sends_is_read(attributes: dict[str, Any], expected: tuple[Any, Any]) -> None:
    assert provider_total(attributes) == expected
