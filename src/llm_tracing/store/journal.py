"""Requests that were answered before their rows are in the tables, on disk until they are.

The file is there only while something waits. What is in the tables already is known from the tables themselves: the
commit that brings the rows brings the mark of the request with them, so nothing is stored twice after a kill.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from llm_tracing.errors import StoreError

FILE_NAME = "journal.sqlite"
_SCHEMA = (
    "CREATE TABLE journal (journal_id TEXT NOT NULL)",
    "CREATE TABLE requests (number INTEGER PRIMARY KEY, signal TEXT NOT NULL, way TEXT NOT NULL, request BLOB)",
)


class Written(NamedTuple):
    """One request as it is in the journal: its signal, the way it came, its bytes; see receive/as_bytes.py."""

    signal: str
    way: str
    request: bytes


class Mark(NamedTuple):
    """The requests of a journal up to this number."""

    journal_id: str
    number: int

    def __str__(self) -> str:
        return f"{self.journal_id}:{self.number}"

    @classmethod
    def read(cls, text: str) -> "Mark":
        journal_id, _, number = text.partition(":")
        return cls(journal_id, int(number))


class Journal:
    """For one thread at a time. Only what was written by `add` survives a kill, or a power cut."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE_NAME
        self._db: sqlite3.Connection | None = None
        self._id = ""
        self._last = 0  # the number of the request that was added last
        self._done = 0  # of the last that is in the tables

    @property
    def exists(self) -> bool:
        """Whether a server left one, or one is being written."""
        return self._db is not None or self._file.exists()

    def add(self, requests: Sequence[Written]) -> list[Mark]:
        """The marks of these requests, which are on disk when this returns. Raises StoreError; none of them is then."""
        try:
            db = self._db = self._db or self._open()
            first = self._last + 1
            with db:
                db.execute("BEGIN")
                db.execute("DELETE FROM requests WHERE number <= ?", [self._done])
                rows = [(number, *request) for number, request in enumerate(requests, first)]
                db.executemany("INSERT INTO requests VALUES (?, ?, ?, ?)", rows)
        except (sqlite3.Error, OSError) as error:
            if self._done >= self._last:
                self._remove()
            raise StoreError(f"The journal {self._file} could not be written ({error}).") from error
        self._last += len(requests)
        return [Mark(self._id, number) for number in range(first, self._last + 1)]

    def left(self, stored: Mark | None) -> list[tuple[Mark, Written]]:
        """What an earlier process left; `stored` is the last mark that the tables have. Raises StoreError."""
        if not self._file.exists():
            return []
        try:
            self._db = self._open()
            done = stored.number if stored is not None and stored.journal_id == self._id else 0
            query = "SELECT number, signal, way, request FROM requests WHERE number > ? ORDER BY number"
            rows = self._db.execute(query, [done]).fetchall()
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"The journal {self._file} could not be read ({error}).") from error
        self._last, self._done = max([done, *(row[0] for row in rows)]), done
        if not rows:
            self._remove()
        return [(Mark(self._id, number), Written(*rest)) for number, *rest in rows]

    def requests(self, marks: Sequence[Mark]) -> list[Written]:
        """These requests, which wait. Raises StoreError."""
        try:
            db = self._db = self._db or self._open()
            query = "SELECT signal, way, request FROM requests WHERE number BETWEEN ? AND ? ORDER BY number"
            return [Written(*row) for row in db.execute(query, [marks[0].number, marks[-1].number])]
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"The journal {self._file} could not be read ({error}).") from error

    def set_aside(self) -> Path:
        """Under another name it is in nobody's way; which one. Raises OSError."""
        self.close()
        return self._file.rename(self._file.with_name(f"{self._file.stem}-unread-{uuid4().hex[:8]}.sqlite"))

    def stored(self, mark: Mark) -> None:
        """What is in the journal up to here is in the tables. With nothing left, the file goes."""
        self._done = mark.number
        if self._done >= self._last:
            self._remove()

    def close(self) -> None:
        """What waits stays for the next process."""
        if self._db is not None:
            with suppress(sqlite3.Error):
                self._db.close()
            self._db = None

    def _remove(self) -> None:
        self.close()
        self._last = self._done = 0
        for file in (self._file, self._file.with_name(f"{FILE_NAME}-journal")):
            with suppress(OSError):
                file.unlink(missing_ok=True)

    def _open(self) -> sqlite3.Connection:
        """The file as it is, or a new one. Raises sqlite3.Error, OSError."""
        db = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False)
        try:
            db.execute("PRAGMA page_size = 32768")
            db.execute("PRAGMA synchronous = EXTRA")  # the folder too: a commit is in it when it returns
            if db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None:
                self._file.chmod(0o600)
                with db:
                    db.execute("BEGIN")
                    for table in _SCHEMA:
                        db.execute(table)
                    db.execute("INSERT INTO journal VALUES (?)", [uuid4().hex])
            self._id = str(db.execute("SELECT journal_id FROM journal").fetchone()[0])
            return db
        except BaseException:
            db.close()
            raise
