"""The measured share of right answers, per schema; `docs/offline-model.md` shows the same numbers."""

from collections import Counter
from pathlib import Path

import pytest

from tests.qa.offline.questions import SETS, Place, Question, ask, questions, same_rows

# (schema, held out): (questions, right, wrong). The rest was refused though an answer exists.
MEASURED = {
    ("chinook", False): (40, 40, 0),
    ("library", False): (16, 16, 0),
    ("library", True): (9, 8, 1),
    ("logistics", False): (16, 16, 0),
    ("logistics", True): (9, 8, 1),
}
DOCS = Path(__file__).parents[3] / "docs" / "offline-model.md"


@pytest.mark.parametrize(("name", "held_out"), MEASURED)
def test_the_share_of_right_answers_is_at_least_the_measured_one(
    name: str, held_out: bool, places: dict[str, Place]
) -> None:
    asked = [ask(q, places[name]) for q in questions(name) if q.held_out == held_out]
    counts = Counter(a.verdict for a in asked)
    count, right, wrong = MEASURED[name, held_out]
    missed = [(a.verdict, a.question.text, a.reply) for a in asked if a.verdict != "right"]
    assert len(asked) == count
    assert counts["right"] >= right, missed
    assert counts["wrong"] <= wrong, missed


@pytest.mark.parametrize("name", SETS)
def test_the_expected_rows_are_what_the_reference_sql_gives(name: str, places: dict[str, Place]) -> None:
    for question in questions(name):
        if question.sql is not None:
            assert same_rows(question, places[name].execute(question.sql)), question.text


def test_the_sets_are_large_and_a_third_of_the_unseen_schemas_is_held_out() -> None:
    sets = {name: questions(name) for name in SETS}
    assert sum(len(s) for s in sets.values()) >= 60
    for name in ("library", "logistics"):
        assert sum(q.held_out for q in sets[name]) * 3 >= len(sets[name])
    assert all(any(q.rows is None for q in s) for s in sets.values())


def test_the_table_in_the_docs_shows_the_measured_numbers() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for (name, held_out), (count, right, wrong) in MEASURED.items():
        part = "held out" if held_out else "tuned on"
        assert f"| {name} | {part} | {count} | {right} | {count - right - wrong} | {wrong} |" in text


def test_rows_in_another_order_or_missing_are_not_the_same() -> None:
    ordered = Question("q", None, (("a", 2), ("b", 1)), ordered=True, held_out=False)
    assert same_rows(ordered, [("a", "x", 2.0), ("b", "y", 1.0)])
    assert not same_rows(ordered, [("b", 1), ("a", 2)])
    assert not same_rows(ordered, [("a", 2)])


def test_the_most_popular_albums_come_in_order_with_their_counts(chinook_place: Place) -> None:
    [question] = [q for q in questions("chinook") if q.text == "list the most popular albums"]
    rows = chinook_place.execute(ask(question, chinook_place).reply)
    assert rows == [
        ("Minha Historia", 27),
        ("Greatest Hits", 26),
        ("Unplugged", 25),
        ("Acústico", 22),
        ("Greatest Kiss", 20),
    ]
