"""Plans: what a database says of how it would run a statement."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from llm_tracing.readonly.connect import Names
from llm_tracing.readonly.database import ReadOnlyDatabase
from llm_tracing.readonly.errors import DatabaseProblem, StatementFailed


@pytest.fixture
def database(tmp_path: Path) -> Iterator[ReadOnlyDatabase]:
    path = tmp_path / "shop.sqlite"
    with sqlite3.connect(path) as db:
        db.executescript(
            "CREATE TABLE a(id INTEGER PRIMARY KEY, b); CREATE TABLE c(a_id, d); INSERT INTO a VALUES(1,2)"
        )
    db.close()
    opened = ReadOnlyDatabase(f"sqlite:///{path}", row_limit=5, time_limit=5, names=Names("THE_URL"))
    yield opened
    opened.close()


def test_the_plan_of_sqlite_is_a_line_each_step_indented(database: ReadOnlyDatabase) -> None:
    lines = database.explain("SELECT * FROM a WHERE id IN (SELECT a_id FROM c)")
    assert any("SEARCH a" in line for line in lines)
    assert any(line.startswith("  ") and "SCAN c" in line for line in lines)


def test_explaining_does_not_run_the_statement(database: ReadOnlyDatabase) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    assert database.explain(endless)


def test_a_plan_of_what_does_not_exist_is_the_databases_own_words(database: ReadOnlyDatabase) -> None:
    with pytest.raises(StatementFailed, match="no such table: elsewhere"):
        database.explain("SELECT * FROM elsewhere")


def test_a_missing_file_names_the_setting_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(DatabaseProblem) as caught:
        ReadOnlyDatabase(f"sqlite:///{tmp_path}/none", row_limit=1, time_limit=1, names=Names("THE_URL"))
    assert "THE_URL" in caught.value.hint


def test_a_write_is_refused_by_the_connection_itself(database: ReadOnlyDatabase) -> None:
    with pytest.raises(StatementFailed):
        database.run("INSERT INTO a VALUES (2, 3)")
    assert database.run("SELECT count(*) FROM a").rows == [[1]]
