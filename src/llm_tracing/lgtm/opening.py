"""The LGTM store out of the settings. The backends need not be there yet: what is missing is told when it is asked."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from llm_tracing.config import ServerSettings
from llm_tracing.figures import Figures
from llm_tracing.lgtm.backend import Backend, BackendName, Patience
from llm_tracing.lgtm.bucket import Bucket
from llm_tracing.lgtm.loki import Loki
from llm_tracing.lgtm.objects import ObjectStore
from llm_tracing.lgtm.places import places
from llm_tracing.lgtm.prometheus import Prometheus
from llm_tracing.lgtm.reading import LgtmReads, ReadLimits
from llm_tracing.lgtm.sending import Sending
from llm_tracing.lgtm.shared.pending import PendingRuns
from llm_tracing.lgtm.shared.rows import kinds_of
from llm_tracing.lgtm.shared.side import SideData
from llm_tracing.lgtm.store import LgtmStore
from llm_tracing.lgtm.telling import Telling
from llm_tracing.lgtm.tempo import Tempo
from llm_tracing.lgtm.window import Window
from llm_tracing.normalize.cost import Prices
from llm_tracing.own_traces import OwnTraces
from llm_tracing.receive.decode import Signal
from llm_tracing.store.duck import open_duckdb

_SHARED = frozenset({"annotations"})  # they are in the object place too, and do not go with what the window lets go
_SHARE = 0.7  # of the longest time of a query that may be waited for backends


def open_lgtm(settings: ServerSettings, prices: Prices, figures: Figures, traces: OwnTraces) -> LgtmStore:
    """Raises ConfigError for an address that cannot be used, StoreError for the window's folder."""
    known = places(settings)
    with ExitStack() as undo:
        bucket = Bucket(settings.lgtm_objects or (settings.data.absolute() / "objects").as_uri())
        objects = ObjectStore(bucket)
        undo.callback(objects.close)
        side = open_duckdb(settings, prices, figures, traces, stay=_SHARED)
        undo.pop_all()
    window = Window(side)
    side_data = SideData(bucket, window, kinds_of(side))
    pending = PendingRuns(bucket, objects, window, settings.lgtm_inline_bytes)
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
    telling = Telling(known, reads, sendings, checks, side_data, objects.place, settings.lgtm_search_lag)
    side_data.start()
    return LgtmStore(window, reads, sendings, objects, side_data, pending, settings.lgtm_inline_bytes, telling.told)
