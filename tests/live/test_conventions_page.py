"""The table of docs/conventions.md."""

import pytest
from scripts.compare_conventions import BEGIN, DOCS, END

from tests.live.approaches import APPROACHES, Approach


@pytest.mark.parametrize("chosen", APPROACHES, ids=lambda chosen: chosen.name)
def test_the_page_says_of_every_client_that_it_gives_two_calls_and_the_same_messages(chosen: Approach) -> None:
    table = DOCS.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]
    [line] = [line for line in table.splitlines() if line.startswith(f"| `{chosen.name}` |")]
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells[4:6] == ["2", "same"]
    assert all(package in cells[1] for package in chosen.packages)
