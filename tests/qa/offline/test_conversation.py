"""Which job a conversation asks for."""

import json
import time

import pytest

from llm_tracing.qa.offline.conversation import NEITHER, Message, read_result, reply
from tests.qa.offline.questions import Place, conversation


def answer_prompt(question: str, columns: list[str], rows: list[list[object]], note: str = "") -> list[Message]:
    body = json.dumps({"columns": columns, "rows": rows})
    text = f"Question: {question}\n\nSQL query:\nSELECT 1\n\nResult (JSON, {len(rows)} rows{note}):\n{body}"
    return [Message("system", "You answer questions about a database from the result."), Message("user", text)]


def test_a_schema_and_a_question_give_only_a_statement(chinook_place: Place) -> None:
    assert reply(conversation("How many employees are there?", chinook_place)) == (
        "SELECT COUNT(*) AS count FROM Employee"
    )


def test_a_result_gives_a_sentence() -> None:
    assert reply(answer_prompt("How many employees are there?", ["count"], [[8]])) == "There are 8 employees."


def test_a_list_is_numbered_and_has_names_and_numbers() -> None:
    prompt = answer_prompt("list the most popular albums", ["Title", "n"], [["Minha Historia", 27], ["Unplugged", 25]])
    assert reply(prompt) == "The most popular albums are: 1. Minha Historia (27), 2. Unplugged (25)."


def test_a_truncated_result_is_told() -> None:
    assert reply(answer_prompt("list all x", ["x"], [["a"], ["b"]], ", truncated")).endswith(
        "The result was cut off after 2 rows; there are more."
    )


def test_neither_a_schema_nor_a_result_is_said_so() -> None:
    assert reply([Message("user", "Hello, who are you?")]) == NEITHER
    assert reply([]) == NEITHER


def test_a_failed_statement_is_written_another_way(chinook_place: Place) -> None:
    messages = conversation("Revenue per year", chinook_place)
    first = reply(messages)
    messages += [Message("assistant", first), Message("user", "The statement was refused: no STRFTIME. Write another.")]
    second = reply(messages)
    assert "STRFTIME" in first
    assert "STRFTIME" not in second
    assert chinook_place.execute(second) == chinook_place.execute(first)


def test_when_there_is_no_other_way_the_model_says_so(chinook_place: Place) -> None:
    messages = conversation("How many employees are there?", chinook_place)
    messages += [Message("assistant", reply(messages)), Message("user", "The statement failed: no such table.")]
    assert reply(messages) == (
        "The statement failed (The statement failed: no such table) and I know no other way to write it."
    )


def test_a_later_question_of_the_same_conversation_is_a_new_one(chinook_place: Place) -> None:
    messages = conversation("How many employees are there?", chinook_place)
    messages += [Message("assistant", reply(messages)), Message("user", "How many customers are there?")]
    assert reply(messages) == "SELECT COUNT(*) AS count FROM Customer"


def test_a_single_message_with_schema_and_question_is_understood(chinook_place: Place) -> None:
    head = f"Given an input question, write SQLite.\n\nOnly use these tables:\n{chinook_place.ddl}\n\n"
    text = head + "Question: List all genres\nSQLQuery: "
    assert reply([Message("user", text)]) == "SELECT Genre.Name FROM Genre ORDER BY Genre.Name ASC"


@pytest.mark.parametrize("blank", ["\n", " ", "\n ", "Question:\n", "SELECT ", "\nResult: ", "/*", "("])
def test_a_long_strange_prompt_is_answered_quickly(blank: str) -> None:
    text = f"Question: x{blank * (200_000 // len(blank))}\nResult: none"
    start = time.process_time()
    reply([Message("system", "CREATE TABLE a (id INT PRIMARY KEY)"), Message("assistant", text), Message("user", text)])
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("Question: x\nSQLResult: [('Rock', 1297), ('Jazz', 130)]\nAnswer: ", (("Rock", 1297), ("Jazz", 130))),
        ('Result:\n{"columns": ["a"], "rows": []}', ()),
        ('Result:\n{"columns": ["a"], "rows": [{"a": 1}]}', ((1,),)),
    ],
)
def test_results_in_other_shapes_are_read(text: str, rows: tuple[object, ...]) -> None:
    result = read_result(text)
    assert result is not None
    assert result.rows == rows


@pytest.mark.parametrize(
    "text", ["Result: none yet", "Result: {broken", "Results matter", "Result: [__import__('os')]"]
)
def test_text_that_only_looks_like_a_result_is_not_one(text: str) -> None:
    assert read_result(text) is None
