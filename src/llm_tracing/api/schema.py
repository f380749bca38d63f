"""The JSON that leaves the API: one validation model per shape, the source of the OpenAPI document.

Ids are lower-case hex; times and durations are nanoseconds as decimal strings (they exceed JavaScript's safe
integers); money is a decimal string in USD, null where no price is known.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from llm_tracing.model import SpanKindName

TraceStatus = Literal["ok", "error", "unset", "running"]
Source = Literal["otlp", "langsmith"]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Usage(_Shape):
    """Tokens. `input_tokens` is all input, cache included; `output_tokens` is all output, reasoning included.

    In a span, a field that no client sent is null; in a trace it is 0.
    """

    input_tokens: int | None
    output_tokens: int | None
    cache_read_tokens: int | None
    cache_write_tokens: int | None
    reasoning_tokens: int | None
    total_tokens: int | None


class TraceCost(_Shape):
    total_usd: str | None = Field(description="Sum over priced calls, decimal USD; null if no call has a price.")
    unpriced_calls: int


class SpanCost(_Shape):
    total_usd: str | None
    source: Literal["prices", "client"] | None
    client_usd: str | None = Field(description="What the client says that it cost, whatever we say.")


class TraceSummary(_Shape):
    trace_id: str
    name: str
    service: str
    start_time_unix_nano: str
    duration_ns: str
    status: TraceStatus
    span_count: int
    llm_call_count: int
    error_count: int
    models: list[str]
    session_id: str | None
    user_id: str | None
    input: str | None = Field(description="Preview of what was asked.")
    output: str | None = Field(description="Preview of the answer, or the error.")
    usage: Usage
    cost: TraceCost
    sources: list[Source]


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


class LedgerBucket(_Shape):
    """Tokens of one kind; each token of a call is in exactly one bucket."""

    bucket: Literal[
        "fresh_input", "input_audio", "input_image", "cache_read", "cache_read_audio", "cache_write", "cache_write_5m",
        "cache_write_1h", "output", "reasoning", "output_audio", "output_image",
    ] = Field(description="`fresh_input` and `output`: what no other bucket of input or output holds.")  # fmt: skip
    tokens: int
    attribute: str | None = Field(description="The attribute that its number came from.")
    usd_per_million: str | None = Field(description="Unit price; null if the line is not priced.")
    usd: str | None


class LedgerLine(_Shape):
    """One line of the bill: a counted call, or a span with tokens that is not counted and why.

    The five counts sum up `buckets`: audio and images are in `fresh_input_tokens` (cached audio in `cache_read_tokens`)
    and in `output_tokens`, all classes of cache writes in `cache_write_tokens`. `total_usd` is the exact sum of the
    buckets' amounts and `call_usd`; the sum of the lines is the cost of the trace.
    """

    span_id: str
    name: str
    provider: str | None
    model: str | None
    counted: bool
    not_counted_because: str | None
    fresh_input_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    output_tokens: int = Field(description="Output without reasoning.")
    reasoning_tokens: int
    attributes: dict[str, str] = Field(description="token count as it was sent -> the attribute it came from")
    buckets: list[LedgerBucket] = Field(description="Those that hold tokens.")
    call_usd: str | None = Field(description="What the call costs beside its tokens; null if nothing.")
    total_usd: str | None
    unpriced_because: str | None
    price_source: str | None = Field(description="The price list and its version, or the file and its entry.")
    priced_as: str | None = Field(description="`provider/model` there.")
    client_usd: str | None = Field(description="What the client says that it cost.")
    provider_total_tokens: int | None = Field(description="The total that was sent beside the counts.")
    provider_total_attribute: str | None
    total_disagrees: bool = Field(description="That total is not the sum of the buckets.")


class TraceDetail(_Shape):
    trace: TraceSummary
    spans: list[Span] = Field(description="Depth-first, parents before children.")
    ledger: list[LedgerLine]


class CostOnLine(_Shape):
    span_id: str
    usd: str | None


class CostOnModel(_Shape):
    """A trace as if its model calls had gone to one model; embeddings stay where they were."""

    model: str
    provider: str | None = Field(description="Whose price it is; null if the model is not known.")
    total_usd: str | None
    unpriced_calls: int
    lines: list[CostOnLine] = Field(description="Every counted call.")


class CostOn(_Shape):
    models: list[CostOnModel]


class UsdPerMillion(_Shape):
    """Unit prices in USD per million tokens."""

    input: str
    cache_read: str
    cache_write: str
    cache_write_1h: str
    output: str
    reasoning: str
    input_audio: str
    output_audio: str


class ModelPrices(_Shape):
    """What a model costs now."""

    model: str = Field(description="As its source calls it; may have `*` in a file of prices.")
    provider: str | None
    source: str
    usd_per_million: UsdPerMillion
    usd_per_call: str | None
    dearer_above_input_tokens: int | None = Field(description="Calls with more input have other prices.")


class ModelPricesList(_Shape):
    models: list[ModelPrices]


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


class MetricList(_Shape):
    metrics: list[MetricSummary]


class StatsRow(_Shape):
    """Aggregates of counted calls or traces in one group and one time bucket."""

    time_unix_nano: str | None = Field(description="Start of the bucket; null without `step`.")
    group: str | None
    count: int
    error_count: int
    duration_p50_ns: str | None
    duration_p95_ns: str | None
    duration_p99_ns: str | None
    usage: Usage
    cost: TraceCost


class Stats(_Shape):
    rows: list[StatsRow]


class ApiErrorBody(_Shape):
    code: str
    message: str
    hint: str | None


class ApiError(_Shape):
    error: ApiErrorBody
