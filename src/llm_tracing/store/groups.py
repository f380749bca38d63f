"""Reads over many traces: sessions, users, models, the slowest and the dearest, and how much is stored."""

from typing import Any
from uuid import UUID

from llm_tracing.model import TraceRow
from llm_tracing.store.aggregates import figures, rows_of
from llm_tracing.store.contract import Aggregate, Page
from llm_tracing.store.contract.groups import CalledModel, GroupKey, TopBy, Totals, TraceGroup, group_names
from llm_tracing.store.database import SCHEMA_VERSION, Database, sql
from llm_tracing.store.filters import where
from llm_tracing.store.rows import trace_from_row

MAX_MODELS = 1_000
MAX_OTHERS = 100
_TRACE_COLUMNS = ", ".join(TraceRow._fields)
_COLUMNS: dict[GroupKey, tuple[str, str]] = {
    "session": ("session_id", "user_id"),
    "user": ("user_id", "session_id"),
}
_MEASURES: dict[TopBy, str] = {
    "duration": "(greatest(end_time_unix_nano, start_time_unix_nano) - start_time_unix_nano)",
    "cost": "cost_pico_usd",
    "tokens": "(input_tokens + output_tokens)",
}
_COUNTED = ("traces", "spans", "calls", "logs", "metric_points", "annotations", "payloads")  # as in queries/totals.sql


class DuckDBGroups:
    def __init__(self, database: Database) -> None:
        self._database = database

    def trace_groups(self, key: GroupKey, page: Page) -> list[TraceGroup]:
        condition, parameters = where("traces", Page(since=page.since, until=page.until, filters=page.filters))
        told, told_parameters = ("true", []) if key == "session" else (condition, parameters)
        after = "last_start < ? OR (last_start = ? AND md5(key) < ?)" if page.after else "true"
        place: list[Any] = [page.after[0], page.after[0], page.after[1]] if page.after else []
        values = [*parameters, *told_parameters, *place, page.limit, *told_parameters]
        return self._groups(key, condition, told, after, values)

    def trace_group(self, key: GroupKey, value: str) -> TraceGroup | None:
        column = _COLUMNS[key][0]
        found = self._groups(key, f"{column} = ?", "true", "true", [value, 1])
        return found[0] if found else None

    def _groups(self, key: GroupKey, condition: str, told: str, after: str, values: list[Any]) -> list[TraceGroup]:
        column, other = _COLUMNS[key]
        query = sql("trace_groups").format(key=column, other=other, where=condition, told=told, after=after)
        with self._database.reading() as db:
            return [_group(row) for row in db.execute(query, values).fetchall()]

    def session_traces(self, session_id: str, after: tuple[int, str] | None, limit: int) -> list[TraceRow]:
        time, tie = (after[0], UUID(hex=after[1])) if after else (0, UUID(int=0))
        query = sql("session_traces").format(columns=_TRACE_COLUMNS)
        with self._database.reading() as db:
            rows = db.execute(query, [session_id, time, tie, limit]).fetchall()
        return [trace_from_row(row) for row in rows]

    def called_models(self, page: Page) -> list[CalledModel]:
        rows, parameters = rows_of("calls", page, of_traces=True)
        query = sql("called_models").format(rows=rows, figures=figures("calls"))
        with self._database.reading() as db:
            found = db.execute(query, [*parameters, MAX_MODELS]).fetchall()
        return [CalledModel(*(*row[:4], group_names(row[4]), Aggregate(None, row[1], *row[5:]))) for row in found]

    def top_traces(self, page: Page, by: TopBy) -> list[TraceRow]:
        condition, parameters = where("traces", page)
        query = sql("top_traces").format(columns=_TRACE_COLUMNS, where=condition, measure=_MEASURES[by])
        with self._database.reading() as db:
            return [trace_from_row(row) for row in db.execute(query, [*parameters, page.limit]).fetchall()]

    def totals(self) -> Totals:
        with self._database.reading() as db:
            row = db.execute(sql("totals")).fetchone()
        assert row is not None  # an aggregate without groups has one row
        size = sum(file.stat().st_size for file in self._database.path.parent.glob("*.duckdb*"))
        return Totals(dict(zip(_COUNTED, row, strict=False)), size, SCHEMA_VERSION, row[-2], row[-1])


def _group(row: tuple[Any, ...]) -> TraceGroup:
    services, models, others = (group_names(names or []) for names in row[14:17])
    return TraceGroup(*(*row[:14], services, models, others[:MAX_OTHERS], row[17]))
