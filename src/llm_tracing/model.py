"""The canonical model: OpenTelemetry's fields under their own names, and the meaning worked out from them.

Imports no stage. Ids are bytes or unsigned integers inside, lower-case hex at the edges. Times are nanoseconds since
the epoch, durations nanoseconds, money is whole pico-USD inside (10^-12 USD: a cached token of the cheapest models
costs some 5,000) and a Decimal of USD at the edges.

Records are named tuples, in the order of the columns of the table they go to: a batch becomes columns by one `zip`.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, NamedTuple, get_args

GenAIKind = Literal[
    "llm", "embedding", "retriever", "reranker", "tool", "agent", "chain", "prompt", "guardrail", "evaluator"
]
SpanKindName = Literal[
    "llm", "embedding", "retriever", "reranker", "tool", "agent", "chain", "prompt", "guardrail", "evaluator",
    "server", "client", "db", "messaging", "internal",
]  # fmt: skip
OtelKind = Literal["unspecified", "internal", "server", "client", "producer", "consumer"]
TraceStatus = Literal["ok", "error", "unset", "running"]

GENAI_KINDS: frozenset[str] = frozenset(get_args(GenAIKind))
SPAN_KINDS: frozenset[str] = frozenset(get_args(SpanKindName))
OTEL_KINDS: tuple[OtelKind, ...] = get_args(OtelKind)
STATUS_UNSET, STATUS_OK, STATUS_ERROR = 0, 1, 2

Attributes = Mapping[str, Any]
SOURCE_OTLP, SOURCE_LANGSMITH = 1, 2  # bits: a span may come by both ways
SOURCE_NAMES: dict[int, Literal["otlp", "langsmith"]] = {SOURCE_OTLP: "otlp", SOURCE_LANGSMITH: "langsmith"}

# The rarer token buckets: parts of cache writes by how long they are kept, parts of input and output by modality. In
# `usage_details` they are JSON; `from_local_cache` stands among them as 1: the answer came from the client's own cache.
USAGE_DETAILS: frozenset[str] = frozenset(
    {
        "cache_write_5m_tokens", "cache_write_1h_tokens", "input_audio_tokens", "cache_read_audio_tokens",
        "output_audio_tokens", "input_image_tokens", "output_image_tokens", "from_local_cache",
    }
)  # fmt: skip

PICO_USD = Decimal(1_000_000_000_000)


def usd(pico_usd: int) -> str:
    """Pico-USD as a plain decimal string of USD without trailing zeros: 1_500_000_000 -> '0.0015'."""
    text = f"{Decimal(pico_usd) / PICO_USD:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class SpanFacts(NamedTuple):
    """The light part of a span: what lists, roll-ups and the tree need. No content but two previews."""

    trace_id: bytes
    span_id: int
    parent_span_id: int | None
    start_time_unix_nano: int
    end_time_unix_nano: int
    name: str
    otel_kind: int
    kind: str
    status_code: int
    status_message: str | None
    service: str
    provider: str | None
    operation: str | None
    request_model: str | None
    response_model: str | None
    response_id: str | None
    input_tokens: int | None
    output_tokens: int | None
    cache_read_tokens: int | None
    cache_write_tokens: int | None
    reasoning_tokens: int | None
    usage_details: str | None
    client_cost_pico_usd: int | None
    time_to_first_token_ns: int | None
    session_id: str | None
    user_id: str | None
    input_preview: str | None
    output_preview: str | None
    sources: int

    @property
    def has_tokens(self) -> bool:
        return self.input_tokens is not None or self.output_tokens is not None

    @property
    def is_running(self) -> bool:
        return self.end_time_unix_nano == 0

    @property
    def duration_ns(self) -> int:
        """Never negative: a clock set back during a span counts as no time, and so does a span that still runs."""
        return max(0, self.end_time_unix_nano - self.start_time_unix_nano)


class SpanRecord(NamedTuple):
    """A row of `spans`: the fields of SpanFacts first, then everything else that OTLP carries."""

    trace_id: bytes
    span_id: int
    parent_span_id: int | None
    start_time_unix_nano: int
    end_time_unix_nano: int
    name: str
    otel_kind: int
    kind: str
    status_code: int
    status_message: str | None
    service: str
    provider: str | None
    operation: str | None
    request_model: str | None
    response_model: str | None
    response_id: str | None
    input_tokens: int | None
    output_tokens: int | None
    cache_read_tokens: int | None
    cache_write_tokens: int | None
    reasoning_tokens: int | None
    usage_details: str | None
    client_cost_pico_usd: int | None
    time_to_first_token_ns: int | None
    session_id: str | None
    user_id: str | None
    input_preview: str | None
    output_preview: str | None
    sources: int
    trace_state: str | None
    flags: int
    attributes: str
    dropped_attributes_count: int
    events: str | None
    dropped_events_count: int
    links: str | None
    dropped_links_count: int
    resource_id: bytes
    scope_id: bytes

    @property
    def has_tokens(self) -> bool:
        return self.input_tokens is not None or self.output_tokens is not None

    @property
    def duration_ns(self) -> int:
        """As that of SpanFacts."""
        return max(0, self.end_time_unix_nano - self.start_time_unix_nano)

    def facts(self) -> SpanFacts:
        return tuple.__new__(SpanFacts, self[:FACTS])  # half the cost of _make, for each span that arrives


FACTS = len(SpanFacts._fields)


class LogRow(NamedTuple):
    """A row of `logs`.

    `genai_event` is set if the record tells of a GenAI span: the event's name by whichever field it came, or the name
    that its attributes stand for.
    """

    time_unix_nano: int
    observed_time_unix_nano: int
    severity_number: int
    severity_text: str
    event_name: str
    body: str | None
    attributes: str
    dropped_attributes_count: int
    flags: int
    trace_id: bytes | None
    span_id: int | None
    service: str
    genai_event: str | None
    resource_id: bytes
    scope_id: bytes


class MetricRow(NamedTuple):
    """A row of `metrics`: what its points share. `metric_id` is a hash of the rest, so the same metric is one row."""

    metric_id: bytes
    name: str
    description: str
    unit: str
    type: str
    aggregation_temporality: int
    is_monotonic: bool
    metadata: str
    service: str
    resource_id: bytes
    scope_id: bytes


class MetricPointRow(NamedTuple):
    """A row of `metric_points`. Arrays and nested values are JSON; a field that its type lacks is null."""

    metric_id: bytes
    time_unix_nano: int
    start_time_unix_nano: int
    attributes: str
    flags: int
    value_int: int | None
    value_double: float | None
    count: int | None  # type: ignore[assignment] # the field of OTLP, not tuple.count
    sum: float | None
    min: float | None
    max: float | None
    bucket_counts: str | None
    explicit_bounds: str | None
    scale: int | None
    zero_count: int | None
    zero_threshold: float | None
    positive: str | None
    negative: str | None
    quantile_values: str | None
    exemplars: str | None


class ResourceRow(NamedTuple):
    """A row of `resources`; `resource_id` is a hash of the rest."""

    resource_id: bytes
    attributes: str
    dropped_attributes_count: int
    entity_refs: str
    schema_url: str


class ScopeRow(NamedTuple):
    """A row of `scopes`; `scope_id` is a hash of the rest."""

    scope_id: bytes
    name: str
    version: str
    attributes: str
    dropped_attributes_count: int
    schema_url: str


class PayloadRow(NamedTuple):
    """A row of `payloads`: a text by its hash.

    `search_text` is the text in lower case without JSON's escapes; None until the writer makes it of what is new.
    """

    payload_id: bytes
    content: str
    search_text: str | None


class PayloadRef(NamedTuple):
    """A row of `payload_refs`: which span holds which payload."""

    trace_id: bytes
    span_id: int
    start_time_unix_nano: int
    payload_id: bytes


class PreviewRow(NamedTuple):
    """A row of `previews`: the few words that a log record tells of its span, which may come later or never."""

    trace_id: bytes
    span_id: int
    time_unix_nano: int
    input_preview: str | None
    output_preview: str | None


class MarkRow(NamedTuple):
    """A row of `marks`: what lists are filtered by and no column of `spans` has.

    `key` is `tool` (its name), `finish` (why an answer ended) or `tag` (of a LangSmith run).
    """

    trace_id: bytes
    span_id: int
    start_time_unix_nano: int
    key: str
    value: str


class ViewRow(NamedTuple):
    """A row of `views`: a filter and a time range that somebody gave a name.

    `page` is the list that it is of; `since` and `until` are as in the address: a range's name, or nanoseconds.
    """

    view_id: bytes
    name: str
    page: str
    q: str
    since: str | None
    until: str | None
    created_at_unix_nano: int


class AnnotationRow(NamedTuple):
    """A row of `annotations`: what somebody says of a span or of a whole trace; LangSmith calls it feedback.

    `trace_id` and `span_id` are None while the run that it names has not arrived; `value`, `correction` and `source`
    are JSON, `extra` the JSON of the fields that have no column.
    """

    annotation_id: bytes
    created_at_unix_nano: int
    modified_at_unix_nano: int
    trace_id: bytes | None
    span_id: int | None
    run_id: bytes | None
    key: str
    score: float | None
    value: str | None
    comment: str | None
    correction: str | None
    source: str | None
    extra: str


class TraceLink(NamedTuple):
    """A row of `trace_links`: the spans of a trace belong to another."""

    trace_id: bytes
    part_of: bytes


class ProjectRow(NamedTuple):
    """A row of `langsmith_projects`: a project that a LangSmith client created; `extra` is JSON."""

    project_id: bytes
    name: str
    created_at_unix_nano: int
    end_time_unix_nano: int | None
    description: str | None
    extra: str


class PinRow(NamedTuple):
    """A row of `pins`: a trace that is kept whatever its age."""

    trace_id: bytes
    pinned_at_unix_nano: int


class TraceRow(NamedTuple):
    """A row of `traces`: the roll-up of one tree."""

    trace_id: bytes
    start_time_unix_nano: int
    end_time_unix_nano: int
    name: str
    service: str
    status: str
    span_count: int
    llm_call_count: int
    error_count: int
    models: list[str]
    kinds: list[str]
    services: list[str]
    session_id: str | None
    user_id: str | None
    input: str | None
    output: str | None
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    reasoning_tokens: int
    cost_pico_usd: int | None
    unpriced_calls: int
    sources: int


class CallRow(NamedTuple):
    """A row of `calls`: one counted call, replaced together with its trace's roll-up.

    It has all that its price depends on, so that prices can be corrected without reading spans.
    """

    trace_id: bytes
    span_id: int
    start_time_unix_nano: int
    duration_ns: int
    time_to_first_token_ns: int | None
    kind: str
    service: str
    provider: str | None
    model: str | None
    request_model: str | None
    session_id: str | None
    user_id: str | None
    is_error: bool
    has_tokens: bool
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    reasoning_tokens: int
    usage_details: str | None
    cost_pico_usd: int | None


class Counts(NamedTuple):
    """What the doctor counts of one request, by sender; `newest` is the latest time that its spans name."""

    received: Counter[tuple[str, str]]  # (sender, signal) -> items
    refused: Counter[tuple[str, str]]  # (sender, reason) -> items
    unmapped: Counter[tuple[str, str]]  # (sender, attribute) -> spans that have it and no reader knows it
    late: Counter[str]  # sender -> spans that came long after they had ended
    newest: dict[str, int]

    @classmethod
    def none(cls) -> "Counts":
        return cls(Counter(), Counter(), Counter(), Counter(), {})


class TurnedAway(NamedTuple):
    """Rows of a batch that a backend behind the store does not take, now or later: `lost` of those at `places`.

    `places` are of `spans`, `logs` or `metric_points` by the signal; a backend may not say which of them it means.
    """

    signal: Literal["traces", "logs", "metrics"]
    places: tuple[int, ...]
    lost: int
    said: str


@dataclass(slots=True)
class Batch:
    """What one write stores: rows of every table, and what the doctor counts of it.

    The payloads of log records have references of their own: those of a span that is sent again are not stored again.
    """

    spans: list[SpanRecord]
    logs: list[LogRow]
    metrics: dict[bytes, MetricRow]
    metric_points: list[MetricPointRow]
    resources: dict[bytes, ResourceRow]
    scopes: dict[bytes, ScopeRow]
    payloads: dict[bytes, PayloadRow]
    payload_refs: list[PayloadRef]
    log_payload_refs: list[PayloadRef]
    previews: list[PreviewRow]
    annotations: dict[bytes, AnnotationRow]
    counts: Counts
    again: Counter[str]  # sender -> spans that were stored before; the store counts them
    marks: list[MarkRow] = field(default_factory=list)
    # (trace, span, start) of spans beyond what a trace may have; the store says which.
    left_out: set[tuple[bytes, int, int]] = field(default_factory=set)
    turned_away: list[TurnedAway] = field(default_factory=list)  # the store says
    journalled: str | None = None  # the mark of the journal's request that comes last in it, to be stored with it

    @classmethod
    def empty(cls) -> "Batch":
        return cls([], [], {}, [], {}, {}, {}, [], [], [], {}, Counts.none(), Counter())

    def take_counts(self) -> Counts:
        """What was counted since the last call."""
        taken, self.counts = self.counts, Counts.none()
        return taken

    @property
    def received(self) -> Counter[tuple[str, str]]:
        return self.counts.received

    @property
    def refused(self) -> Counter[tuple[str, str]]:
        return self.counts.refused

    @property
    def unmapped(self) -> Counter[tuple[str, str]]:
        return self.counts.unmapped

    def add(self, other: "Batch") -> None:
        """What `other` holds goes into this one too; of the same id the later row."""
        self.spans += other.spans
        self.logs += other.logs
        self.metrics |= other.metrics
        self.metric_points += other.metric_points
        self.resources |= other.resources
        self.scopes |= other.scopes
        self.payloads |= other.payloads
        self.payload_refs += other.payload_refs
        self.log_payload_refs += other.log_payload_refs
        self.previews += other.previews
        self.marks += other.marks
        self.annotations |= other.annotations
        self.counts.received.update(other.counts.received)
        self.counts.refused.update(other.counts.refused)
        self.counts.unmapped.update(other.counts.unmapped)
        self.counts.late.update(other.counts.late)
        self.counts.newest.update(other.counts.newest)
