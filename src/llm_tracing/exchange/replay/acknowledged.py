"""Which records a target has taken, kept in the data folder across interruptions.

A record is known by a hash of all that is stored of it. So it is the same one after the file was written anew, and
whether it was read from the file or from a server; one that changed since (a run that ended) is another one.
"""

import os
import sqlite3
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

import orjson

from llm_tracing.errors import ConfigError, FolderNotWritable
from llm_tracing.exchange.fields import Fields
from llm_tracing.exchange.otlp_json import Record, request

FILE = "replay.sqlite"
_KEY_BYTES = 16


def key_of(record: Record, row: Fields) -> tuple[bytes, int]:
    """(what a record is known by, about how many bytes it has)."""
    text = orjson.dumps(request(record, [row]))
    return blake2b(text, digest_size=_KEY_BYTES).digest(), len(text)


class Acknowledged:
    """For one process and one target at a time. Raises FolderNotWritable or ConfigError when opened."""

    def __init__(self, folder: Path, target: str) -> None:
        path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._db = sqlite3.connect(path, timeout=0.5, isolation_level=None)
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")  # held to the end: two would send everything twice
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("BEGIN EXCLUSIVE")
            self._db.execute("COMMIT")
            self._db.executescript(Path(__file__).with_name("state.sql").read_text(encoding="utf-8"))
        except OSError as error:
            raise FolderNotWritable(folder, error.strerror or str(error)) from error
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise ConfigError(
                    f"{path} can't be used ({error}).", "Mend its permissions, or move it away."
                ) from error
            raise ConfigError(
                f"Another replay uses {path}.", "Wait for it, or name another folder with --state."
            ) from error
        except sqlite3.Error as error:
            raise ConfigError(f"{path} can't be used ({error}).", "Move it away; all is sent again then.") from error
        self._db.execute("INSERT OR IGNORE INTO targets (name) VALUES (?)", [target])
        [self._target] = self._row("SELECT target FROM targets WHERE name = ?", target)

    def forget(self) -> None:
        """As if nothing had been sent to this target."""
        self._db.execute("BEGIN")
        self._db.execute("DELETE FROM acknowledged WHERE target = ?", [self._target])
        self._db.execute("UPDATE targets SET shift_ns = NULL, until_ns = NULL WHERE target = ?", [self._target])
        self._db.execute("COMMIT")

    def shift(self) -> tuple[int, int] | None:
        """(what is added to every time, up to which time records are part of it), once it is settled."""
        shift, until = self._row("SELECT shift_ns, until_ns FROM targets WHERE target = ?", self._target)
        return None if shift is None else (shift, until)

    def settle_shift(self, shift_ns: int, until_ns: int) -> None:
        self._db.execute(
            "UPDATE targets SET shift_ns = ?, until_ns = ? WHERE target = ?", [shift_ns, until_ns, self._target]
        )

    def start_walk(self) -> None:
        self._db.execute("DELETE FROM seen")

    def meet(self, key: bytes) -> int:
        """To be called for each record of a walk, in its order; which one of its kind it is, 0 if it was taken."""
        [place] = self._row(
            "INSERT INTO seen VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET count = count + 1 RETURNING count", key
        )
        taken = self._db.execute(
            "SELECT count FROM acknowledged WHERE target = ? AND key = ?", [self._target, key]
        ).fetchone()
        return 0 if taken and place <= taken[0] else place

    def add(self, taken: Iterable[tuple[bytes, int]]) -> None:
        """Keep, durably, that these (key, which one of its kind) were taken."""
        self._db.execute("BEGIN")
        self._db.executemany(
            "INSERT INTO acknowledged VALUES (?, ?, ?) "
            "ON CONFLICT (target, key) DO UPDATE SET count = max(count, excluded.count)",
            ((self._target, key, place) for key, place in taken),
        )
        self._db.execute("COMMIT")

    def choose(self, trace_id: str) -> None:
        """Note that a trace is part of this replay, for its log records."""
        self._db.execute("INSERT OR IGNORE INTO chosen VALUES (?)", [trace_id])

    def is_chosen(self, trace_id: str | None) -> bool:
        return bool(self._db.execute("SELECT 1 FROM chosen WHERE trace_id = ?", [trace_id]).fetchone())

    def close(self) -> None:
        self._db.close()

    def _row(self, query: str, *values: object) -> tuple[int, ...]:
        row: tuple[int, ...] = self._db.execute(query, values).fetchone()
        return row
