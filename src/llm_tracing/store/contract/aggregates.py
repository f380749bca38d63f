"""Figures over calls, traces and tools."""

from dataclasses import dataclass
from typing import Literal, Protocol

from llm_tracing.store.contract.filters import Page

MAX_GROUPS = 10_000  # rows of an aggregate
AggregateBy = Literal["count", "cost", "tokens"]
AggregateOver = Literal["calls", "traces", "tools"]


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
