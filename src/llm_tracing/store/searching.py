"""What surrounds a list: its histogram, its facets, and the values that could be asked for."""

from collections.abc import Sequence
from typing import Any

from llm_tracing.normalize.anyvalue import to_json
from llm_tracing.store.conditions import THUMB_KEY, pattern, pointer
from llm_tracing.store.contract import HistogramBucket, Page, Table, ValueCount, Words
from llm_tracing.store.database import Database, sql
from llm_tracing.store.filters import ORDER, where

_FAILED: dict[Table, str] = {
    "traces": "status = 'error'",
    "spans": "status_code = 2",
    "calls": "is_error",
    "logs": "severity_number >= 17",
}
_ENDED = "CASE status WHEN 'unset' THEN 'ok' ELSE status END"
_SPAN_ENDED = "CASE WHEN status_code = 2 THEN 'error' WHEN end_time_unix_nano = 0 THEN 'running' ELSE 'ok' END"
# OpenTelemetry's ranges of severity numbers, in words.
_SEVERITY = (
    "(['unset', 'trace', 'debug', 'info', 'warn', 'error', 'fatal'])"
    "[greatest(0, least(24, severity_number) + 3) // 4 + 1]"
)
_SOURCES = (
    "unnest(list_filter([CASE WHEN sources & 1 > 0 THEN 'otlp' END, CASE WHEN sources & 2 > 0 THEN 'langsmith' END],"
    " lambda s: s IS NOT NULL))"
)
_SCOPE = "(SELECT any_value(scopes.name) FROM scopes WHERE scopes.scope_id = listed.scope_id)"
# The values of each key in a table's row. `mark:` and a key are the marks of a trace's spans.
_VALUES: dict[Table, dict[str, str]] = {
    "traces": {
        "status": _ENDED,
        "kind": "unnest(kinds)",
        "model": "unnest(models)",
        "service": "unnest(services)",
        "name": "name",
        "user": "user_id",
        "session": "session_id",
        "source": _SOURCES,
        "tool": "mark:tool",
    },
    "spans": {
        "status": _SPAN_ENDED,
        "kind": "kind",
        "model": "coalesce(response_model, request_model)",
        "service": "service",
        "provider": "provider",
        "operation": "operation",
        "name": "name",
        "scope": _SCOPE,
        "user": "user_id",
        "session": "session_id",
    },
    "logs": {
        "severity": _SEVERITY,
        "service": "service",
        "event": "coalesce(nullif(event_name, ''), genai_event)",
        "scope": _SCOPE,
    },
    "calls": {
        "kind": "kind",
        "model": "model",
        "provider": "provider",
        "service": "service",
        "user": "user_id",
        "session": "session_id",
    },
}
SAMPLE = {"traces": 20_000, "spans": 50_000, "calls": 20_000, "logs": 20_000}
SAMPLE_OF_ATTRIBUTES = 5_000  # rows whose JSON is read for names and values


class DuckDBSearcher:
    """Many threads may read at once; each call is one consistent look."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def extent(self, table: Table, since: int | None, until: int | None) -> tuple[int, int] | None:
        condition, parameters = where(table, Page(since=since, until=until))
        time, _ = ORDER[table]
        query = sql("extent").format(time=time, table=table, where=condition)
        with self._database.reading() as db:
            row = db.execute(query, parameters).fetchone()
        return None if row is None or row[0] is None else (row[0], row[1])

    def histogram(self, table: Table, page: Page, step_ns: int) -> list[HistogramBucket]:
        condition, parameters = where(table, page)
        time, _ = ORDER[table]
        query = sql("histogram").format(
            time=time, step=int(step_ns), failed=_FAILED[table], table=table, where=condition
        )
        with self._database.reading() as db:
            return [HistogramBucket(*row) for row in db.execute(query, parameters).fetchall()]

    def facets(self, table: Table, keys: Sequence[str], page: Page) -> list[list[ValueCount]]:
        condition, parameters = where(table, page)
        query = sql("facets").format(
            table=table,
            where=condition,
            counts="\nUNION ALL ".join(
                _count(place, _VALUES[table][key], page.limit) for place, key in enumerate(keys)
            ),
        )
        found: list[list[ValueCount]] = [[] for _ in keys]
        with self._database.reading() as db:
            for place, value, count in db.execute(query, parameters).fetchall():
                found[place].append(ValueCount(value, count))
        return found

    def words(self, table: Table, wanted: Words) -> list[ValueCount]:
        query, parameters = _words_query(table, wanted)
        with self._database.reading() as db:
            return [ValueCount(*row) for row in db.execute(query, parameters).fetchall()]


def _count(place: int, values: str, limit: int) -> str:
    """One facet over the rows that are found; the numbers are ours, no text of a query is among them."""
    if values.startswith("mark:"):
        return sql("facet_of_marks").format(place=int(place), key=values.removeprefix("mark:"), limit=int(limit))
    return sql("facet").format(place=int(place), values=values, limit=int(limit))


def _words_query(table: Table, wanted: Words) -> tuple[str, list[Any]]:
    condition, bounds = where(table, Page(since=wanted.since, until=wanted.until))
    time, _ = ORDER[table]
    part = f"%{pattern(wanted.part.replace('*', ''))}%"
    ends = [part, wanted.limit]
    if wanted.field in ("attribute", "resource"):
        return _attribute_words(wanted, condition, bounds, ends, table if table in ("logs", "spans") else "spans")
    if wanted.field in ("score", "tag"):
        return sql(f"words_of_{wanted.field}"), [THUMB_KEY, *ends] if wanted.field == "score" else ends
    if wanted.field in ("tool", "finish"):
        return sql("words_of_marks"), [wanted.field, wanted.since or 0, SAMPLE["spans"], *ends]
    if wanted.field == "scope":
        return sql("words_of_scopes"), ends
    values = _VALUES[table].get(wanted.field)
    if values is None and wanted.field in ("provider", "operation"):
        other: Table = "calls" if wanted.field == "provider" else "spans"
        return _words_query(other, wanted)
    if values is None:
        raise ValueError(f"{table} have no words of {wanted.field}")
    query = sql("words").format(values=values, table=table, time=time, where=condition)
    return query, [*bounds, SAMPLE[table], *ends]


def _attribute_words(
    wanted: Words, condition: str, bounds: list[Any], ends: list[Any], table: Table
) -> tuple[str, list[Any]]:
    time, _ = ORDER[table]
    where_is = (
        sql("sample_of_resources")
        if wanted.field == "resource"
        else sql("sample_of_attributes").format(table=table, time=time, where=condition)
    )
    sample = [] if wanted.field == "resource" else [*bounds, SAMPLE_OF_ATTRIBUTES]
    if wanted.key is None:
        return sql("words_of_names").format(sample=where_is), [*sample, *ends]
    query = sql("words_of_attribute").format(sample=where_is)
    return query, [pointer(wanted.key), *sample, f"{to_json(wanted.key)}:", *ends]
