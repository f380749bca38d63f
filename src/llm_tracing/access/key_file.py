"""The key file: opened to write, or where it can only be read, to read.

Several processes may use it at once. Where even reading needs a write (it is not there, an earlier version wrote it, a
process died in the middle of a write) its content is held in memory, and read again when the file changes.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import RLock

from llm_tracing.errors import ConfigError, DiskFull, FolderNotWritable, FolderReadOnly, StoreError
from llm_tracing.writable import why_only_read

_VERSION = 1  # of the file's schema: migrations/ has a step for each
_BUSY_S = 5.0
_HERE = Path(__file__).parent
_Stamp = tuple[int, int, int] | None


class KeyFile:
    """For several threads. Raises FolderNotWritable or ConfigError when opened, sqlite3.Error afterwards."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = RLock()
        self._only_read: str | None = None  # why nothing can be written
        self._copied: tuple[_Stamp] | None = None  # the file as it was when its content was taken into memory
        self._db = self._open()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._look()
            yield self._db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Raises FolderReadOnly or DiskFull where nothing can be written."""
        with self._lock:
            self._look()
            if self._only_read is not None:
                raise FolderReadOnly(self._path.parent, self._only_read)
            try:
                with self._db:
                    yield self._db
            except sqlite3.Error as error:
                raise (self._refusal(error) or error) from error

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _look(self) -> None:
        """Open the file again if it can be written once more, or is not what was taken into memory."""
        if self._only_read is None:
            return
        if why_only_read(self._path) is None or (self._copied and self._copied != (_stamp(self._path),)):
            again = self._open()
            self._db.close()
            self._db = again

    def _open(self) -> sqlite3.Connection:
        self._copied = None
        try:
            found = _open_to_write(self._path)
        except OSError as error:
            self._only_read = error.strerror or str(error)
        except sqlite3.Error as error:
            if self._refusal(error) is None:
                raise _unusable(self._path, error) from error
            self._only_read = why_only_read(self._path) or str(error)
        else:
            self._only_read = None
            return found
        return self._open_to_read(self._only_read)

    def _open_to_read(self, only_read: str) -> sqlite3.Connection:
        if not self._path.parent.is_dir():
            raise FolderNotWritable(self._path.parent, only_read)
        if not self._path.exists():
            self._copied = (None,)
            return _in_memory(None, self._path)
        try:
            found = _connect(f"{self._path.absolute().as_uri()}?mode=ro")
            if _version(found) == _VERSION and found.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                return found
            with closing(found):
                self._copied = (_stamp(self._path),)
                return _in_memory(found, self._path)
        except sqlite3.Error:  # perhaps a write that must be undone first
            return self._recovered()

    def _recovered(self) -> sqlite3.Connection:
        try:
            self._copied = (_stamp(self._path),)
            with TemporaryDirectory() as folder:
                for file in self._path.parent.glob(f"{self._path.name}*"):
                    shutil.copyfile(file, Path(folder) / file.name)
                with closing(_connect((Path(folder) / self._path.name).as_uri())) as copy:
                    return _in_memory(copy, self._path)
        except (OSError, sqlite3.Error) as error:
            raise _unusable(self._path, error) from error

    def _refusal(self, error: sqlite3.Error) -> StoreError | None:
        """What to tell of an error that the disk is to blame for; None for any other."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            return DiskFull(self._path.parent, str(error))
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            return FolderReadOnly(self._path.parent, why_only_read(self._path) or str(error))
        return None


def _open_to_write(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # nobody else's to read, from its first byte
    found = _connect(path.absolute().as_uri())
    try:
        _bring_up(found, path)
    except BaseException:
        found.close()
        raise
    return found


def _connect(address: str) -> sqlite3.Connection:
    return sqlite3.connect(address, timeout=_BUSY_S, isolation_level=None, check_same_thread=False, uri=True)


def _in_memory(source: sqlite3.Connection | None, path: Path) -> sqlite3.Connection:
    held = _connect("file::memory:")
    if source is not None:
        source.backup(held)
    _bring_up(held, path)
    return held


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _bring_up(db: sqlite3.Connection, path: Path) -> None:
    """Bring the file of an earlier version to this one's schema; a new file gets it whole. Raises ConfigError."""
    db.execute("BEGIN IMMEDIATE")  # another process may be about to do the same
    try:
        version = _version(db)
        if version > _VERSION:
            raise ConfigError(f"{path} has schema {version}; this version knows {_VERSION}.", "Upgrade llm-tracing.")
        if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'keys'").fetchone() is not None:
            for step in range(version + 1, _VERSION + 1):
                for statement in (_HERE / "migrations" / f"{step:04}.sql").read_text(encoding="utf-8").split(";"):
                    if statement.strip():
                        db.execute(statement)
        db.execute(f"PRAGMA user_version = {_VERSION}")
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.executescript((_HERE / "schema.sql").read_text(encoding="utf-8"))


def _stamp(path: Path) -> _Stamp:
    """Tells one content of a file from another without reading it; None while it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _unusable(path: Path, error: Exception) -> ConfigError:
    return ConfigError(f"{path} can't be used ({error}).", "Mend its permissions, or move it away and make new keys.")
