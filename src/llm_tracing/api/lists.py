"""What lists share: the page of the store that their parameters stand for, and where the next one goes on."""

from collections.abc import Callable, Sequence
from typing import Literal, TypeVar

from llm_tracing.api.cursor import decode_cursor, encode_cursor
from llm_tracing.api.times import time_of
from llm_tracing.query.language import filters
from llm_tracing.store.contract import Page

T = TypeVar("T")
Listed = Literal["traces", "spans", "logs"]


def list_page(
    q: str, since: str | None, until: str | None, limit: int, cursor: str | None = None, of: Listed = "spans"
) -> Page:
    return Page(
        limit=limit + 1,  # one more than asked for tells whether there is a next page
        since=time_of("since", since),
        until=time_of("until", until),
        after=decode_cursor(cursor, of) if cursor else None,
        filters=filters(q, of),
    )


def next_cursor(rows: Sequence[T], limit: int, place: Callable[[T], tuple[int, str]]) -> str | None:
    return encode_cursor(*place(rows[limit - 1])) if len(rows) > limit else None
