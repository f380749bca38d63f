"""How far back a list must look: most filters find a page of rows among the newest ones.

Whether a span has an attribute stands in no column of a trace. Such a filter reads the spans of a while only, which is
made longer until the page is full: what is frequent is found at once, and only what is rare costs a look at everything.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import duckdb

from llm_tracing.store.conditions import MAX_TIME, Bounds
from llm_tracing.store.contract import Filter, FilterField, Page, Table
from llm_tracing.store.database import sql
from llm_tracing.store.filters import ORDER, where
from llm_tracing.store.presence import OF_SPANS

# Filters that read another table's rows, or every row's attributes.
HEAVY: dict[Table, frozenset[FilterField]] = {
    "traces": frozenset({"operation", "scope", "attribute", "resource", "tool", "finish"}),
    "spans": frozenset({"attribute"}),
    "logs": frozenset({"attribute"}),
}
_FIRST = {"traces": 500, "spans": 20_000, "logs": 20_000}  # rows of the first while
_LONGER = 16


def pages(db: duckdb.DuckDBPyConnection, table: Table, page: Page) -> Iterator[tuple[str, list[Any], bool]]:
    """Conditions to try in turn, each with its parameters, and whether it is the last: it looks at everything."""
    light = [wanted for wanted in page.filters if not _is_heavy(table, wanted)]
    if len(light) < len(page.filters):
        since, end = _newest(db, table, replace(page, filters=light))
        newest = end if page.until is None else min(page.until, end)
        floor = _first(db, table, page)
        while since is not None and since > floor:
            # Spans of a trace start before it ends, wherever in the while it is.
            found = where(table, replace(page, since=since), Bounds(since, end if table == "traces" else MAX_TIME))
            yield *found, False
            since = since - (newest - since) * _LONGER if newest > since else None
    yield *where(table, page), True


def _is_heavy(table: Table, wanted: Filter) -> bool:
    return wanted.field in HEAVY.get(table, ()) or (wanted.field == "has" and wanted.value in OF_SPANS)


def _newest(db: duckdb.DuckDBPyConnection, table: Table, page: Page) -> tuple[int | None, int]:
    """From when on the newest rows start, and when the last of them ends; None if these are all."""
    condition, parameters = where(table, page)
    time, _ = ORDER[table]
    query = sql("newest").format(
        time=time, end="end_time_unix_nano" if table == "traces" else time, table=table, where=condition
    )
    row = db.execute(query, [*parameters, _FIRST[table]]).fetchone()
    if row is None or row[0] < _FIRST[table]:
        return None, MAX_TIME
    return int(row[1]), int(row[2])


def _first(db: duckdb.DuckDBPyConnection, table: Table, page: Page) -> int:
    """Nothing lies before it."""
    condition, parameters = where(table, Page(since=page.since, until=page.until))
    row = db.execute(sql("extent").format(time=ORDER[table][0], table=table, where=condition), parameters).fetchone()
    return MAX_TIME if row is None or row[0] is None else int(row[0])


def first_page(db: duckdb.DuckDBPyConnection, table: Table, page: Page, query: str) -> Sequence[tuple[Any, ...]]:
    """The rows of a page; `query` has a place `{where}` and, last, one for the limit."""
    for condition, parameters, is_last in pages(db, table, page):
        rows = db.execute(query.replace("{where}", condition), [*parameters, page.limit]).fetchall()
        if is_last or len(rows) >= page.limit:
            return rows
    raise AssertionError("the last condition is tried in any case")
