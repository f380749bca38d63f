"""The same promises on a real PostgreSQL server."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from llm_tracing.qa.database import Database
from llm_tracing.qa.dataset import load
from llm_tracing.qa.errors import DatabaseProblem, StatementFailed
from llm_tracing.qa.settings import load_settings
from tests.qa.conftest import Service
from tests.qa.scripted import scripted_endpoint

pytestmark = pytest.mark.postgres

POPULAR = (
    'SELECT a."Title", COUNT(*) AS sold FROM "InvoiceLine" l JOIN "Track" t USING ("TrackId") '
    'JOIN "Album" a USING ("AlbumId") GROUP BY a."AlbumId" ORDER BY sold DESC LIMIT 5'
)

# Sent past the guard. The last ones try to leave the read-only transaction first.
WRITES = [
    'DELETE FROM "Artist"',
    "INSERT INTO \"Artist\" VALUES (9999, 'x')",
    'DROP TABLE "Artist" CASCADE',
    "CREATE TABLE x (a int)",
    'WITH gone AS (DELETE FROM "InvoiceLine" RETURNING *) SELECT * FROM gone',
    'SELECT * INTO x FROM "Artist"',
    'SELECT 1; DELETE FROM "InvoiceLine"',
    'ROLLBACK; BEGIN READ WRITE; DELETE FROM "InvoiceLine"; COMMIT',
    'SELECT 1; COMMIT; BEGIN READ WRITE; DELETE FROM "InvoiceLine"; COMMIT',
    'COMMIT; SET default_transaction_read_only = off; DELETE FROM "InvoiceLine"',
]


@pytest.fixture(scope="module")
def filled(postgres_url: str) -> str:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        assert load(connection) == 15_607
        connection.execute(
            text(
                "CREATE TABLE odd AS SELECT 12.5::numeric AS n, DATE '2020-02-29' AS d, "
                "'\\x00ff'::bytea AS b, '{\"a\": [1]}'::jsonb AS j, ARRAY[1, 2] AS l, "
                "INTERVAL '90 minutes' AS i, NULL::text AS nothing, gen_random_uuid() AS u, "
                "'a'::tsvector AS v"
            )
        )
    engine.dispose()
    return postgres_url


@pytest.fixture
def database(filled: str) -> Iterator[Database]:
    database = Database(filled, row_limit=5, time_limit=5)
    yield database
    database.close()


def test_the_known_answers_come_from_postgresql_too(database: Database) -> None:
    assert database.dialect == "postgresql"
    assert database.run(POPULAR).rows == [
        ["Minha Historia", 27],
        ["Greatest Hits", 26],
        ["Unplugged", 25],
        ["Acústico", 22],
        ["Greatest Kiss", 20],
    ]
    assert database.run('SELECT SUM("Total") FROM "Invoice"').rows == [[2328.6]]
    assert database.run('SELECT COUNT(*) FROM "Track" WHERE "Name" LIKE \'%s%\'').rows != [[0]]


@pytest.mark.parametrize("sql", WRITES)
def test_a_write_that_reaches_the_session_is_refused_by_it(database: Database, sql: str) -> None:
    with pytest.raises(StatementFailed):
        database.run(sql)
    assert database.run('SELECT COUNT(*) FROM "Artist"').rows == [[275]]
    assert database.run('SELECT COUNT(*) FROM "InvoiceLine"').rows == [[2240]]


def test_a_statement_is_stopped_at_the_time_limit(filled: str) -> None:
    database = Database(filled, row_limit=5, time_limit=0.3)
    started = time.monotonic()
    with pytest.raises(StatementFailed, match=r"longer than 0\.3 s"):
        database.run("SELECT pg_sleep(10)")
    assert time.monotonic() - started < 3
    assert database.run("SELECT 1").rows == [[1]]
    database.close()


def test_an_endless_result_is_not_read_past_the_row_limit(database: Database) -> None:
    started = time.monotonic()
    found = database.run("SELECT generate_series(1, 2000000000)")
    assert (found.rows, found.truncated) == ([[1], [2], [3], [4], [5]], True)
    assert time.monotonic() - started < 3


def test_values_of_every_kind_are_json(database: Database) -> None:
    found = database.run("SELECT n, d, b, j, l, i, nothing FROM odd")
    assert found.rows == [[12.5, "2020-02-29", "0x00ff", {"a": [1]}, [1, 2], "1:30:00", None]]
    json.dumps(database.run("SELECT * FROM odd").rows, allow_nan=False)


def test_the_schema_text_is_in_the_dialect(database: Database) -> None:
    schema = database.schema_text()
    assert "TIMESTAMP WITHOUT TIME ZONE" in schema
    assert "CREATE TABLE odd" in schema
    assert schema.count("CREATE TABLE") == 12


def test_a_server_that_is_away_is_told_without_the_password() -> None:
    database = Database("postgresql://u:secret@127.0.0.1:1/x", row_limit=5, time_limit=5)
    with pytest.raises(DatabaseProblem) as problem:
        database.schema_text()
    assert "secret" not in problem.value.message
    with pytest.raises(DatabaseProblem, match="cannot be reached") as away:
        database.run("SELECT 1")
    assert away.value.status == 503
    database.close()


def test_a_question_is_answered_from_postgresql(filled: str, service: Service, tmp_path: Path) -> None:
    with scripted_endpoint(POPULAR, "Minha Historia leads with 27.") as model:
        client = service(
            load_settings(LLM_TRACING_DATA=tmp_path, database_url=filled, model="scripted", base_url=model.base_url)
        )
        body = client.get("/ask", params={"question": "list the most popular albums"}).json()
    assert body["rows"][0] == ["Minha Historia", 27]
    assert body["error"] is None
    assert model.messages(0)[0][1].startswith("You write PostgreSQL queries.")
    assert not list(tmp_path.iterdir()), "no Chinook file is built when another database is asked"
