"""The database that is asked: its schema as text for the model, and statements run under limits."""

import logging
from threading import Lock

from sqlalchemy import Engine, MetaData, Table, Text, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.schema import CreateTable
from sqlalchemy.types import NullType

from llm_tracing.qa.dataset import chinook_file
from llm_tracing.qa.errors import DatabaseProblem
from llm_tracing.qa.settings import QaSettings
from llm_tracing.readonly.connect import Names
from llm_tracing.readonly.database import ReadOnlyDatabase, Rows, first_line

log = logging.getLogger(__name__)

NAMES = Names("LLM_TRACING_QA_DATABASE_URL", "LLM_TRACING_QA_TIME_LIMIT")


class Database:
    """Read-only access. The engine is made here, not at import: instrumentation hooks engines made later."""

    def __init__(self, url: str, *, row_limit: int, time_limit: float) -> None:
        self._statements = ReadOnlyDatabase(url, row_limit=row_limit, time_limit=time_limit, names=NAMES)
        self._engine: Engine = self._statements.engine
        self._schema: str | None = None
        self._lock = Lock()

    @property
    def dialect(self) -> str:
        """SQLAlchemy's name of the dialect, e.g. `sqlite` or `postgresql`."""
        return self._statements.dialect

    def schema_text(self, *, refresh: bool = False) -> str:
        """CREATE TABLE statements of all tables, with keys; read once, again on `refresh`.

        Raises DatabaseProblem when the database cannot be reached.
        """
        with self._lock:
            if self._schema is None or refresh:
                self._schema = self._read_schema()
            return self._schema

    def run(self, sql: str) -> Rows:
        """Run one statement that the guard has passed; see ReadOnlyDatabase.run."""
        return self._statements.run(sql)

    def close(self) -> None:
        self._statements.close()

    def _read_schema(self) -> str:
        metadata = MetaData()
        try:
            with self._engine.connect() as connection:
                metadata.reflect(connection, views=False)
        except SQLAlchemyError as error:
            original = error.orig if isinstance(error, DBAPIError) else None
            raise DatabaseProblem(
                f"The database cannot be read: {first_line(original or error)}.", hint=NAMES.check_url
            ) from error
        if not metadata.tables:
            raise DatabaseProblem("The database has no tables.", hint=NAMES.check_url)
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
