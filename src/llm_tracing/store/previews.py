"""What log records told of their spans, for the roll-ups: they may have come before their span or after it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import duckdb

from llm_tracing.model import GENAI_KINDS, PreviewRow, SpanFacts
from llm_tracing.store.database import Database, sql

SLACK_NS = 3600 * 1_000_000_000  # how far from its trace a log record of it may lie: clocks differ
_MAX_TIME = 2**64 - 1

Facts = list[SpanFacts]
# Runs a query that names the table `touched`, which holds these trace ids.
Find = Callable[[duckdb.DuckDBPyConnection, Sequence[tuple[bytes]], str, list[Any]], list[tuple[Any, ...]]]


class Previews:
    """Knows whether any preview is stored; only then, and only for spans that lack one, the table is asked."""

    def __init__(self, database: Database, find: Find) -> None:
        self._find = find
        with database.reading() as db:
            self._any = bool(db.execute("SELECT 1 FROM previews LIMIT 1").fetchall())

    def arrive(self, rows: Sequence[PreviewRow]) -> set[bytes]:
        """The traces that these rows name. They are in the table before `fill` is asked."""
        self._any = self._any or bool(rows)
        return {row.trace_id for row in rows}

    def fill(self, db: duckdb.DuckDBPyConnection, traces: Mapping[bytes, Facts]) -> Mapping[bytes, Facts]:
        """The spans of some traces with the previews that they lack: the last question told, the first answer."""
        spans = [span for facts in traces.values() for span in facts if lacks_preview(span)] if self._any else []
        if not spans:
            return traces
        ids = list({span.trace_id: (span.trace_id,) for span in spans}.values())
        first = min(span.start_time_unix_nano for span in spans)
        last = max(max(span.start_time_unix_nano, span.end_time_unix_nano) for span in spans)
        bounds = [max(0, first - SLACK_NS), min(last + SLACK_NS, _MAX_TIME)]
        told = _told(self._find(db, ids, sql("previews"), bounds))
        return {trace_id: [_filled(span, told) for span in facts] for trace_id, facts in traces.items()}


def lacks_preview(span: SpanFacts) -> bool:
    return (span.input_preview is None or span.output_preview is None) and span.kind in GENAI_KINDS


Told = dict[tuple[bytes, int], tuple[str | None, str | None]]


def _told(rows: Iterable[tuple[Any, ...]]) -> Told:
    """By trace and span the last question and the first answer of rows (trace, span, question, answer) by time."""
    found: Told = {}
    for trace_id, span_id, question, answer in rows:
        key = (trace_id.bytes, span_id)
        last, first = found.get(key, (None, None))
        found[key] = (question or last, first or answer)
    return found


def _filled(span: SpanFacts, told: Told) -> SpanFacts:
    question, answer = told.get((span.trace_id, span.span_id), (None, None))
    if not lacks_preview(span) or not (question or answer):
        return span
    return span._replace(
        input_preview=span.input_preview or question,
        output_preview=span.output_preview or answer,
    )
