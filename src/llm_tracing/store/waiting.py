"""Annotations that name a LangSmith run and no trace: they get the run's trace and span when both are there.

Without its trace a run has two possible span ids, see normalize/langsmith_ids.py; the whole uuid among the attributes
decides where it stands.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import duckdb

from llm_tracing.model import AnnotationRow, SpanRecord
from llm_tracing.normalize.langsmith_ids import possible_span_ids
from llm_tracing.store.annotations import annotations_by_id
from llm_tracing.store.database import Database, sql

MAX_WAITING = 100_000  # the rest are looked at when they are said again
_RUN_ID = '"langsmith.run_id":'


class _Place(NamedTuple):
    """Where a span is, and its attributes as JSON."""

    trace_id: bytes
    attributes: str


def _span_ids(run_id: bytes) -> tuple[int, ...]:
    return possible_span_ids(UUID(bytes=run_id))


def _is_run(attributes: str, run_id: bytes) -> bool:
    return f'{_RUN_ID}"{UUID(bytes=run_id)}"' in attributes or _RUN_ID not in attributes


class WaitingAnnotations:
    """Which annotations wait for which span ids. For the thread that writes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ids: dict[int, set[bytes]] | None = None

    def forget(self) -> None:
        """After a write failed: what waits is read again."""
        self._ids = None

    def settle(
        self, db: duckdb.DuckDBPyConnection, arriving: Mapping[bytes, AnnotationRow], spans: Sequence[SpanRecord]
    ) -> dict[bytes, AnnotationRow]:
        """The annotations to store with these new spans: those that arrive, and those that waited for one."""
        waiting = self._ids if self._ids is not None else self._read(db)
        rows = dict(arriving)
        if waiting:
            due = {i for span in spans for i in waiting.get(span.span_id, ()) if i not in rows}
            rows |= {row.annotation_id: row for row in annotations_by_id(db, list(due))}
        open_ends = [row for row in rows.values() if row.trace_id is None and row.run_id is not None]
        if not open_ends:
            return rows
        places = _places(db, {i for row in open_ends if row.run_id for i in _span_ids(row.run_id)}, spans)
        for row in open_ends:
            assert row.run_id is not None
            possible = _span_ids(row.run_id)
            found = ((i, p) for i in possible for p in places.get(i, ()) if _is_run(p.attributes, row.run_id))
            at = next(found, None)
            for span_id in possible:
                if at is None:
                    waiting.setdefault(span_id, set()).add(row.annotation_id)
                else:
                    waiting.get(span_id, set()).discard(row.annotation_id)
            if at is not None:
                rows[row.annotation_id] = row._replace(trace_id=at[1].trace_id, span_id=at[0])
        return rows

    def _read(self, db: duckdb.DuckDBPyConnection) -> dict[int, set[bytes]]:
        found: dict[int, set[bytes]] = {}
        self._ids = found
        for annotation_id, run_id in db.execute(sql("waiting_annotations"), [MAX_WAITING]).fetchall():
            for span_id in _span_ids(run_id.bytes):
                found.setdefault(span_id, set()).add(annotation_id.bytes)
        return found


def _places(db: duckdb.DuckDBPyConnection, span_ids: set[int], spans: Iterable[SpanRecord]) -> dict[int, list[_Place]]:
    """Where spans with these ids are: among the new ones and those stored. The spans that say their run come first."""
    found: dict[int, list[_Place]] = {}
    for span in spans:
        if span.span_id in span_ids:
            found.setdefault(span.span_id, []).append(_Place(span.trace_id, span.attributes))
    for trace_id, span_id, attributes in db.execute(sql("spans_by_id"), [list(span_ids)]).fetchall():
        found.setdefault(span_id, []).append(_Place(trace_id.bytes, attributes))
    return {span_id: sorted(places, key=lambda p: _RUN_ID not in p.attributes) for span_id, places in found.items()}
