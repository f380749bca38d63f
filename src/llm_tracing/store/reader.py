"""Reads of the embedded store: each a query file, its rows turned into the model's records."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

import duckdb

from llm_tracing.model import FACTS, LogRow, ResourceRow, ScopeRow, SpanRecord, TraceRow
from llm_tracing.normalize.anyvalue import from_json
from llm_tracing.normalize.payloads import payload_ids
from llm_tracing.store.contract import Page, StoredLogs, StoredTrace
from llm_tracing.store.database import Database, sql
from llm_tracing.store.links import TraceLinks
from llm_tracing.store.previews import SLACK_NS
from llm_tracing.store.rows import log_from_row, record_from_row, records_of_trace, trace_from_row
from llm_tracing.store.windows import first_page

_TRACE_COLUMNS = ", ".join(TraceRow._fields)
_SPAN_COLUMNS = ", ".join(SpanRecord._fields)
# Spans with tokens keep their attributes in the light tree too: the bill names the one each number came from. So do
# failed ones, for the type of the error.
_LIGHT_SPAN_COLUMNS = _SPAN_COLUMNS.replace(
    " attributes,",
    " CASE WHEN input_tokens IS NULL AND output_tokens IS NULL AND status_code <> 2 THEN '{}'"
    " ELSE attributes END AS attributes,",
)


def _as_text(columns: str) -> str:
    """The columns of a span, its UUIDs as text: see rows.records_of_trace."""
    found = columns.replace("trace_id,", "trace_id::VARCHAR,", 1)
    return found.replace("resource_id, scope_id", "resource_id::VARCHAR, scope_id::VARCHAR")


def _slim(position: int, name: str) -> str:
    """A column of SpanRecord for a list: the heavy ones are not read."""
    if position < FACTS or name.endswith("_id"):
        return name
    if name == "attributes":
        return "'{}' AS attributes"
    return f"{0 if name == 'flags' or name.endswith('_count') else 'NULL'} AS {name}"


_SLIM_SPAN_COLUMNS = ", ".join(_slim(position, name) for position, name in enumerate(SpanRecord._fields))
_FEW = 500  # ids that are quicker looked for one by one than by a join
_LOG_COLUMNS = ", ".join(LogRow._fields)


class DuckDBReader:
    """Many threads may read at once; each call is one consistent look."""

    def __init__(self, database: Database, links: TraceLinks) -> None:
        self._database = database
        self._links = links

    def traces(self, page: Page) -> list[TraceRow]:
        query = sql("traces").format(columns=_TRACE_COLUMNS, where="{where}")
        with self._database.reading() as db:
            return [trace_from_row(row) for row in first_page(db, "traces", page, query)]

    def trace(
        self, trace_id: bytes, *, content: bool = True, span_ids: Sequence[int] | None = None
    ) -> StoredTrace | None:
        with self._database.reading() as db:
            db.execute("BEGIN")
            ids = [UUID(bytes=part) for part in self._links.ids(trace_id)]
            rows = db.execute(sql("trace").format(columns=_TRACE_COLUMNS), [ids[0]]).fetchall()
            if not rows:
                return None
            trace = trace_from_row(rows[0])
            columns = _as_text(_SPAN_COLUMNS if content else _LIGHT_SPAN_COLUMNS)
            one = "true" if span_ids is None else "span_id IN (SELECT unnest(?::UBIGINT[]))"
            wanted = [] if span_ids is None else [list(span_ids)]
            places = ", ".join("?" * len(ids))
            query = sql("spans_of_trace").format(columns=columns, ids=places, where=one)
            bounds = [*ids, trace.start_time_unix_nano, trace.end_time_unix_nano, *wanted]
            spans = records_of_trace(db.execute(query, bounds).fetchall())
            logs: list[LogRow] = []
            if content:
                query = sql("logs_of_trace").format(columns=_LOG_COLUMNS, ids=places, where=one)
                bounds = [*ids, *_around(trace), *wanted]
                logs = [log_from_row(row) for row in db.execute(query, bounds).fetchall()]
            return StoredTrace(
                trace,
                spans,
                resources_of(db, {span.resource_id for span in spans}),
                scopes_of(db, {span.scope_id for span in spans}),
                payloads_of(db, [*texts_of_spans(spans), *_texts_of_logs(logs)]) if content else {},
                logs,
                {} if content or all(span.kind != "tool" for span in spans) else _tools_of(db, ids, trace),
            )

    def linking_spans(self, trace_id: bytes, limit: int) -> list[SpanRecord]:
        query = sql("linking_spans").format(columns=_SLIM_SPAN_COLUMNS.replace("NULL AS links", "links"))
        with self._database.reading() as db:
            return [record_from_row(row) for row in db.execute(query, [trace_id.hex(), limit]).fetchall()]

    def spans(self, page: Page) -> list[SpanRecord]:
        query = sql("spans").format(columns=_SLIM_SPAN_COLUMNS, where="{where}")
        with self._database.reading() as db:
            return [record_from_row(row) for row in first_page(db, "spans", page, query)]

    def logs(self, page: Page) -> StoredLogs:
        query = sql("logs").format(columns=f"{_LOG_COLUMNS}, rowid", where="{where}")
        with self._database.reading() as db:
            rows = first_page(db, "logs", page, query)
            logs = [log_from_row(row[:-1]) for row in rows]
            return StoredLogs(
                logs,
                [row[-1] for row in rows],
                resources_of(db, {log.resource_id for log in logs}),
                scopes_of(db, {log.scope_id for log in logs}),
                payloads_of(db, _texts_of_logs(logs)),
            )


def _tools_of(db: duckdb.DuckDBPyConnection, ids: Sequence[UUID], trace: TraceRow) -> dict[int, str]:
    query = sql("tool_names_of_trace").format(ids=", ".join("?" * len(ids)))
    return dict(db.execute(query, [*ids, trace.start_time_unix_nano, trace.end_time_unix_nano]).fetchall())


def resources_of(db: duckdb.DuckDBPyConnection, ids: set[bytes]) -> dict[bytes, ResourceRow]:
    columns = ", ".join(ResourceRow._fields)
    rows = _by_id(db, f"SELECT {columns} FROM resources WHERE resource_id IN (SELECT unnest(?::UUID[]))", ids)  # noqa: S608
    return {row[0].bytes: ResourceRow(row[0].bytes, *row[1:]) for row in rows}


def scopes_of(db: duckdb.DuckDBPyConnection, ids: set[bytes]) -> dict[bytes, ScopeRow]:
    columns = ", ".join(ScopeRow._fields)
    rows = _by_id(db, f"SELECT {columns} FROM scopes WHERE scope_id IN (SELECT unnest(?::UUID[]))", ids)  # noqa: S608
    return {row[0].bytes: ScopeRow(row[0].bytes, *row[1:]) for row in rows}


def _around(trace: TraceRow) -> tuple[int, int]:
    """The time in which log records of a trace are looked for."""
    return max(0, trace.start_time_unix_nano - SLACK_NS), min(trace.end_time_unix_nano + SLACK_NS, 2**64 - 1)


def texts_of_spans(spans: Sequence[SpanRecord]) -> Iterator[str | None]:
    for span in spans:
        yield span.attributes
        yield span.events


def _texts_of_logs(logs: Sequence[LogRow]) -> Iterator[str | None]:
    for log in logs:
        yield log.body
        yield log.attributes


def payloads_of(db: duckdb.DuckDBPyConnection, texts: Iterable[str | None]) -> dict[bytes, str]:
    """The payloads that stored JSON texts refer to."""
    ids = {i for text in texts if text is not None and '"$parts"' in text for i in payload_ids(from_json(text))}
    if 0 < len(ids) <= _FEW:
        query = sql("payloads_by_id").format(ids=", ".join("?" * len(ids)))
        rows = db.execute(query, [UUID(bytes=i) for i in ids]).fetchall()
    else:
        rows = _by_id(db, sql("payloads_by_ids"), ids)
    return {row[0].bytes: row[1] for row in rows}


def _by_id(db: duckdb.DuckDBPyConnection, query: str, ids: set[bytes]) -> list[tuple[Any, ...]]:
    return db.execute(query, [[UUID(bytes=i) for i in ids]]).fetchall() if ids else []
