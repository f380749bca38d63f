"""The same questions over a real PostgreSQL server: statements in its dialect, the same expected rows."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine

from llm_tracing.qa import dataset
from llm_tracing.qa.database import Database
from tests.qa.offline.questions import FOLDER, SETS, Place, Row, ask, questions

pytestmark = pytest.mark.postgres


def runner(engine: Engine) -> Callable[[str], list[Row]]:
    def run(sql: str) -> list[Row]:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(sql.replace("%", "%%"))]

    return run


@contextmanager
def postgres_place(name: str, url: str) -> Iterator[Place]:
    """A database of its own on the server, filled with the set's data."""
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE offline_{name}"))
    admin.dispose()
    own = url.rsplit("/", 1)[0] + f"/offline_{name}"
    engine = create_engine(own)
    with engine.begin() as connection:
        if name == "chinook":
            dataset.load(connection)
        else:
            script = (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
            connection.exec_driver_sql(script.replace("%", "%%"))
    database = Database(own, row_limit=5000, time_limit=10)
    try:
        yield Place(database.schema_text(), "PostgreSQL", runner(engine))
    finally:
        database.close()
        engine.dispose()


@pytest.mark.parametrize("name", SETS)
def test_postgres_gives_the_rows_that_sqlite_gives(name: str, postgres_url: str, places: dict[str, Place]) -> None:
    with postgres_place(name, postgres_url) as place:
        asked = [ask(q, place) for q in questions(name)]
    expected = Counter(ask(q, places[name]).verdict for q in questions(name))
    missed = [(a.verdict, a.question.text, a.reply) for a in asked if a.verdict != "right"]
    assert Counter(a.verdict for a in asked) == expected, missed
