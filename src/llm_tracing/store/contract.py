"""What a store does, as small protocols; one battery of tests in tests/contract/ runs against every store.

Ids are bytes (16) and unsigned integers (64 bit), times nanoseconds since the epoch.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from llm_tracing.model import (
    AnnotationRow,
    Batch,
    LogRow,
    MetricPointRow,
    MetricRow,
    PinRow,
    ProjectRow,
    ResourceRow,
    ScopeRow,
    SpanFacts,
    SpanRecord,
    TraceRow,
    ViewRow,
)
from llm_tracing.store.changes import Changes
from llm_tracing.store.contract_groups import Grouping

Table = Literal["traces", "spans", "calls", "logs"]
FilterField = Literal[
    "text", "input", "output", "name", "kind", "status", "service", "model", "provider", "operation", "tool", "finish",
    "session", "user", "source", "scope", "attribute", "resource", "trace", "span", "severity", "event", "has",
    "score", "tag", "thumb", "duration_ns", "ttft_ns", "tokens", "input_tokens", "output_tokens", "cached_tokens",
    "cost_pico_usd", "span_count", "call_count", "error_count",
]  # fmt: skip
MAX_GROUPS = 10_000  # rows of an aggregate
AggregateBy = Literal["count", "cost", "tokens"]
AggregateOver = Literal["calls", "traces", "tools"]
Comparison = Literal["=", "like", ">", ">=", "<", "<="]

_OF_ALL: frozenset[FilterField] = frozenset({"service", "attribute", "resource", "scope", "trace", "has"})
_MEANING: frozenset[FilterField] = frozenset(
    {"kind", "model", "provider", "operation", "session", "user", "source", "score", "tag", "thumb", "duration_ns",
     "ttft_ns", "tokens", "input_tokens", "output_tokens", "cached_tokens"}
)  # fmt: skip
_SAID: frozenset[FilterField] = frozenset({"text", "input", "output", "name", "status", "tool", "finish"})
# What a list of each table can be filtered by.
FIELDS_OF: dict[Table, frozenset[FilterField]] = {
    "traces": _OF_ALL | _MEANING | _SAID | {"cost_pico_usd", "span_count", "call_count", "error_count"},
    "spans": _OF_ALL | _MEANING | _SAID | {"span"},
    "calls": _OF_ALL | _MEANING | {"span", "cost_pico_usd"},
    "logs": _OF_ALL | {"text", "span", "severity", "event"},
}
# What the field `has` looks for, with the lists that can be asked for it; in words for people.
PRESENT: dict[str, tuple[frozenset[Table], str]] = {
    "error": (frozenset({"traces", "spans", "calls", "logs"}), "something in it failed"),
    "annotation": (frozenset({"traces", "spans", "calls"}), "somebody said something of it"),
    "note": (frozenset({"traces", "spans", "calls"}), "an annotation with a remark"),
    "score": (frozenset({"traces", "spans", "calls"}), "an annotation with a score"),
    "sql": (frozenset({"traces", "spans"}), "a database was asked"),
    "cost": (frozenset({"traces", "calls"}), "a price is known"),
    "unpriced": (frozenset({"traces", "calls"}), "a call without a known price"),
    "tokens": (frozenset({"traces", "spans", "calls"}), "tokens were counted"),
    "cache": (frozenset({"traces", "spans", "calls"}), "input from a prompt cache"),
    "reasoning": (frozenset({"traces", "spans", "calls"}), "reasoning tokens"),
    "session": (frozenset({"traces", "spans", "calls"}), "a session is known"),
    "user": (frozenset({"traces", "spans", "calls"}), "a user is known"),
    "input": (frozenset({"traces", "spans"}), "the question was captured"),
    "output": (frozenset({"traces", "spans"}), "the answer was captured"),
    "ttft": (frozenset({"traces", "spans", "calls"}), "a time to first token"),
    "empty-sql-answer": (frozenset({"traces"}), "its last SQL returned nothing, the answer does not say so"),
    "trace": (frozenset({"logs"}), "belongs to a trace"),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition that every row of a list meets (or, negated, does not); each store says it in its own language.

    `like` compares without regard to case, `*` standing for any characters. The field `text` looks for the value in
    prompts, answers, names and log bodies, whatever the comparison; `input` and `output` look only in the few words
    that lists show of question and answer. A row that lacks the field does not meet it.
    The status `ok` is that of everything that ended without an error, `unset` included.

    `key` names the attribute of `attribute` and `resource`, and the annotation of `score`. A trace meets `kind`,
    `operation`, `tool`, `finish`, `scope`, `attribute` and `resource` if one of its spans does, and `provider`, `model`
    and `ttft_ns` if one of its counted calls does; what is said of a span is said of its trace too.
    """

    field: FilterField
    comparison: Comparison
    value: str | int | float
    negated: bool = False
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list, newest first: at most `limit` rows that come after `after` (time, id).

    The id is that of the last row before: of a trace 32 hex digits, of a span those of its trace and its own 16, of a
    log record its place as a decimal number.
    """

    limit: int = 50
    since: int | None = None
    until: int | None = None
    after: tuple[int, str] | None = None
    filters: Sequence[Filter] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class StoredTrace:
    """One trace with all that its spans refer to; `payloads` and `logs` are empty if content was not asked for.

    `logs` are the GenAI events among the log records of the trace, or of the one span, by time and then as stored.
    """

    trace: TraceRow
    spans: list[SpanRecord]
    resources: dict[bytes, ResourceRow]
    scopes: dict[bytes, ScopeRow]
    payloads: dict[bytes, str]
    logs: list[LogRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class StoredLogs:
    """Log records and what they refer to; `places` are numbers that order records of the same time."""

    logs: list[LogRow]
    places: list[int]
    resources: dict[bytes, ResourceRow]
    scopes: dict[bytes, ScopeRow]
    payloads: dict[bytes, str]


class SpanPlace(NamedTuple):
    """Where a walk over whole spans goes on: `row` tells spans of the same ids and start apart."""

    start_time_unix_nano: int
    trace_id: bytes
    span_id: int
    row: int


@dataclass(frozen=True, slots=True)
class StoredSpans:
    """Whole spans as stored, with what they refer to; `after` is where the next page goes on, None at the end."""

    spans: list[SpanRecord]
    resources: dict[bytes, ResourceRow]
    scopes: dict[bytes, ScopeRow]
    payloads: dict[bytes, str]
    after: SpanPlace | None


class PointPlace(NamedTuple):
    time_unix_nano: int
    row: int


@dataclass(frozen=True, slots=True)
class PointPage:
    """Which data points, newest first: those of metrics with this name, service and type; None asks for nothing.

    `after` is the place of the last point before. `step_ns` asks for one point of a series (a metric and its
    attributes) in each of these times, the last one, where the points go on from each other; of deltas all come.
    `with_exemplars` asks for points that have some.
    """

    limit: int = 1_000
    name: str | None = None
    service: str | None = None
    type: str | None = None
    since: int | None = None
    until: int | None = None
    after: PointPlace | None = None
    step_ns: int | None = None
    with_exemplars: bool = False


@dataclass(frozen=True, slots=True)
class StoredPoints:
    """Data points and what they refer to; `after` is where the next page goes on, None at the end."""

    points: list[MetricPointRow]
    metrics: dict[bytes, MetricRow]
    resources: dict[bytes, ResourceRow]
    scopes: dict[bytes, ScopeRow]
    after: PointPlace | None


@dataclass(frozen=True, slots=True)
class LogCount:
    """Log records of one severity in one bucket of time."""

    time_unix_nano: int
    severity_number: int
    count: int


@dataclass(frozen=True, slots=True)
class LogCounts:
    """How many log records there are over time; a bucket without any is left out."""

    step_ns: int
    counts: list[LogCount]


@dataclass(frozen=True, slots=True)
class Spark:
    """How a metric of a service went: `values` by bucket of time, oldest first, None where nothing came.

    A gauge has its mean, everything else what was added in the bucket, all series together.
    """

    name: str
    service: str
    type: str
    values: list[float | None]


@dataclass(frozen=True, slots=True)
class MetricOverview:
    name: str
    description: str
    unit: str
    type: str
    service: str
    scope: str
    point_count: int
    last_time_unix_nano: int
    aggregation_temporality: int = 0
    is_monotonic: bool = False
    series_count: int = 0


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Counted calls, traces or tool spans of one group and one time bucket.

    The time to the first token is that of the `streamed_count` calls that have one. The last two are when the first and
    the last of the rows began.
    """

    time_unix_nano: int | None
    group: str | None
    count: int
    error_count: int
    duration_p50_ns: int | None
    duration_p95_ns: int | None
    duration_p99_ns: int | None
    time_to_first_token_p50_ns: int | None
    time_to_first_token_p95_ns: int | None
    time_to_first_token_p99_ns: int | None
    streamed_count: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    reasoning_tokens: int
    cost_pico_usd: int | None
    unpriced_calls: int
    first_time_unix_nano: int | None
    last_time_unix_nano: int | None


@dataclass(frozen=True, slots=True)
class AnnotationPage:
    """Which annotations, newest first: all that is given must hold, an empty sequence asks for nothing.

    `after` is (created_at, annotation id as 32 hex digits) of the last row before; `sources` are the `type` of the
    source, `projects` LangSmith's ids of projects (with dashes) for what is said of a project.
    """

    limit: int = 50
    offset: int = 0
    after: tuple[int, str] | None = None
    since: int | None = None
    until: int | None = None
    trace_id: bytes | None = None
    trace_ids: Sequence[bytes] | None = None
    run_ids: Sequence[bytes] = ()
    keys: Sequence[str] = ()
    sources: Sequence[str] = ()
    projects: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class RunPage:
    """Which LangSmith runs, by start time: all that is given must hold, None and empty ask for nothing.

    `after` is (start, trace id and span id as 48 hex digits) of the last run before. `until` is not in the range.
    `attributes` are names with the text that each must have, `mentions` names with a text of plain letters and digits
    that each must hold somewhere; of the latter a store may give more.
    """

    limit: int = 100
    newest_first: bool = True
    since: int | None = None
    until: int | None = None
    after: tuple[int, str] | None = None
    services: Sequence[str] | None = None
    trace_id: bytes | None = None
    span_ids: Sequence[int] | None = None
    parent_span_ids: Sequence[int] | None = None
    is_root: bool | None = None
    failed: bool | None = None
    attributes: Sequence[tuple[str, str]] = ()
    mentions: Sequence[tuple[str, str]] = ()
    filters: Sequence[Filter] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class StoredRuns:
    """Runs with their content. Of a run that was sent running and ended the row that says most is taken.

    `after` is where the next page goes on, None at the end; a page may hold fewer runs than its limit.
    """

    spans: list[SpanRecord]
    payloads: dict[bytes, str]
    after: tuple[int, str] | None


@dataclass(frozen=True, slots=True)
class RunProject:
    """A service that has LangSmith runs."""

    name: str
    run_count: int
    first_start_unix_nano: int
    last_start_unix_nano: int


@dataclass(frozen=True, slots=True)
class RecentSource:
    """What one scope of one resource sent of late. Without spans, it sent log records only.

    `calls` are LLM calls with tokens, `silent_calls` those of them without any text.
    """

    service: str
    resource: ResourceRow
    scope: ScopeRow | None
    spans: int = 0
    cut: int = 0
    running: int = 0
    calls: int = 0
    silent_calls: int = 0


class UnpricedModel(NamedTuple):
    service: str
    provider: str | None
    model: str | None
    calls: int


class RecentSpan(NamedTuple):
    facts: SpanFacts
    scope_id: bytes
    flags: int


@dataclass(frozen=True, slots=True)
class Recent:
    """What came of late. `traces` are the newest, whole, with both reports of a run; `span_count` is that of all."""

    sources: list[RecentSource]
    unpriced: list[UnpricedModel]
    traces: list[list[RecentSpan]]
    scopes: dict[bytes, ScopeRow]
    span_count: int


class HistogramBucket(NamedTuple):
    """Rows of a list that start within one step; `time_unix_nano` is a multiple of the step."""

    time_unix_nano: int
    count: int  # type: ignore[assignment] # not tuple.count
    error_count: int


class ValueCount(NamedTuple):
    value: str
    count: int  # type: ignore[assignment] # not tuple.count


# What the rows of a list can be counted by.
FACETS_OF: dict[Table, tuple[str, ...]] = {
    "traces": ("status", "kind", "model", "service", "user", "session", "tool", "source", "name"),
    "spans": ("status", "kind", "model", "service", "provider", "operation", "name", "scope"),
    "logs": ("severity", "service", "event", "scope"),
    "calls": ("kind", "model", "provider", "service", "user", "session"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """Which values to offer: of `field`, those that contain `part`, without regard to case.

    Of the fields `attribute` and `resource` the names of attributes; with a `key` the values of that one. Of `score`
    the keys of annotations.
    """

    field: FilterField
    key: str | None = None
    part: str = ""
    since: int | None = None
    until: int | None = None
    limit: int = 20


class CallPlace(NamedTuple):
    """A stored call in the order of time; the default comes before all."""

    start_time_unix_nano: int = 0
    trace_id: bytes = bytes(16)
    span_id: int = 0


class Writer(Protocol):
    def write(self, batch: Batch) -> set[bytes]:
        """Store a batch whole or not at all, durably, before returning; the ids of the traces it touched.

        A span that was stored before with the same ids, name and times is a retried export: stored once. A span
        that was stored while it ran, or of which LangSmith sends more, is replaced by both together.
        Roll-ups of the touched traces are up to date when this returns.
        An annotation replaces the one with its id. One that names a run but no trace gets the trace and span of that
        run, now or when the run arrives.
        Raises StoreError; then nothing of the batch is stored.
        """
        ...


class Repricer(Protocol):
    """Prices what is stored again. But for `priced_with` only for the thread that writes."""

    def priced_with(self) -> str | None:
        """The fingerprint of the prices that everything stored was priced with; None if that is not known."""
        ...

    def set_priced_with(self, fingerprint: str) -> None: ...

    def reprice(self, after: CallPlace, limit: int = ...) -> tuple[CallPlace | None, set[bytes]]:
        """Price the next calls after a place, at most `limit`, and the traces they belong to, in one transaction.

        The last of them, or None if there are no more; and the ids of the traces whose cost changed.
        """
        ...


class TraceReader(Protocol):
    def traces(self, page: Page) -> list[TraceRow]:
        """Roll-ups, newest start first, ties by trace id."""
        ...

    def trace(
        self, trace_id: bytes, *, content: bool = True, span_ids: Sequence[int] | None = None
    ) -> StoredTrace | None:
        """One trace, or some spans of it; None if no such trace is stored.

        The id of a trace that is part of another (LangSmith's runs, whose copies came over OTLP) gives the whole; its
        spans are as stored, two for a run that both protocols reported.

        Without `content`, span attributes are read as an empty object and payloads not at all.
        """
        ...

    def linking_spans(self, trace_id: bytes, limit: int) -> list[SpanRecord]:
        """Slim spans, with their links, of which a link goes to a trace; newest first."""
        ...

    def spans(self, page: Page) -> list[SpanRecord]:
        """Slim spans of many traces, newest start first: attributes, events and links are left empty."""
        ...


class LogReader(Protocol):
    def logs(self, page: Page) -> StoredLogs:
        """Log records, newest first."""
        ...

    def log_counts(self, page: Page, buckets: int) -> LogCounts:
        """Log records by time and severity, in at most about `buckets` steps; the page's limit says nothing.

        The range is the page's; where it has no end, that of the records. Steps are 1, 2, 5, 10, 15 or 30 of a unit.
        """
        ...


class MetricReader(Protocol):
    def metrics(self) -> list[MetricOverview]:
        """Every metric that arrived, by name, service and type."""
        ...

    def points(self, page: PointPage) -> StoredPoints:
        """Data points, newest first, with what they refer to."""
        ...

    def sparks(self, since: int, until: int, buckets: int) -> list[Spark]:
        """How every metric went between two times, by name, service and type."""
        ...


class SpanWalker(Protocol):
    def whole_spans(
        self, page: Page, after: SpanPlace | None = None, *, traces: Sequence[bytes] | None = None
    ) -> StoredSpans:
        """Whole spans, newest start first, as stored: a run that was reported twice is there twice.

        `traces` asks for those of these traces and of what is part of them. The page's own `after` says nothing.
        """
        ...


class Aggregator(Protocol):
    def aggregate(
        self,
        page: Page,
        *,
        over: AggregateOver,
        group: str | None,
        step_ns: int | None,
        of_traces: bool = False,
        by: AggregateBy = "count",
        limit: int = MAX_GROUPS,
    ) -> list[Aggregate]:
        """Counts, error counts, latency quantiles, tokens and cost `over` "calls", "traces" or "tools".

        `group` is a column of that table, of "tools" `name` or `service`; a step cuts time into buckets that start at
        its multiples. With `of_traces` the page chooses traces, and each of their calls stands at the time its trace
        began, so that the figures of a bucket are those of the traces in it. Of tools that is always so.
        Buckets come by time, the groups of each by what it has most of; of them all at most `limit`.
        Raises ValueError for a column that it cannot be grouped by.
        """
        ...


class Examiner(Protocol):
    def recent(self, since: int, max_spans: int) -> Recent:
        """What the doctor looks at: what came with times after `since`, whole traces of at most `max_spans` spans."""
        ...


class Searcher(Protocol):
    """What surrounds a list: how it spreads over time and values, and what could be asked for."""

    def extent(self, table: Table, since: int | None, until: int | None) -> tuple[int, int] | None:
        """The first and the last time of a list's rows in a range; None if there are none."""
        ...

    def histogram(self, table: Table, page: Page, step_ns: int) -> list[HistogramBucket]:
        """How many rows start in each step, by time; only steps that have some. `page.limit` is not looked at."""
        ...

    def facets(self, table: Table, keys: Sequence[str], page: Page) -> list[list[ValueCount]]:
        """Of each of these keys of FACETS_OF the values that most rows have, at most `page.limit`; all rows count."""
        ...

    def words(self, table: Table, wanted: Words) -> list[ValueCount]:
        """Values (or names of attributes) among the newest rows, the most frequent first; counts are of that sample."""
        ...


class ViewStore(Protocol):
    def views(self) -> list[ViewRow]:
        """Saved views, by name."""
        ...

    def put_view(self, view: ViewRow) -> None:
        """Store one durably, in place of the one with its id. For the thread that writes."""
        ...

    def delete_view(self, view_id: bytes) -> bool:
        """Forget one durably; whether it was there. For the thread that writes."""
        ...


class AnnotationStore(Protocol):
    def annotations(self, page: AnnotationPage) -> list[AnnotationRow]:
        """Newest first, ties by id."""
        ...

    def annotation_words(self, limit: int) -> list[tuple[str, str | None, int]]:
        """(key, tag, how often) of what was said, most often first; `tag` is the text of one under the key `tag`."""
        ...

    def annotations_by_id(self, ids: Sequence[bytes]) -> list[AnnotationRow]:
        """Those of these ids that are stored, in no order."""
        ...

    def delete_annotations(self, ids: Sequence[bytes]) -> list[AnnotationRow]:
        """Delete durably; the rows that are gone. For the thread that writes."""
        ...


class RunReader(Protocol):
    def runs(self, page: RunPage) -> StoredRuns:
        """LangSmith runs, with content."""
        ...

    def run_projects(self) -> list[RunProject]:
        """Every service that has LangSmith runs, by name."""
        ...


class ProjectStore(Protocol):
    def projects(self) -> list[ProjectRow]:
        """Created projects, by name."""
        ...

    def put_project(self, project: ProjectRow) -> None:
        """Store one durably, in place of the one with its id. For the thread that writes."""
        ...

    def delete_project(self, project_id: bytes) -> bool:
        """Forget one durably; whether it was there. For the thread that writes."""
        ...


class Erased(NamedTuple):
    """How many rows of each are gone."""

    traces: int
    spans: int
    logs: int
    payloads: int


def subject_of(what: Literal["trace", "session", "user"], name: str) -> str:
    """How the record of an erasure names what is gone: a trace by its id, a session or a user by a hash."""
    return name if what == "trace" else blake2b(name.encode(), digest_size=16).hexdigest()


class Size(NamedTuple):
    """Bytes of the data file: with rows in them, and free."""

    used: int
    free: int


Signal = Literal["traces", "logs", "metric_points"]


class Deleter(Protocol):
    """For the thread that writes, but for what only reads: pins, size."""

    def delete_traces_before(self, time_unix_nano: int, limit: int = 1_000) -> int:
        """Delete the oldest traces that began before, pinned ones not; how many went, 0 if none is left."""
        ...

    def delete_rows_before(self, table: Literal["logs", "metric_points"], time_unix_nano: int) -> bool:
        """Delete some hours of the oldest rows before a time, those of pinned traces not; whether any may be left."""
        ...

    def erase(self, what: Literal["trace", "session", "user"], name: str) -> Erased:
        """Delete all that is stored of one, pinned or not, from the files too."""
        ...

    def pin(self, trace_id: bytes) -> None:
        """Keep a trace whatever its age."""
        ...

    def unpin(self, trace_id: bytes) -> bool:
        """Whether it was pinned."""
        ...

    def pins(self) -> list[PinRow]:
        """Pinned traces, the last pinned first."""
        ...

    def size(self) -> Size: ...

    def tidy(self) -> None:
        """Make the room of what was deleted free for others, so that `size` says what is left."""
        ...

    def time_at_share(self, table: Signal, share: float) -> int | None:
        """Before which time the oldest share (0 to 1) of a signal lies, pinned traces left out; None if it has none."""
        ...

    def rewrite(self) -> None:
        """Write the file anew without free blocks and deleted bytes. Raises DiskFull without room for a second one."""
        ...

    def give_space_back(self) -> bool:
        """Make the file smaller if much of it is free; whether it was written anew."""
        ...


class Copier(Protocol):
    def copy_to(self, target: Path) -> None:
        """Everything as it is now into a new file, while others read and write; raises StoreError."""
        ...


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
