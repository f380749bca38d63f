"""What a store does, as small protocols; one battery of tests in tests/contract/ runs against every store.

Ids are bytes (16) and unsigned integers (64 bit), times nanoseconds since the epoch.
"""

from llm_tracing.store.contract.aggregates import MAX_GROUPS, Aggregate, AggregateBy, AggregateOver, Aggregator
from llm_tracing.store.contract.annotations import AnnotationPage, AnnotationStore
from llm_tracing.store.contract.deleting import Copier, Deleter, Erased, Signal, Size, subject_of
from llm_tracing.store.contract.filters import (
    FACETS_OF,
    FIELDS_OF,
    PRESENT,
    Comparison,
    Filter,
    FilterField,
    Page,
    Table,
)
from llm_tracing.store.contract.groups import (
    CalledModel,
    Grouping,
    GroupKey,
    TopBy,
    Totals,
    TraceGroup,
    group_id,
    group_names,
)
from llm_tracing.store.contract.metrics import MetricOverview, MetricReader, PointPage, PointPlace, Spark, StoredPoints
from llm_tracing.store.contract.reading import (
    LogCount,
    LogCounts,
    LogReader,
    SpanPlace,
    SpanWalker,
    StoredLogs,
    StoredSpans,
    StoredTrace,
    TraceReader,
)
from llm_tracing.store.contract.recent import Examiner, Recent, RecentSource, RecentSpan, UnpricedModel
from llm_tracing.store.contract.runs import ProjectStore, RunPage, RunProject, RunReader, StoredRuns
from llm_tracing.store.contract.searching import HistogramBucket, Searcher, ValueCount, ViewStore, Words
from llm_tracing.store.contract.whole import Store
from llm_tracing.store.contract.writing import CallPlace, Repricer, Writer

__all__ = [
    "FACETS_OF",
    "FIELDS_OF",
    "MAX_GROUPS",
    "PRESENT",
    "Aggregate",
    "AggregateBy",
    "AggregateOver",
    "Aggregator",
    "AnnotationPage",
    "AnnotationStore",
    "CallPlace",
    "CalledModel",
    "Comparison",
    "Copier",
    "Deleter",
    "Erased",
    "Examiner",
    "Filter",
    "FilterField",
    "GroupKey",
    "Grouping",
    "HistogramBucket",
    "LogCount",
    "LogCounts",
    "LogReader",
    "MetricOverview",
    "MetricReader",
    "Page",
    "PointPage",
    "PointPlace",
    "ProjectStore",
    "Recent",
    "RecentSource",
    "RecentSpan",
    "Repricer",
    "RunPage",
    "RunProject",
    "RunReader",
    "Searcher",
    "Signal",
    "Size",
    "SpanPlace",
    "SpanWalker",
    "Spark",
    "Store",
    "StoredLogs",
    "StoredPoints",
    "StoredRuns",
    "StoredSpans",
    "StoredTrace",
    "Table",
    "TopBy",
    "Totals",
    "TraceGroup",
    "TraceReader",
    "UnpricedModel",
    "ValueCount",
    "ViewStore",
    "Words",
    "Writer",
    "group_id",
    "group_names",
    "subject_of",
]
