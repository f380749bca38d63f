"""Fixtures over real parts: a DuckDB folder of each test's own, a server on free ports."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.chromium import browser as browser

if TYPE_CHECKING:
    from llm_tracing.store.duck import DuckDBStore
    from tests.running import Running

# The same examples every time, and no time limit for one: the machine may be busy.
settings.register_profile("tests", derandomize=True, database=None, deadline=None)
settings.load_profile("tests")


_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Processes that run side by side must find the same tests: a name may not hold random ids or times."""
    if isinstance(val, bytes):
        return f"{argname}-of-{len(val)}"
    return _UUID.sub("UUID", val) if isinstance(val, str) and _UUID.search(val) else None


@pytest.fixture
def store(tmp_path: Path) -> "Iterator[DuckDBStore]":
    """The embedded store over an empty folder."""
    from llm_tracing.store.duck import DuckDBStore

    opened = DuckDBStore(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def server(tmp_path: Path) -> "Iterator[Running]":
    """A running server over an empty folder."""
    from tests.running import Running

    with Running(tmp_path / "data") as started:
        yield started
