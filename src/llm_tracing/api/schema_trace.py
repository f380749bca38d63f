"""The JSON of a trace in a list, and of tokens and cost wherever they are summed; schema.py has the rest."""

from typing import Literal

from pydantic import Field

from llm_tracing.api.schema_bill import Shape as _Shape

TraceStatus = Literal["ok", "error", "unset", "running"]
Source = Literal["otlp", "langsmith"]


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
