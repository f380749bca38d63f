"""The JSON of figures over many rows; schema.py has the rest."""

from pydantic import Field

from llm_tracing.api.schema_bill import Shape
from llm_tracing.api.schema_trace import TraceCost, Usage


class Figures(Shape):
    """Counts, latency, tokens and cost of some calls, traces or tool spans."""

    count: int
    error_count: int
    duration_p50_ns: str | None
    duration_p95_ns: str | None
    duration_p99_ns: str | None
    time_to_first_token_p50_ns: str | None
    time_to_first_token_p95_ns: str | None
    time_to_first_token_p99_ns: str | None
    streamed_count: int = Field(description="Calls that have a time to the first token.")
    usage: Usage
    cost: TraceCost
    first_time_unix_nano: str | None
    last_time_unix_nano: str | None


class StatsRow(Figures):
    """Aggregates of counted calls, traces or tool spans in one group and one time bucket."""

    time_unix_nano: str | None = Field(description="Start of the bucket; null without `step`.")
    group: str | None


class Stats(Shape):
    rows: list[StatsRow] = Field(description="Those of a bucket with the most rows first.")
    truncated: bool = Field(description="There are more groups and buckets than are told.")
