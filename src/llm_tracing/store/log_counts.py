"""How many log records there are, by time and severity."""

from dataclasses import replace

from llm_tracing.store.contract import LogCount, LogCounts, Page
from llm_tracing.store.database import Database, sql
from llm_tracing.store.filters import where

_MS, _SECOND = 1_000_000, 1_000_000_000
_MINUTE, _HOUR, _DAY = 60 * _SECOND, 3_600 * _SECOND, 86_400 * _SECOND
STEPS = (
    *(n * _MS for n in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
    *(n * _SECOND for n in (1, 2, 5, 10, 15, 30)),
    *(n * _MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * _HOUR for n in (1, 2, 3, 6, 12)),
    *(n * _DAY for n in (1, 2, 7, 30, 90, 365)),
)


def step_for(length_ns: int, buckets: int) -> int:
    """The shortest step of a clock that cuts a time into no more than so many buckets, or 10 years and more."""
    found = next((step for step in STEPS if step * buckets >= length_ns), None)
    return found or -(-length_ns // buckets)


class DuckDBLogCounts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def log_counts(self, page: Page, buckets: int) -> LogCounts:
        page = replace(page, after=None)
        condition, parameters = where("logs", page)
        with self._database.reading() as db:
            db.execute("BEGIN")
            [(first, last)] = db.execute(sql("log_range").format(where=condition), parameters).fetchall()
            if first is None:
                return LogCounts(_SECOND, [])
            since = first if page.since is None else page.since
            until = last if page.until is None else page.until
            step = step_for(max(1, until - since), buckets)
            rows = db.execute(sql("log_counts").format(where=condition), [step, *parameters]).fetchall()
            return LogCounts(step, [LogCount(*row) for row in rows])
