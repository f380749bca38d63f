"""The keys, logins and administrative acts of one data folder, in SQLite beside the data.

Several processes may use it at once: the server checks keys while the command line makes and revokes them.
"""

import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from llm_tracing.access.keys import Key, Scope, hash_of, new_secret, scopes_of
from llm_tracing.errors import ConfigError, FolderNotWritable, NotFound

FILE = "access.sqlite"
LOGIN_NS = 7 * 24 * 3600 * 1_000_000_000
_BUSY_S = 5.0
_USED_EVERY_NS = 60 * 1_000_000_000  # `last_used_at` is exact to a minute: a check should not cost a write
_MAX_ACTS = 100_000
_COLUMNS = "key_id, name, scopes, created_at, expires_at, revoked_at, last_used_at"


@dataclass(frozen=True, slots=True)
class Act:
    """One administrative act: who did what to which."""

    time_unix_nano: int
    who: str
    act: str
    subject: str


class Keyring:
    """For several threads. Raises FolderNotWritable or ConfigError when opened, sqlite3.Error afterwards."""

    def __init__(self, folder: Path) -> None:
        path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # nobody else's to read, from its first byte
            self._db = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
            self._db.executescript(Path(__file__).with_name("schema.sql").read_text(encoding="utf-8"))
        except OSError as error:
            raise FolderNotWritable(folder, error.strerror or str(error)) from error
        except sqlite3.Error as error:
            raise ConfigError(
                f"{path} can't be used ({error}).", "Mend its permissions, or move it away and make new keys."
            ) from error
        self._lock = Lock()

    def create(self, name: str, scopes: frozenset[Scope], days: float | None = None) -> tuple[Key, str]:
        """(the key, its secret); the secret is kept nowhere."""
        key_id, secret = new_secret()
        now = time.time_ns()
        expires = None if days is None else now + int(days * 24 * 3600 * 1_000_000_000)
        with self._using() as db:
            db.execute(
                "INSERT INTO keys (key_id, name, scopes, hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
                (key_id, name, ",".join(sorted(scopes)), hash_of(secret), now, expires),
            )
        return Key(key_id, name, scopes, now, expires), secret

    def all(self) -> list[Key]:
        """All, revoked ones too, oldest first."""
        with self._using() as db:
            rows = db.execute(f"SELECT {_COLUMNS} FROM keys ORDER BY created_at").fetchall()  # noqa: S608
        return [_key(row) for row in rows]

    def revoke(self, key_id: str) -> Key:
        """Take a key back, and the logins that were made with it. Raises NotFound."""
        with self._using() as db:
            row = db.execute(f"SELECT {_COLUMNS} FROM keys WHERE key_id = ?", (key_id,)).fetchone()  # noqa: S608
            if row is None:
                raise NotFound(f"No key has the id {key_id}.", "llm-tracing keys list shows them.")
            revoked_at = row[5] or time.time_ns()
            db.execute("UPDATE keys SET revoked_at = ? WHERE key_id = ?", (revoked_at, key_id))
            db.execute("DELETE FROM logins WHERE key_id = ?", (key_id,))
        return replace(_key(row), revoked_at=revoked_at)

    def find(self, secret: str) -> Key | None:
        """The active key with this secret."""
        now = time.time_ns()
        with self._using() as db:
            row = db.execute(f"SELECT {_COLUMNS} FROM keys WHERE hash = ?", (hash_of(secret),)).fetchone()  # noqa: S608
            if row is None or not (key := _key(row)).is_active(now):
                return None
            if now - (key.last_used_at or 0) > _USED_EVERY_NS:
                db.execute("UPDATE keys SET last_used_at = ? WHERE key_id = ?", (now, key.key_id))
        return key

    def has_active(self) -> bool:
        now = time.time_ns()
        return any(key.is_active(now) for key in self.all())

    def log_in(self, key_id: str) -> str:
        """A token for the cookie of somebody who showed this key."""
        token, now = secrets.token_urlsafe(32), time.time_ns()
        with self._using() as db:
            db.execute("DELETE FROM logins WHERE expires_at < ?", (now,))
            db.execute("INSERT INTO logins VALUES (?, ?, ?, ?)", (hash_of(token), key_id, now, now + LOGIN_NS))
        return token

    def key_of_login(self, token: str) -> str | None:
        """The id of the key that was shown; None if the login has ended."""
        with self._using() as db:
            row = db.execute(
                "SELECT key_id FROM logins WHERE hash = ? AND expires_at > ?", (hash_of(token), time.time_ns())
            ).fetchone()
        return None if row is None else str(row[0])

    def key(self, key_id: str) -> Key | None:
        with self._using() as db:
            row = db.execute(f"SELECT {_COLUMNS} FROM keys WHERE key_id = ?", (key_id,)).fetchone()  # noqa: S608
        return None if row is None else _key(row)

    def log_out(self, token: str) -> None:
        with self._using() as db:
            db.execute("DELETE FROM logins WHERE hash = ?", (hash_of(token),))

    def record(self, who: str, act: str, subject: str = "") -> None:
        """Note an administrative act; the oldest of very many are forgotten."""
        with self._using() as db:
            db.execute("INSERT INTO audit VALUES (?, ?, ?, ?)", (time.time_ns(), who[:200], act[:100], subject[:1_000]))
            db.execute(
                "DELETE FROM audit WHERE rowid <= (SELECT max(rowid) FROM audit) - ?",
                (_MAX_ACTS,),
            )

    def acts(self, limit: int) -> list[Act]:
        """Newest first."""
        with self._using() as db:
            rows = db.execute("SELECT * FROM audit ORDER BY rowid DESC LIMIT ?", (limit,)).fetchall()
        return [Act(*row) for row in rows]

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._db:
            yield self._db


def _key(row: tuple[str, str, str, int, int | None, int | None, int | None]) -> Key:
    key_id, name, scopes, created_at, expires_at, revoked_at, last_used_at = row
    return Key(key_id, name, scopes_of(scopes.split(",")), created_at, expires_at, revoked_at, last_used_at)
