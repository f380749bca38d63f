"""A correction of the price file prices history again, while the server runs and across restarts."""

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from llm_tracing import pricing
from llm_tracing.api import schema
from llm_tracing.errors import PriceFileError
from llm_tracing.ingest.thread import Ingest
from llm_tracing.normalize.cost import Prices
from llm_tracing.pricing import PriceKeeper
from llm_tracing.store.duck import DuckDBStore
from tests.builders import NOON, chat, span, trace_hex, trace_request
from tests.running import Running

TRACES = 300


@pytest.fixture(autouse=True)
def look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pricing, "LOOK_S", 0.05)


@pytest.fixture
def prices_file(tmp_path: Path) -> Path:
    return _write(tmp_path / "prices.yaml", 1)


def _write(path: Path, price: int | str) -> Path:
    """In one step: a server that looks meanwhile would find no price in an empty file."""
    new = path.with_suffix(".new")
    new.write_text(f"models:\n  - {{model: our-own, input: {price}, output: 0}}\n", encoding="utf-8")
    os.utime(new, ns=(time.time_ns(), time.time_ns()))
    return new.replace(path)


def _send(running: Running) -> None:
    call = chat(model="our-own", provider="acme", tokens=(1_000_000, 1))
    spans = [span("call", 1, trace=trace_hex(n), start=NOON + n, attributes=call) for n in range(1, TRACES + 1)]
    running.export(trace_request(*spans))


def _until(true: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 10
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def _costs(running: Running) -> set[str | None]:
    return {trace.cost.total_usd for trace in running.traces(limit=1_000)}


def _stats(running: Running, over: str) -> str | None:
    [row] = running.get("/stats", schema.Stats, over=over).rows
    return row.cost.total_usd


def test_a_changed_file_changes_the_cost_of_what_is_stored(tmp_path: Path, prices_file: Path) -> None:
    with Running(tmp_path / "data", prices=prices_file) as running:
        _send(running)
        assert (_costs(running), _stats(running, "calls")) == ({"1"}, str(TRACES))
        _write(prices_file, 2)
        _until(lambda: _costs(running) == {"2"})
        assert _stats(running, "calls") == _stats(running, "traces") == str(2 * TRACES)
        detail = running.trace(trace_hex(1))
        assert (detail.trace.cost.total_usd, detail.ledger[0].total_usd) == ("2", "2")
        _write(prices_file, "free")  # no price: the file can't be used, the prices stay
        _until(lambda: running.server.stack.price_keeper._stamp == pricing._stamp(prices_file))
        _send(running)
        assert _costs(running) == {"2"}
        _write(prices_file, 4)
        _until(lambda: _costs(running) == {"4"})


def test_a_file_changed_between_two_runs_prices_again_at_the_start(tmp_path: Path, prices_file: Path) -> None:
    with Running(tmp_path / "data", prices=prices_file) as running:
        _send(running)
    _write(prices_file, 3)
    with Running(tmp_path / "data", prices=prices_file) as running:
        _until(lambda: _costs(running) == {"3"})
        assert _stats(running, "calls") == str(3 * TRACES)
    with Running(tmp_path / "data") as running:
        _until(lambda: _costs(running) == {None})
        assert running.traces(limit=1)[0].cost.unpriced_calls == 1


def test_a_bad_file_is_refused_at_the_start(tmp_path: Path, prices_file: Path) -> None:
    _write(prices_file, "free")
    with pytest.raises(PriceFileError, match="line 2: entry 1 \\(our-own\\): `input: free` is no price"):
        Running(tmp_path / "data", prices=prices_file)
    with Running(tmp_path / "data"):
        pass


class Steps:
    """A store whose repricing stops when it is told to."""

    def __init__(self, store: DuckDBStore, crash_after: int) -> None:
        self._store, self._left = store, crash_after
        self.write, self.priced_with, self.set_priced_with = store.write, store.priced_with, store.set_priced_with

    def reprice(self, after: object, limit: int = 0) -> object:
        if self._left == 0:
            raise RuntimeError("power cut")
        self._left -= 1
        return self._store.reprice(after, 50)  # type: ignore[arg-type]


def test_a_crash_in_the_middle_starts_again_at_the_next_start(
    tmp_path: Path, prices_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Running(tmp_path / "data", prices=prices_file) as running:
        _send(running)
    _write(prices_file, 3)
    prices = Prices(prices_file)
    store = DuckDBStore(tmp_path / "data", prices)
    before = store.priced_with()
    steps = Steps(store, 2)
    ingest = Ingest(steps, 1_000)
    keeper = PriceKeeper(prices, steps, ingest, lambda _: None)  # type: ignore[arg-type]
    with caplog.at_level(logging.CRITICAL):
        ingest.start()
        keeper.start()
        _until(lambda: steps._left == 0)
        keeper.stop()
        ingest.stop()
    assert store.priced_with() == before
    store.close()
    with Running(tmp_path / "data", prices=prices_file) as running:
        _until(lambda: _costs(running) == {"3"})
        _until(lambda: running.server.stack.store.priced_with() == prices.fingerprint)


def test_requests_are_answered_between_the_slices(tmp_path: Path, prices_file: Path) -> None:
    """A job of many slices and a request: the request does not wait for the end of the job."""
    store = DuckDBStore(tmp_path / "data")
    ingest = Ingest(store, 10_000)
    done: list[str] = []

    def job() -> bool:
        done.append("slice")
        if len(done) == 3:
            ingest.submit("traces", trace_request(span("s", 1)), 10).add_done_callback(lambda _: done.append("stored"))
        return len(done) < 9

    ingest.start()
    ingest.run_between_commits(job)
    _until(lambda: len(done) >= 9)
    ingest.stop()
    assert done.index("stored") in (3, 4)
    store.close()


def test_work_that_fails_does_not_stop_the_writer(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = DuckDBStore(tmp_path / "data")
    ingest = Ingest(store, 10_000)
    ingest.start()
    with caplog.at_level(logging.CRITICAL):
        ingest.run_between_commits(lambda: bool(1 // 0))
        sent = ingest.submit("traces", trace_request(span("s", 1)), 10)
        assert sent.result(10).rejected == 0
    ingest.run_between_commits(lambda: True)  # never ends by itself
    ingest.stop()
    store.close()
