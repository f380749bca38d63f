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
    project: str | None = Field(description="The project that is seen; null without a key, or with one of the server.")


class NewLogin(_Shape):
    key: str = Field(min_length=1, max_length=1_000, description="An API key with the scope read or admin.")
    project: str = Field("", max_length=100, description="The project to see, for who has a key of the server.")


class AuditEntry(_Shape):
    time_unix_nano: str
    who: str
    act: str
    subject: str
    project: str | None = Field(description="null: an act on the server.")


class AuditLog(_Shape):
    acts: list[AuditEntry] = Field(description="Administrative acts, newest first.")


class KeySummary(_Shape):
    """A key without its secret."""

    key_id: str
    name: str
    scopes: list[ScopeName]
    project: str | None = Field(description="null: a key of the server.")
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None


class KeyList(_Shape):
    keys: list[KeySummary]


class ProjectSummary(_Shape):
    name: str
    created_at: str | None = Field(description="null for `default`, which is always there.")


class ProjectList(_Shape):
    projects: list[ProjectSummary]
