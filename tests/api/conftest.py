"""One server with a small history, for tests that only read."""

from collections.abc import Iterator

import pytest

from tests.api.history import everything
from tests.running import Running


@pytest.fixture(scope="package")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("history")) as server:
        server.export(*everything())
        yield server
