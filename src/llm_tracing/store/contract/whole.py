"""All of it: what a server needs of its store."""

from typing import Protocol

from llm_tracing.store.changes import Changes
from llm_tracing.store.contract.aggregates import Aggregator
from llm_tracing.store.contract.annotations import AnnotationStore
from llm_tracing.store.contract.deleting import Copier, Deleter
from llm_tracing.store.contract.groups import Grouping
from llm_tracing.store.contract.metrics import MetricReader
from llm_tracing.store.contract.reading import LogReader, SpanWalker, TraceReader
from llm_tracing.store.contract.recent import Examiner
from llm_tracing.store.contract.runs import ProjectStore, RunReader
from llm_tracing.store.contract.searching import Searcher, ViewStore
from llm_tracing.store.contract.writing import Repricer, Writer


class Store(
    Writer,
    Repricer,
    TraceReader,
    LogReader,
    MetricReader,
    SpanWalker,
    Aggregator,
    Grouping,
    Examiner,
    Searcher,
    ViewStore,
    AnnotationStore,
    RunReader,
    ProjectStore,
    Copier,
    Deleter,
    Protocol,
):
    @property
    def changes(self) -> Changes:
        """Tells of each write, deletion and correction of prices which traces it changed."""
        ...

    def check_reading(self) -> None:
        """Return if the store answers; raise StoreError if it does not."""
        ...

    def check_writing(self) -> None:
        """Return if something could be written now; raise StoreError, such as DiskFull or FolderReadOnly, if not."""
        ...

    def close(self) -> None: ...
