"""A trace's views in columns: one pass, no object a span, words said once."""

from collections.abc import Mapping, Sequence
from typing import Any

from llm_tracing.api import encode
from llm_tracing.api.annotations import of_span
from llm_tracing.model import STATUS_ERROR, AnnotationRow
from llm_tracing.normalize.cost import Prices
from llm_tracing.query.view import SpanView

Json = dict[str, Any]
_RUNNING = 3
_DETAILS = ("error", "provider", "operation", "request_model", "response_model", "usage", "cost", "not_counted_because")


class _Words:
    """Each word's place, given in the order they come."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}

    def place(self, word: str) -> int:
        return self.places.setdefault(word, len(self.places))


def columns(views: Sequence[SpanView]) -> tuple[list[str], Json]:
    """The words, and a list of entries for each column of schema_tree.TreeColumns."""
    words, records = _Words(), [view.record for view in views]
    place = words.place
    places: dict[int, int] = {}
    for at, record in enumerate(records):
        places.setdefault(record.span_id, at)
    scopes = {scope_id: place(scope.name) for scope_id, scope in views[0].stored.scopes.items()} if views else {}
    no_scope = place("")
    found = {
        "span_id": [f"{r.span_id:016x}" for r in records],
        "parent_span_id": [None if r.parent_span_id is None else f"{r.parent_span_id:016x}" for r in records],
        "depth": [view.depth for view in views],
        "name": [place(r.name) for r in records],
        "kind": [place(r.kind) for r in records],
        "service": [place(r.service) for r in records],
        "scope": [scopes.get(r.scope_id, no_scope) for r in records],
        "start_time_unix_nano": [str(r.start_time_unix_nano) for r in records],
        "duration_ns": [
            str(max(0, r.end_time_unix_nano - r.start_time_unix_nano)) if r.end_time_unix_nano else None
            for r in records
        ],
        "status": [
            _RUNNING if not r.end_time_unix_nano and r.status_code != STATUS_ERROR else r.status_code for r in records
        ],
        "folded_into": [None if view.folded_into is None else places[view.folded_into] for view in views],
        "fold_rule": [None if view.fold_rule is None else place(view.fold_rule) for view in views],
    }
    return list(words.places), found


def details(views: Sequence[SpanView], prices: Prices, said: Mapping[int | None, list[AnnotationRow]]) -> Json:
    """What few spans have, by place."""
    found: Json = {}
    for at, view in enumerate(views):
        record = view.record
        if record.provider is not None or record.operation is not None or record.status_code == STATUS_ERROR:
            more = _details(view, prices)
        else:
            more = {}
        if view.is_orphan:
            more["is_orphan"] = True
        if view.slow:
            more["slow"] = True
        if view.counted:
            more["counted"] = True
        if tool := encode.tool_name(view):
            more["tool"] = tool
        if record.time_to_first_token_ns is not None:
            more["time_to_first_token_ns"] = str(record.time_to_first_token_ns)
        if record.sources != 1:
            more["sources"] = encode.sources(record.sources)
        if said and (own := of_span(said, view.reported_as)):
            more["annotations"] = [encode.annotation(row) for row in own]
        if more:
            found[str(at)] = more
    return found


def _details(view: SpanView, prices: Prices) -> Json:
    summary = encode.span_summary(view.record, prices)
    whole = {
        **summary,
        "operation": view.record.operation,
        "error": encode.error(view.record, view),
        "not_counted_because": view.not_counted_because,
    }
    return {name: whole[name] for name in _DETAILS if whole[name] is not None}
