"""What a store says of many traces at once: sessions, users, models, the slowest and dearest, and how much there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import md5
from typing import Literal, NamedTuple, Protocol

from llm_tracing.model import TraceRow
from llm_tracing.store.contract.aggregates import Aggregate
from llm_tracing.store.contract.filters import Page

GroupKey = Literal["session", "user"]
TopBy = Literal["duration", "cost", "tokens"]


@dataclass(frozen=True, slots=True)
class TraceGroup:
    """The traces of one session or of one user. Times are those at which its traces began.

    `failed_count` is the number of traces that ended in an error; `first_input` what the first trace was asked.
    `others` are at most a hundred users of a session, or sessions of a user.
    """

    key: str
    first_time_unix_nano: int
    last_time_unix_nano: int
    trace_count: int
    failed_count: int
    llm_call_count: int
    first_input: str | None
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    reasoning_tokens: int
    cost_pico_usd: int | None
    unpriced_calls: int
    services: list[str]
    models: list[str]
    others: list[str]
    other_count: int


class CalledModel(NamedTuple):
    """A model as its provider calls it; `request_model` is a name that it was asked for under."""

    provider: str | None
    model: str | None
    request_model: str | None
    kind: str
    services: list[str]
    figures: Aggregate


@dataclass(frozen=True, slots=True)
class Totals:
    """How much is stored: rows by table, bytes on disk, and when the first and the last trace began."""

    rows: dict[str, int]
    size_bytes: int
    schema_version: int
    first_time_unix_nano: int | None
    last_time_unix_nano: int | None


class Grouping(Protocol):
    """Each `page` chooses traces, by its filters and by when they began."""

    def trace_groups(self, key: GroupKey, page: Page) -> list[TraceGroup]:
        """Sessions or users, the one whose last trace began last first; ties and `after` by `group_id` of the key.

        A session that has a trace of the page is told whole; of a user only the traces of the page are.
        """
        ...

    def trace_group(self, key: GroupKey, value: str) -> TraceGroup | None:
        """One of them over all time; None if no trace names it."""
        ...

    def session_traces(self, session_id: str, after: tuple[int, str] | None, limit: int) -> list[TraceRow]:
        """The traces of a session, oldest first; `after` is (start, trace id as hex) of the last one before."""
        ...

    def called_models(self, page: Page) -> list[CalledModel]:
        """The models that calls of these traces used, the one with the most calls first; at most a thousand."""
        ...

    def top_traces(self, page: Page, by: TopBy) -> list[TraceRow]:
        """The `limit` traces that took longest, cost most or used most tokens, the greatest first."""
        ...

    def totals(self) -> Totals: ...


def group_id(key: str) -> str:
    """Breaks ties between groups that were active last at the same time: 32 hex digits."""
    return md5(key.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def group_names(values: Sequence[str]) -> list[str]:
    """Names in a fixed order, without the empty one."""
    return sorted({value for value in values if value})
