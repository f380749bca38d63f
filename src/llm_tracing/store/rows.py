"""Rows of the tables as the model's records: DuckDB gives a UUID where a record has 16 bytes."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from llm_tracing.model import LogRow, SpanFacts, SpanRecord, TraceRow


def trace_from_row(row: Sequence[Any]) -> TraceRow:
    return TraceRow(row[0].bytes, *row[1:])


def facts_from_row(row: Sequence[Any]) -> SpanFacts:
    return SpanFacts(row[0].bytes, *row[1:])


def record_from_row(row: Sequence[Any]) -> SpanRecord:
    return SpanRecord._make((row[0].bytes, *row[1:-2], row[-2].bytes, row[-1].bytes))


def records_of_trace(rows: Sequence[Sequence[Any]]) -> list[SpanRecord]:
    """Rows whose three UUIDs came as text: a trace repeats few of them, and objects take a third of a read."""
    known: dict[str, bytes] = {}

    def raw(text: str) -> bytes:
        found = known.get(text)
        if found is None:
            found = known[text] = UUID(text).bytes
        return found

    return [SpanRecord._make((raw(row[0]), *row[1:-2], raw(row[-2]), raw(row[-1]))) for row in rows]


def log_from_row(row: Sequence[Any]) -> LogRow:
    found = LogRow._make(row)
    return found._replace(
        trace_id=found.trace_id.bytes if isinstance(found.trace_id, UUID) else None,
        resource_id=row[-2].bytes,
        scope_id=row[-1].bytes,
    )
