"""Spans that are to be stored anew, since what was stored of them lacked something: their rows go, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from llm_tracing.model import SpanRecord
from llm_tracing.store.database import Database, sql
from llm_tracing.store.writer import DuckDBWriter, these_spans


class Rereading:
    """For who writes."""

    def __init__(self, database: Database, writer: DuckDBWriter) -> None:
        self._database = database
        self._writer = writer

    def let_go(self, spans: Sequence[SpanRecord], trace_ids: Sequence[bytes]) -> None:
        """Delete these spans of one trace, of which `trace_ids` are all ids.

        Its roll-up is that of spans that are not there until they are written anew; without any it goes.
        """
        condition, values = these_spans([span.facts() for span in spans])
        ids = [[UUID(bytes=trace_id) for trace_id in trace_ids]]
        with self._database.writing() as db:
            db.execute(sql("delete_spans").format(where=condition), values)
            is_empty = db.execute(sql("has_spans"), ids).fetchone() is None
            for table in ("traces", "calls") if is_empty else ():
                db.execute(sql("delete_of_traces").format(table=table), ids)
        self._writer.reread(trace_ids)
