"""Shapes of logins, keys and the record of administrative acts."""

from typing import Literal

from pydantic import Field

from llm_tracing.api.schema_bill import Shape as _Shape

ScopeName = Literal["ingest", "read", "admin"]


class Login(_Shape):
    """Whether this server wants a key, and what the one who asks may do."""

    required: bool
    scopes: list[ScopeName] = Field(description="Empty: a key is needed.")
    name: str | None = Field(description="The key that was shown, for people.")
    by_cookie: bool = Field(description="Whether there is a login that can be ended.")


class NewLogin(_Shape):
    key: str = Field(min_length=1, max_length=1_000, description="An API key with the scope read or admin.")


class AuditEntry(_Shape):
    time_unix_nano: str
    who: str
    act: str
    subject: str


class AuditLog(_Shape):
    acts: list[AuditEntry] = Field(description="Administrative acts, newest first.")


class KeySummary(_Shape):
    """A key without its secret."""

    key_id: str
    name: str
    scopes: list[ScopeName]
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None


class KeyList(_Shape):
    keys: list[KeySummary]
