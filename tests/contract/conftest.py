"""The stores that the battery runs against. A new one is a line in `STORES`."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from llm_tracing.store.contract import Store
from llm_tracing.store.duck import DuckDBStore

Open = Callable[[], Store]

# name -> opens the store whose data lies in a folder; opened again, it shows the same data.
STORES: dict[str, Callable[[Path], Store]] = {"duckdb": DuckDBStore}


@pytest.fixture(params=STORES)
def reopened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the store; each call closes what was open before, so it is a restart."""
    opened: list[Store] = []

    def open_again() -> Store:
        for store in opened:
            store.close()
        opened.append(STORES[request.param](tmp_path / "data"))
        return opened[-1]

    yield open_again
    for store in opened:
        store.close()


@pytest.fixture
def store(reopened: Open) -> Store:
    return reopened()
