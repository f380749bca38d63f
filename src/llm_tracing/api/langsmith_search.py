"""POST /runs/query: which runs a client asks for, found page by page.

What the store can decide of a request narrows what it reads; then the whole filter is held against each run.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast
from uuid import UUID

from llm_tracing.api.cursor import decode_cursor, encode_cursor
from llm_tracing.api.langsmith_fields import RunFields
from llm_tracing.api.langsmith_query import Call, Name, holds, parse
from llm_tracing.api.langsmith_runs import Json, project_id, run_json, selected
from llm_tracing.errors import QueryTooSlow, Unprocessable
from llm_tracing.model import AnnotationRow, SpanRecord
from llm_tracing.normalize.cost import Prices
from llm_tracing.normalize.langsmith_feedback import iso_ns, uuid_bytes
from llm_tracing.store.contract import AnnotationPage, Comparison, Filter, RunPage, Store, StoredRuns

DEFAULT_LIMIT, MAX_LIMIT = 100, 1_000
TIME_LIMIT_S = 15.0
MAX_OF_A_TRACE = 10_000
_READ_AT_ONCE = 500  # runs, where a filter may drop most of them
_SECOND = 1_000_000_000
_COMPARISONS: dict[str, Comparison] = {"gt": ">=", "gte": ">=", "lt": "<=", "lte": "<="}  # no narrower than the filter


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request: what the store decides, and what is held against each run."""

    page: RunPage
    limit: int
    filter: Call | None
    of_root: Call | None
    of_any: Call | None
    run_ids: frozenset[str] | None
    parent_run_id: str | None
    ended_until: int | None
    select: frozenset[str] | None

    @property
    def reads_whole_traces(self) -> bool:
        return self.of_root is not None or self.of_any is not None

    @property
    def filters(self) -> bool:
        """Whether a run that the store gives may not be one of those asked for."""
        return self.filter is not None or self.reads_whole_traces or self.ended_until is not None


def read_request(body: Mapping[str, Any], project_names: Mapping[str, str]) -> Wanted:
    """A request's JSON; `project_names` are by id. Raises Unprocessable."""
    filters = [parse(text) for text in _texts(body, "filter")]
    if search := body.get("query"):
        filters.append(Call("search", (str(search),)))
    tree = None if not filters else filters[0] if len(filters) == 1 else Call("and", tuple(filters))
    run_ids = None if body.get("id") is None else [_uuid("id", one) for one in _list(body["id"])]
    parent = None if body.get("parent_run") is None else _uuid("parent_run", body["parent_run"])
    trace = None if body.get("trace") is None else _uuid("trace", body["trace"])
    cursor = body.get("cursor")
    page = RunPage(
        newest_first=_order(body.get("order")),
        since=_time(body, "start_time"),
        after=decode_cursor(str(cursor), "spans") if cursor else None,
        services=_services(body.get("session"), project_names),
        trace_id=None if trace is None else trace.bytes,
        span_ids=None if run_ids is None else [int.from_bytes(one.bytes[:8], "big") for one in run_ids],
        parent_span_id=None if parent is None else int.from_bytes(parent.bytes[:8], "big"),
        is_root=_is_root(body),
        failed=_boolean(body, "error"),
        attributes=[("langsmith.span.kind", text) for text in _texts(body, "run_type")],
    )
    for call in _parts(tree):
        page = _narrowed(page, call)
    return Wanted(
        page=page,
        limit=_limit(body.get("limit")),
        filter=tree,
        of_root=_filter(body, "trace_filter"),
        of_any=_filter(body, "tree_filter"),
        run_ids=None if run_ids is None else frozenset(map(str, run_ids)),
        parent_run_id=None if parent is None else str(parent),
        ended_until=_time(body, "end_time"),
        select=None if body.get("select") is None else frozenset(map(str, _list(body["select"]))),
    )


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
        page = replace(page, after=stored.after)


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


def _parts(tree: Call | None) -> Iterator[Call]:
    """What must hold whatever else does: the parts of an `and` at the top."""
    if tree is None:
        return
    if tree.function == "and":
        for part in tree.arguments:
            yield from _parts(part)
    else:
        yield tree


def _narrowed(page: RunPage, call: Call) -> RunPage:
    """A page that reads less, where a part of the filter is something that the store decides."""
    if len(call.arguments) != 2 or not isinstance(call.arguments[0], Name):
        return page
    function, field, value = call.function, call.arguments[0].name, call.arguments[1]
    if function == "eq" and isinstance(value, str):
        if field == "run_type":
            return replace(page, attributes=[*page.attributes, ("langsmith.span.kind", value)])
        if field == "name":
            return replace(page, filters=[*page.filters, Filter("name", "=", value)])
        if field == "trace_id" and (trace_id := uuid_bytes(value)) is not None:
            return replace(page, trace_id=trace_id)
    if (function, field, value) in (("eq", "status", "error"), ("neq", "error", None)):
        return replace(page, failed=True)
    if field == "start_time" and (moment := iso_ns(value)) is not None:
        if function in ("gt", "gte"):
            return replace(page, since=max(page.since or 0, moment))
        if function in ("lt", "lte"):
            return replace(page, until=min(page.until or 2**63, moment + 1_000))
    if field == "latency" and function in ("gt", "gte") and isinstance(value, int | float) and 0 < value < 10**9:
        return replace(
            page, filters=[*page.filters, Filter("duration_ns", _COMPARISONS[function], int(value * _SECOND))]
        )
    if field == "total_tokens" and function in ("gt", "gte") and isinstance(value, int) and 0 < value < 2**63:
        return replace(page, filters=[*page.filters, Filter("tokens", _COMPARISONS[function], value)])
    return page


def _filter(body: Mapping[str, Any], name: str) -> Call | None:
    return next((parse(text) for text in _texts(body, name)), None)


def _texts(body: Mapping[str, Any], name: str) -> Iterator[str]:
    value = body.get(name)
    if value is not None and value != "":
        if not isinstance(value, str):
            raise Unprocessable(f"{name} must be a text.")
        yield value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _uuid(name: str, value: Any) -> UUID:
    found = uuid_bytes(value)
    if found is None:
        raise Unprocessable(f"{name} must be a uuid.")
    return UUID(bytes=found)


def _limit(value: Any) -> int:
    if value is None:
        return DEFAULT_LIMIT
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise Unprocessable("limit must be a number above 0.")
    return min(value, MAX_LIMIT)


def _order(value: Any) -> bool:
    if value not in (None, "asc", "desc"):
        raise Unprocessable("order must be asc or desc.")
    return cast(Literal["asc", "desc", None], value) != "asc"


def _time(body: Mapping[str, Any], name: str) -> int | None:
    value = body.get(name)
    found = iso_ns(value)
    if value is not None and found is None:
        raise Unprocessable(f"{name} must be an ISO 8601 time.")
    return found


def _boolean(body: Mapping[str, Any], name: str) -> bool | None:
    value = body.get(name)
    if value not in (None, True, False):  # 1 and 0 are taken too
        raise Unprocessable(f"{name} must be true or false.")
    return None if value is None else bool(value)


def _is_root(body: Mapping[str, Any]) -> bool | None:
    """`execution_order: 1` is how old clients ask for roots."""
    said = _boolean(body, "is_root")
    return True if said is None and body.get("execution_order") == 1 else said


def _services(sessions: Any, project_names: Mapping[str, str]) -> list[str] | None:
    if sessions is None:
        return None
    ids = (str(_uuid("session", one)) for one in _list(sessions))
    return [project_names[one] for one in ids if one in project_names]


def names_by_id(names: Sequence[str]) -> dict[str, str]:
    return {str(project_id(name)): name for name in names}
