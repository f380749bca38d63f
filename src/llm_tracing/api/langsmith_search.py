"""The runs that a request asks for, found page by page: the store narrows, then the filter is held against each run."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from uuid import UUID

from llm_tracing.api.cursor import encode_cursor
from llm_tracing.api.langsmith_fields import RunFields
from llm_tracing.api.langsmith_query import holds
from llm_tracing.api.langsmith_request import Wanted
from llm_tracing.api.langsmith_runs import Json, run_json, selected
from llm_tracing.errors import QueryTooSlow
from llm_tracing.model import AnnotationRow, SpanRecord
from llm_tracing.normalize.cost import Prices
from llm_tracing.store.contract import AnnotationPage, RunPage, Store, StoredRuns

TIME_LIMIT_S = 15.0
MAX_OF_A_TRACE = 10_000
_READ_AT_ONCE, _READ_AT_MOST = 500, 2_000  # runs, where a filter may drop most of them; twice as many each time


def find(store: Store, prices: Prices, wanted: Wanted) -> tuple[list[Json], str | None]:
    """The runs, and the cursor of the next page. Raises QueryTooSlow, StoreError."""
    deadline = time.monotonic() + TIME_LIMIT_S
    page = replace(wanted.page, limit=_READ_AT_ONCE if wanted.filters else wanted.limit)
    found: list[Json] = []
    traces: dict[bytes, list[RunFields]] = {}
    while True:
        stored = store.runs(page)
        for record, run in _with_feedback(store, prices, stored):
            if not _meets(store, prices, wanted, record, run, traces):
                continue
            found.append(selected(run.run, wanted.select))
            if len(found) == wanted.limit:
                return found, encode_cursor(
                    record.start_time_unix_nano, f"{record.trace_id.hex()}{record.span_id:016x}"
                )
        if stored.after is None:
            return found, None
        if time.monotonic() > deadline:
            raise QueryTooSlow(TIME_LIMIT_S)
        page = replace(page, after=stored.after, limit=max(page.limit, min(2 * page.limit, _READ_AT_MOST)))


def _with_feedback(store: Store, prices: Prices, stored: StoredRuns) -> Iterator[tuple[SpanRecord, RunFields]]:
    runs = [(record, run_json(record, stored.payloads, prices)) for record in stored.spans]
    said = feedback_of(store, [UUID(run["id"]) for _, run in runs])
    for record, run in runs:
        rows = said.get(UUID(run["id"]).bytes, [])
        yield record, RunFields(run_json(record, stored.payloads, prices, rows) if rows else run, rows)


def feedback_of(store: Store, run_ids: Sequence[UUID]) -> dict[bytes, list[AnnotationRow]]:
    """What is said of each of these runs."""
    found: dict[bytes, list[AnnotationRow]] = {}
    if run_ids:
        page = AnnotationPage(limit=MAX_OF_A_TRACE, run_ids=[one.bytes for one in run_ids])
        for row in store.annotations(page):
            if row.run_id is not None:
                found.setdefault(row.run_id, []).append(row)
    return found


def _meets(
    store: Store,
    prices: Prices,
    wanted: Wanted,
    record: SpanRecord,
    run: RunFields,
    traces: dict[bytes, list[RunFields]],
) -> bool:
    if wanted.run_ids is not None and run.run["id"] not in wanted.run_ids:
        return False
    if wanted.parent_run_id is not None and run.run["parent_run_id"] != wanted.parent_run_id:
        return False
    if wanted.ended_until is not None and not 0 < record.end_time_unix_nano <= wanted.ended_until:
        return False
    if wanted.filter is not None and not holds(wanted.filter, run):
        return False
    if not wanted.reads_whole_traces:
        return True
    if record.trace_id not in traces:
        stored = store.runs(RunPage(limit=MAX_OF_A_TRACE, trace_id=record.trace_id))
        traces[record.trace_id] = [fields for _, fields in _with_feedback(store, prices, stored)]
    together = traces[record.trace_id]
    roots = [one for one in together if one.run["parent_run_id"] is None]
    return (wanted.of_root is None or any(holds(wanted.of_root, one) for one in roots)) and (
        wanted.of_any is None or any(holds(wanted.of_any, one) for one in together)
    )
