"""What an error of DuckDB means for what comes next. It has no codes, so its words are read.

A commit that finds no room is undone, and the next one may work. A checkpoint that finds none is fatal: DuckDB answers
nothing more until the file is opened again, and then the write-ahead log has all of it. tests/torture raises each.
"""

import errno

import duckdb

_NO_ROOM = ("no space left", "file too large", "disk quota", "out of disk space", "disk full")
_NOT_ALLOWED = ("read-only file system", "permission denied", "attached in read-only mode", "readonly database")
_NOT_ALLOWED_CODES = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_NO_ROOM_CODES = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def reason_of(error: BaseException) -> str:
    """The words of an error on one line."""
    return " ".join(str(error).split())[:300]


def is_locked(error: BaseException) -> bool:
    """Whether another process has the file open."""
    return "set lock on file" in str(error)


def given_up(error: BaseException) -> bool:
    """Whether DuckDB needs the file to be opened again."""
    return isinstance(error, duckdb.FatalException) or "database has been invalidated" in str(error)


def no_room(error: BaseException) -> bool:
    """Whether it failed because the disk, the quota or the largest size of a file is reached."""
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM_CODES
    return isinstance(error, duckdb.Error) and any(words in str(error).lower() for words in _NO_ROOM)


def not_allowed(error: BaseException) -> bool:
    """Whether it failed because the folder or the file can only be read."""
    if isinstance(error, OSError):
        return error.errno in _NOT_ALLOWED_CODES
    return isinstance(error, duckdb.Error) and any(words in str(error).lower() for words in _NOT_ALLOWED)
