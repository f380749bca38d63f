"""The stores that the battery runs against. A new one is a line in `STORES`."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from llm_tracing.store.contract import Store
from llm_tracing.store.duck import DuckDBStore
from tests.lgtm.fakes import Stack, serving_stack
from tests.lgtm.opened import open_store

Open = Callable[[], Store]

WITHOUT_WINDOW = "lgtm without its window"
# name -> opens the store whose data lies in a folder; opened again, it shows the same data.
STORES: dict[str, Callable[[Path, Stack], Store]] = {
    "duckdb": lambda folder, _: DuckDBStore(folder),
    "lgtm": lambda folder, stack: open_store(stack, folder),
    WITHOUT_WINDOW: lambda folder, stack: _without_window(folder, stack),
}


def _without_window(folder: Path, stack: Stack) -> Store:
    """As on another machine: everything is read back."""
    for file in folder.glob("llm-tracing.duckdb*"):
        file.unlink()
    return open_store(stack, folder)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Tempo, Loki and Prometheus, for the store that needs them."""
    with serving_stack() as running:
        yield running


# Over stand-ins of three backends they take minutes in all: `make test-long ARGS=tests/contract`.
_PARAMS = [pytest.param(name, marks=pytest.mark.long) if name != "duckdb" else name for name in STORES]


@pytest.fixture(params=_PARAMS)
def reopened(request: pytest.FixtureRequest, tmp_path: Path, stack: Stack) -> Iterator[Open]:
    """Opens the store; each call closes what was open before, so it is a restart."""
    opened: list[Store] = []
    stack.reset()
    needs = request.node.get_closest_marker("needs_window")
    if needs and request.param == WITHOUT_WINDOW:
        pytest.skip(needs.args[0])

    def open_again() -> Store:
        for store in opened:
            store.close()
        opened.append(STORES[request.param](tmp_path / "data", stack))
        return opened[-1]

    yield open_again
    for store in opened:
        store.close()


@pytest.fixture
def store(reopened: Open) -> Store:
    return reopened()
