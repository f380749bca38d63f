"""The database that is asked: its schema as text for the model, and statements run under limits."""

import logging
from dataclasses import dataclass
from threading import Lock
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, MetaData, Table, Text, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.schema import CreateTable
from sqlalchemy.types import NullType

from llm_tracing.qa.connect import PASSWORD_HINT, read_only_engine, time_limited, took_too_long
from llm_tracing.qa.dataset import chinook_file
from llm_tracing.qa.errors import DatabaseProblem, QaError, StatementFailed
from llm_tracing.qa.settings import QaSettings
from llm_tracing.qa.values import Json, to_json

log = logging.getLogger(__name__)

_PG_QUERY_CANCELED = "57014"


@dataclass(frozen=True, slots=True)
class Rows:
    """What a statement gave: at most the row limit, `truncated` if there was more."""

    columns: list[str]
    rows: list[list[Json]]
    truncated: bool = False


class Database:
    """Read-only access. The engine is made here, not at import: instrumentation hooks engines made later."""

    def __init__(self, url: str, *, row_limit: int, time_limit: float) -> None:
        self._engine: Engine = read_only_engine(url, time_limit)
        self._row_limit = row_limit
        self._time_limit = time_limit
        self._schema: str | None = None
        self._lock = Lock()

    @property
    def dialect(self) -> str:
        """SQLAlchemy's name of the dialect, e.g. `sqlite` or `postgresql`."""
        return self._engine.dialect.name

    def schema_text(self, *, refresh: bool = False) -> str:
        """CREATE TABLE statements of all tables, with keys; read once, again on `refresh`.

        Raises DatabaseProblem when the database cannot be reached.
        """
        with self._lock:
            if self._schema is None or refresh:
                self._schema = self._read_schema()
            return self._schema

    def run(self, sql: str) -> Rows:
        """Run one statement that the guard has passed. Always rolled back.

        Raises StatementFailed with the database's own words, or when it takes longer than the time limit.
        """
        try:
            with self._engine.connect() as connection, time_limited(connection, self._time_limit):
                return self._fetch(connection, sql)
        except DBAPIError as error:
            raise self._problem(error) from error
        except SQLAlchemyError as error:
            raise StatementFailed(f"{_first_line(error)}.") from error

    def close(self) -> None:
        self._engine.dispose()

    def _fetch(self, connection: Connection, sql: str) -> Rows:
        # no_parameters: a % in the statement is its own. A streamed result is not read to its end.
        result: CursorResult[Any] = connection.execution_options(
            no_parameters=True, stream_results=True, max_row_buffer=min(self._row_limit + 1, 1000)
        ).exec_driver_sql(sql)
        rows: list[list[Json]] = []
        truncated = False
        for row in result:
            if len(rows) == self._row_limit:
                truncated = True
                break
            rows.append([to_json(value) for value in row])
        columns = list(result.keys())
        result.close()
        return Rows(columns, rows, truncated)

    def _problem(self, error: DBAPIError) -> QaError:
        original = error.orig
        text = _first_line(original or error)
        if text == "interrupted" or getattr(original, "sqlstate", None) == _PG_QUERY_CANCELED:
            return took_too_long(self._time_limit)
        if error.connection_invalidated or _never_connected(error):
            return DatabaseProblem(f"The database cannot be reached: {text}.", hint=PASSWORD_HINT)
        return StatementFailed(f"{text}.")

    def _read_schema(self) -> str:
        metadata = MetaData()
        try:
            with self._engine.connect() as connection:
                metadata.reflect(connection, views=False)
        except SQLAlchemyError as error:
            original = error.orig if isinstance(error, DBAPIError) else None
            raise DatabaseProblem(
                f"The database cannot be read: {_first_line(original or error)}.", hint=PASSWORD_HINT
            ) from error
        if not metadata.tables:
            raise DatabaseProblem("The database has no tables.", hint=PASSWORD_HINT)
        return "\n\n".join(self._create_statement(table) for table in metadata.sorted_tables)

    def _create_statement(self, table: Table) -> str:
        for column in table.columns:
            if isinstance(column.type, NullType):  # a type SQLAlchemy does not know, e.g. of an extension
                column.type = Text()
        lines = str(CreateTable(table).compile(self._engine)).replace("\t", "  ").splitlines()
        return "\n".join(line.rstrip() for line in lines if line.strip()) + ";"


def open_database(settings: QaSettings) -> Database:
    """The database of the settings; Chinook, built at the first start, if none is named."""
    url = settings.database_url or f"sqlite:///{chinook_file(settings.data)}"
    database = Database(url, row_limit=settings.row_limit, time_limit=settings.time_limit)
    log.info("answering from %s", make_url(url).render_as_string(hide_password=True))
    return database


def _never_connected(error: DBAPIError) -> bool:
    return error.statement is None


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
