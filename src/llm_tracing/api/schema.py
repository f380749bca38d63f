"""The JSON that leaves the API: one validation model per shape, the source of the OpenAPI document.

Ids are lower-case hex; times and durations are nanoseconds as decimal strings (they exceed JavaScript's safe
integers); money is a decimal string in USD, null where no price is known.
"""

from typing import Any, Literal

from pydantic import Field

from llm_tracing.api.schema_bill import CostOn as CostOn
from llm_tracing.api.schema_bill import CostOnModel as CostOnModel
from llm_tracing.api.schema_bill import LedgerLine as LedgerLine
from llm_tracing.api.schema_bill import ModelPrices as ModelPrices
from llm_tracing.api.schema_bill import ModelPricesList as ModelPricesList
from llm_tracing.api.schema_bill import Shape as _Shape
from llm_tracing.api.schema_groups import Model as Model
from llm_tracing.api.schema_groups import ModelList as ModelList
from llm_tracing.api.schema_groups import Session as Session
from llm_tracing.api.schema_groups import SessionDetail as SessionDetail
from llm_tracing.api.schema_groups import SessionList as SessionList
from llm_tracing.api.schema_groups import User as User
from llm_tracing.api.schema_groups import UserList as UserList
from llm_tracing.api.schema_progress import Progress as Progress
from llm_tracing.api.schema_progress import ProgressReport as ProgressReport
from llm_tracing.api.schema_search import FacetList as FacetList
from llm_tracing.api.schema_search import Histogram as Histogram
from llm_tracing.api.schema_search import NewView as NewView
from llm_tracing.api.schema_search import SuggestionList as SuggestionList
from llm_tracing.api.schema_search import View as View
from llm_tracing.api.schema_search import ViewChange as ViewChange
from llm_tracing.api.schema_search import ViewList as ViewList
from llm_tracing.api.schema_settings import ServerState as ServerState
from llm_tracing.api.schema_stats import Stats as Stats
from llm_tracing.api.schema_stats import StatsRow as StatsRow
from llm_tracing.api.schema_trace import Source as Source
from llm_tracing.api.schema_trace import TraceCost as TraceCost
from llm_tracing.api.schema_trace import TraceStatus as TraceStatus
from llm_tracing.api.schema_trace import TraceSummary as TraceSummary
from llm_tracing.api.schema_trace import Usage as Usage
from llm_tracing.model import SpanKindName


class SpanCost(_Shape):
    total_usd: str | None
    source: Literal["prices", "client"] | None
    client_usd: str | None = Field(description="What the client says that it cost, whatever we say.")


class TraceList(_Shape):
    traces: list[TraceSummary]
    next_cursor: str | None


class SpanError(_Shape):
    type: str | None
    message: str | None


class Tool(_Shape):
    name: str | None
    call_id: str | None
    arguments: Any
    result: Any


class Document(_Shape):
    id: str | None
    content: str | None
    score: float | None
    metadata: Any


class Scope(_Shape):
    name: str
    version: str
    attributes: dict[str, Any]
    dropped_attributes_count: int
    schema_url: str


class Resource(_Shape):
    attributes: dict[str, Any]
    dropped_attributes_count: int
    schema_url: str
    entity_refs: list[dict[str, Any]]


class SpanEvent(_Shape):
    name: str
    time_unix_nano: str
    attributes: dict[str, Any]
    dropped_attributes_count: int


class SpanLink(_Shape):
    trace_id: str
    span_id: str
    trace_state: str
    attributes: dict[str, Any]
    dropped_attributes_count: int
    flags: int


class Annotation(_Shape):
    """What a person or a program says of a span, or with `span_id` null of its whole trace."""

    annotation_id: str
    trace_id: str | None = Field(description="null while the LangSmith run it names has not arrived")
    span_id: str | None
    run_id: str | None = Field(description="uuid of a LangSmith run")
    key: str
    score: float | None
    value: Any
    comment: str | None
    correction: Any
    source: dict[str, Any] | None = Field(description="`type` is api, model, app, ...")
    created_at_unix_nano: str
    modified_at_unix_nano: str


class AnnotationList(_Shape):
    annotations: list[Annotation]
    next_cursor: str | None


class NewAnnotation(_Shape):
    """`value` and `correction` are any JSON; `source` is who says it: api, model, app, ..."""

    key: str = Field(min_length=1, max_length=200)
    score: float | None = Field(default=None, allow_inf_nan=False)
    value: Any = None
    comment: str | None = Field(default=None, max_length=20_000)
    correction: Any = None
    source: str = Field(default="api", min_length=1, max_length=100)


class AnnotationWord(_Shape):
    key: str
    tag: str | None = Field(description="Of the key `tag`: which one")
    count: int


class AnnotationWords(_Shape):
    words: list[AnnotationWord]


class AnnotationChange(_Shape):
    """What is left out stays; null clears."""

    score: float | None = Field(default=None, allow_inf_nan=False)
    value: Any = None
    comment: str | None = Field(default=None, max_length=20_000)
    correction: Any = None


class Span(_Shape):
    """One span with its meaning. In a light tree (`content=false`) the content fields are null or empty."""

    trace_id: str
    span_id: str
    parent_span_id: str | None
    depth: int
    is_orphan: bool
    name: str
    kind: SpanKindName
    otel_kind: Literal["unspecified", "internal", "server", "client", "producer", "consumer"]
    service: str
    scope: Scope
    start_time_unix_nano: str
    duration_ns: str | None = Field(description="null while running")
    status: TraceStatus
    error: SpanError | None
    folded_into: str | None = Field(description="span_id of the step whose badge holds this span")
    fold_rule: str | None = Field(description="id of the folding rule that is about this span")
    slow: bool = Field(description="it would fold, but takes too long for its rule")
    provider: str | None
    operation: str | None
    request_model: str | None
    response_model: str | None
    streaming: bool | None
    time_to_first_token_ns: str | None
    finish_reasons: list[str]
    input: Any
    output: Any
    input_messages: list[dict[str, Any]] | None
    output_messages: list[dict[str, Any]] | None
    system_instructions: list[dict[str, Any]] | None
    tool: Tool | None
    documents: list[Document] | None
    usage: Usage | None
    cost: SpanCost | None
    counted: bool
    not_counted_because: str | None
    session_id: str | None
    user_id: str | None
    attributes: dict[str, Any]
    dropped_attributes_count: int
    resource: Resource
    events: list[SpanEvent]
    dropped_events_count: int
    links: list[SpanLink]
    dropped_links_count: int
    trace_state: str
    flags: int
    sources: list[Source]
    annotations: list[Annotation]


class TraceDetail(_Shape):
    trace: TraceSummary
    spans: list[Span] = Field(description="Depth-first, parents before children.")
    ledger: list[LedgerLine]
    annotations: list[Annotation] = Field(description="Those on the whole trace.")


class SpanSummary(_Shape):
    """A span in a list over many traces."""

    trace_id: str
    span_id: str
    parent_span_id: str | None
    name: str
    kind: SpanKindName
    service: str
    start_time_unix_nano: str
    duration_ns: str | None
    status: TraceStatus
    provider: str | None
    request_model: str | None
    response_model: str | None
    usage: Usage | None
    cost: SpanCost | None


class SpanList(_Shape):
    spans: list[SpanSummary]
    next_cursor: str | None


class LogRecord(_Shape):
    id: str = Field(description="Tells this record from others; of no meaning otherwise")
    time_unix_nano: str
    observed_time_unix_nano: str
    severity_number: int
    severity_text: str
    event_name: str
    body: Any
    attributes: dict[str, Any]
    dropped_attributes_count: int
    trace_id: str | None
    span_id: str | None
    flags: int
    service: str
    scope: Scope
    resource: Resource


class LogList(_Shape):
    logs: list[LogRecord]
    next_cursor: str | None


class MetricSummary(_Shape):
    """One metric as it arrived from one service."""

    name: str
    description: str
    unit: str
    type: Literal["gauge", "sum", "histogram", "exponential_histogram", "summary", "empty"]
    service: str
    scope: str
    point_count: int
    last_time_unix_nano: str
    temporality: Literal["unspecified", "delta", "cumulative"]
    is_monotonic: bool
    series_count: int = Field(description="Different sets of labels")


class MetricList(_Shape):
    metrics: list[MetricSummary]


class UnmappedAttribute(_Shape):
    """An attribute in a GenAI namespace that no reader knows; it is kept and shown raw."""

    attribute: str
    spans: int


class SenderError(_Shape):
    time_unix_nano: str
    reason: str
    message: str


class SenderScope(_Shape):
    name: str
    version: str
    spans: int


class UnpricedModel(_Shape):
    provider: str | None
    model: str | None
    calls: int


class SenderRecent(_Shape):
    """What the store has of a sender within the window, by the times of its spans."""

    sdks: list[str] = Field(description="telemetry.sdk: name, language and version of each resource")
    scopes: list[SenderScope]
    spans: int
    cut: int = Field(description="Spans of which the sender dropped attributes, events or links")
    running: int = Field(description="Spans that have not ended")
    calls: int = Field(description="LLM calls with tokens")
    silent_calls: int = Field(description="Those of them without prompt and answer")
    looked_at: int = Field(description="Spans of the newest traces, in which the next two were counted")
    folded: int
    orphaned: int = Field(description="Spans whose parent is not here, a minute after they ended")
    unpriced: list[UnpricedModel]


class Sender(_Shape):
    """One service, or a client by its User-Agent where its request could not be read."""

    sender: str
    received: dict[str, int] = Field(description="signal -> items that are on disk")
    stored: int = Field(description="Spans and runs received less those that were stored before")
    again: int = Field(description="Spans that came a second time: exports that were tried again")
    late: int = Field(description="Spans that came more than a minute after they ended")
    refused: dict[str, int] = Field(description="reason -> items or requests")
    unmapped: list[UnmappedAttribute]
    ways: dict[str, int] = Field(description="OTLP/HTTP protobuf, OTLP/HTTP JSON, OTLP/gRPC, LangSmith -> requests")
    clock_offset_ns: str | None = Field(
        description="How far the newest spans are ahead of the server's clock; negative if they are behind"
    )
    last_seen_unix_nano: str = Field(description="0 if it has sent nothing since the server's start")
    last_error: SenderError | None
    recent: SenderRecent


class DoctorFinding(_Shape):
    """Something to look at, and what to do about it."""

    code: str
    level: Literal["error", "warning", "info"]
    sender: str | None
    title: str
    todo: str
    count: int


class Doctor(_Shape):
    since_unix_nano: str = Field(description="The start of the server: its counts are since then")
    now_unix_nano: str
    window_s: int
    span_count: int = Field(description="Spans of the window")
    looked_at: int = Field(description="Spans of the newest traces, whose trees were looked at")
    findings: list[DoctorFinding]
    senders: list[Sender]


class KeptError(_Shape):
    """A request that was refused, whole or in part."""

    error_id: str
    time_unix_nano: str
    sender: str
    reason: str
    message: str
    method: str
    path: str
    content_type: str
    content_encoding: str
    status: int = Field(description="The HTTP status it was answered with")
    payload_bytes: int | None = Field(description="Null if its bytes were too large to be kept")
    more: int = Field(description="Of the same sender and reason right after it, which were not kept")


class KeptErrorList(_Shape):
    errors: list[KeptError]


class Replayed(_Shape):
    """What the receiver said to a request that was sent again."""

    taken: bool = Field(description="All of it is stored now, and the error forgotten")
    status: int
    message: str


class ApiErrorBody(_Shape):
    code: str
    message: str
    hint: str | None


class ApiError(_Shape):
    error: ApiErrorBody
