"""Counting what matches, offering words, keeping views."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from llm_tracing.model import ViewRow
from llm_tracing.store.contract.filters import FilterField, Page, Table


class HistogramBucket(NamedTuple):
    """Rows of a list that start within one step; `time_unix_nano` is a multiple of the step."""

    time_unix_nano: int
    count: int  # type: ignore[assignment] # not tuple.count
    error_count: int


class ValueCount(NamedTuple):
    value: str
    count: int  # type: ignore[assignment] # not tuple.count


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
