"""Errors that say what to do next.

    LlmTracingError
    ├── ConfigError        a setting that cannot work: exit code 1
    │   ├── PortInUse
    │   ├── NotLoopback
    │   ├── KeysMissing
    │   └── PriceFileError
    ├── StoreError         the data folder: exit code 1 at start, 503 while running
    │   ├── FolderNotWritable
    │   │   └── FolderReadOnly   what is stored there can be read
    │   ├── FolderInUse
    │   ├── SchemaTooNew
    │   ├── StoreCorrupt
    │   ├── DiskFull
    │   ├── StoreBusy
    │   ├── StoreClosed
    │   └── BehindError    what lies behind the LGTM store, such as its object place
    │       └── BackendError   Tempo, Loki or Prometheus: 502 or 504 to a reader
    ├── ReceiveError       a request that cannot be taken; carries its HTTP status
    ├── AccessError        somebody who may not; carries its HTTP status
    │   ├── NoKey
    │   ├── ScopeMissing
    │   ├── ProjectMissing
    │   ├── OtherProject
    │   └── TooManyFailures
    └── QueryError         a request that cannot be answered; carries its HTTP status
        ├── NotFound
        ├── BadQuery
        ├── Conflict
        ├── NotJson
        ├── CrossOrigin
        ├── TooLarge
        ├── Unprocessable
        ├── NotAvailable
        ├── QueryTooSlow
        └── QueryCancelled

Every error has a message (what is wrong) and a hint (what to do).
"""

from pathlib import Path
from typing import Literal


class LlmTracingError(Exception):
    """Base of all; `hint` is one sentence that says what to do, or None."""

    hint: str | None = None

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def line(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class ConfigError(LlmTracingError):
    pass


class PortInUse(ConfigError):
    def __init__(self, host: str, port: int, flag: str, env: str) -> None:
        super().__init__(
            f"Port {port} on {host} is in use.",
            f"Stop the program that holds it, or choose another with {flag} or {env} (0 picks a free one).",
        )


class NotLoopback(ConfigError):
    def __init__(self, host: str) -> None:
        super().__init__(
            f"Refusing to listen on {host} without keys: anyone who reaches it could read every prompt.",
            "Make a key with `llm-tracing keys create --scope admin`, use 127.0.0.1, or set "
            "LLM_TRACING_ALLOW_UNAUTHENTICATED=true behind a proxy that checks who asks.",
        )


class KeysMissing(ConfigError):
    def __init__(self, folder: Path) -> None:
        super().__init__(
            "Keys are required, and there is none yet.",
            f"Make one with: llm-tracing keys create --scope admin --data {folder}. Or set LLM_TRACING_ADMIN_KEY.",
        )


class PriceFileError(ConfigError):
    """At the start exit code 1; while running a line in the log, and the prices stay as they are."""


class StoreError(LlmTracingError):
    """`retry_after_s` is when a sender whose request was refused for it may come again."""

    retry_after_s = 1


class FolderNotWritable(StoreError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"The data folder {path} can't be written ({reason}).",
            "Choose another with --data or LLM_TRACING_DATA, or mend its permissions.",
        )


class FolderReadOnly(FolderNotWritable):
    """Nothing of the request is kept; it can be taken when the folder can be written again, without a restart."""

    retry_after_s = 10

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.hint = "What is stored can be read. Mount it for writing or mend its permissions; no restart is needed."


class FolderInUse(StoreError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The data folder {path} is open in another process.",
            "Stop that process, or choose another folder with --data or LLM_TRACING_DATA.",
        )


class SchemaTooNew(StoreError):
    def __init__(self, path: Path, found: int, known: int) -> None:
        super().__init__(
            f"{path} has schema {found}; this version knows {known}.",
            "Upgrade llm-tracing, or choose another folder with --data or LLM_TRACING_DATA.",
        )


class StoreCorrupt(StoreError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path} can't be read as a data file ({reason}).",
            "Save what can be read with `llm-tracing repair`, restore a backup, or choose another folder with --data.",
        )


class DiskFull(StoreError):
    """Nothing of the request is kept; it can be taken when there is room again, without a restart."""

    retry_after_s = 10

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"There is no room to write in {folder} ({reason}).",
            "Free some space, keep less (LLM_TRACING_KEEP_DAYS), or lower LLM_TRACING_MIN_FREE_DISK.",
        )


class StoreBusy(StoreError):
    def __init__(self, readers: int) -> None:
        super().__init__(
            f"{readers} queries run already, and none ended in time.",
            "Ask again, narrow the time range or the filter of slow queries, or lower LLM_TRACING_QUERY_TIMEOUT.",
        )


class StoreClosed(StoreError):
    def __init__(self) -> None:
        super().__init__("The store is closed.", "The server is stopping; send again when it is back.")


# How a backend failed: nobody answers; the connection broke; no answer in time; it asks to come later (429, 503); it
# failed (500); it wants a tenant; it wants other credentials; it is not what the setting says; it refuses the request;
# its answer is unreadable.
BackendReason = Literal[
    "down", "broken", "slow", "busy", "failing", "tenant", "access", "address", "refused", "unreadable"
]  # fmt: skip


class BehindError(StoreError):
    """What is behind the store failed, not this server."""


class BackendError(BehindError):
    """Tempo, Loki or Prometheus did not do what was asked of it; `said` is its answer in one line.

    To a sender it is a store that cannot write now (503), to a reader a gateway that failed (502) or was slow (504).
    """

    code = "backend_failed"

    def __init__(self, backend: str, address: str, reason: BackendReason, said: str, hint: str) -> None:
        super().__init__(f"{backend} at {address}: {said}.", hint)
        self.backend = backend
        self.address = address
        self.reason: BackendReason = reason
        self.said = said
        self.status = 504 if reason == "slow" else 502
        self.retry_after_s = 5


class ReceiveError(LlmTracingError):
    """A refused request. `status` is the HTTP status; `grpc_code` the google.rpc.Code number beside it."""

    def __init__(
        self,
        status: int,
        grpc_code: int,
        message: str,
        hint: str | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(message, hint)
        self.status = status
        self.grpc_code = grpc_code
        self.retry_after_s = retry_after_s


class AccessError(LlmTracingError):
    """Somebody may not do what they ask. `status` is the HTTP status, `code` its name in the JSON API."""

    status = 403
    code = "forbidden"
    retry_after_s: int | None = None


class NoKey(AccessError):
    status = 401
    code = "unauthenticated"

    def __init__(self, *, wrong: bool) -> None:
        super().__init__(
            "This key is not known here, or has ended." if wrong else "A key is needed.",
            "Send Authorization: Bearer KEY (or x-api-key: KEY); `llm-tracing keys create` makes one.",
        )


class ScopeMissing(AccessError):
    def __init__(self, needed: str, name: str) -> None:
        super().__init__(
            f"The key {name[:200]} may not do this: it needs the scope {needed}.",
            f"Make one with `llm-tracing keys create --scope {needed}`.",
        )


class ProjectMissing(AccessError):
    code = "project_missing"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The key {name[:200]} belongs to no project, so it sees none until it names one.",
            "Send X-LLM-Tracing-Project: NAME, or name the project when logging in.",
        )


class OtherProject(AccessError):
    code = "other_project"

    def __init__(self) -> None:
        super().__init__(
            "What was shown does not open that project.",
            "A key opens the project that it was made for: `llm-tracing keys create --project NAME` makes one.",
        )


class TooManyFailures(AccessError):
    status = 429
    code = "too_many_failures"

    def __init__(self, wait_s: int) -> None:
        super().__init__("Too many wrong keys came from this address.", f"Try again in {wait_s} s, with a right one.")
        self.retry_after_s = wait_s


class QueryError(LlmTracingError):
    status = 400
    code = "bad_request"


class NotFound(QueryError):
    status = 404
    code = "not_found"


class BadQuery(QueryError):
    """A filter that cannot be read; the message points at the place."""

    code = "bad_query"

    def __init__(self, query: str, position: int, reason: str, hint: str | None = None) -> None:
        pointer = f"{query}\n{' ' * position}^"
        super().__init__(f"{reason} at position {position}:\n{pointer}", hint)
        self.position = position


class Conflict(QueryError):
    status = 409
    code = "conflict"


class NotJson(QueryError):
    """A write whose body does not say that it is JSON: a form on another site's page could send it unasked."""

    status = 415
    code = "unsupported_media_type"

    def __init__(self) -> None:
        super().__init__("A write must be JSON.", "Send it with Content-Type: application/json.")


class CrossOrigin(QueryError):
    status = 403
    code = "cross_origin"

    def __init__(self, origin: str) -> None:
        super().__init__(
            f"A page of {origin[:200]} may not write here.", "Write from a page of this server, or no page."
        )


class TooLarge(QueryError):
    status = 413
    code = "too_large"


class Unprocessable(QueryError):
    status = 422
    code = "unprocessable"


class NotAvailable(QueryError):
    """What this store cannot do, whoever asks."""

    status = 409
    code = "not_available"


class QueryTooSlow(QueryError):
    status = 504
    code = "query_too_slow"

    def __init__(self, limit_s: float) -> None:
        super().__init__(
            f"The query took longer than {limit_s:g} s and was stopped.",
            "Narrow the time range or the filter, or raise LLM_TRACING_QUERY_TIMEOUT.",
        )


class QueryCancelled(QueryError):
    """Who asked has hung up; nobody reads this."""

    status = 499
    code = "cancelled"

    def __init__(self) -> None:
        super().__init__("The query was stopped: nobody waits for it any more.")
