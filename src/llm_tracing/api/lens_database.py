"""The database that traced statements ran on, where the server is told of it: read-only, opened when first asked."""

from threading import Lock
from typing import TYPE_CHECKING

from llm_tracing.errors import QueryError

if TYPE_CHECKING:
    from llm_tracing.readonly.database import ReadOnlyDatabase, Rows

SETTING = "LLM_TRACING_LENS_DATABASE"
ROW_LIMIT = 1_000
TIME_LIMIT_S = 10.0
NOT_CONFIGURED = "No database is configured to run statements on."
HOW = f"Start the server with --lens-database URL or {SETTING}=URL; it is only read."
NO_PACKAGES = "The packages that read a database are not installed."
INSTALL = "pip install 'llm-tracing[lens]'"


class LensProblem(QueryError):
    """A statement that was not run or gave no rows; `code` and `status` say which."""

    def __init__(self, code: str, status: int, message: str, hint: str | None) -> None:
        super().__init__(message, hint or None)
        self.code = code
        self.status = status


class LensReader:
    """Runs and explains single SELECT statements. Every method may be called from any thread."""

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._opened: ReadOnlyDatabase | None = None
        self._lock = Lock()

    def state(self) -> dict[str, object]:
        """Whether it can be asked, as the API says it; nothing is connected."""
        if self._url is None:
            return {"configured": False, "name": None, "problem": NOT_CONFIGURED, "hint": HOW}
        try:
            database = self._database()
        except LensProblem as problem:
            return {"configured": False, "name": None, "problem": problem.message, "hint": problem.hint}
        name = database.engine.url.render_as_string(hide_password=True)
        return {"configured": True, "name": name, "problem": None, "hint": None}

    def run(self, sql: str) -> "Rows":
        """Raises LensProblem: not configured, refused by the guard, failed, too slow."""
        database = self._checked(sql)
        from llm_tracing.readonly.errors import Problem

        try:
            return database.run(sql)
        except Problem as problem:
            raise _told(problem) from problem

    def explain(self, sql: str) -> list[str]:
        """The lines of the plan. Raises LensProblem."""
        database = self._checked(sql)
        from llm_tracing.readonly.errors import Problem

        try:
            return database.explain(sql)
        except Problem as problem:
            raise _told(problem) from problem

    def close(self) -> None:
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def _checked(self, sql: str) -> "ReadOnlyDatabase":
        database = self._database()
        from llm_tracing.readonly.errors import StatementRefused
        from llm_tracing.readonly.guard import check_statement

        try:
            check_statement(sql, database.dialect)
        except StatementRefused as problem:
            raise _told(problem) from problem
        return database

    def _database(self) -> "ReadOnlyDatabase":
        if self._url is None:
            raise LensProblem("not_configured", 409, NOT_CONFIGURED, HOW)
        try:
            import llm_tracing.readonly.guard  # noqa: F401 - both packages must be there
            from llm_tracing.readonly.connect import Names
            from llm_tracing.readonly.database import ReadOnlyDatabase
            from llm_tracing.readonly.errors import Problem
        except ImportError as error:
            raise LensProblem("not_configured", 409, NO_PACKAGES, INSTALL) from error
        with self._lock:
            if self._opened is None:
                try:
                    self._opened = ReadOnlyDatabase(
                        self._url, row_limit=ROW_LIMIT, time_limit=TIME_LIMIT_S, names=Names(SETTING)
                    )
                except Problem as problem:
                    raise _told(problem) from problem
            return self._opened


def _told(problem: Exception) -> LensProblem:
    from llm_tracing.readonly.errors import DatabaseProblem, Problem

    assert isinstance(problem, Problem)
    return LensProblem(
        problem.code, 503 if isinstance(problem, DatabaseProblem) else 422, problem.message, problem.hint
    )
