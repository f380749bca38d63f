"""Answers in words."""

import pytest

from llm_tracing.qa.offline.wording import SHOWN_ROWS, Result, text_of, word_answer


@pytest.mark.parametrize(
    ("question", "rows", "answer"),
    [
        ("How many cats are there in Oslo?", [[1]], "There is 1 cat in Oslo."),
        ("How many tracks does it have?", [[15]], "The answer is 15 tracks."),
        ("What is the longest track?", [["Occupation", 5286953]], "The longest track: Occupation (5286953)."),
        ("What is the total revenue?", [[2328.6000000000004]], "The total revenue is 2328.6."),
        ("Who is Oscar's manager?", [["Milan"]], "Oscar's manager is Milan."),
        ("Which books are long?", [["Emma"], ["Dracula"]], "The books are: 1. Emma, 2. Dracula."),
        ("Revenue per year", [["2009", 1.5], ["2010", 2]], "The revenue per year: 1. 2009 (1.5), 2. 2010 (2)."),
    ],
)
def test_the_answer_repeats_the_question_and_has_the_values(
    question: str, rows: list[list[object]], answer: str
) -> None:
    assert word_answer(question, Result(("a", "b"), tuple(map(tuple, rows)))) == answer


def test_an_empty_result_is_said_to_be_empty_with_what_was_looked_for() -> None:
    sql = "SELECT x FROM t WHERE LOWER(t.city) = LOWER('Atlantis')"
    assert word_answer("Who lives in Atlantis?", Result(("x",), ()), sql) == (
        "The query found no matching rows, so the result is empty. It looked for city 'Atlantis'."
    )


def test_a_sum_over_nothing_has_no_value() -> None:
    assert word_answer("total sales", Result(("total",), ((None,),))) == "No rows match, so there is no value to give."


def test_first_and_last_names_stand_together() -> None:
    result = Result(("FirstName", "LastName", "total"), (("Helena", "Holý", 49.62), ("Luis", "Rojas", 46.62)))
    assert "1. Helena Holý (49.62), 2. Luis Rojas (46.62)" in word_answer("top customers", result)


def test_a_long_list_is_cut_and_the_rest_counted() -> None:
    result = Result(("x",), tuple((f"v{i}",) for i in range(SHOWN_ROWS + 7)))
    answer = word_answer("list all x", result)
    assert f"{SHOWN_ROWS}. v{SHOWN_ROWS - 1}, and 7 more" in answer


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"),
        (True, "yes"),
        (2.0, "2"),
        (0.004, "0.004"),
        (5.666666, "5.67"),
        ("2002-04-01 00:00:00", "2002-04-01"),
        ("2002-04-01T10:30:00", "2002-04-01T10:30:00"),
    ],
)
def test_values_read_as_a_person_writes_them(value: object, text: str) -> None:
    assert text_of(value) == text


def test_a_long_hostile_question_is_worded_quickly() -> None:
    answer = word_answer("a'" * 100_000 + " per " * 50_000, Result(("x",), ((1,), (2,))))
    assert answer.endswith("1. 1, 2. 2.")
