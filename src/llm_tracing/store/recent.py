"""What came of late, for the doctor: a few counts over a time, and the slim spans of the newest traces."""

from uuid import UUID

import duckdb

from llm_tracing.model import SpanFacts
from llm_tracing.store.aggregates import UNPRICED_CALLS
from llm_tracing.store.columns import arrow_table
from llm_tracing.store.contract import Recent, RecentSource, RecentSpan, UnpricedModel
from llm_tracing.store.database import Database, sql
from llm_tracing.store.links import TraceLinks
from llm_tracing.store.previews import SLACK_NS
from llm_tracing.store.reader import resources_of, scopes_of
from llm_tracing.store.rows import facts_from_row

MAX_ROWS = 1_000
REDACTED = "__REDACTED__"  # what OpenInference writes where a text is hidden
_IS_CALL = "kind = 'llm' AND (input_tokens IS NOT NULL OR output_tokens IS NOT NULL)"
_FACT_COLUMNS = ", ".join(SpanFacts._fields)


class DuckDBRecent:
    def __init__(self, database: Database, links: TraceLinks) -> None:
        self._database = database
        self._links = links

    def recent(self, since: int, max_spans: int) -> Recent:
        with self._database.reading() as db:
            query = sql("recent_sources").format(is_call=_IS_CALL, redacted=REDACTED)
            rows = db.execute(query, [max(0, since - SLACK_NS), since, MAX_ROWS]).fetchall()
            logs = db.execute(sql("recent_log_sources"), [since, MAX_ROWS]).fetchall()
            query = sql("unpriced_models").format(unpriced_calls=UNPRICED_CALLS)
            unpriced = [UnpricedModel(*row) for row in db.execute(query, [since, MAX_ROWS]).fetchall()]
            traces, span_count = self._traces(db, since, max_spans)
            resources = resources_of(db, {row[1].bytes for row in (*rows, *logs)})
            scope_ids = {row[2].bytes for row in rows}
            scopes = scopes_of(db, scope_ids | {span.scope_id for spans in traces for span in spans})
        sources = [
            RecentSource(row[0], resources[row[1].bytes], scopes.get(row[2].bytes), *row[3:])
            for row in rows
            if row[1].bytes in resources
        ]
        spoken = {(source.service, source.resource.resource_id) for source in sources}
        sources += [
            RecentSource(row[0], resources[row[1].bytes], None)
            for row in logs
            if row[1].bytes in resources and (row[0], row[1].bytes) not in spoken
        ]
        return Recent(sources, unpriced, traces, scopes, span_count)

    def _traces(self, db: duckdb.DuckDBPyConnection, since: int, max_spans: int) -> tuple[list[list[RecentSpan]], int]:
        rows = db.execute(sql("recent_traces"), [since, max_spans]).fetchall()
        if not rows:
            row = db.execute("SELECT sum(span_count) FROM traces WHERE start_time_unix_nano >= ?", [since]).fetchone()
            return [], int(row[0] or 0) if row else 0
        ids = [(part,) for row in rows for part in self._links.ids(row[0].bytes)]
        touched = arrow_table([("trace_id", "UUID")], ids)  # noqa: F841 - the query names it
        bounds = [min(row[1] for row in rows), max(row[2] for row in rows)]
        found: dict[bytes, list[RecentSpan]] = {}
        for row in db.execute(sql("recent_facts").format(columns=_FACT_COLUMNS), bounds).fetchall():
            span = RecentSpan(facts_from_row(row[:-2]), _bytes(row[-2]), row[-1])
            found.setdefault(self._links.whole(span.facts.trace_id), []).append(span)
        return list(found.values()), int(rows[0][3])


def _bytes(value: UUID) -> bytes:
    return value.bytes
