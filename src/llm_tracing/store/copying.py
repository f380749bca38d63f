"""A whole database into another file, a row group at a time: for backups, for giving room back, and for salvage.

A range of one row group is read by one thread, so that rows keep the order they were stored in; the engine's own copy
of a database does not keep it. What a damaged block makes unreadable is narrowed down to 2,048 rows, then to columns.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from llm_tracing.store.failures import given_up, no_room
from llm_tracing.store.opening import ROW_GROUP, attach
from llm_tracing.store.sync import sync_file

VECTOR = 2_048  # rows, DuckDB's own unit
_TARGET = "copied"
# What stands for a text that must be there and cannot be read.
_EMPTY_JSON = frozenset({"attributes", "metadata", "entity_refs", "extra"})


@dataclass(slots=True)
class Copied:
    """Rows of one table: `rows` are in the new file, `lost` are not, `emptied` counts values lost by column."""

    table: str
    rows: int = 0
    lost: int = 0
    emptied: Counter[str] = field(default_factory=Counter)
    unreadable: str = ""  # why nothing of it could be copied

    @property
    def is_whole(self) -> bool:
        return not (self.lost or self.emptied or self.unreadable)


def copy_database(
    db: duckdb.DuckDBPyConnection, target: Path, *, source: str | None = None, salvage: bool = False
) -> list[Copied]:
    """Copy every table of a database into a new file, and have it on disk. With `salvage` what can be read of it.

    `source` is an attached database, by default the one that `db` was opened with.

    Raises duckdb.Error; the new file is then of no use.
    """
    source = source or str(_one(db, "SELECT current_database()"))
    with _attached(db, target, in_one_look=not salvage):
        tables = db.execute(
            "SELECT table_name, sql FROM duckdb_tables() WHERE database_name = ? AND NOT internal", [source]
        ).fetchall()
        found = []
        for table, create in tables:
            db.execute(f"CREATE TABLE {_TARGET}.{table}({create.partition('(')[2]}")
            found.append(_copy_table(db, source, table, salvage))
    sync_file(target)
    return found


@contextmanager
def _attached(db: duckdb.DuckDBPyConnection, target: Path, *, in_one_look: bool) -> Iterator[None]:
    """The new file under a name. A copy sees one moment; salvage can't, as an error would end its transaction."""
    db.execute(attach(target, _TARGET))  # where it reads from may be open to be read only
    try:
        if in_one_look:
            db.execute("BEGIN")
        yield
        if in_one_look:
            db.execute("COMMIT")
    except BaseException:
        with suppress(duckdb.Error):
            db.execute("ROLLBACK")
        with suppress(duckdb.Error):
            db.execute(f"DETACH {_TARGET}")
        raise
    db.execute(f"CHECKPOINT {_TARGET}")
    db.execute(f"DETACH {_TARGET}")


def _copy_table(db: duckdb.DuckDBPyConnection, source: str, table: str, salvage: bool) -> Copied:
    copied = Copied(table)
    try:
        last = _one(db, f'SELECT max(rowid) FROM "{source}".{table}')  # noqa: S608 - names out of the catalog
    except duckdb.Error as error:
        if not salvage:
            raise
        copied.unreadable = " ".join(str(error).split())[:200]
        return copied
    for start in range(0, -1 if last is None else last + 1, ROW_GROUP):
        _copy_rows(db, source, copied, start, start + ROW_GROUP, salvage)
    return copied


def _copy_rows(db: duckdb.DuckDBPyConnection, source: str, copied: Copied, start: int, end: int, salvage: bool) -> None:
    try:
        copied.rows += _insert(db, source, copied.table, "*", start, end)
    except duckdb.Error as error:
        if not salvage or given_up(error) or no_room(error):
            raise
        if end - start <= VECTOR:
            _copy_readable_columns(db, source, copied, start, end)
        else:
            middle = start + (end - start) // 2
            _copy_rows(db, source, copied, start, middle, salvage)
            _copy_rows(db, source, copied, middle, end, salvage)


def _copy_readable_columns(db: duckdb.DuckDBPyConnection, source: str, copied: Copied, start: int, end: int) -> None:
    """The rows without the columns that cannot be read; rows that cannot do without one are lost."""
    columns = db.execute(
        "SELECT column_name, is_nullable FROM duckdb_columns() WHERE database_name = ? AND table_name = ? "
        "ORDER BY column_index",
        [source, copied.table],
    ).fetchall()
    rows = _one(db, f'SELECT count(*) FROM "{source}".{copied.table} WHERE rowid >= {start} AND rowid < {end}')  # noqa: S608
    chosen: list[str] = []
    emptied: list[str] = []
    for name, nullable in columns:
        if _readable(db, source, copied.table, name, start, end):
            chosen.append(f'"{name}"')
        elif nullable or name in _EMPTY_JSON:
            stand_in = "NULL" if nullable else "'{}'"
            chosen.append(f'{stand_in} AS "{name}"')
            emptied.append(name)
        else:
            copied.lost += rows
            return
    copied.rows += _insert(db, source, copied.table, ", ".join(chosen), start, end)
    copied.emptied.update(dict.fromkeys(emptied, rows))


def _readable(db: duckdb.DuckDBPyConnection, source: str, table: str, column: str, start: int, end: int) -> bool:
    try:
        db.execute(
            f'SELECT bit_xor(hash("{column}")) FROM "{source}".{table} WHERE rowid >= {start} AND rowid < {end}'  # noqa: S608
        ).fetchall()
    except duckdb.Error:
        return False
    return True


def _insert(db: duckdb.DuckDBPyConnection, source: str, table: str, columns: str, start: int, end: int) -> int:
    query = f'INSERT INTO {_TARGET}.{table} SELECT {columns} FROM "{source}".{table}'  # noqa: S608
    return int(_one(db, f"{query} WHERE rowid >= {start} AND rowid < {end}"))


def _one(db: duckdb.DuckDBPyConnection, query: str) -> Any:
    row = db.execute(query).fetchone()
    return None if row is None else row[0]
