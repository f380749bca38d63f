"""Opens a data file: to write where that can be done, else to read.

It is attached to a database in memory, since only that takes ROW_GROUP_SIZE. Row groups are a quarter of what DuckDB
makes them by default: a checkpoint writes the last one of each table again, while nothing else can be written; see
docs/adr/0013.

In a folder that can only be read, DuckDB reads the file with what its log holds. A file that must be changed before it
can be read (an earlier schema, a log that only a writer can mend) is copied to a temporary folder and read there.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb

from llm_tracing.errors import FolderInUse, FolderNotWritable, StoreCorrupt
from llm_tracing.store import open_files
from llm_tracing.store.failures import is_locked
from llm_tracing.writable import why_only_read

ROW_GROUP = 30_720  # rows
DATABASE = "store"  # the name of the file to DuckDB
_NEVER = "1TB"  # store/checkpoints.py says when; a COMMIT that made a checkpoint would keep its senders waiting
_PREFIX = "llm-tracing-scratch-"


@dataclass(slots=True)
class OpenedFile:
    """A connection to a data file; `only_read` is why nothing can be written through it, or None if it can.

    `scratch` is a folder of its own for what does not fit in memory, and for the copy if it reads one.
    """

    connection: duckdb.DuckDBPyConnection
    path: Path
    only_read: str | None = None
    scratch: Path | None = None

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Another connection to the file."""
        found = self.connection.cursor()
        found.execute(f"USE {DATABASE}")
        return found

    def close(self) -> None:
        """Raises duckdb.Error if the file was given up; the scratch folder is gone all the same."""
        try:
            self.connection.close()
        finally:
            open_files.let_go(self.path)
            remove_scratch(self.scratch)


def make_folder(folder: Path) -> None:
    """Raises FolderNotWritable if it is not there and can't be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FolderNotWritable(folder, error.strerror or str(error)) from error


def why_not_written(path: Path) -> str | None:
    """Why a data file can't be written, found out by making another one beside it; None if it can."""
    try:
        probe = path.with_name(f".write-probe-{os.getpid()}")
        probe.touch()
        probe.unlink()
    except OSError as error:
        return error.strerror or str(error)
    return why_only_read(path)


def check_written(path: Path) -> None:
    """Raises FolderNotWritable unless a data file can be written there; makes the folder."""
    make_folder(path.parent)
    if (reason := why_not_written(path)) is not None:
        raise FolderNotWritable(path.parent, reason)


def open_to_write(path: Path, memory_limit_mb: int) -> OpenedFile:
    """Raises FolderInUse or StoreCorrupt."""
    return OpenedFile(_connect(path, memory_limit_mb), path)


def open_to_read(path: Path, memory_limit_mb: int, only_read: str) -> OpenedFile:
    """The file as it lies there. Raises FolderNotWritable without a file, FolderInUse, StoreCorrupt."""
    if not path.exists():
        raise FolderNotWritable(path.parent, only_read)
    scratch = new_scratch()
    try:
        return OpenedFile(_connect(path, memory_limit_mb, scratch, read_only=True), path, only_read, scratch)
    except BaseException:
        remove_scratch(scratch)
        raise


def copy_to_scratch(path: Path) -> Path:
    """The data file and its log, copied into a new temporary folder. Raises FolderNotWritable if that cannot be."""
    files = [path, *path.parent.glob(f"{path.name}.wal*")]
    needed = sum(file.stat().st_size for file in files)
    scratch = new_scratch()
    try:
        if scratch is not None and shutil.disk_usage(scratch).free > 2 * needed:  # as it is, and as it will be
            for file in files:
                shutil.copyfile(file, scratch / file.name)
            return scratch
    except OSError:  # others may fill the disk meanwhile
        pass
    remove_scratch(scratch)
    raise FolderNotWritable(
        path.parent,
        "and the file must be changed before it can be read: an earlier version wrote it, or its log needs mending; "
        f"a copy for that needs {2 * needed:,} bytes in the temporary folder, which TMPDIR names",
    )


def new_scratch() -> Path | None:
    """A temporary folder that nobody else can look into; None where none can be made."""
    try:
        return Path(tempfile.mkdtemp(prefix=_PREFIX))
    except OSError:
        return None


def is_scratch(folder: Path) -> bool:
    """Whether a folder is one that `new_scratch` made."""
    return folder.name.startswith(_PREFIX) and folder.parent == Path(tempfile.gettempdir())


def remove_scratch(scratch: Path | None) -> None:
    if scratch is not None:
        shutil.rmtree(scratch, ignore_errors=True)


def open_copy(scratch: Path, name: str, memory_limit_mb: int, only_read: str) -> OpenedFile:
    """A copy in a scratch folder, which goes with it. Raises StoreCorrupt."""
    path = scratch / name
    return OpenedFile(_connect(path, memory_limit_mb, scratch, read_only=True), path, only_read, scratch)


def attach(path: Path, name: str, *, read_only: bool = False) -> str:
    """The statement that attaches a data file under a name."""
    quoted = str(path).replace("'", "''")
    return f"ATTACH '{quoted}' AS {name} (ROW_GROUP_SIZE {ROW_GROUP}, {'READ_ONLY' if read_only else 'READ_WRITE'})"


def _connect(
    path: Path, memory_limit_mb: int, spill: Path | None = None, *, read_only: bool = False
) -> duckdb.DuckDBPyConnection:
    """`spill` is where DuckDB puts what does not fit in memory, if not beside the file."""
    open_files.take(path)
    try:
        return _attached(path, memory_limit_mb, spill, read_only)
    except BaseException:
        open_files.let_go(path)
        raise


def _attached(path: Path, memory_limit_mb: int, spill: Path | None, read_only: bool) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{memory_limit_mb}MB",
        "threads": min(4, os.cpu_count() or 1),
        "checkpoint_threshold": _NEVER,
        "temp_directory": str(spill or f"{path}.tmp"),
        "preserve_insertion_order": False,  # a third less for a small insert; every query orders its rows
        "autoinstall_known_extensions": False,  # nothing is fetched from anywhere
        "autoload_known_extensions": False,
        "allocator_background_threads": True,  # what a query used goes back to the system 10 s later, else never
    }
    connection = duckdb.connect(config=config)
    try:
        connection.execute(attach(path, DATABASE, read_only=read_only))
        connection.execute(f"USE {DATABASE}")
        return connection
    except duckdb.IOException as error:
        connection.close()
        text = str(error)
        if is_locked(error):
            raise FolderInUse(path.parent) from error
        if "newer" in text.lower() or "version" in text.lower():
            raise StoreCorrupt(path, "it was written by another version of DuckDB") from error
        raise StoreCorrupt(path, " ".join(text.split())[:200]) from error
    except duckdb.Error as error:
        connection.close()
        raise StoreCorrupt(path, " ".join(str(error).split())[:200]) from error
