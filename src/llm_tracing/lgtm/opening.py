"""The LGTM store out of the settings. The backends need not be there yet: what is missing is told when it is asked."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from llm_tracing.config import ServerSettings
from llm_tracing.figures import Figures
from llm_tracing.lgtm.backend import Backend, BackendName, Patience
from llm_tracing.lgtm.loki import Loki
from llm_tracing.lgtm.objects import ObjectStore
from llm_tracing.lgtm.places import places
from llm_tracing.lgtm.prometheus import Prometheus
from llm_tracing.lgtm.reading import LgtmReads, ReadLimits
from llm_tracing.lgtm.sending import Sending
from llm_tracing.lgtm.store import LgtmStore
from llm_tracing.lgtm.tempo import Tempo
from llm_tracing.lgtm.told import Telling
from llm_tracing.lgtm.window import Window
from llm_tracing.normalize.cost import Prices
from llm_tracing.own_traces import OwnTraces
from llm_tracing.receive.decode import Signal
from llm_tracing.store.duck import open_duckdb

_SHARE = 0.7  # of the longest time of a query that may be waited for backends


def open_lgtm(settings: ServerSettings, prices: Prices, figures: Figures, traces: OwnTraces) -> LgtmStore:
    """Raises ConfigError for an address that cannot be used, StoreError for the window's folder."""
    known = places(settings)
    with ExitStack() as undo:
        objects = ObjectStore(settings.lgtm_objects or (settings.data.absolute() / "objects").as_uri())
        undo.callback(objects.close)
        side = open_duckdb(settings, prices, figures, traces)
        undo.pop_all()
    window = Window(side)
    tempo = Tempo(Backend(known.tempo.reads))
    loki = Loki(Backend(known.loki.reads))
    prometheus = Prometheus(Backend(known.prometheus.reads))
    limits = ReadLimits(
        patience_s=settings.query_timeout * _SHARE,
        lag_s=settings.lgtm_search_lag,
        budget=settings.lgtm_budget,
    )
    reads = LgtmReads(window, tempo, loki, prometheus, objects, limits)
    sendings: dict[Signal, Sending] = {
        "traces": Sending(known.tempo, "traces"),
        "logs": Sending(known.loki, "logs"),
        "metrics": Sending(known.prometheus, "metrics"),
    }
    checks: dict[BackendName, Callable[[Patience], None]] = {
        "Tempo": tempo.check,
        "Loki": loki.check,
        "Prometheus": prometheus.check,
    }
    telling = Telling(known, reads, sendings, checks, objects.place, settings.lgtm_search_lag)
    return LgtmStore(window, reads, sendings, objects, settings.lgtm_inline_bytes, telling.told)
