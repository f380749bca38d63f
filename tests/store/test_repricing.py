"""Prices corrected after the fact: what is stored ends as if it had been written with the new prices."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from llm_tracing.normalize.cost import Prices
from llm_tracing.store.contract import CallPlace
from llm_tracing.store.duck import DuckDBStore
from tests.builders import MS, NOON, batch_of, chat, span, trace_hex, trace_request

TRACES = 10


def _file(path: Path, price: float) -> Path:
    path.write_text(
        f"models:\n"
        f"  - {{model: gpt-4o-mini, input: {price}, output: {price}, cache_write_1h: {price * 9}}}\n"
        f"  - {{model: our-own, input: {price}, output: 1, start: 2026-11-23}}\n",
        encoding="utf-8",
    )
    return path


def _spans() -> list[Span]:
    """Traces of five calls: priced, with details, by the requested model, unpriced, failed, from a cache."""
    found: list[Span] = []
    for number in range(1, TRACES + 1):
        cached = {
            "gen_ai.usage.cache_write.input_tokens": 40,
            "gen_ai.usage.cache_creation.ephemeral_1h_input_tokens": 40,
        }
        calls: list[tuple[dict[str, Any], int]] = [
            (chat(tokens=(100, 10)), 0),
            (chat(tokens=(10, 0)) | cached, 0),
            (chat(model="our-own", tokens=(7, 3), gen_ai__response__model="returned-name"), 0),
            (chat(model="nobody-knows-it", provider="acme", tokens=(5, 5)), 0),
            (chat(), 2),
        ]
        found += [
            span(f"c{i}", i, trace=trace_hex(number), start=NOON + number * MS, status=status, attributes=attributes)
            for i, (attributes, status) in enumerate(calls, 1)
        ]
    return found


def _costs(store: DuckDBStore) -> tuple[list[Any], list[Any]]:
    with store.database.reading() as db:
        traces = "SELECT trace_id, cost_pico_usd, unpriced_calls FROM traces ORDER BY ALL"
        calls = "SELECT trace_id, span_id, cost_pico_usd FROM calls ORDER BY ALL"
        return db.execute(traces).fetchall(), db.execute(calls).fetchall()


@pytest.fixture
def fresh(tmp_path: Path) -> "Iterator[DuckDBStore]":
    """A store that was written with the new prices at once."""
    opened = DuckDBStore(tmp_path / "fresh", Prices(_file(tmp_path / "fresh.yaml", 3)))
    opened.write(batch_of(trace_request(*_spans())))
    yield opened
    opened.close()


@pytest.mark.parametrize("limit", [1, 7, 5_000])
def test_history_ends_as_if_it_had_been_written_at_the_new_prices(
    tmp_path: Path, fresh: DuckDBStore, limit: int
) -> None:
    prices = Prices(_file(tmp_path / "prices.yaml", 1))
    store = DuckDBStore(tmp_path / "data", prices)
    store.write(batch_of(trace_request(*_spans())))
    before = _costs(store)
    assert before != _costs(fresh)
    _file(tmp_path / "prices.yaml", 3)
    prices.reload()
    place: CallPlace | None = CallPlace()
    changed: set[bytes] = set()
    while place is not None:
        place, traces = store.reprice(place, limit)
        changed |= traces
        rows, calls = _costs(store)
        for trace_id, cost, _ in rows:
            assert cost == sum(amount for of, _, amount in calls if of == trace_id and amount is not None)
    assert _costs(store) == _costs(fresh)
    assert changed == {bytes.fromhex(trace_hex(number)) for number in range(1, TRACES + 1)}
    assert store.reprice(CallPlace()) == (None, set())
    store.close()


def test_a_model_that_gets_a_price_is_unpriced_no_more(tmp_path: Path) -> None:
    path = tmp_path / "prices.yaml"
    path.write_text("", encoding="utf-8")
    prices = Prices(path)
    store = DuckDBStore(tmp_path / "data", prices)
    call = chat(model="our-own", provider="acme", tokens=(7, 3))
    store.write(batch_of(trace_request(span("c", 1, attributes=call))))
    assert [row[1:] for row in _costs(store)[0]] == [(None, 1)]
    path.write_text("models: [{model: our-own, input: 1, output: 1}]", encoding="utf-8")
    prices.reload()
    store.reprice(CallPlace())
    assert [row[1:] for row in _costs(store)[0]] == [(10_000_000, 0)]
    path.write_text("", encoding="utf-8")
    prices.reload()
    store.reprice(CallPlace())
    assert [row[1:] for row in _costs(store)[0]] == [(None, 1)]
    store.close()


def test_spans_that_share_an_id_keep_their_own_costs(tmp_path: Path) -> None:
    path = _file(tmp_path / "prices.yaml", 1)
    prices = Prices(path)
    store = DuckDBStore(tmp_path / "data", prices)
    twice = [span(name, 1, attributes=chat(tokens=(count, 0))) for name, count in (("a", 10), ("b", 20))]
    store.write(batch_of(trace_request(*twice)))
    _file(path, 3)
    prices.reload()
    store.reprice(CallPlace())
    traces, calls = _costs(store)
    assert sorted(cost for _, _, cost in calls) == [30_000_000, 60_000_000]
    assert traces[0][1] == 90_000_000
    store.close()


def test_the_store_remembers_which_prices_it_has(store: DuckDBStore) -> None:
    assert store.priced_with() is None
    store.set_priced_with("a")
    store.set_priced_with("b")
    assert store.priced_with() == "b"
