"""LangSmith runs: spans that came by its protocol, with what they hold, by start time in either direction."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import duckdb

from llm_tracing.model import STATUS_ERROR, SpanRecord
from llm_tracing.normalize.anyvalue import to_json
from llm_tracing.store.conditions import Fragment
from llm_tracing.store.contract import RunPage, RunProject, StoredRuns
from llm_tracing.store.database import Database, sql
from llm_tracing.store.filters import fragment
from llm_tracing.store.reader import payloads_of, texts_of_spans
from llm_tracing.store.rows import record_from_row

_COLUMNS = ", ".join(SpanRecord._fields)


def _conditions(page: RunPage) -> Iterator[Fragment]:
    if page.since is not None:
        yield "start_time_unix_nano >= ?", (page.since,)
    if page.until is not None:
        yield "start_time_unix_nano < ?", (page.until,)
    if page.after is not None:
        at, last = page.after
        way = "<" if page.newest_first else ">"
        values = (at, at, UUID(hex=last[:32]), int(last[32:], 16))
        yield (
            f"start_time_unix_nano {way}= ? AND (start_time_unix_nano {way} ? "
            f"OR (trace_id, span_id) {way} (?::UUID, ?::UBIGINT))",
            values,
        )
    if page.services is not None:
        yield "list_contains(?::VARCHAR[], service)", (list(page.services),)
    if page.trace_id is not None:
        yield "trace_id = ?", (UUID(bytes=page.trace_id),)
    if page.span_ids is not None:
        yield "span_id IN (SELECT unnest(?::UBIGINT[]))", (list(page.span_ids),)
    if page.parent_span_ids is not None:
        yield "parent_span_id IN (SELECT unnest(?::UBIGINT[]))", (list(page.parent_span_ids),)
    if page.is_root is not None:
        yield f"parent_span_id IS {'' if page.is_root else 'NOT '}NULL", ()
    if page.failed is not None:
        yield f"status_code {'=' if page.failed else '<>'} ?", (STATUS_ERROR,)
    for name, text in page.attributes:
        yield "contains(attributes, ?)", (f"{to_json(name)}:{to_json(text)}",)
    for name, text in page.mentions:  # a long value stands in the payloads
        yield "contains(attributes, ?) OR contains(attributes, ?)", (text, f'{to_json(name)}:{{"$parts"')
    for wanted in page.filters:
        yield fragment("spans", wanted)


def _place(span: SpanRecord) -> tuple[int, str]:
    return span.start_time_unix_nano, f"{span.trace_id.hex()}{span.span_id:016x}"


def _ended(db: duckdb.DuckDBPyConnection, running: list[int]) -> set[tuple[bytes, int]]:
    """Of runs with these span ids those that have ended since; their other row stands for them, if it is asked for."""
    rows = db.execute(sql("ended_runs"), [running]).fetchall() if running else []
    return {(trace_id.bytes, span_id) for trace_id, span_id in rows}


class DuckDBRuns:
    """Many threads may read at once; each call is one consistent look."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def runs(self, page: RunPage) -> StoredRuns:
        found = list(_conditions(page))
        query = sql("runs").format(
            columns=_COLUMNS,
            where=" AND ".join(f"({text})" for text, _ in found) or "true",
            order="DESC" if page.newest_first else "ASC",
        )
        parameters: list[Any] = [parameter for _, values in found for parameter in values]
        with self._database.reading() as db:
            db.execute("BEGIN")
            spans = [record_from_row(row) for row in db.execute(query, [*parameters, page.limit]).fetchall()]
            after = _place(spans[-1]) if len(spans) == page.limit else None
            ended = _ended(db, [span.span_id for span in spans if not span.end_time_unix_nano])
            best: dict[tuple[bytes, int], SpanRecord] = {}
            for span in spans:  # of a run the row that ended comes first
                key = (span.trace_id, span.span_id)
                if span.end_time_unix_nano or key not in ended:
                    best.setdefault(key, span)
            return StoredRuns(list(best.values()), payloads_of(db, texts_of_spans(list(best.values()))), after)

    def run_projects(self) -> list[RunProject]:
        with self._database.reading() as db:
            return [RunProject(*row) for row in db.execute(sql("run_projects")).fetchall()]
