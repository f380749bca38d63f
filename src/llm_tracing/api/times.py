"""What lists and figures are asked for: a filter, and a time range."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Query

from llm_tracing.errors import QueryError
from llm_tracing.query.language import filters
from llm_tracing.store.contract import Page

_MAX_TIME = 2**64 - 1

QueryText = Annotated[str, Query(description="Filter, see docs/query-language.md", max_length=4_000)]
Time = Annotated[str | None, Query(description="Nanoseconds since the epoch, or an ISO 8601 time", max_length=40)]


def time_of(name: str, text: str | None) -> int | None:
    """A time parameter as nanoseconds. Raises QueryError."""
    if text is None or text == "":
        return None
    if text.isascii() and text.isdigit() and int(text) <= _MAX_TIME:
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise QueryError(
            f"{name}={text} is no time.",
            "Give nanoseconds since the epoch, or ISO 8601 such as 2026-11-01T12:00:00Z.",
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    nanoseconds = int(moment.timestamp()) * 1_000_000_000 + moment.microsecond * 1_000
    return max(0, nanoseconds)


def chosen(q: str, since: str | None, until: str | None, limit: int = 50, after: tuple[int, str] | None = None) -> Page:
    """The page of a filter and a range. Raises QueryError."""
    return Page(limit, time_of("since", since), time_of("until", until), after, filters(q))
