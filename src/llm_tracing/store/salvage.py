"""What can be read of a damaged data folder, into a new file. The damaged files are kept beside it, under other names.

The write-ahead log is read up to the first entry whose checksum is wrong; what was committed after it is lost, and said
so. Blocks are read as copying.py does. Roll-ups that are lost are made again from their spans.
"""

import os
import re
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from llm_tracing.errors import FolderInUse, StoreCorrupt
from llm_tracing.normalize.cost import Prices
from llm_tracing.store.copying import Copied, copy_database
from llm_tracing.store.database import FILE_NAME, Database
from llm_tracing.store.failures import is_locked, reason_of
from llm_tracing.store.opening import check_written
from llm_tracing.store.rebuild import rebuild
from llm_tracing.store.sync import sync_folder

_DAMAGED = "damaged"
_BAD_ENTRY = re.compile(r"entry at byte position (\d+)")


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What became of each table, the bytes of the write-ahead log that could not be read, and where the old files are.

    `rolled_up_again` are traces whose roll-up was lost and is there again.
    """

    tables: list[Copied]
    log_bytes_lost: int
    rolled_up_again: int
    kept: list[Path]

    @property
    def is_whole(self) -> bool:
        return not self.log_bytes_lost and all(table.is_whole for table in self.tables)


def salvage(folder: Path, prices: Prices | None = None) -> Salvaged:
    """Put a new data file with all that can be read in place of the damaged one.

    Raises FolderInUse, FolderNotWritable, or StoreCorrupt if not even the list of tables can be read, and changes
    nothing then.
    """
    path = folder / FILE_NAME
    if not path.exists():
        raise StoreCorrupt(path, "there is no such file")
    check_written(path)
    with TemporaryDirectory(prefix=".repair-", dir=folder) as scratch:
        db, lost = _opened(path, Path(scratch))
        new = Path(scratch) / "new" / FILE_NAME
        new.parent.mkdir()
        try:
            tables = copy_database(db, new, source=_DAMAGED, salvage=True)
        finally:
            db.close()
        if not any(table.table == "schema_version" and table.rows for table in tables):
            raise StoreCorrupt(path, "it does not say which schema it has")
        again = _mended(new.parent, prices or Prices())
        kept = _set_aside(path)
        new.replace(path)
        sync_folder(folder)
    return Salvaged(tables, lost, again, kept)


def _mended(folder: Path, prices: Prices) -> int:
    """Bring the new file to today's schema and make again what it lacks of its own; how many roll-ups that were."""
    database = Database(folder)
    try:
        return rebuild(database, prices)
    finally:
        database.close()


def _opened(path: Path, scratch: Path) -> tuple[duckdb.DuckDBPyConnection, int]:
    """A read-only connection to the damaged file, and how many bytes of its log had to be left out."""
    try:
        return _read_only(path), 0
    except duckdb.Error as error:
        if is_locked(error):
            raise FolderInUse(path.parent) from error
        log = Path(f"{path}.wal")
        if not log.exists():
            raise StoreCorrupt(path, reason_of(error)) from error
        return _without_bad_log(path, log, scratch, error)


def _without_bad_log(path: Path, log: Path, scratch: Path, error: Exception) -> tuple[duckdb.DuckDBPyConnection, int]:
    """The same over a second name of the file, whose log ends before the entry that cannot be read."""
    copy, copied_log = scratch / FILE_NAME, scratch / f"{FILE_NAME}.wal"
    try:
        os.link(path, copy)
    except OSError:  # no hard links here
        shutil.copyfile(path, copy)
    whole = log.stat().st_size
    bad = _BAD_ENTRY.search(str(error))
    ends = [int(bad[1])] if bad else []
    for end in (*ends, 0):
        copied_log.unlink(missing_ok=True)
        if end:
            copied_log.write_bytes(log.read_bytes()[:end])
        with suppress(duckdb.Error):
            return _read_only(copy), whole - end
    raise StoreCorrupt(path, reason_of(error)) from error


def _read_only(path: Path) -> duckdb.DuckDBPyConnection:
    """A connection with the file attached so that nothing in it can change."""
    db = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    quoted = str(path).replace("'", "''")
    try:
        db.execute(f"ATTACH '{quoted}' AS {_DAMAGED} (READ_ONLY)")
    except duckdb.Error:
        db.close()
        raise
    return db


def _set_aside(path: Path) -> list[Path]:
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    kept = []
    for name in (path, Path(f"{path}.wal")):
        if name.exists():
            aside = name.with_name(f"damaged-{stamp}-{name.name}")
            name.replace(aside)
            kept.append(aside)
    return kept
