"""What others know at any time, asked for at a scrape: queue, counts, sizes, retention, listeners."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from llm_tracing.api.live import Live
from llm_tracing.errors import LlmTracingError
from llm_tracing.ingest.thread import Ingest
from llm_tracing.keeping import Keeper
from llm_tracing.receive.in_flight import InFlight
from llm_tracing.redaction.redactor import Redactor
from llm_tracing.store.own_figures import DuckDBOwnFigures

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Sources:
    """Who is asked."""

    store: DuckDBOwnFigures
    ingest: Ingest
    live: Live
    keeper: Keeper
    in_flight: InFlight
    redactor: Redactor | None = None


class OwnCollector(Collector):
    """Asks at each scrape. What cannot be had then is left out of that scrape."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def collect(self) -> Iterator[Metric]:
        yield from self._ingested()
        yield from self._senders()
        yield from self._stored()
        yield from self._kept()

    def _ingested(self) -> Iterator[Metric]:
        ingest = self._sources.ingest
        counters = ingest.counters
        yield _counter("receiver_requests", "Export requests taken.", counters.requests, "signal")
        items = {"spans": counters.spans, "log_records": counters.logs, "data_points": counters.metric_points}
        for name, count in items.items():
            yield _counter(f"receiver_{name}", f"{name.replace('_', ' ').capitalize()} taken.", {"": count})
        yield _counter("store_commits", "Commits to the store.", {"": counters.commits})
        yield _counter(
            "store_failed_commits", "Commits and requests that could not be written.", {"": counters.failed_writes}
        )
        yield _counter("receiver_journalled", "Requests answered from the journal.", {"": ingest.ahead_requests})
        yield _gauge("journal_bytes", "Bytes of them that are not written yet.", {"": ingest.ahead_bytes})
        yield _gauge("queue_bytes", "Bytes that wait to be written.", {"": ingest.queued_bytes})
        yield _gauge("in_flight_bytes", "Bytes of requests that are being read.", {"": self._sources.in_flight.bytes})
        yield _gauge(
            "live_listeners", "Pages and programs that listen to what arrives.", {"": self._sources.live.listeners}
        )
        if self._sources.redactor is not None:
            # A copy made in one step: the writer's thread goes on counting.
            redacted = dict(self._sources.redactor.counts)
            yield _counter("redacted", "Texts taken out before they were stored.", redacted, "rule")

    def _senders(self) -> Iterator[Metric]:
        refused: Counter[str] = Counter()
        again = late = 0
        for sender in self._sources.ingest.senders.all().values():
            refused.update(sender.refused)
            again, late = again + sender.again, late + sender.late
        cut = {reason: refused.pop(reason, 0) for reason in ("attribute_cut", "attribute_left_out")}
        yield _counter("receiver_refused", "Items or requests refused.", refused, "reason")
        yield _counter("receiver_cut", "Attributes that were stored in part, or not.", cut, "reason")
        yield _counter("receiver_spans_again", "Spans that were stored before.", {"": again})
        yield _counter("receiver_spans_late", "Spans that came long after they had ended.", {"": late})
        kept = len(self._sources.ingest.senders.kept.all())
        yield _gauge("kept_errors", "Refused requests that are kept to be looked at.", {"": kept})

    def _stored(self) -> Iterator[Metric]:
        try:
            tables = self._sources.store.table_sizes()
        except LlmTracingError:
            tables = {}
        rows = {table: size.rows for table, size in tables.items()}
        stored = {table: size.stored_bytes for table, size in tables.items()}
        yield _gauge("store_rows", "Rows by table.", rows, "table")
        yield _gauge("store_table_bytes", "Bytes of blocks that hold a table, up to a minute old.", stored, "table")
        try:
            files, free = self._sources.store.file_sizes(), {"": self._sources.store.free_bytes()}
        except OSError:
            files, free = {}, {}
        yield _gauge("store_file_bytes", "Bytes of the data file and of its log.", files, "file")
        yield _gauge("disk_free_bytes", "Bytes free on the disk of the data folder.", free)

    def _kept(self) -> Iterator[Metric]:
        keeper = self._sources.keeper
        yield _counter("retention_deletions", "Slices of old rows deleted, by signal.", keeper.deleted, "signal")
        yield _counter("retention_rounds", "Looks for what is too old or too much.", keeper.rounds, "end")
        yield _gauge(
            "retention_running_seconds", "For how long the current look runs; 0 between two.", {"": keeper.running_s()}
        )


def _counter(name: str, meaning: str, values: Mapping[str, int], label: str = "") -> Metric:
    family = CounterMetricFamily(f"llm_tracing_{name}", meaning, labels=[label] if label else [])
    for value, count in values.items():
        family.add_metric([value] if label else [], count)
    return family


def _gauge(name: str, meaning: str, values: Mapping[str, float], label: str = "") -> Metric:
    family = GaugeMetricFamily(f"llm_tracing_{name}", meaning, labels=[label] if label else [])
    for value, number in values.items():
        family.add_metric([value] if label else [], number)
    return family
