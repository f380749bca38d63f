"""Statements run read-only under limits, and their plans; what they give is JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from llm_tracing.readonly.connect import Names, read_only_engine, time_limited, took_too_long
from llm_tracing.readonly.errors import DatabaseProblem, Problem, StatementFailed
from llm_tracing.readonly.values import Json, to_json

_PG_QUERY_CANCELED = "57014"

# How a database is asked for the plan of a statement without running it, by SQLAlchemy's name of the dialect.
EXPLAIN = {
    "sqlite": "EXPLAIN QUERY PLAN ",
    "postgresql": "EXPLAIN ",
    "mysql": "EXPLAIN ",
    "mariadb": "EXPLAIN ",
    "duckdb": "EXPLAIN ",
}


@dataclass(frozen=True, slots=True)
class Rows:
    """What a statement gave: at most the row limit, `truncated` if there was more."""

    columns: list[str]
    rows: list[list[Json]]
    truncated: bool = False


class ReadOnlyDatabase:
    """One database under a row limit and a time limit (seconds).

    The engine is made here, not at import: instrumentation hooks engines made later.
    """

    def __init__(self, url: str, *, row_limit: int, time_limit: float, names: Names) -> None:
        self.engine: Engine = read_only_engine(url, time_limit, names)
        self._row_limit = row_limit
        self._time_limit = time_limit
        self._names = names

    @property
    def dialect(self) -> str:
        """SQLAlchemy's name of the dialect, e.g. `sqlite` or `postgresql`."""
        return self.engine.dialect.name

    def run(self, sql: str) -> Rows:
        """Run one statement that the guard has passed. Always rolled back.

        Raises StatementFailed with the database's own words, or when it takes longer than the time limit.
        """
        try:
            with self.engine.connect() as connection, time_limited(connection, self._time_limit):
                return self._fetch(connection, sql)
        except DBAPIError as error:
            raise self._problem(error) from error
        except SQLAlchemyError as error:
            raise StatementFailed(f"{first_line(error)}.") from error

    def explain(self, sql: str) -> list[str]:
        """The plan of a statement that the guard has passed, a line each step, indented; it is not run.

        Raises StatementFailed, also where this database has no EXPLAIN that is known here.
        """
        asked = EXPLAIN.get(self.dialect)
        if asked is None:
            raise StatementFailed(f"How {self.dialect} explains a statement is not known here.")
        found = self.run(asked + sql)
        return _sqlite_plan(found.rows) if self.dialect == "sqlite" else _plan(found)

    def close(self) -> None:
        self.engine.dispose()

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

    def _problem(self, error: DBAPIError) -> Problem:
        original = error.orig
        text = first_line(original or error)
        if text == "interrupted" or getattr(original, "sqlstate", None) == _PG_QUERY_CANCELED:
            return took_too_long(self._time_limit, self._names)
        if error.connection_invalidated or _never_connected(error):
            return DatabaseProblem(f"The database cannot be reached: {text}.", hint=self._names.check_url)
        return StatementFailed(f"{text}.")


def first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__


def _never_connected(error: DBAPIError) -> bool:
    return error.statement is None


def _sqlite_plan(rows: Sequence[Sequence[Json]]) -> list[str]:
    """Rows of (id, parent, unused, detail), parents first."""
    depth: dict[Json, int] = {}
    lines = []
    for step, parent, _, detail in rows:
        assert isinstance(step, int)
        depth[step] = depth[parent] + 1 if isinstance(parent, int) and parent in depth else 0
        lines.append(f"{'  ' * depth[step]}{detail}")
    return lines


def _plan(found: Rows) -> list[str]:
    """One column is the text of the plan; of more, each row is a step."""
    if len(found.columns) == 1:
        return [line for row in found.rows for line in str(row[0]).splitlines()]
    named = [[f"{name}={cell}" for name, cell in zip(found.columns, row, strict=True) if cell] for row in found.rows]
    return ["  ".join(cells) for cells in named]
