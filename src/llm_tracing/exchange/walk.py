"""Lists of the store as pages of plain fields: never more than a page of it at once, however long it is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from llm_tracing.exchange.fields import Fields, log_fields, point_fields, span_fields
from llm_tracing.exchange.meaning import meaning
from llm_tracing.model import SpanRecord, TraceRow
from llm_tracing.normalize.cost import Prices
from llm_tracing.store.contract import Page, PointPage, SpanPlace, Store, StoredSpans

PAGE = 1_000  # rows read at once
_TRACES = 100

Pages = Iterator[list[Fields]]
Extra = Callable[[SpanRecord, Fields], Fields]


def with_meaning(prices: Prices) -> Extra:
    """Adds the meaning of a span to its fields."""
    return lambda row, fields: fields | meaning(row, fields, prices)


def plain(_: SpanRecord, fields: Fields) -> Fields:
    """OTLP's fields alone."""
    return fields


def spans(store: Store, page: Page, extra: Extra, *, traces: Sequence[bytes] | None = None) -> Pages:
    """Spans of a list, or all of some traces."""
    after: SpanPlace | None = None
    while True:
        found = store.whole_spans(replace(page, limit=PAGE), after, traces=traces)
        if found.spans:
            yield _fields_of(found, extra)
        if found.after is None:
            return
        after = found.after


def _fields_of(found: StoredSpans, extra: Extra) -> list[Fields]:
    return [extra(row, span_fields(row, found.resources, found.scopes, found.payloads)) for row in found.spans]


def trace(store: Store, row: TraceRow, extra: Extra) -> Pages:
    """All spans of one trace, folded ones and those of its other protocol too."""
    return _of_traces(store, [row], extra)


def traces(store: Store, page: Page, extra: Extra) -> Pages:
    """All spans of every trace of a list."""
    after = page.after
    while True:
        rows = store.traces(replace(page, limit=_TRACES, after=after))
        if rows:
            yield from _of_traces(store, rows, extra)
        if len(rows) < _TRACES:
            return
        after = (rows[-1].start_time_unix_nano, rows[-1].trace_id.hex())


def _of_traces(store: Store, rows: Sequence[TraceRow], extra: Extra) -> Pages:
    # The times let the store skip what lies elsewhere.
    first = min(row.start_time_unix_nano for row in rows)
    last = max(max(row.start_time_unix_nano, row.end_time_unix_nano) for row in rows)
    during = Page(since=first, until=min(last + 1, 2**64 - 1))
    return spans(store, during, extra, traces=[row.trace_id for row in rows])


def logs(store: Store, page: Page) -> Pages:
    after = page.after
    while True:
        found = store.logs(replace(page, limit=PAGE, after=after))
        if found.logs:
            yield [log_fields(row, found.resources, found.scopes, found.payloads) for row in found.logs]
        if len(found.logs) < PAGE:
            return
        after = (found.logs[-1].time_unix_nano, str(found.places[-1]))


def points(store: Store, page: PointPage) -> Pages:
    while True:
        found = store.points(replace(page, limit=PAGE))
        if found.points:
            metrics = found.metrics
            yield [point_fields(row, metrics[row.metric_id], found.resources, found.scopes) for row in found.points]
        if found.after is None:
            return
        page = replace(page, after=found.after)
