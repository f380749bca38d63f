"""The keys, logins, projects and administrative acts of one data folder, in SQLite beside the data.

Several processes may use it at once: the server checks keys while the command line makes and revokes them.
"""

import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from llm_tracing.access.key_file import KeyFile
from llm_tracing.access.keys import Key, Scope, hash_beyond, hash_of, new_secret, scopes_of
from llm_tracing.access.projects import DEFAULT, Project, ProjectSettings, checked_name, read_settings
from llm_tracing.access.unwritten import UnwrittenLogins
from llm_tracing.errors import ConfigError, Conflict, NotFound, StoreError

logger = logging.getLogger(__name__)

FILE = "access.sqlite"
LOGIN_NS = 7 * 24 * 3600 * 1_000_000_000
_USED_EVERY_NS = 60 * 1_000_000_000  # `last_used_at` is exact to a minute: a check should not cost a write
_MAX_ACTS = 100_000
_COLUMNS = "key_id, name, scopes, created_at, expires_at, revoked_at, last_used_at, project"


@dataclass(frozen=True, slots=True)
class Act:
    """One administrative act: who did what to which."""

    time_unix_nano: int
    who: str
    act: str
    subject: str
    project: str | None = DEFAULT


class Keyring:
    """For several threads. Raises FolderNotWritable or ConfigError when opened, sqlite3.Error afterwards.

    Where the file can only be read, keys are checked and what would change one raises FolderReadOnly; see key_file.py.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = KeyFile(folder / FILE)
        self._unwritten = UnwrittenLogins()

    def create(
        self, name: str, scopes: frozenset[Scope], days: float | None = None, project: str | None = DEFAULT
    ) -> tuple[Key, str]:
        """(the key, its secret); the secret is kept nowhere. Without a project it is a key of the server.

        Raises ConfigError for a key of the server with another scope than admin, NotFound for an unknown project.
        """
        if project is None and scopes != {"admin"}:
            raise ConfigError("A key of the server has the scope admin alone.", "Name a project for other scopes.")
        if project is not None:
            self.project(project)
        key_id, secret = new_secret()
        now = time.time_ns()
        expires = None if days is None else now + int(days * 24 * 3600 * 1_000_000_000)
        with self._file.writing() as db:
            db.execute(
                "INSERT INTO keys (key_id, name, scopes, hash, created_at, expires_at, project) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (key_id, name, ",".join(sorted(scopes)), _hash(secret, project), now, expires, project),
            )
        return Key(key_id, name, scopes, now, expires, project=project), secret

    def all(self) -> list[Key]:
        """All, revoked ones too, oldest first."""
        with self._file.reading() as db:
            rows = db.execute(f"SELECT {_COLUMNS} FROM keys ORDER BY created_at").fetchall()  # noqa: S608
        return [_key(row) for row in rows]

    def revoke(self, key_id: str) -> Key:
        """Take a key back, and the logins that were made with it. Raises NotFound."""
        with self._file.writing() as db:
            row = db.execute(f"SELECT {_COLUMNS} FROM keys WHERE key_id = ?", (key_id,)).fetchone()  # noqa: S608
            if row is None:
                raise NotFound(f"No key has the id {key_id}.", "llm-tracing keys list shows them.")
            revoked_at = row[5] or time.time_ns()
            db.execute("UPDATE keys SET revoked_at = ? WHERE key_id = ?", (revoked_at, key_id))
            db.execute("DELETE FROM logins WHERE key_id = ?", (key_id,))
        return replace(_key(row), revoked_at=revoked_at)

    def discard(self, key_id: str) -> None:
        """Remove a key without a trace: one that was made for a single command."""
        with self._file.writing() as db:
            db.execute("DELETE FROM keys WHERE key_id = ?", (key_id,))

    def find(self, secret: str) -> Key | None:
        """The active key with this secret."""
        now = time.time_ns()
        with self._file.reading() as db:
            either = (hash_of(secret), hash_beyond(secret))
            row = db.execute(f"SELECT {_COLUMNS} FROM keys WHERE hash IN (?, ?)", either).fetchone()  # noqa: S608
        if row is None or not (key := _key(row)).is_active(now):
            return None
        if now - (key.last_used_at or 0) > _USED_EVERY_NS:
            with suppress(StoreError), self._file.writing() as db:  # that it cannot be noted makes no key wrong
                db.execute("UPDATE keys SET last_used_at = ? WHERE key_id = ?", (now, key.key_id))
        return key

    def has_active(self) -> bool:
        now = time.time_ns()
        return any(key.is_active(now) for key in self.all())

    def log_in(self, key_id: str, project: str | None = DEFAULT) -> str:
        """A token for the cookie of somebody who showed this key; it is for one project.

        Where it cannot be written it holds all the same, until the process ends.
        """
        token, now = secrets.token_urlsafe(32), time.time_ns()
        try:
            with self._file.writing() as db:
                db.execute("DELETE FROM logins WHERE expires_at < ?", (now,))
                db.execute(
                    "INSERT INTO logins (hash, key_id, created_at, expires_at, project) VALUES (?, ?, ?, ?, ?)",
                    (_hash(token, project), key_id, now, now + LOGIN_NS, project),
                )
        except StoreError:
            self._unwritten.make(_hash(token, project), key_id, project, now + LOGIN_NS)
        return token

    def login(self, token: str) -> tuple[str, str | None] | None:
        """(the id of the key that was shown, the project); None if the login has ended."""
        either = (hash_of(token), hash_beyond(token))
        if self._unwritten.has_ended(*either):
            return None
        if (held := self._unwritten.find(*either)) is not None:
            return held
        with self._file.reading() as db:
            row = db.execute(
                "SELECT key_id, project FROM logins WHERE hash IN (?, ?) AND expires_at > ?", (*either, time.time_ns())
            ).fetchone()
        return None if row is None else (str(row[0]), row[1])

    def key(self, key_id: str) -> Key | None:
        with self._file.reading() as db:
            row = db.execute(f"SELECT {_COLUMNS} FROM keys WHERE key_id = ?", (key_id,)).fetchone()  # noqa: S608
        return None if row is None else _key(row)

    def log_out(self, token: str) -> None:
        either = (hash_of(token), hash_beyond(token))
        self._unwritten.end(*either)
        with suppress(StoreError), self._file.writing() as db:  # it holds no more in this process; after it, to its end
            db.execute("DELETE FROM logins WHERE hash IN (?, ?)", either)

    def record(self, who: str, act: str, subject: str = "", project: str | None = DEFAULT) -> None:
        """Note an administrative act that was done; the oldest of very many are forgotten.

        Where it cannot be written it is a line of the process's log.
        """
        try:
            with self._file.writing() as db:
                db.execute(
                    "INSERT INTO audit (time_unix_nano, who, act, subject, project) VALUES (?, ?, ?, ?, ?)",
                    (time.time_ns(), who[:200], act[:100], subject[:1_000], project),
                )
                db.execute(
                    "DELETE FROM audit WHERE rowid <= (SELECT max(rowid) FROM audit) - ?",
                    (_MAX_ACTS,),
                )
        except StoreError as error:
            noted = f"{who[:200]!r}, {act[:100]!r} on {subject[:1_000]!r} in {project!r}"
            logger.warning("An administrative act is not in the audit log: %s. %s", noted, error.message)

    def acts(self, limit: int, project: str | None = None) -> list[Act]:
        """Newest first; with a project named only those on it."""
        with self._file.reading() as db:
            rows = db.execute(
                "SELECT time_unix_nano, who, act, subject, project FROM audit "
                "WHERE ?1 IS NULL OR project = ?1 ORDER BY rowid DESC LIMIT ?2",
                (project, limit),
            ).fetchall()
        return [Act(*row) for row in rows]

    def projects(self) -> list[Project]:
        """Those beside `default`, by name; also those that are being deleted."""
        with self._file.reading() as db:
            rows = db.execute("SELECT name, created_at, settings, deleting_at FROM projects ORDER BY name").fetchall()
        return [Project(row[0], row[1], read_settings(row[2]), row[3] is not None) for row in rows]

    def project(self, name: str) -> Project:
        """One that may be used, `default` too. Raises NotFound."""
        if name == DEFAULT:
            return Project(DEFAULT, 0, ProjectSettings())
        found = next((one for one in self.projects() if one.name == name and not one.deleting), None)
        if found is None:
            raise NotFound(f"There is no project {name[:100]}.", "llm-tracing project list shows them.")
        return found

    def create_project(self, name: str, settings: ProjectSettings, most: int) -> Project:
        """Raises ConfigError for a bad name, Conflict if it is there or if there are `most` already."""
        checked_name(name)
        known = self.projects()
        if name == DEFAULT or any(one.name == name for one in known):
            raise Conflict(f"There is a project {name} already.")
        if len(known) + 1 >= most:
            raise Conflict(
                f"There are {len(known) + 1} projects, as many as may be.",
                "Delete one, or raise LLM_TRACING_MAX_PROJECTS.",
            )
        made = Project(name, time.time_ns(), settings)
        with self._file.writing() as db:
            db.execute(
                "INSERT INTO projects (name, created_at, settings) VALUES (?, ?, ?)",
                (name, made.created_at, settings.model_dump_json(exclude_none=True)),
            )
        return made

    def set_project(self, name: str, settings: ProjectSettings) -> None:
        """Replace the settings of a project. Raises NotFound."""
        self.project(name)
        with self._file.writing() as db:
            db.execute(
                "UPDATE projects SET settings = ? WHERE name = ?", (settings.model_dump_json(exclude_none=True), name)
            )

    def end_project(self, name: str) -> None:
        """From now on nobody may use it: its keys are revoked and its logins end. Its files are removed after."""
        now = time.time_ns()
        with self._file.writing() as db:
            db.execute("UPDATE projects SET deleting_at = coalesce(deleting_at, ?) WHERE name = ?", (now, name))
            db.execute("UPDATE keys SET revoked_at = coalesce(revoked_at, ?) WHERE project = ?", (now, name))
            db.execute("DELETE FROM logins WHERE project = ?", (name,))

    def forget_project(self, name: str) -> None:
        """Once its files are gone: the name may be used again."""
        with self._file.writing() as db:
            db.execute("DELETE FROM projects WHERE name = ? AND deleting_at IS NOT NULL", (name,))

    def close(self) -> None:
        self._file.close()

    @contextmanager
    def closing(self) -> Iterator["Keyring"]:
        """Itself, closed when the block ends."""
        try:
            yield self
        finally:
            self.close()


def _hash(secret: str, project: str | None) -> bytes:
    return hash_of(secret) if project == DEFAULT else hash_beyond(secret)


_Row = tuple[str, str, str, int, int | None, int | None, int | None, str | None]


def _key(row: _Row) -> Key:
    key_id, name, scopes, created_at, expires_at, revoked_at, last_used_at, project = row
    held = scopes_of(scopes.split(","))
    return Key(key_id, name, held, created_at, expires_at, revoked_at, last_used_at, project)
