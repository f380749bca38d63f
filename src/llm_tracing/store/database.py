"""The data folder: opened, locked, checked and brought to this version's schema; or one line that says why not."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import BoundedSemaphore, Lock, RLock, Timer
from typing import Any
from uuid import uuid4

import duckdb

from llm_tracing.errors import (
    DiskFull,
    FolderInUse,
    FolderNotWritable,
    QueryCancelled,
    QueryTooSlow,
    SchemaTooNew,
    StoreBusy,
    StoreClosed,
    StoreCorrupt,
    StoreError,
)
from llm_tracing.figures import Figures
from llm_tracing.own_traces import OwnTraces
from llm_tracing.store.cancelling import Cancellation, current
from llm_tracing.store.contract import Size
from llm_tracing.store.copying import copy_database
from llm_tracing.store.disk import Disk
from llm_tracing.store.failures import commit_is_durable, given_up, is_locked, no_room, reason_of
from llm_tracing.store.sync import sync_folder

SCHEMA_VERSION = 2
FILE_NAME = "llm-tracing.duckdb"
UNFINISHED = ".copy-"  # how the names of copies begin that are being made
TABLES = (
    "spans",
    "traces",
    "calls",
    "logs",
    "metrics",
    "metric_points",
    "resources",
    "scopes",
    "payloads",
    "payload_refs",
    "previews",
    "marks",
    "views",
    "annotations",
    "trace_links",
    "langsmith_projects",
    "pins",
    "settings",
    "schema_version",
)
# A larger log means fewer checkpoints, each of which writes the last row groups again; its replay takes under a second.
_CHECKPOINT_AT = "64MB"
_READERS = 4  # queries at once; more only wait for the same two cores


@cache
def sql(name: str) -> str:
    """The text of store/queries/{name}.sql."""
    return files("llm_tracing.store").joinpath("queries", f"{name}.sql").read_text(encoding="utf-8")


@cache
def schema_sql(table: str) -> str:
    return files("llm_tracing.store").joinpath("schema", *f"{table}.sql".split("/")).read_text(encoding="utf-8")


class Database:
    """One DuckDB file. Access by intent: `writing()` for the one writer, `reading()` for the many readers."""

    def __init__(
        self,
        folder: Path,
        memory_limit_mb: int = 512,
        query_timeout_s: float = 15.0,
        min_free_bytes: int = 0,
        figures: Figures | None = None,
        traces: OwnTraces | None = None,
    ) -> None:
        self._figures = figures or Figures()
        self._traces = traces or OwnTraces()
        self.path = folder / FILE_NAME
        _check_writable(folder)
        _remove_leftovers(folder)
        self.disk = Disk(folder, min_free_bytes)
        self._memory_limit_mb = memory_limit_mb
        self._connection = _connect(self.path, memory_limit_mb)
        self._given_up = False  # DuckDB answers nothing any more until the file is opened again
        self._changing = RLock()  # held by the one that writes, or that opens the file again
        self._readers = BoundedSemaphore(_READERS)
        self._long_reader = Lock()
        self._cursors: set[duckdb.DuckDBPyConnection] = set()
        self._closed = False
        self._query_timeout_s = query_timeout_s
        try:
            self._migrate()
        except BaseException as error:
            self._connection.close()
            if isinstance(error, duckdb.Error):
                raise StoreCorrupt(self.path, " ".join(str(error).split())[:200]) from error
            raise

    def _migrate(self) -> None:
        """Bring the file to this version's schema, in one transaction: added columns, then tables that are not there.

        Columns that a migration adds stand last in their table; every query and insert names its columns.
        """
        rows = self._connection.execute("SELECT table_name FROM information_schema.tables").fetchall()
        tables = {str(name) for (name,) in rows}
        version = self._version() if "schema_version" in tables else SCHEMA_VERSION
        if version > SCHEMA_VERSION:
            raise SchemaTooNew(self.path, version, SCHEMA_VERSION)
        if version == SCHEMA_VERSION and tables.issuperset(TABLES):
            return
        with self.writing() as db:
            for step in range(version + 1, SCHEMA_VERSION + 1):
                db.execute(schema_sql(f"migrations/{step:04}"))
            for table in TABLES:
                if table not in tables or "schema_version" not in tables:  # a file of another program is refused
                    db.execute(schema_sql(table))
            db.execute("DELETE FROM schema_version")
            db.execute("INSERT INTO schema_version VALUES (?)", [SCHEMA_VERSION])

    def _version(self) -> int:
        row = self._connection.execute("SELECT max(version) FROM schema_version").fetchone()
        return int(row[0]) if row and row[0] is not None else 0

    @contextmanager
    def writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """One transaction, on disk when this returns; rolled back on any error. For one thread at a time.

        Raises DiskFull before anything is begun when there is no room for it.
        """
        with self._changing:
            self._opened()
            self.disk.check()
            connection = self._connection
            connection.execute("BEGIN")
            try:
                yield connection
                self._commit(connection)
            except BaseException as error:
                with suppress(duckdb.Error):  # a failed COMMIT has ended the transaction already
                    connection.execute("ROLLBACK")
                self._note(error)
                raise

    def _commit(self, connection: duckdb.DuckDBPyConnection) -> None:
        try:
            connection.execute("COMMIT")
        except duckdb.Error as error:
            if not commit_is_durable(error):
                raise
            self._note(error)  # what failed is only the checkpoint after it

    def _note(self, error: BaseException) -> None:
        """After an error: whether the disk is full, and whether the file must be opened again."""
        self.disk.note(error)
        if given_up(error):
            self._given_up = True
            with suppress(StoreError):  # the next one who needs it tries again
                self._opened()

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of the caller's own that sees one consistent state per statement."""
        if self._given_up or self._closed:
            with self._changing:
                self._opened()
        cancellation = current.get() or Cancellation()
        with self._reader() as cursor:
            cancellation.started(cursor)
            timer = Timer(self._query_timeout_s, cursor.interrupt)
            timer.daemon = True
            timer.start()
            try:
                if cancellation.cancelled:
                    raise QueryCancelled
                yield cursor
            except duckdb.InterruptException as error:
                if cancellation.cancelled:
                    raise QueryCancelled from error
                raise QueryTooSlow(self._query_timeout_s) from error
            except duckdb.Error as error:
                self._given_up = self._given_up or given_up(error)
                raise StoreError(
                    f"The store could not answer ({reason_of(error)}).",
                    "Try again; where a file is said to be corrupt, `llm-tracing repair` saves what can be read.",
                ) from error
            finally:
                timer.cancel()
                cancellation.ended(cursor)

    @contextmanager
    def _reader(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """One of the few places for readers; StoreBusy if none is free for as long as a query may run."""
        with self._figures.readers_waiting.track_inprogress():
            free = self._readers.acquire(timeout=self._query_timeout_s)
        if not free:
            raise StoreBusy(_READERS)
        try:
            with self._figures.query_seconds.time(), self._traces.read(), self._cursor() as cursor:
                yield cursor
        finally:
            self._readers.release()

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        cursor = self._connection.cursor()
        self._cursors.add(cursor)
        try:
            yield cursor
        finally:
            self._cursors.discard(cursor)
            cursor.close()

    def _opened(self) -> None:
        """Open the file again if DuckDB gave it up, with what its log holds. Raises StoreClosed or StoreError."""
        if self._closed:
            raise StoreClosed
        if self._given_up:
            for cursor in tuple(self._cursors):  # they would fail anyway
                with suppress(duckdb.Error):
                    cursor.interrupt()
            with self.nobody_reading():
                self._connection.close()
                self._connection = _connect(self.path, self._memory_limit_mb)
                self._given_up = False

    @contextmanager
    def nobody_reading(self) -> Iterator[None]:
        """Wait for the queries that run and hold off others: DuckDB lets a file go with the last connection to it."""
        with self._long_reader:
            for _ in range(_READERS):
                self._readers.acquire()
            try:
                yield
            finally:
                for _ in range(_READERS):
                    self._readers.release()

    @contextmanager
    def long_reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection for a copy of everything: no time limit, beside the readers, one at a time."""
        with self._long_reader:
            if self._closed:
                raise StoreClosed
            try:
                with self._cursor() as cursor:
                    yield cursor
            except duckdb.Error as error:
                if no_room(error):
                    raise DiskFull(self.path.parent, reason_of(error)) from error
                raise StoreError(
                    f"The store could not be copied ({reason_of(error)}).", "Try again; the log may say more."
                ) from error

    def check(self) -> None:
        """Raises StoreError unless it can be read now and there is room to write. Takes no place from readers."""
        if self._given_up or self._closed:
            with self._changing:
                self._opened()
        self.disk.check()
        try:
            with self._cursor() as cursor:
                cursor.execute("SELECT version FROM schema_version").fetchone()
        except duckdb.Error as error:
            self._given_up = self._given_up or given_up(error)
            raise StoreError(f"The store could not answer ({reason_of(error)}).") from error

    def limit_memory(self, memory_limit_mb: int) -> None:
        """Another memory limit from now on. What a query holds that runs now may be above it until it ends."""
        self._memory_limit_mb = memory_limit_mb
        if not self._closed and not self._given_up:  # else it holds when the file is opened again
            with suppress(duckdb.Error), self._cursor() as cursor:
                cursor.execute(f"SET memory_limit = '{memory_limit_mb}MB'")

    def checkpoint(self) -> None:
        """Write what the log holds into the file: blocks without rows are free then. For the thread that writes."""
        with self._changing:
            self._opened()
            try:
                self._connection.execute("CHECKPOINT")
            except duckdb.Error as error:
                self._note(error)
                raise StoreError(f"The store could not be tidied ({reason_of(error)}).") from error

    def size(self) -> Size:
        """Bytes of blocks with rows, of free blocks, and of the log counted as used."""
        with self.reading() as db:
            row = db.execute("SELECT block_size, used_blocks, free_blocks FROM pragma_database_size()").fetchone()
        block, used, free = row or (0, 0, 0)
        log = Path(f"{self.path}.wal")
        return Size(block * used + (log.stat().st_size if log.exists() else 0), block * free)

    def rewrite(self) -> None:
        """Write the file anew and put it in place of the old one: without free blocks, and without what was deleted.

        For the thread that writes; readers go on until the last moment. Waits for a backup that is being made.
        Raises DiskFull without room for a second file.
        """
        with self._changing:
            self.checkpoint()
            self._check_room(self.size().used)
            new = self.path.with_name(f"{UNFINISHED}{uuid4().hex}.duckdb")
            try:
                with self.long_reading() as db:
                    copy_database(db, new)
                with self.nobody_reading():
                    self._swap(new)
            finally:
                new.unlink(missing_ok=True)
                Path(f"{new}.wal").unlink(missing_ok=True)

    def _swap(self, new: Path) -> None:
        self._connection.close()
        try:
            if not Path(f"{self.path}.wal").exists():  # it would be taken for the new file's
                new.replace(self.path)
                sync_folder(self.path.parent)
        finally:
            self._connection = _connect(self.path, self._memory_limit_mb)

    def _check_room(self, needed: int) -> None:
        if (free := self.disk.free_bytes()) < needed:
            raise DiskFull(self.path.parent, f"{free:,} bytes are free, a copy of the file needs {needed:,}")

    def columns(self, table: str) -> list[tuple[str, str]]:
        """(name, SQL type) of each column of a table, in the order that the file has."""
        rows: list[tuple[Any, ...]] = self._connection.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = ? "
            "ORDER BY ordinal_position",
            [table],
        ).fetchall()
        return [(str(name), str(data_type)) for name, data_type in rows]

    def close(self) -> None:
        with self._changing:
            if not self._closed:
                self._closed = True
                with suppress(duckdb.Error):  # it may have been given up
                    self._connection.close()


def _check_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".write-probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise FolderNotWritable(folder, error.strerror or str(error)) from error


def _remove_leftovers(folder: Path) -> None:
    """Copies that were being made when the process ended."""
    for leftover in folder.glob(f"{UNFINISHED}*"):
        with suppress(OSError):
            leftover.unlink()


def _connect(path: Path, memory_limit_mb: int) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(
            str(path),
            config={
                "memory_limit": f"{memory_limit_mb}MB",
                "threads": min(4, os.cpu_count() or 1),
                "checkpoint_threshold": _CHECKPOINT_AT,
                "preserve_insertion_order": False,  # a third less for a small insert; every query orders its rows
                "autoinstall_known_extensions": False,  # nothing is fetched from anywhere
                "autoload_known_extensions": False,
            },
        )
    except duckdb.IOException as error:
        text = str(error)
        if is_locked(error):
            raise FolderInUse(path.parent) from error
        if "newer" in text.lower() or "version" in text.lower():
            raise StoreCorrupt(path, "it was written by another version of DuckDB") from error
        raise StoreCorrupt(path, " ".join(text.split())[:200]) from error
    except duckdb.Error as error:
        raise StoreCorrupt(path, " ".join(str(error).split())[:200]) from error
