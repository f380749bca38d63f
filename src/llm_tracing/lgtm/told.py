"""What the LGTM store says of itself: how each backend does, how far back figures reach, what is missing.

The API shows it for any store, so nothing of the LGTM store is imported here; `telling.py` finds it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from llm_tracing.errors import BackendError, StoreError

if TYPE_CHECKING:
    from llm_tracing.lgtm.backend import BackendName

Feature = Literal["erase", "retention", "backup", "live", "log_types", "projects"]

MISSING: dict[Feature, str] = {
    "erase": "Tempo and Loki cannot erase one trace, session or user: their retention does it.",
    "retention": "Tempo, Loki and Prometheus keep what their own retention says. LLM_TRACING_KEEP_DAYS and "
    "LLM_TRACING_MAX_SIZE trim only what was read from them.",
    "backup": "A backup holds what was read lately; the data is in Tempo, Loki and Prometheus, and annotations, views, "
    "pins and projects are in the object store.",
    "live": "What other senders bring to Tempo shows here when somebody looks, not by itself.",
    "projects": "Tempo, Loki and Prometheus are one place for all that is sent here: projects need a server each, "
    "with a tenant each.",
    "log_types": "Loki keeps attributes of log records as text; types and dots in names are put right where known.",
}


@dataclass(frozen=True, slots=True)
class ToldBackend:
    """`trouble` is None while it answers; times are of time.time(), 0 for never."""

    name: BackendName
    address: str
    otlp_address: str
    reading: BackendError | None
    writing: BackendError | None
    answered_at: float
    taken_at: float


@dataclass(frozen=True, slots=True)
class Told:
    backends: list[ToldBackend]
    objects: str
    objects_trouble: StoreError | None  # while it stands, what other servers change is not seen here
    search_lag_s: float
    traces_since: int
    logs_since: int
    partial: Mapping[str, str]


@runtime_checkable
class Tells(Protocol):
    """A store with backends that it can say something of."""

    def told(self) -> Told: ...
