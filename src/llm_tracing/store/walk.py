"""Everything of many spans, page by page, as an export reads it. Each page is a query of its own: no reader is held."""

from collections.abc import Sequence
from uuid import UUID

from llm_tracing.model import SpanRecord
from llm_tracing.store.contract import Page, SpanPlace, StoredSpans
from llm_tracing.store.database import Database, sql
from llm_tracing.store.filters import where
from llm_tracing.store.links import TraceLinks
from llm_tracing.store.reader import payloads_of, resources_of, scopes_of, texts_of_spans
from llm_tracing.store.rows import record_from_row

_COLUMNS = ", ".join(SpanRecord._fields)
_AFTER = (
    "start_time_unix_nano <= ? AND (start_time_unix_nano, trace_id, span_id, rowid) < "
    "(?::UBIGINT, ?::UUID, ?::UBIGINT, ?::BIGINT)"
)


class DuckDBWalker:
    def __init__(self, database: Database, links: TraceLinks) -> None:
        self._database = database
        self._links = links

    def whole_spans(
        self, page: Page, after: SpanPlace | None = None, *, traces: Sequence[bytes] | None = None
    ) -> StoredSpans:
        condition, parameters = where("spans", page)
        if traces is not None:
            ids = [UUID(bytes=part) for trace_id in traces for part in self._links.ids(trace_id)]
            condition += " AND trace_id IN (SELECT unnest(?::UUID[]))"
            parameters.append(ids)
        if after is not None:
            condition += f" AND {_AFTER}"
            start = after.start_time_unix_nano
            parameters += [start, start, UUID(bytes=after.trace_id), after.span_id, after.row]
        query = sql("export_spans").format(columns=_COLUMNS, where=condition)
        with self._database.reading() as db:
            rows = db.execute(query, [*parameters, page.limit]).fetchall()
            spans = [record_from_row(row[:-1]) for row in rows]
            last = spans[-1] if len(rows) == page.limit else None
            return StoredSpans(
                spans,
                resources_of(db, {span.resource_id for span in spans}),
                scopes_of(db, {span.scope_id for span in spans}),
                payloads_of(db, texts_of_spans(spans)),
                last and SpanPlace(last.start_time_unix_nano, last.trace_id, last.span_id, rows[-1][-1]),
            )
