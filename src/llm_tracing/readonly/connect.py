"""Engines whose connections cannot write, whatever statement reaches them.

SQLite: the file is opened with mode=ro, `PRAGMA query_only`, an authorizer that allows reading only, and a
limit on the size of one value. PostgreSQL: sessions are read-only by default with a statement timeout, and
every statement is prepared, which the server does for single statements only. Other databases: nothing is
ever committed, and a warning asks for a read-only account.
"""

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from llm_tracing.readonly.errors import DatabaseProblem, StatementFailed

log = logging.getLogger(__name__)

MAX_VALUE_BYTES = 10_000_000
# Virtual-machine steps between two looks at the clock: about 0.1 ms on a current machine.
_STEPS_PER_LOOK = 10_000

_ALLOWED_ACTIONS = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE, sqlite3.SQLITE_TRANSACTION}
)
# What SQLAlchemy asks to learn the schema; none of these changes anything when given a table's name.
_ALLOWED_PRAGMAS = frozenset(
    {"table_list", "table_info", "table_xinfo", "foreign_key_list", "index_list", "index_info", "index_xinfo",
     "database_list"}
)  # fmt: skip
_DENIED_FUNCTIONS = frozenset({"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"})


@dataclass(frozen=True, slots=True)
class Names:
    """The settings that a hint names: of the URL, and of the time limit where there is one to set."""

    url: str
    time_limit: str | None = None

    @property
    def check_url(self) -> str:
        return f"Check {self.url}."


def read_only_engine(url_text: str, time_limit: float, names: Names) -> Engine:
    """An engine for `url_text` (a SQLAlchemy URL). Nothing is connected yet.

    Raises DatabaseProblem on a URL that cannot be used: malformed, no driver, no such SQLite file.
    """
    try:
        url = make_url(url_text)
        backend = url.get_backend_name()
        if backend == "sqlite":
            return _sqlite(url, names)
        if backend == "postgresql":
            return _postgresql(url, time_limit)
        engine = create_engine(url, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        malformed = isinstance(error, ArgumentError) and not isinstance(error, NoSuchModuleError)
        reason = "it is not a SQLAlchemy URL" if malformed else str(error)
        raise DatabaseProblem(f"The database URL cannot be used: {reason}.", hint=names.check_url) from error
    log.warning(
        "%s: statements are checked and nothing is committed, but the database is not told to hold either "
        "reading only or the time limit. Give it an account that may only read.",
        backend,
    )
    return engine


@contextmanager
def time_limited(connection: Connection, seconds: float) -> Iterator[None]:
    """Interrupt what runs on an SQLite connection after `seconds`, fetching included.

    PostgreSQL holds the limit itself (statement_timeout).
    """
    raw: object = connection.connection.dbapi_connection
    if not isinstance(raw, sqlite3.Connection):
        yield
        return
    deadline = time.monotonic() + seconds
    raw.set_progress_handler(lambda: int(time.monotonic() > deadline), _STEPS_PER_LOOK)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)


def took_too_long(seconds: float, names: Names) -> StatementFailed:
    return StatementFailed(
        f"It ran longer than {seconds:g} s and was stopped.",
        hint=f"The limit is {names.time_limit}." if names.time_limit else "",
    )


def _sqlite(url: URL, names: Names) -> Engine:
    path = Path(url.database or "")
    if not url.database or url.database == ":memory:" or not path.is_file():
        raise DatabaseProblem(
            f"There is no SQLite file at {url.database or '(no path)'}.",
            hint=f"It is only read, so the file must exist. {names.check_url}",
        )
    address = f"file:{quote(str(path.resolve()))}?mode=ro"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(address, uri=True, check_same_thread=False)

    # Only a label is left of the URL: the file's name is enough in span names, its folder is nobody's business.
    engine = create_engine(url.set(database=path.name, query={}), creator=connect)

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA query_only = ON")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.set_authorizer(_authorize)

    return engine


def _authorize(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    if action in _ALLOWED_ACTIONS:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() not in _DENIED_FUNCTIONS:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA and (first or "").lower() in _ALLOWED_PRAGMAS:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _postgresql(url: URL, time_limit: float) -> Engine:
    milliseconds = max(1, int(time_limit * 1000))
    arguments: dict[str, object] = {
        "options": f"-c default_transaction_read_only=on -c statement_timeout={milliseconds}",
        "connect_timeout": 10,
    }
    if url.drivername in ("postgresql", "postgresql+psycopg"):
        url = url.set(drivername="postgresql+psycopg")
        # Prepare every statement from the first time on: the server takes one statement there, never two.
        arguments["prepare_threshold"] = 0
    return create_engine(url, connect_args=arguments, pool_pre_ping=True)
