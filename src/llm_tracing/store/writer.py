"""Writes batches: every table in one transaction, roll-ups of the touched traces with it."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import duckdb
from arro3.core import Table

from llm_tracing.errors import StoreError
from llm_tracing.model import (
    AnnotationRow,
    Batch,
    CallRow,
    LogRow,
    MarkRow,
    MetricPointRow,
    MetricRow,
    PayloadRef,
    PayloadRow,
    PinRow,
    PreviewRow,
    ProjectRow,
    ResourceRow,
    ScopeRow,
    SpanFacts,
    SpanRecord,
    TraceLink,
    TraceRow,
    ViewRow,
)
from llm_tracing.normalize.cost import Prices
from llm_tracing.normalize.merge import merge_runs
from llm_tracing.normalize.payloads import search_text
from llm_tracing.normalize.rollup import roll_up
from llm_tracing.store.arrivals import Arrivals, sort_arrivals
from llm_tracing.store.columns import arrow_table
from llm_tracing.store.database import Database, sql
from llm_tracing.store.failures import reason_of
from llm_tracing.store.known import MAX_PAYLOADS, MAX_SPANS, RecentIds, RecentTraces, TraceFilter
from llm_tracing.store.links import TraceLinks
from llm_tracing.store.previews import Previews, lacks_preview
from llm_tracing.store.remembered import JOURNAL, remember
from llm_tracing.store.rows import facts_from_row, record_from_row
from llm_tracing.store.waiting import WaitingAnnotations

_FACT_COLUMNS = ", ".join(SpanFacts._fields)
_SPAN_COLUMNS = ", ".join(SpanRecord._fields)
_RollUps = list[tuple[TraceRow, list[CallRow]]]


# Each table's record, whose fields are the table's columns.
RECORDS: dict[str, Any] = {
    "spans": SpanRecord,
    "traces": TraceRow,
    "calls": CallRow,
    "logs": LogRow,
    "metrics": MetricRow,
    "metric_points": MetricPointRow,
    "resources": ResourceRow,
    "scopes": ScopeRow,
    "payloads": PayloadRow,
    "payload_refs": PayloadRef,
    "previews": PreviewRow,
    "marks": MarkRow,
    "views": ViewRow,
    "annotations": AnnotationRow,
    "langsmith_projects": ProjectRow,
    "trace_links": TraceLink,
    "pins": PinRow,
}


class DuckDBWriter:
    """The one writer of a database; not for more than one thread at a time."""

    def __init__(self, database: Database, prices: Prices, links: TraceLinks, max_spans: int = MAX_SPANS) -> None:
        self._max_spans = max_spans
        self._database = database
        self._prices = prices
        self._links = links
        self._columns = {table: _in_order(database.columns(table), record) for table, record in RECORDS.items()}
        self._inserts = _inserts(database)
        self._recent = RecentTraces()
        self._previews = Previews(database, _with_touched)
        self._stored: dict[str, RecentIds] = {
            table: RecentIds() for table in ("payloads", "resources", "scopes", "metrics")
        }
        self._waiting = WaitingAnnotations(database)
        self._filter = self._remember_stored()

    def _remember_stored(self) -> TraceFilter:
        """After a start: the texts stored last, which conversations go on from; and the filter of what is stored."""
        with self._database.reading() as db:
            bits = [db.execute(sql("trace_bits"), [shift]).fetchone() for shift in TraceFilter.SHIFTS]
            known = TraceFilter([row[0] if row else None for row in bits])
            for table, key in (
                ("payloads", "payload_id"),
                ("resources", "resource_id"),
                ("scopes", "scope_id"),
                ("metrics", "metric_id"),
            ):
                rows = db.execute(sql("stored_ids").format(key=key, table=table), [MAX_PAYLOADS // 4]).fetchall()
                self._stored[table].add(identifier.bytes for (identifier,) in reversed(rows))
        return known

    def forget(self, trace_ids: Collection[bytes], payload_ids: Collection[bytes]) -> None:
        """What is not stored any more: a text that comes again must be stored again."""
        self._recent.forget(trace_ids)
        self._links.forget(trace_ids)
        self._waiting.forget()
        self._stored["payloads"].remove(payload_ids)

    def reread(self, trace_ids: Collection[bytes]) -> None:
        """Rows of these traces were deleted: what is stored of them is read before more is added."""
        self._recent.forget(trace_ids)

    def write(self, batch: Batch) -> set[bytes]:
        try:
            return self._write(batch)
        except BaseException as error:
            self._recent.clear()  # it may name spans that are not stored after all
            self._waiting.forget()
            if not isinstance(error, duckdb.Error):
                raise
            if (refused := self._database.disk.refusal(error)) is not None:
                raise refused from error
            raise StoreError(
                f"The batch could not be written ({reason_of(error)}).", "Send it again later; nothing of it is kept."
            ) from error

    def _write(self, batch: Batch) -> set[bytes]:
        shared = {
            "resources": batch.resources,
            "scopes": batch.scopes,
            "metrics": batch.metrics,
            "payloads": batch.payloads,
        }
        new = {
            table: [row for key, row in rows.items() if key not in self._stored[table]]  # type: ignore[attr-defined]
            for table, rows in shared.items()
        }
        new["payloads"] = [_searchable(row) for row in new["payloads"]]
        learnt = self._links.learn(batch.spans)
        for part, whole in learnt:
            self._links.add(part, whole)
            self._recent.forget((part, whole))
        try:
            with self._database.writing() as db:
                self._insert(db, "previews", batch.previews)
                spans, rollups, replaced = self._merge(db, batch, self._previews.arrive(batch.previews))
                ids = {(span.trace_id, span.span_id) for span in spans} if len(spans) != len(batch.spans) else None
                refs = [r for r in batch.payload_refs if ids is None or (r.trace_id, r.span_id) in ids]
                marks = [m for m in batch.marks if ids is None or (m.trace_id, m.span_id) in ids]
                for table, rows in new.items():
                    self._insert(db, table, rows)
                self._insert(db, "spans", spans)
                self._insert(db, "marks", marks)
                self._insert(db, "payload_refs", [*refs, *batch.log_payload_refs])
                self._insert(db, "logs", batch.logs)
                self._insert(db, "metric_points", batch.metric_points)
                self._insert(db, "trace_links", learnt)
                self._replace_rollups(db, rollups, replaced)
                annotations = self._waiting.settle(db, batch.annotations, spans)
                if annotations:
                    db.execute(sql("delete_annotations"), [[UUID(bytes=key) for key in annotations]])
                    self._insert(db, "annotations", list(annotations.values()))
                if batch.journalled is not None:
                    remember(db, JOURNAL, batch.journalled)
        except BaseException:
            self._links.remove(learnt)
            raise
        for table, rows in new.items():
            self._stored[table].add(row[0] for row in rows)
        said_of = {self._links.whole(row.trace_id) for row in annotations.values() if row.trace_id is not None}
        return {trace.trace_id for trace, _ in rollups} | said_of

    def _merge(
        self, db: duckdb.DuckDBPyConnection, batch: Batch, told: set[bytes]
    ) -> tuple[list[SpanRecord], _RollUps, set[bytes]]:
        """The spans to insert, the roll-up of each trace they touch, and the traces whose old roll-up is to go.

        `told` are traces of which log records brought previews: a span that lacks one is reason enough for a roll-up.
        """
        told = {self._links.whole(trace_id) for trace_id in told}
        by_trace: dict[bytes, list[SpanRecord]] = {trace_id: [] for trace_id in told}
        for span in batch.spans:
            by_trace.setdefault(self._links.whole(span.trace_id), []).append(span)
        before = self._stored_facts(db, by_trace.keys())
        sorted_in: dict[bytes, Arrivals] = {}
        for trace_id, records in by_trace.items():
            found = sort_arrivals(before.get(trace_id, ()), records, self._max_spans)
            batch.left_out.update((one.trace_id, one.span_id, one.start_time_unix_nano) for one in found.left_out)
            if found.again:
                batch.again.update(found.again)
            if found.change_anything or (trace_id in told and any(map(lacks_preview, found.facts))):
                sorted_in[trace_id] = found
        fresh = [record for found in sorted_in.values() for record in found.fresh]
        fresh.extend(self._grown(db, [found for found in sorted_in.values() if found.more]))
        for trace_id, found in sorted_in.items():
            self._recent.put(trace_id, found.facts)
        filled = self._previews.fill(db, {trace_id: found.facts for trace_id, found in sorted_in.items()})
        rollups = [roll_up(facts, self._prices, trace_id) for trace_id, facts in filled.items()]
        return fresh, rollups, {trace_id for trace_id in sorted_in if trace_id in before}

    def _grown(self, db: duckdb.DuckDBPyConnection, traces: list[Arrivals]) -> list[SpanRecord]:
        """The stored spans of which more arrived, merged with it; their old rows are deleted. Facts are renewed."""
        if not traces:
            return []
        old = [found.facts[place] for found in traces for place in found.more]
        condition, values = these_spans(old)
        rows = db.execute(sql("whole_spans").format(columns=_SPAN_COLUMNS, where=condition), values).fetchall()
        stored = {(r.trace_id, r.span_id, r.start_time_unix_nano): r for r in map(record_from_row, rows)}
        merged: list[SpanRecord] = []
        for found in traces:
            for place, record in found.more.items():
                was = found.facts[place]
                grown = merge_runs(stored[was.trace_id, was.span_id, was.start_time_unix_nano], record)
                found.facts[place] = grown.facts()
                merged.append(grown)
        db.execute(sql("delete_spans").format(where=condition), values)
        return merged

    def _stored_facts(
        self, db: duckdb.DuckDBPyConnection, trace_ids: Collection[bytes]
    ) -> dict[bytes, list[SpanFacts]]:
        """The slim spans stored so far of each of these traces that has any, those of its parts included."""
        found = {t: spans for t in trace_ids if (spans := self._recent.get(t)) is not None}
        unknown = [(part,) for t in trace_ids if t not in found for part in self._maybe_stored(t)]
        if not unknown:
            return found
        known = _with_touched(db, unknown, sql("known_traces"), [])
        if known:
            bounds = [min(row[1] for row in known), max(row[2] for row in known)]
            query = sql("facts_of_traces").format(columns=_FACT_COLUMNS)
            for row in _with_touched(db, unknown, query, bounds):
                facts = facts_from_row(row)
                found.setdefault(self._links.whole(facts.trace_id), []).append(facts)
        return found

    def _maybe_stored(self, trace_id: bytes) -> tuple[bytes, ...]:
        """The ids of a trace, if a roll-up may be stored under one of them."""
        ids = self._links.ids(trace_id)
        return ids if any(part in self._filter for part in ids) else ()

    def _replace_rollups(self, db: duckdb.DuckDBPyConnection, rollups: _RollUps, replaced: set[bytes]) -> None:
        old = [trace for trace, _ in rollups if trace.trace_id in replaced]
        if old:
            # Only row groups of that time are looked at. A list of constants is a quicker filter than a join.
            gone = [UUID(bytes=part) for trace in old for part in self._links.ids(trace.trace_id)]
            ids = ", ".join("?" * len(gone))
            values = [
                min(trace.start_time_unix_nano for trace in old),
                max(trace.end_time_unix_nano for trace in old),
                *gone,
            ]
            for table in ("traces", "calls"):
                db.execute(sql("delete_rollups").format(table=table, ids=ids), values)
        for trace, _ in rollups:
            self._filter.add(trace.trace_id)
        self._insert(db, "traces", [trace for trace, _ in rollups])
        self._insert(db, "calls", [call for _, calls in rollups for call in calls])

    def _insert(self, db: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if not rows:
            return
        _insert_arrow(db, self._inserts[table], arrow_table(self._columns[table], rows))


def _insert_arrow(db: duckdb.DuckDBPyConnection, statement: duckdb.Statement, arriving: Table) -> None:
    """DuckDB finds `arriving` among the names of this function: half the cost of registering a view for it."""
    db.execute(statement)


def _inserts(database: Database) -> dict[str, duckdb.Statement]:
    """The insert into each table, its text read by DuckDB once: that is a tenth of the cost of a small one."""
    with database.reading() as db:
        return {table: db.extract_statements(sql("insert").format(table=table))[0] for table in RECORDS}


def _searchable(row: PayloadRow) -> PayloadRow:
    """As it is stored: the text to search is always there and in lower case, so that a search reads one column."""
    return row if row.search_text is not None else PayloadRow(row.payload_id, row.content, search_text(row.content))


def _in_order(columns: Sequence[tuple[str, str]], record: Any) -> list[tuple[str, str]]:
    """(name, SQL type) in the order of a record's fields; a file that was migrated has them in another."""
    types = dict(columns)
    return [(name, types[name]) for name in record._fields]


def these_spans(spans: Sequence[SpanFacts]) -> tuple[str, list[Any]]:
    """A condition that these rows of `spans` meet and no other; the time bound lets the zone maps skip the rest."""
    each = " OR ".join(["(trace_id = ? AND span_id = ? AND start_time_unix_nano = ? AND sources = ?)"] * len(spans))
    times = [span.start_time_unix_nano for span in spans]
    ids = [
        value
        for span in spans
        for value in (UUID(bytes=span.trace_id), span.span_id, span.start_time_unix_nano, span.sources)
    ]
    return f"start_time_unix_nano BETWEEN ? AND ? AND ({each})", [min(times), max(times), *ids]


def _with_touched(
    db: duckdb.DuckDBPyConnection, trace_ids: Sequence[tuple[bytes]], query: str, parameters: list[Any]
) -> list[tuple[Any, ...]]:
    touched = arrow_table([("trace_id", "UUID")], trace_ids)  # noqa: F841 - the query names it
    return db.execute(query, parameters).fetchall()
