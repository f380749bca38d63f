"""The body of POST /runs/query: what the store decides of it, and what is held against each run.

What a filter asks for at its top narrows what the store reads, never by more than the filter does.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from llm_tracing.api.cursor import decode_cursor
from llm_tracing.api.langsmith_query import Call, Name, parse
from llm_tracing.api.langsmith_runs import project_id
from llm_tracing.errors import Unprocessable
from llm_tracing.normalize.langsmith_feedback import iso_ns, uuid_bytes
from llm_tracing.normalize.langsmith_ids import possible_span_ids
from llm_tracing.store.contract import Comparison, Filter, RunPage

DEFAULT_LIMIT, MAX_LIMIT = 100, 1_000
_PLAIN = re.compile(r"[\w.-]+", re.ASCII)
_SECOND = 1_000_000_000
_COMPARISONS: dict[str, Comparison] = {"gt": ">=", "gte": ">="}  # no narrower than the filter


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
        span_ids=None if run_ids is None else [i for one in run_ids for i in possible_span_ids(one)],
        parent_span_ids=None if parent is None else possible_span_ids(parent),
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
    if function in ("has", "eq") and field in ("tags", "tag") and isinstance(value, str) and _PLAIN.fullmatch(value):
        return replace(page, mentions=[*page.mentions, ("langsmith.span.tags", value)])
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
    return bool(value != "asc")


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
