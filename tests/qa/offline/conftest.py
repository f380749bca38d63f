"""The three databases of the question sets, built once."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.qa.offline.questions import SETS, Place, sqlite_place


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Place]]:
    folder = tmp_path_factory.mktemp("question-sets")
    with ExitStack() as stack:
        yield {name: stack.enter_context(sqlite_place(name, folder)) for name in SETS}


@pytest.fixture(scope="session")
def chinook_place(places: dict[str, Place]) -> Place:
    return places["chinook"]
