"""The LGTM store out of the settings. The backends need not be there yet: what is missing is told when it is asked."""

from __future__ import annotations

from contextlib import ExitStack

from llm_tracing.config import ServerSettings
from llm_tracing.figures import Figures
from llm_tracing.lgtm.objects import ObjectStore
from llm_tracing.lgtm.places import places
from llm_tracing.lgtm.sending import Sending
from llm_tracing.lgtm.store import LgtmStore, Reads
from llm_tracing.lgtm.window import Window
from llm_tracing.normalize.cost import Prices
from llm_tracing.own_traces import OwnTraces
from llm_tracing.store.duck import DuckDBStore


def open_lgtm(settings: ServerSettings, prices: Prices, figures: Figures, traces: OwnTraces) -> LgtmStore:
    """Raises ConfigError for an address that cannot be used, StoreError for the window's folder."""
    known = places(settings)
    with ExitStack() as undo:
        objects = ObjectStore(settings.lgtm_objects or (settings.data.absolute() / "objects").as_uri())
        undo.callback(objects.close)
        side = DuckDBStore(
            settings.data,
            prices,
            settings.memory_limit_mb,
            settings.query_timeout,
            settings.min_free_disk,
            settings.max_trace_spans,
            figures,
            traces,
        )
        undo.pop_all()
    window = Window(side)
    reads: Reads = window.store
    sendings = [Sending(known.tempo, "traces"), Sending(known.loki, "logs"), Sending(known.prometheus, "metrics")]
    return LgtmStore(window, reads, sendings, objects, settings.lgtm_inline_bytes)
