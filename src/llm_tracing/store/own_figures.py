"""What the server's own metrics tell of the store: rows and bytes of tables, files, and the calls of some traces."""

import time
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from llm_tracing.model import CallRow
from llm_tracing.store.columns import arrow_table
from llm_tracing.store.database import TABLES, Database, sql

_KEEP_S = 60.0  # the blocks of a table take tens of milliseconds to count, and change slowly
_CALL_COLUMNS = ", ".join(CallRow._fields)


class TableSize(NamedTuple):
    """`stored_bytes` are of blocks in the file: what is only in the log, or shares a block, is told roughly."""

    rows: int
    stored_bytes: int


class DuckDBOwnFigures:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._sizes: dict[str, int] = {}
        self._sized_at = -_KEEP_S

    def table_sizes(self) -> dict[str, TableSize]:
        """By table; bytes may be a minute old."""
        with self._database.reading() as db:
            rows = {table: _number(db, f"SELECT count(*) FROM {table}") for table in TABLES}  # noqa: S608 - our names
            with self._lock:
                if time.monotonic() - self._sized_at >= _KEEP_S:
                    block = _number(db, "SELECT block_size FROM pragma_database_size()")
                    self._sizes = {
                        table: block * _number(db, sql("blocks_of_table").format(table=table)) for table in TABLES
                    }
                    self._sized_at = time.monotonic()
                return {table: TableSize(rows[table], self._sizes[table]) for table in TABLES}

    def file_sizes(self) -> dict[str, int]:
        """Bytes of the data file and of its log, 0 where there is none; raises OSError if they can't be asked for."""
        path = self._database.path
        log = Path(f"{path}.wal")
        return {"data": path.stat().st_size, "log": log.stat().st_size if log.exists() else 0}

    def free_bytes(self) -> int:
        """Bytes that may still be written to the disk; raises OSError if the folder is gone."""
        return self._database.disk.free_bytes()

    def calls_in(self, trace_ids: Iterable[bytes]) -> list[CallRow]:
        """The counted calls of some traces."""
        wanted = arrow_table([("trace_id", "UUID")], [(one,) for one in trace_ids])  # noqa: F841 - the query names it
        with self._database.reading() as db:
            rows = db.execute(sql("calls_in").format(columns=_CALL_COLUMNS)).fetchall()
        return [CallRow(row[0].bytes, *row[1:]) for row in rows]

    def newest_calls(self, limit: int) -> list[tuple[bytes, int]]:
        """(trace id, span id) of the newest calls."""
        with self._database.reading() as db:
            return [(row[0].bytes, row[1]) for row in db.execute(sql("newest_calls"), [limit]).fetchall()]


def _number(db: Any, query: str) -> int:
    row = db.execute(query).fetchone()
    return int(row[0]) if row else 0
