"""All that one project has of its own: store, writer, live stream, refused requests, retention, prices, figures.

Nothing here is shared with another project, so what belongs to one cannot show in another. The settings are the
project's: `data` is its own folder.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

from llm_tracing.access.projects import DEFAULT
from llm_tracing.api.lens_database import LensReader
from llm_tracing.api.live import Live
from llm_tracing.config import ServerSettings
from llm_tracing.figures import Figures
from llm_tracing.ingest.ahead import MOST_BYTES, Ahead
from llm_tracing.ingest.thread import Ingest
from llm_tracing.keeping import Keeper
from llm_tracing.normalize.cost import Prices
from llm_tracing.normalize.limits import Limits
from llm_tracing.observing.calls import CallCounter, CallFigures
from llm_tracing.observing.collect import OwnCollector, Sources
from llm_tracing.observing.ready import Readiness
from llm_tracing.own_traces import OwnTraces
from llm_tracing.pricing import PriceKeeper
from llm_tracing.query.fold_book import FoldBook
from llm_tracing.query.kept_views import MAX_SPANS, KeptViews
from llm_tracing.receive.grpc import WORKERS as GRPC_WORKERS
from llm_tracing.receive.in_flight import InFlight
from llm_tracing.receive.kept import KeptErrors
from llm_tracing.receive.senders import Senders
from llm_tracing.redaction.redactor import Redactor
from llm_tracing.redaction.rules import read_rules
from llm_tracing.store.database import FILE_NAME
from llm_tracing.store.duck import DuckDBStore, open_duckdb
from llm_tracing.store.opening import check_written
from llm_tracing.store.own_figures import DuckDBOwnFigures

if TYPE_CHECKING:
    from llm_tracing.lgtm.store import LgtmStore

_LEAST_MEMORY_MB = 64  # below it DuckDB fails at what it must do
_LEAST_CALLS = 2


def open_store(
    settings: ServerSettings, prices: Prices, figures: Figures, traces: OwnTraces
) -> DuckDBStore | LgtmStore:
    """The store that the settings say. Raises ConfigError or StoreError."""
    if settings.store == "lgtm":
        from llm_tracing.lgtm.opening import open_lgtm  # with urllib3 3 MB, which the embedded store has no use for

        check_written(settings.data / FILE_NAME)  # what is read from afar is kept there
        return open_lgtm(settings, prices, figures, traces)
    return open_duckdb(settings, prices, figures, traces)


def keeps_apart(store: object) -> TypeGuard[DuckDBStore]:
    """Whether a store has what is in its own folder and nothing else, so that two of them share nothing."""
    return isinstance(store, DuckDBStore)


class Share(NamedTuple):
    """What one of several projects has of the process: an even part of each limit."""

    memory_mb: int
    queue_bytes: int
    view_spans: int
    calls: int  # of gRPC that wait for a commit at once

    @classmethod
    def of(cls, memory_mb: int, queue_bytes: int, projects: int) -> Share:
        return cls(
            max(_LEAST_MEMORY_MB, memory_mb // projects),
            max(1, queue_bytes // projects),
            MAX_SPANS // projects,
            max(_LEAST_CALLS, GRPC_WORKERS // projects),
        )


class Stack:
    """One project, opened; `start` begins its threads, `stop` writes what was taken and closes it.

    Raises ConfigError or StoreError when made, each with a line that says what to do; nothing is left open then.
    """

    def __init__(
        self,
        settings: ServerSettings,
        figures: Figures | None = None,
        traces: OwnTraces | None = None,
        name: str = DEFAULT,
        own: frozenset[str] = frozenset(),
    ) -> None:
        """`own` are the names of the settings that are not the server's."""
        self.name, self.own = name, own
        self.settings = settings
        self.grpc_calls = GRPC_WORKERS  # that may wait for a commit at once
        self.figures = figures = figures or Figures()
        traces = traces or OwnTraces()
        self.prices = Prices(settings.prices)
        self.redactor = Redactor(read_rules(settings.redact)) if settings.redact else None
        with contextlib.ExitStack() as undo:
            self.store = open_store(settings, self.prices, figures, traces)
            undo.callback(self.store.close)
            self.live = Live()
            kept = KeptErrors(settings.data / "refused", with_payload=self.redactor is None)
            limits = Limits(settings.max_attributes, settings.max_attribute_bytes)
            ahead = None
            if keeps_apart(self.store):
                ahead = Ahead(settings.data, self.store, min(MOST_BYTES, settings.max_queue))
            self.ingest = Ingest(
                self.store, settings.max_queue, Senders(kept), self.redactor, limits, figures, traces, ahead
            )
            self.ingest.listen(self.live.publish)
            self.in_flight = InFlight(settings.max_queue)
            self.book = FoldBook(settings.data)
            if not isinstance(self.store, DuckDBStore):
                self.store.share_folds(self.book)
                self.store.listen(self.live.publish)
            self.views = KeptViews(self.store, self.book)
            self.lens = LensReader(settings.lens_database)
            self.keeper = Keeper(settings, self.store, self.ingest, lambda: self.live.publish(set()))
            self.ready = Readiness(settings.data, self.store, self.ingest, self.keeper)
            measured = DuckDBOwnFigures(self.store.database)
            figures.registry.register(
                OwnCollector(Sources(measured, self.ingest, self.live, self.keeper, self.in_flight, self.redactor))
            )
            self.calls = CallCounter(measured, CallFigures(figures.registry))
            self.ingest.listen(self.calls.touched)
            self.price_keeper = PriceKeeper(self.prices, self.store, self.ingest, self.live.publish)
            undo.pop_all()

    def limit(self, share: Share) -> None:
        """Take what is this project's part from now on."""
        if keeps_apart(self.store):
            self.store.limit_memory(share.memory_mb)
        self.ingest.limit(share.queue_bytes)
        self.in_flight.limit(share.queue_bytes)
        self.views.limit(share.view_spans)
        self.grpc_calls = share.calls

    def start(self) -> None:
        self.calls.start()
        self.ingest.start()
        self.price_keeper.start()
        self.keeper.start()

    def stop(self, *, after_readers: bool = False) -> None:
        """Write what waits, end the threads, close the store; see DuckDBStore.close."""
        self.live.close()
        self.price_keeper.stop()
        self.keeper.stop()
        self.ingest.stop()
        self.calls.stop()
        if after_readers and keeps_apart(self.store):
            self.store.close(after_readers=True)
        else:
            self.store.close()

    def close(self) -> None:
        """Close what was never started."""
        self.store.close()
