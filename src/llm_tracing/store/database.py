"""The data folder: opened, locked, checked and brought to this version's schema; or one line that says why not."""

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
    FolderReadOnly,
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
from llm_tracing.store.checkpoints import LOG_BYTES, Checkpoints
from llm_tracing.store.contract import Size
from llm_tracing.store.copying import copy_database
from llm_tracing.store.disk import Disk
from llm_tracing.store.failures import given_up, reason_of
from llm_tracing.store.opening import (
    DATABASE,
    OpenedFile,
    copy_to_scratch,
    make_folder,
    open_copy,
    open_to_read,
    open_to_write,
    remove_scratch,
    why_not_written,
)
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
_SIZE = "SELECT block_size, used_blocks, free_blocks FROM pragma_database_size() WHERE database_name = ?"
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
        memory_limit_mb: int = 256,
        query_timeout_s: float = 15.0,
        min_free_bytes: int = 0,
        figures: Figures | None = None,
        traces: OwnTraces | None = None,
        checkpoint_bytes: int = LOG_BYTES,
    ) -> None:
        self._figures = figures or Figures()
        self._traces = traces or OwnTraces()
        self.path = folder / FILE_NAME
        make_folder(folder)
        _remove_leftovers(folder)
        self.disk = Disk(self.path, min_free_bytes)
        self.checkpoints = Checkpoints(self.path, self._checkpoint_if_open, checkpoint_bytes)
        self._memory_limit_mb = memory_limit_mb
        self._given_up = False  # DuckDB answers nothing any more until the file is opened again
        self._changing = RLock()  # held by the one that writes, or that opens the file again
        self._readers = BoundedSemaphore(_READERS)
        self._long_reader = Lock()
        self._cursors: set[duckdb.DuckDBPyConnection] = set()
        self._closed = False
        self._query_timeout_s = query_timeout_s
        self._open()

    @property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        return self._file.connection

    def _open(self) -> None:
        """Open the file, to write if that can be done now. Raises StoreError; it is not open then."""
        if (only_read := why_not_written(self.path)) is not None:
            self._file = self._to_read(only_read)
            return
        self._file = open_to_write(self.path, self._memory_limit_mb)
        try:
            self._migrate()
        except BaseException as error:
            with suppress(duckdb.Error):
                self._file.close()
            if isinstance(error, duckdb.Error):
                raise StoreCorrupt(self.path, reason_of(error)[:200]) from error
            raise

    def _to_read(self, only_read: str) -> OpenedFile:
        """The file where nothing can be written; brought to this version's schema in a copy, if need be."""
        try:
            found = open_to_read(self.path, self._memory_limit_mb, only_read)
        except StoreCorrupt as error:  # perhaps only for want of mending its log
            return self._copied(only_read, error)
        try:
            if self._is_current(found.connection):
                return found
            copied = self._copied(only_read)
        except BaseException:
            found.close()
            raise
        found.close()
        return copied

    def _copied(self, only_read: str, trouble: StoreCorrupt | None = None) -> OpenedFile:
        """Raises `trouble` if there was some and a copy has it too."""
        scratch = copy_to_scratch(self.path)
        try:
            Database(scratch, self._memory_limit_mb).close()
            return open_copy(scratch, FILE_NAME, self._memory_limit_mb, only_read)
        except BaseException as error:
            remove_scratch(scratch)
            if isinstance(error, StoreCorrupt) and trouble is not None:
                raise trouble from error
            raise

    def _is_current(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether a file has this version's schema, every table of it. Raises SchemaTooNew."""
        version, tables = _schema_of(connection)
        if version > SCHEMA_VERSION:
            raise SchemaTooNew(self.path, version, SCHEMA_VERSION)
        return version == SCHEMA_VERSION and tables.issuperset(TABLES)

    def _migrate(self) -> None:
        """Bring the file to this version's schema, in one transaction: added columns, then tables that are not there.

        Columns that a migration adds stand last in their table; every query and insert names its columns.
        """
        if self._is_current(self._connection):
            return
        self.disk.check()
        self._connection.execute("BEGIN")
        try:
            _bring_up(self._connection)
            self._connection.execute("COMMIT")
        except BaseException as error:
            with suppress(duckdb.Error):
                self._connection.execute("ROLLBACK")
            raise (self.disk.refusal(error) or error) from error

    @contextmanager
    def writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """One transaction, on disk when this returns; rolled back on any error. For one thread at a time.

        Raises DiskFull or FolderReadOnly before anything is begun when it could not end.
        """
        with self._changing:
            if self.checkpoints.overdue:
                with suppress(StoreError):  # it is tried again; this write may find room all the same
                    self.checkpoint()
            self._opened_to_write()
            connection = self._connection
            connection.execute("BEGIN")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException as error:
                with suppress(duckdb.Error):  # a failed COMMIT has ended the transaction already
                    connection.execute("ROLLBACK")
                self._note(error)
                raise
        self.checkpoints.committed()

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
        cursor = self._file.cursor()
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
            self._open_again()

    def _opened_to_write(self) -> None:
        """As `_opened`; a file that was opened to be read is opened to be written once it can be.

        Raises DiskFull, FolderReadOnly or FolderNotWritable while it cannot.
        """
        self._opened()
        self.disk.check()
        if self._file.only_read is not None and why_not_written(self.path) is None:
            self._open_again()
        if self._file.only_read is not None:
            raise FolderReadOnly(self.path.parent, self._file.only_read)

    def _open_again(self) -> None:
        with self.nobody_reading():
            self._given_up = True  # until it is open, whoever needs it tries again
            with suppress(duckdb.Error):
                self._file.close()
            self._open()
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
                if (refused := self.disk.refusal(error)) is not None:
                    raise refused from error
                raise StoreError(
                    f"The store could not be copied ({reason_of(error)}).", "Try again; the log may say more."
                ) from error

    def check_writing(self) -> None:
        """Raises StoreError if nothing can be written now. Opens the file to write if that can be done again."""
        if self._given_up or self._closed or self._file.only_read is not None:
            with self._changing:
                self._opened_to_write()
        self.disk.check()

    def takes_more(self) -> bool:
        """Whether a write would find room, and the file open to be written. Waits for nobody."""
        if self._given_up or self._closed or self._file.only_read is not None:
            return False
        try:
            self.disk.check()
        except StoreError:
            return False
        return True

    def check_reading(self) -> None:
        """Raises StoreError unless it can be read now. Takes no place from readers."""
        if self._given_up or self._closed:
            with self._changing:
                self._opened()
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

    def _checkpoint_if_open(self) -> None:
        with self._changing:
            if not self._closed:
                self.checkpoint()

    def checkpoint(self) -> None:
        """Write what the log holds into the file: blocks without rows are free then. Nobody writes meanwhile."""
        with self._changing:
            self._opened_to_write()
            try:
                with self._figures.checkpoint_seconds.time():
                    self._connection.execute("CHECKPOINT")
            except duckdb.Error as error:
                self._note(error)
                raise StoreError(f"The store could not be tidied ({reason_of(error)}).") from error

    def size(self) -> Size:
        """Bytes of blocks with rows, of free blocks, and of the log counted as used."""
        with self.reading() as db:
            row = db.execute(_SIZE, [DATABASE]).fetchone()
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
        self._file.close()
        try:
            if not Path(f"{self.path}.wal").exists():  # it would be taken for the new file's
                new.replace(self.path)
                sync_folder(self.path.parent)
        finally:
            self._open()

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
        self.checkpoints.stop()
        with self._changing:
            if not self._closed:
                self._closed = True
                with suppress(duckdb.Error):  # it may have been given up
                    self._file.close()


def _schema_of(db: duckdb.DuckDBPyConnection) -> tuple[int, set[str]]:
    """(the version, the tables) of a file; a new one counts as of this version."""
    rows = db.execute("SELECT table_name FROM information_schema.tables").fetchall()
    tables = {str(name) for (name,) in rows}
    if "schema_version" not in tables:
        return SCHEMA_VERSION, tables
    row = db.execute("SELECT max(version) FROM schema_version").fetchone()
    return int(row[0]) if row and row[0] is not None else 0, tables


def _bring_up(db: duckdb.DuckDBPyConnection) -> None:
    version, tables = _schema_of(db)
    for step in range(version + 1, SCHEMA_VERSION + 1):
        db.execute(schema_sql(f"migrations/{step:04}"))
    for table in TABLES:
        if table not in tables or "schema_version" not in tables:  # a file of another program is refused
            db.execute(schema_sql(table))
    db.execute("DELETE FROM schema_version")
    db.execute("INSERT INTO schema_version VALUES (?)", [SCHEMA_VERSION])


def _remove_leftovers(folder: Path) -> None:
    """Copies that were being made when the process ended."""
    for leftover in folder.glob(f"{UNFINISHED}*"):
        with suppress(OSError):
            leftover.unlink()
