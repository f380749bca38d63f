"""Finds out how the backends of the LGTM store do."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from llm_tracing.errors import BackendError
from llm_tracing.lgtm.backend import BackendName, Patience, State
from llm_tracing.lgtm.places import Place, Places
from llm_tracing.lgtm.reading import LgtmReads
from llm_tracing.lgtm.sending import Sending
from llm_tracing.lgtm.shared.side import SideData
from llm_tracing.lgtm.told import Told, ToldBackend
from llm_tracing.receive.decode import Signal

_ASKED_AGAIN_S = 20.0
_PROBE_S = 3.0


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
