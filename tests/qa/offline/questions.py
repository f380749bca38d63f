"""The question sets, the databases they are asked of, and the judgement of an answer.

Used by the tests and by `scripts/report_offline_model.py`.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Literal

import yaml

from llm_tracing.qa.database import Database
from llm_tracing.qa.dataset import chinook_file
from llm_tracing.qa.offline.conversation import Message, reply

FOLDER = Path(__file__).parents[2] / "data" / "questions"
SETS = ("chinook", "library", "logistics")
Verdict = Literal["right", "refused", "wrong"]
Row = Sequence[object]
Execute = Callable[[str], list[Row]]


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `rows` is None where the right answer is to refuse."""

    text: str
    sql: str | None
    rows: tuple[Row, ...] | None
    ordered: bool
    held_out: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what the model wrote for it and whether that was right."""

    question: Question
    reply: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Place:
    """A database to ask: its schema as the service sends it, its dialect, and a way to run a statement."""

    ddl: str
    dialect: str
    execute: Execute


def questions(name: str) -> list[Question]:
    """The set of one schema."""
    loaded = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return [
        Question(
            entry["question"],
            entry.get("sql"),
            None if entry.get("refuses") else tuple(entry["rows"]),
            bool(entry.get("ordered")),
            bool(entry.get("held_out")),
        )
        for entry in loaded
    ]


@contextmanager
def sqlite_place(name: str, folder: Path) -> Iterator[Place]:
    """The SQLite database of a set, built under `folder`."""
    path = chinook_file(folder) if name == "chinook" else folder / f"{name}.sqlite"
    connection = sqlite3.connect(path)
    try:
        if name != "chinook":
            connection.executescript((FOLDER / f"{name}.sql").read_text(encoding="utf-8"))
        database = Database(f"sqlite:///{path}", row_limit=5000, time_limit=10)
        try:
            yield Place(database.schema_text(), "SQLite", lambda sql: connection.execute(sql).fetchall())
        finally:
            database.close()
    finally:
        connection.close()


def conversation(question: str, place: Place) -> list[Message]:
    """The write step as the reference service sends it."""
    system = (
        f"You write {place.dialect} queries. Reply with one read-only SELECT statement and nothing else. "
        "If the question cannot be answered from this schema, reply with one sentence that says why."
        f"\n\nSchema:\n{place.ddl}"
    )
    return [Message("system", system), Message("user", question)]


def ask(question: Question, place: Place) -> Asked:
    """Ask the model and judge: a statement where a refusal is right, or one that gives other rows, is wrong."""
    text = reply(conversation(question.text, place))
    if not text.upper().startswith("SELECT"):
        return Asked(question, text, "right" if question.rows is None else "refused")
    if question.rows is None:
        return Asked(question, text, "wrong")
    return Asked(question, text, "right" if same_rows(question, place.execute(text)) else "wrong")


def same_rows(question: Question, found: Sequence[Row]) -> bool:
    """Whether some columns of the found rows are the expected rows, in their order if that matters.

    Further columns are allowed (the length beside the longest track's name); rows are neither more nor fewer.
    Numbers are compared to two decimals.
    """
    expected = [tuple(_plain(v) for v in row) for row in question.rows or ()]
    rows = [tuple(_plain(v) for v in row) for row in found]
    if len(rows) != len(expected) or not rows:
        return rows == expected
    for places in permutations(range(len(rows[0])), len(expected[0])):
        picked = [tuple(row[i] for i in places) for row in rows]
        if picked == expected or (not question.ordered and sorted(picked, key=repr) == sorted(expected, key=repr)):
            return True
    return False


def _plain(value: object) -> object:
    if value is None:
        return None
    try:
        return round(float(str(value)), 2)
    except ValueError:
        return str(value)
