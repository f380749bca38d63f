"""Writes batches: every table in one transaction, roll-ups of the touched traces with it."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any
from uuid import UUID

import duckdb
from arro3.core import Table

from llm_tracing.errors import StoreError
from llm_tracing.model import Batch, CallRow, PayloadRow, SpanFacts, SpanRecord, TraceRow
from llm_tracing.normalize.cost import Prices
from llm_tracing.normalize.rollup import roll_up
from llm_tracing.store.columns import arrow_table
from llm_tracing.store.database import TABLES, Database, sql
from llm_tracing.store.known import MAX_PAYLOADS, RecentIds, RecentTraces
from llm_tracing.store.waiting import WaitingAnnotations

_FACT_COLUMNS = ", ".join(SpanFacts._fields)


def facts_from_row(row: Sequence[Any]) -> SpanFacts:
    return SpanFacts(row[0].bytes, *row[1:])


class DuckDBWriter:
    """The one writer of a database; not for more than one thread at a time."""

    def __init__(self, database: Database, prices: Prices) -> None:
        self._database = database
        self._prices = prices
        self._columns = {table: database.columns(table) for table in TABLES}
        self._recent = RecentTraces()
        self._stored: dict[str, RecentIds] = {
            table: RecentIds() for table in ("payloads", "resources", "scopes", "metrics")
        }
        self._waiting = WaitingAnnotations(database)
        self._remember_stored()

    def _remember_stored(self) -> None:
        """After a start, the texts stored last are the ones that conversations go on from."""
        with self._database.reading() as db:
            for table, key in (
                ("payloads", "payload_id"),
                ("resources", "resource_id"),
                ("scopes", "scope_id"),
                ("metrics", "metric_id"),
            ):
                rows = db.execute(sql("stored_ids").format(key=key, table=table), [MAX_PAYLOADS // 4]).fetchall()
                self._stored[table].add(identifier.bytes for (identifier,) in reversed(rows))

    def write(self, batch: Batch) -> set[bytes]:
        try:
            return self._write(batch)
        except BaseException as error:
            self._recent.clear()  # it may name spans that are not stored after all
            self._waiting.forget()
            if not isinstance(error, duckdb.Error):
                raise
            reason = " ".join(str(error).split())[:300]
            raise StoreError(
                f"The batch could not be written ({reason}).", "Send it again later; nothing of it is kept."
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
        with self._database.writing() as db:
            spans, rollups = self._merge(db, batch.spans)
            stored_now = {(span.trace_id, span.span_id) for span in spans} if len(spans) != len(batch.spans) else None
            refs = [r for r in batch.payload_refs if stored_now is None or (r.trace_id, r.span_id) in stored_now]
            for table, rows in new.items():
                self._insert(db, table, rows)
            self._insert(db, "spans", spans)
            self._insert(db, "payload_refs", refs)
            self._insert(db, "logs", batch.logs)
            self._insert(db, "metric_points", batch.metric_points)
            self._replace_rollups(db, rollups)
            annotations = self._waiting.settle(db, batch.annotations, spans)
            if annotations:
                db.execute(sql("delete_annotations"), [[UUID(bytes=key) for key in annotations]])
                self._insert(db, "annotations", list(annotations.values()))
        for table, rows in new.items():
            self._stored[table].add(row[0] for row in rows)
        said_of = {row.trace_id for row in annotations.values() if row.trace_id is not None}
        return {trace.trace_id for trace, _, _ in rollups} | said_of

    def _merge(
        self, db: duckdb.DuckDBPyConnection, arriving: list[SpanRecord]
    ) -> tuple[list[SpanRecord], list[tuple[TraceRow, list[CallRow], bool]]]:
        """The spans that are new, and the roll-up of each trace they touch: (trace, calls, was stored before)."""
        by_trace: dict[bytes, list[SpanRecord]] = {}
        for span in arriving:
            by_trace.setdefault(span.trace_id, []).append(span)
        before = self._stored_facts(db, by_trace.keys())
        fresh: list[SpanRecord] = []
        rollups: list[tuple[TraceRow, list[CallRow], bool]] = []
        for trace_id, records in by_trace.items():
            stored = before.get(trace_id, [])
            seen = {_identity(span) for span in stored}
            facts = list(stored)
            for record in records:
                identity = _identity(record)
                if identity not in seen:
                    seen.add(identity)
                    fresh.append(record)
                    facts.append(record.facts())
            if len(facts) == len(stored):
                continue
            self._recent.put(trace_id, facts)
            rollups.append((*roll_up(facts, self._prices), trace_id in before))
        return fresh, rollups

    def _stored_facts(self, db: duckdb.DuckDBPyConnection, trace_ids: Any) -> dict[bytes, list[SpanFacts]]:
        """The slim spans stored so far of each of these traces that has any."""
        found = {t: spans for t in trace_ids if (spans := self._recent.get(t)) is not None}
        unknown = [(trace_id,) for trace_id in trace_ids if trace_id not in found]
        if not unknown:
            return found
        known = _with_touched(db, unknown, sql("known_traces"), [])
        if known:
            bounds = [min(row[1] for row in known), max(row[2] for row in known)]
            query = sql("facts_of_traces").format(columns=_FACT_COLUMNS)
            for row in _with_touched(db, [(trace_id.bytes,) for trace_id, _, _ in known], query, bounds):
                facts = facts_from_row(row)
                found.setdefault(facts.trace_id, []).append(facts)
        return found

    def _replace_rollups(
        self, db: duckdb.DuckDBPyConnection, rollups: list[tuple[TraceRow, list[CallRow], bool]]
    ) -> None:
        old = [trace for trace, _, stored in rollups if stored]
        if old:
            # Only row groups of that time are looked at. A list of constants is a quicker filter than a join.
            ids = ", ".join("?" * len(old))
            values = [
                min(trace.start_time_unix_nano for trace in old),
                max(trace.end_time_unix_nano for trace in old),
                *(UUID(bytes=trace.trace_id) for trace in old),
            ]
            for table in ("traces", "calls"):
                db.execute(sql("delete_rollups").format(table=table, ids=ids), values)
        self._insert(db, "traces", [trace for trace, _, _ in rollups])
        self._insert(db, "calls", [call for _, calls, _ in rollups for call in calls])

    def _insert(self, db: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if not rows:
            return
        _insert_arrow(db, table, arrow_table(self._columns[table], rows))


def _insert_arrow(db: duckdb.DuckDBPyConnection, table: str, arriving: Table) -> None:
    """DuckDB finds `arriving` among the names of this function: half the cost of registering a view for it."""
    db.execute(f"INSERT INTO {table} SELECT * FROM arriving")  # noqa: S608 - a name out of TABLES


def _searchable(row: PayloadRow) -> PayloadRow:
    """As it is stored: the text to search is always there and in lower case, so that a search reads one column."""
    return row._replace(search_text=(row.search_text or row.content).lower())


# What makes a span the same one sent again: its id, times and name within its trace.
_identity: Callable[[SpanFacts | SpanRecord], tuple[int, int, int, str]] = itemgetter(
    *(SpanFacts._fields.index(name) for name in ("span_id", "start_time_unix_nano", "end_time_unix_nano", "name"))
)


def _with_touched(
    db: duckdb.DuckDBPyConnection, trace_ids: Sequence[tuple[bytes]], query: str, parameters: list[Any]
) -> list[tuple[Any, ...]]:
    touched = arrow_table([("trace_id", "UUID")], trace_ids)  # noqa: F841 - the query names it
    return db.execute(query, parameters).fetchall()
