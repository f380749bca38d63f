"""What the LGTM store says of itself: how each backend does, how far back figures reach, what is missing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from llm_tracing.errors import BackendError, StoreError
from llm_tracing.lgtm.backend import BackendName, Patience, State
from llm_tracing.lgtm.places import Place, Places
from llm_tracing.lgtm.reading import LgtmReads
from llm_tracing.lgtm.sending import Sending
from llm_tracing.lgtm.shared.side import SideData
from llm_tracing.receive.decode import Signal

Feature = Literal["erase", "retention", "backup", "live", "log_types", "projects"]
_ASKED_AGAIN_S = 20.0
_PROBE_S = 3.0

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


class Telling:
    """Asks each backend that was not asked of late whether it answers."""

    def __init__(
        self,
        places: Places,
        reads: LgtmReads,
        sendings: Mapping[Signal, Sending],
        checks: Mapping[BackendName, Callable[[Patience], None]],
        side_data: SideData,
        objects: str,
        search_lag_s: float,
    ) -> None:
        self._places = places
        self._reads = reads
        self._sendings = {sending.place.name: sending for sending in sendings.values()}
        self._checks = checks
        self._side_data = side_data
        self._objects = objects
        self._search_lag_s = search_lag_s

    def told(self) -> Told:
        state = self._reads.state()
        states: dict[BackendName, State] = {"Tempo": state.tempo, "Loki": state.loki, "Prometheus": state.prometheus}
        self._probe([name for name, one in states.items() if not _is_fresh(one)])
        return Told(
            [self._backend(place, states[place.name]) for place in self._places],
            self._objects,
            self._side_data.state.trouble,
            self._search_lag_s,
            state.traces_since,
            state.logs_since,
            state.partial,
        )

    def _backend(self, place: Place, reading: State) -> ToldBackend:
        writing = self._sendings[place.name].state
        return ToldBackend(
            place.name,
            place.reads.shown,
            place.writes.endpoint,
            reading.trouble,
            writing.trouble,
            reading.answered_at,
            writing.answered_at,
        )

    def _probe(self, names: list[BackendName]) -> None:
        def probe(name: BackendName) -> None:
            with suppress(BackendError):  # noted by the backend itself
                self._checks[name](Patience(_PROBE_S))

        with ThreadPoolExecutor(max(1, len(names))) as threads:
            list(threads.map(probe, names))


def _is_fresh(state: State) -> bool:
    return time.time() - max(state.answered_at, state.failed_at) < _ASKED_AGAIN_S
