"""API keys: made from 32 random bytes, shown once, kept as a hash.

A key looks like `llmt_4f1c09aa_<43 characters>`: the part in the middle is its id, by which it is listed and revoked.
A fast hash is enough for what has 256 random bits; nothing can be guessed from it.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from llm_tracing.errors import ConfigError

Scope = Literal["ingest", "read", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
PREFIX = "llmt"


@dataclass(frozen=True, slots=True)
class Key:
    """One key without its secret; times are nanoseconds since the epoch, None for never.

    `project` is the one that it belongs to; None is a key of the server, which sees no project until it names one.
    """

    key_id: str
    name: str
    scopes: frozenset[Scope]
    created_at: int
    expires_at: int | None = None
    revoked_at: int | None = None
    last_used_at: int | None = None
    project: str | None = "default"

    def is_active(self, now: int) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def allows(self, needed: Scope) -> bool:
        """`admin` may do all that the others may."""
        return needed in self.scopes or "admin" in self.scopes


def is_ours(secret: str) -> bool:
    """Whether this looks like a key that was made here, known or not."""
    return secret.startswith(f"{PREFIX}_")


def new_secret() -> tuple[str, str]:
    """(id, whole key) of a key that nobody has yet."""
    key_id = secrets.token_hex(4)
    return key_id, f"{PREFIX}_{key_id}_{secrets.token_urlsafe(32)}"


def hash_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def hash_beyond(secret: str) -> bytes:
    """That of a key or a login beyond the project `default`: a version that knows of no projects does not find it."""
    return hash_of(f"project\0{secret}")


def scopes_of(names: Iterable[str]) -> frozenset[Scope]:
    """Raises ConfigError for a name that is no scope, and for none at all."""
    given = [name.strip().lower() for name in names if name.strip()]
    wrong = [name for name in given if name not in SCOPES]
    if wrong or not given:
        said = f"{wrong[0]} is no scope." if wrong else "A key needs a scope."
        raise ConfigError(said, f"Give one or more of {', '.join(SCOPES)}.")
    return frozenset(scope for scope in SCOPES if scope in given)
