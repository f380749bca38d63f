"""What a file lost of itself, made again: roll-ups from their spans, rows that others refer to without content."""

from uuid import UUID

import duckdb

from llm_tracing.model import CallRow, SpanFacts, TraceRow
from llm_tracing.normalize.cost import Prices
from llm_tracing.normalize.rollup import roll_up
from llm_tracing.store.columns import arrow_table
from llm_tracing.store.database import Database, sql
from llm_tracing.store.links import stored_links
from llm_tracing.store.rows import facts_from_row

_TRACES_AT_ONCE = 1_000


def rebuild(database: Database, prices: Prices) -> int:
    """Mend the tables of a file; how many traces were rolled up again."""
    links = stored_links(database)
    with database.writing() as db:
        for shared in ("resources", "scopes"):
            for table in ("spans", "logs", "metrics"):
                db.execute(sql(f"missing_{shared}").format(table=table))
        found = db.execute(sql("missing_rollups")).fetchall()
        wholes = list({links.whole(row[0].bytes) for row in found})
        for start in range(0, len(wholes), _TRACES_AT_ONCE):
            some = wholes[start : start + _TRACES_AT_ONCE]
            _roll_up_again(database, db, {whole: links.ids(whole) for whole in some}, prices)
    return len(wholes)


def _roll_up_again(
    database: Database, db: duckdb.DuckDBPyConnection, traces: dict[bytes, tuple[bytes, ...]], prices: Prices
) -> None:
    whole_of = {part: whole for whole, parts in traces.items() for part in parts}
    ids = [UUID(bytes=part) for part in whole_of]
    query = sql("facts_of_ids").format(columns=", ".join(SpanFacts._fields))
    spans: dict[bytes, list[SpanFacts]] = {}
    for row in db.execute(query, [ids]).fetchall():
        facts = facts_from_row(row)
        spans.setdefault(whole_of[facts.trace_id], []).append(facts)
    rollups = [roll_up(facts, prices, trace_id) for trace_id, facts in spans.items()]
    for table in ("traces", "calls"):
        db.execute(f"DELETE FROM {table} WHERE trace_id IN (SELECT unnest(?::UUID[]))", [ids])  # noqa: S608
    _insert(database, db, "traces", [trace for trace, _ in rollups], TraceRow._fields)
    _insert(database, db, "calls", [call for _, calls in rollups for call in calls], CallRow._fields)


def _insert(
    database: Database,
    db: duckdb.DuckDBPyConnection,
    table: str,
    rows: "list[TraceRow] | list[CallRow]",
    names: tuple[str, ...],
) -> None:
    if rows:
        types = dict(database.columns(table))
        arriving = arrow_table([(name, types[name]) for name in names], rows)  # noqa: F841 - the query names it
        db.execute(f"INSERT INTO {table} BY NAME SELECT * FROM arriving")  # noqa: S608
