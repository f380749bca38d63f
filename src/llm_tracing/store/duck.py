"""The embedded store: one writer and many readers over one DuckDB file."""

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import nullcontext
from pathlib import Path

from llm_tracing.config import ServerSettings
from llm_tracing.figures import Figures
from llm_tracing.model import Batch, SpanRecord
from llm_tracing.normalize.cost import Prices
from llm_tracing.own_traces import OwnTraces
from llm_tracing.store.aggregates import DuckDBAggregates
from llm_tracing.store.annotations import DuckDBAnnotations
from llm_tracing.store.changes import Changes
from llm_tracing.store.checkpoints import LOG_BYTES
from llm_tracing.store.contract import CallPlace
from llm_tracing.store.copying import copy_database
from llm_tracing.store.database import Database
from llm_tracing.store.deleting import DuckDBDeleter
from llm_tracing.store.groups import DuckDBGroups
from llm_tracing.store.journal import Mark
from llm_tracing.store.known import MAX_SPANS
from llm_tracing.store.links import stored_links
from llm_tracing.store.log_counts import DuckDBLogCounts
from llm_tracing.store.metric_points import DuckDBMetrics
from llm_tracing.store.projects import DuckDBProjects
from llm_tracing.store.reader import DuckDBReader
from llm_tracing.store.recent import DuckDBRecent
from llm_tracing.store.remembered import JOURNAL, remembered
from llm_tracing.store.repricing import SLICE, Repricing
from llm_tracing.store.rereading import Rereading
from llm_tracing.store.runs import DuckDBRuns
from llm_tracing.store.searching import DuckDBSearcher
from llm_tracing.store.views import DuckDBViews
from llm_tracing.store.walk import DuckDBWalker
from llm_tracing.store.writer import DuckDBWriter


class DuckDBStore:
    """Every protocol of contract/ over one data folder.

    In a folder that can only be read it reads, and every write raises FolderReadOnly.
    Raises at the start: FolderNotWritable without anything to read, FolderInUse, SchemaTooNew, StoreCorrupt.
    """

    def __init__(
        self,
        folder: Path,
        prices: Prices | None = None,
        memory_limit_mb: int = 256,
        query_timeout_s: float = 15.0,
        min_free_bytes: int = 0,
        max_spans: int = MAX_SPANS,
        figures: Figures | None = None,
        traces: OwnTraces | None = None,
        stay: Collection[str] = frozenset(),
        checkpoint_bytes: int = LOG_BYTES,
    ) -> None:
        """`stay` is as in DuckDBDeleter."""
        self.database = Database(
            folder, memory_limit_mb, query_timeout_s, min_free_bytes, figures, traces, checkpoint_bytes
        )
        prices = prices or Prices()
        links = stored_links(self.database)
        writer = DuckDBWriter(self.database, prices, links, max_spans)
        repricing = Repricing(self.database, prices)
        reader = DuckDBReader(self.database, links)
        self.changes = Changes()
        self._links, self._writer, self._repricing = links, writer, repricing
        self._rereading = Rereading(self.database, writer)
        self.whole_id = links.whole  # of the trace that a trace is part of; its own, if of none
        self.priced_with = repricing.priced_with
        self.set_priced_with = repricing.set_priced_with
        self.traces = reader.traces
        self.trace = reader.trace
        self.spans = reader.spans
        self.linking_spans = reader.linking_spans
        self.logs = reader.logs
        self.log_counts = DuckDBLogCounts(self.database).log_counts
        metrics = DuckDBMetrics(self.database)
        self.metrics = metrics.metrics
        self.points = metrics.points
        self.sparks = metrics.sparks
        self.whole_spans = DuckDBWalker(self.database, links).whole_spans
        self.aggregate = DuckDBAggregates(self.database).aggregate
        groups = DuckDBGroups(self.database)
        self.trace_groups = groups.trace_groups
        self.trace_group = groups.trace_group
        self.session_traces = groups.session_traces
        self.called_models = groups.called_models
        self.top_traces = groups.top_traces
        self.totals = groups.totals
        self.recent = DuckDBRecent(self.database, links).recent
        searcher = DuckDBSearcher(self.database)
        self.extent = searcher.extent
        self.histogram = searcher.histogram
        self.facets = searcher.facets
        self.words = searcher.words
        views = DuckDBViews(self.database)
        self.views = views.views
        self.put_view = views.put_view
        self.delete_view = views.delete_view
        annotations = DuckDBAnnotations(self.database)
        self.annotations = annotations.annotations
        self.annotation_words = annotations.annotation_words
        self.annotations_by_id = annotations.annotations_by_id
        self.delete_annotations = annotations.delete_annotations
        runs = DuckDBRuns(self.database)
        self.runs = runs.runs
        self.run_projects = runs.run_projects
        projects = DuckDBProjects(self.database)
        self.projects = projects.projects
        self.put_project = projects.put_project
        self.delete_project = projects.delete_project

        deleter = DuckDBDeleter(self.database, links, self._forget, stay)
        self.delete_traces_before = deleter.delete_traces_before
        self.delete_rows_before = deleter.delete_rows_before
        self.erase = deleter.erase
        self.pin = deleter.pin
        self.unpin = deleter.unpin
        self.pins = deleter.pins
        self.size = deleter.size
        self.tidy = deleter.tidy
        self.time_at_share = deleter.time_at_share
        self.rewrite = deleter.rewrite
        self.give_space_back = deleter.give_space_back

    def write(self, batch: Batch) -> set[bytes]:
        try:
            touched = self._writer.write(batch)
        except BaseException:
            self.changes.tell()  # what was kept may rest on the links that this batch brought
            raise
        self._tell(touched)
        return touched

    def reprice(self, after: CallPlace, limit: int = SLICE) -> tuple[CallPlace | None, set[bytes]]:
        place, changed = self._repricing.reprice(after, limit)
        self._tell(changed)
        return place, changed

    def let_go(self, spans: Sequence[SpanRecord]) -> None:
        """Delete these spans, to be written anew. For who writes."""
        ids = {part for span in spans for part in self._links.ids(span.trace_id)}
        self._rereading.let_go(spans, sorted(ids))
        self.changes.tell(ids)

    def _tell(self, trace_ids: Iterable[bytes]) -> None:
        """These traces changed, under whatever id somebody may have read them."""
        self.changes.tell({part for trace_id in trace_ids for part in self._links.ids(trace_id)})

    def _forget(self, trace_ids: Collection[bytes], payload_ids: Collection[bytes]) -> None:
        self._writer.forget(trace_ids, payload_ids)
        self.changes.tell()

    def copy_to(self, target: Path) -> None:
        """Everything as it is now in a new file, while others read and write. Raises DiskFull or StoreError."""
        with self.database.long_reading() as db:
            copy_database(db, target)

    def makes_wait(self) -> bool:
        """Whether who writes now waits for a checkpoint, and there is room for what is taken meanwhile."""
        return self.database.checkpoints.running and self.database.takes_more()

    def when_free(self, call: Callable[[], None]) -> None:
        """Have `call` called, on another thread, when `makes_wait` may be over."""
        self.database.checkpoints.when_ended(call)

    def journalled(self) -> Mark | None:
        """The request of a journal that was stored last; see `Batch.journalled`."""
        with self.database.reading() as db:
            found = remembered(db, JOURNAL)
        return None if found is None else Mark.read(found)

    def limit_memory(self, memory_limit_mb: int) -> None:
        """Another limit of DuckDB's memory from now on."""
        self.database.limit_memory(memory_limit_mb)

    def check_reading(self) -> None:
        """Raises StoreError unless it can be read now."""
        self.database.check_reading()

    def check_writing(self) -> None:
        """Raises StoreError if nothing can be written now."""
        self.database.check_writing()

    def close(self, *, after_readers: bool = False) -> None:
        """Where the file is to be opened again in this process, `after_readers`: DuckDB has it open as long as they."""
        with self.database.nobody_reading() if after_readers else nullcontext():
            self.database.close()


def open_duckdb(
    settings: ServerSettings,
    prices: Prices,
    figures: Figures,
    traces: OwnTraces,
    stay: Collection[str] = frozenset(),
) -> DuckDBStore:
    """The store in the data folder of the settings, with their limits. Raises as DuckDBStore does."""
    return DuckDBStore(
        settings.data,
        prices,
        settings.memory_limit_mb,
        settings.query_timeout,
        settings.min_free_disk,
        settings.max_trace_spans,
        figures,
        traces,
        stay,
        settings.checkpoint_bytes,
    )
