import sqlite3
import threading
import time
from pathlib import Path

import pytest

from llm_tracing.qa.database import Database, open_database
from llm_tracing.qa.dataset import chinook_file, metadata
from llm_tracing.qa.errors import DatabaseProblem, StatementFailed
from llm_tracing.qa.settings import load_settings

POPULAR = """
    SELECT a.Title, COUNT(*) AS sold FROM InvoiceLine l JOIN Track t ON t.TrackId = l.TrackId
    JOIN Album a ON a.AlbumId = t.AlbumId GROUP BY a.AlbumId ORDER BY sold DESC LIMIT 5
"""
BOMB = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT {} FROM c"

# Sent to the connection itself, past the guard.
WRITES = [
    "DELETE FROM Artist",
    "INSERT INTO Artist VALUES (9999, 'x')",
    "UPDATE Artist SET Name = 'x'",
    "DROP TABLE Artist",
    "CREATE TABLE x (a)",
    "CREATE TEMP TABLE x (a)",
    "ALTER TABLE Artist ADD COLUMN x",
    "PRAGMA query_only = OFF",
    "PRAGMA writable_schema = ON",
    "PRAGMA journal_mode = DELETE",
    "VACUUM",
    "SELECT load_extension('x')",
    "SELECT 1; DELETE FROM Artist",
]


def test_chinook_has_all_rows_and_the_known_answers(chinook: Database) -> None:
    counts = {name: chinook.run(f'SELECT COUNT(*) FROM "{name}"').rows[0][0] for name in metadata.tables}
    assert len(counts) == 11
    assert sum(int(str(count)) for count in counts.values()) == 15_607
    assert counts["Employee"] == 8
    assert chinook.run(POPULAR).rows == [
        ["Minha Historia", 27],
        ["Greatest Hits", 26],
        ["Unplugged", 25],
        ["Acústico", 22],
        ["Greatest Kiss", 20],
    ]


def test_values_are_stored_with_the_types_of_the_schema(chinook: Database) -> None:
    found = chinook.run(
        "SELECT typeof(Total), typeof(InvoiceDate), InvoiceDate, typeof(BillingState) FROM Invoice WHERE InvoiceId = 1"
    )
    assert found.rows == [["real", "text", "2007-01-01 00:00:00", "null"]]
    assert chinook.run("SELECT SUM(Total) FROM Invoice").rows == [[2328.6]]


def test_foreign_keys_have_indexes_and_hold(data_folder: Path) -> None:
    with sqlite3.connect(chinook_file(data_folder)) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        for table in metadata.tables.values():
            led = {
                connection.execute(f'PRAGMA index_info("{index[1]}")').fetchall()[0][2]
                for index in connection.execute(f'PRAGMA index_list("{table.name}")').fetchall()
            }
            for key in table.foreign_keys:
                assert key.parent.name in led, f"{table.name}.{key.parent.name}"
    connection.close()


def test_the_file_is_built_once_and_left_alone_afterwards(data_folder: Path) -> None:
    first = chinook_file(data_folder)
    before = first.stat()
    assert chinook_file(data_folder) == first
    assert (first.stat().st_ino, first.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert [path.name for path in first.parent.iterdir()] == [first.name]


def test_two_starts_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    paths: list[Path] = []
    threads = [threading.Thread(target=lambda: paths.append(chinook_file(tmp_path))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(paths) == 2
    assert [path.name for path in (tmp_path / "qa").iterdir()] == [paths[0].name]
    connection = sqlite3.connect(paths[0])
    assert connection.execute("SELECT COUNT(*) FROM Track").fetchone() == (3503,)
    connection.close()


def test_a_data_folder_that_cannot_be_made_is_told_with_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(DatabaseProblem) as problem:
        chinook_file(tmp_path / "file")
    assert "LLM_TRACING_DATA" in problem.value.hint


@pytest.mark.parametrize("sql", WRITES)
def test_a_write_that_reaches_the_connection_is_refused_by_it(chinook: Database, sql: str) -> None:
    with pytest.raises(StatementFailed):
        chinook.run(sql)
    assert chinook.run("SELECT COUNT(*), SUM(Name = 'x') FROM Artist").rows == [[275, 0]]


def test_no_other_file_can_be_attached(chinook: Database, tmp_path: Path) -> None:
    with pytest.raises(StatementFailed):
        chinook.run(f"ATTACH DATABASE '{tmp_path}/other.sqlite' AS other")
    with pytest.raises(StatementFailed):
        chinook.run(f"VACUUM INTO '{tmp_path}/copy.sqlite'")
    assert list(tmp_path.iterdir()) == []


def test_a_statement_without_end_is_stopped_at_the_time_limit(data_folder: Path) -> None:
    database = open_database(load_settings(LLM_TRACING_DATA=data_folder, time_limit=0.3))
    started = time.monotonic()
    with pytest.raises(StatementFailed, match=r"longer than 0\.3 s"):
        database.run(BOMB.format("COUNT(*)"))
    assert 0.25 < time.monotonic() - started < 3
    assert database.run("SELECT 1").rows == [[1]], "the connection is of use afterwards"
    database.close()


def test_the_time_limit_counts_fetching_too(data_folder: Path) -> None:
    database = open_database(load_settings(LLM_TRACING_DATA=data_folder, time_limit=0.3))
    with pytest.raises(StatementFailed, match="longer than"):
        database.run(BOMB.format("x") + " WHERE x % 1000000007 = 0")
    database.close()


def test_rows_end_at_the_limit_and_say_so(data_folder: Path) -> None:
    database = open_database(load_settings(LLM_TRACING_DATA=data_folder, row_limit=3))
    endless = database.run(BOMB.format("x"))
    assert (endless.rows, endless.truncated) == ([[1], [2], [3]], True)
    exact = database.run("SELECT ArtistId FROM Artist ORDER BY 1 LIMIT 3")
    assert (exact.rows, exact.truncated) == ([[1], [2], [3]], False)
    database.close()


def test_a_huge_value_is_refused_and_a_large_one_is_cut(chinook: Database) -> None:
    with pytest.raises(StatementFailed, match="too big"):
        chinook.run("SELECT hex(zeroblob(1000000000))")
    [[cell]] = chinook.run("SELECT hex(zeroblob(50000))").rows
    assert str(cell).endswith("(100,000 characters)")


def test_signs_that_drivers_take_for_parameters_are_left_alone(chinook: Database) -> None:
    found = chinook.run("SELECT COUNT(*) FROM Track WHERE Name LIKE '%s%' AND Name <> ':name' AND Name <> '?'")
    assert int(str(found.rows[0][0])) > 100


def test_an_empty_result_keeps_its_columns(chinook: Database) -> None:
    found = chinook.run("SELECT Name, ArtistId FROM Artist WHERE 1 = 0")
    assert (found.columns, found.rows, found.truncated) == (["Name", "ArtistId"], [], False)


def test_the_words_of_the_database_come_back_on_a_bad_statement(chinook: Database) -> None:
    with pytest.raises(StatementFailed, match="no such column: Nme"):
        chinook.run("SELECT Nme FROM Artist")


def test_the_schema_text_has_tables_keys_and_types(chinook: Database) -> None:
    text = chinook.schema_text()
    assert text.count("CREATE TABLE") == 11
    assert 'PRIMARY KEY ("PlaylistId", "TrackId")' in text
    assert 'FOREIGN KEY("ReportsTo") REFERENCES "Employee" ("EmployeeId")' in text
    assert '"UnitPrice" NUMERIC(10, 2) NOT NULL' in text


def test_the_schema_is_read_again_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "own.sqlite"
    writer = sqlite3.connect(path)
    writer.execute("CREATE TABLE first (a INTEGER PRIMARY KEY)")
    database = Database(f"sqlite:///{path}", row_limit=10, time_limit=5)
    assert "second" not in database.schema_text()
    writer.execute("CREATE TABLE second (b)")
    assert "second" not in database.schema_text()
    assert "CREATE TABLE second" in database.schema_text(refresh=True)
    writer.close()
    database.close()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite:////nowhere/at/all.sqlite", "no SQLite file at /nowhere/at/all.sqlite"),
        ("sqlite://", "no SQLite file"),
        ("not a url", "not a SQLAlchemy URL"),
        ("nosuch://host/db", "nosuch"),
        ("mysql+pymysql://u:secret@127.0.0.1/db", "pymysql"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_with_the_setting(url: str, words: str) -> None:
    with pytest.raises(DatabaseProblem) as problem:
        Database(url, row_limit=10, time_limit=5)
    assert words in problem.value.message
    assert "secret" not in problem.value.message
    assert "LLM_TRACING_QA_DATABASE_URL" in problem.value.hint


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("These are notes, and no database at all. " * 50)
    database = Database(f"sqlite:///{path}", row_limit=10, time_limit=5)
    with pytest.raises(DatabaseProblem, match="not a database"):
        database.schema_text()
    database.close()


def test_an_empty_database_is_told(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "empty.sqlite").close()
    database = Database(f"sqlite:///{tmp_path}/empty.sqlite", row_limit=10, time_limit=5)
    with pytest.raises(DatabaseProblem, match="no tables"):
        database.schema_text()
    database.close()
