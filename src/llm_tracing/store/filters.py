"""Filters as SQL over DuckDB's tables: a fragment out of a closed table, the value always a parameter."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from llm_tracing.errors import QueryError
from llm_tracing.normalize.anyvalue import to_json
from llm_tracing.store.conditions import (
    Bounds,
    Build,
    Fragment,
    attribute,
    column,
    either,
    holds,
    in_list,
    mark,
    of_calls,
    of_its_span,
    of_marks,
    of_spans,
    resource,
    said,
    scope,
    score,
    source,
    span_status,
    status_words,
    tag,
    thumb,
)
from llm_tracing.store.contract import FIELDS_OF, Filter, FilterField, Page, Table
from llm_tracing.store.presence import has

ANY_TIME = Bounds()


def _trace_id(wanted: Filter, _: Bounds) -> Fragment:
    """Rows of a trace and of those that are part of it."""
    found = UUID(hex=str(wanted.value))
    return "trace_id = ? OR trace_id IN (SELECT trace_id FROM trace_links WHERE part_of = ?)", (found, found)


def _whole_trace_id(wanted: Filter, _: Bounds) -> Fragment:
    found = UUID(hex=str(wanted.value))
    return "trace_id = coalesce((SELECT any_value(part_of) FROM trace_links WHERE trace_id = ?), ?)", (found, found)


def _span_id(wanted: Filter, _: Bounds) -> Fragment:
    return "span_id = ?", (int(str(wanted.value), 16),)


_FREE_TEXT = """contains(lower(coalesce(input, '')), ?) OR contains(lower(coalesce(output, '')), ?)
    OR contains(lower(name), ?) OR trace_id IN (
        SELECT coalesce(part_of, trace_id) FROM payload_refs LEFT JOIN trace_links USING (trace_id)
        WHERE start_time_unix_nano BETWEEN ? AND ?
        AND payload_id IN (SELECT payload_id FROM payloads WHERE contains(search_text, ?))
    )"""

# The texts of GenAI events are payloads; a reference of a log record has its time.
_LOG_TEXT = """contains(lower(coalesce(body, '')), ?) OR contains(lower(event_name), ?)
    OR genai_event IS NOT NULL AND (trace_id, span_id, time_unix_nano) IN (
        SELECT (trace_id, span_id, start_time_unix_nano) FROM payload_refs WHERE payload_id IN (
            SELECT payload_id FROM payloads WHERE contains(search_text, ?)
        ))"""


def _free_text(wanted: Filter, bounds: Bounds) -> Fragment:
    text = str(wanted.value).lower()
    # A log record's reference may be a little earlier than its span: the lower end stays open.
    return _FREE_TEXT, (text, text, text, 0, bounds.until, text)


def _log_text(wanted: Filter, _: Bounds) -> Fragment:
    text = str(wanted.value)
    return _LOG_TEXT, (to_json(text)[1:-1].lower(), text.lower(), text.lower())  # the body is JSON


_SPAN_DURATION = "(greatest(end_time_unix_nano, start_time_unix_nano) - start_time_unix_nano)"

# What each field of a filter is in each table. Only fields named here can be asked for.
_FIELDS: dict[Table, dict[FilterField, Build]] = {
    "traces": {
        "text": _free_text,
        "input": holds("input"),
        "output": holds("CASE WHEN status <> 'error' THEN output END"),  # of a failed trace it is the error
        "name": column("name"),
        "kind": in_list("kinds"),
        "status": lambda wanted, _: ("list_contains(?, status)", (status_words(str(wanted.value)),)),
        "service": in_list("services"),
        "model": in_list("models"),
        "provider": of_calls(column("provider")),
        "operation": of_spans(column("operation")),
        "tool": of_marks("tool"),
        "finish": of_marks("finish"),
        "session": column("session_id"),
        "user": column("user_id"),
        "source": source,
        "scope": of_spans(scope),
        "attribute": of_spans(attribute),
        "resource": of_spans(resource),
        "trace": _whole_trace_id,
        "has": has("traces"),
        "score": said("traces", score),
        "tag": either(said("traces", tag), of_marks("tag")),
        "thumb": said("traces", thumb),
        "duration_ns": column(_SPAN_DURATION),
        "ttft_ns": of_calls(column("time_to_first_token_ns")),
        "tokens": column("(input_tokens + output_tokens)"),
        "input_tokens": column("input_tokens"),
        "output_tokens": column("output_tokens"),
        "cached_tokens": column("cache_read_tokens"),
        "cost_pico_usd": column("cost_pico_usd"),
        "span_count": column("span_count"),
        "call_count": column("llm_call_count"),
        "error_count": column("error_count"),
    },
    "spans": {
        "text": holds("concat_ws(' ', name, input_preview, output_preview)"),
        "input": holds("input_preview"),
        "output": holds("output_preview"),
        "name": column("name"),
        "kind": column("kind"),
        "status": span_status,
        "service": column("service"),
        "model": column("coalesce(response_model, request_model)"),
        "provider": column("provider"),
        "operation": column("operation"),
        "tool": mark("tool"),
        "finish": mark("finish"),
        "session": column("session_id"),
        "user": column("user_id"),
        "source": source,
        "scope": scope,
        "attribute": attribute,
        "resource": resource,
        "trace": _trace_id,
        "span": _span_id,
        "has": has("spans"),
        "score": said("spans", score),
        "tag": either(said("spans", tag), mark("tag")),
        "thumb": said("spans", thumb),
        "duration_ns": column(_SPAN_DURATION),
        "ttft_ns": column("time_to_first_token_ns"),
        "tokens": column("(coalesce(input_tokens, 0) + coalesce(output_tokens, 0))"),
        "input_tokens": column("input_tokens"),
        "output_tokens": column("output_tokens"),
        "cached_tokens": column("cache_read_tokens"),
    },
    "calls": {
        "kind": column("kind"),
        "service": column("service"),
        "model": column("model"),
        "provider": column("provider"),
        "operation": of_its_span(column("operation")),
        "session": column("session_id"),
        "user": column("user_id"),
        "source": of_its_span(source),
        "scope": of_its_span(scope),
        "attribute": of_its_span(attribute),
        "resource": of_its_span(resource),
        "trace": _whole_trace_id,
        "span": _span_id,
        "has": has("calls"),
        "score": said("calls", score),
        "tag": either(said("calls", tag), of_its_span(mark("tag"))),
        "thumb": said("calls", thumb),
        "duration_ns": column("duration_ns"),
        "ttft_ns": column("time_to_first_token_ns"),
        "tokens": column("(input_tokens + output_tokens)"),
        "input_tokens": column("input_tokens"),
        "output_tokens": column("output_tokens"),
        "cached_tokens": column("cache_read_tokens"),
        "cost_pico_usd": column("cost_pico_usd"),
    },
    "logs": {
        "text": _log_text,
        "service": column("service"),
        "scope": scope,
        "attribute": attribute,
        "resource": resource,
        "trace": _trace_id,
        "span": _span_id,
        "severity": column("severity_number"),
        "event": column("coalesce(nullif(event_name, ''), genai_event)"),
        "has": has("logs"),
    },
}
assert {table: frozenset(fields) for table, fields in _FIELDS.items()} == FIELDS_OF
# How a list of each table is ordered, newest first: its time, and what breaks ties. Pages go on after both.
ORDER: dict[Table, tuple[str, str]] = {
    "traces": ("start_time_unix_nano", "trace_id"),
    "spans": ("start_time_unix_nano", "(trace_id, span_id)"),
    "logs": ("time_unix_nano", "rowid"),
    "calls": ("start_time_unix_nano", "span_id"),
}


class UnknownField(QueryError):
    """A list of this table can't be filtered by that field."""

    def __init__(self, table: Table, field: str) -> None:
        super().__init__(
            f"A list of {table} can't be filtered by {field}.", f"It can by {', '.join(sorted(_FIELDS[table]))}."
        )


def fragment(table: Table, wanted: Filter, bounds: Bounds = ANY_TIME) -> Fragment:
    build = _FIELDS[table].get(wanted.field)
    if build is None:
        raise UnknownField(table, wanted.field)
    text, parameters = build(wanted, bounds)
    return f"{'NOT ' if wanted.negated else ''}coalesce(({text}), false)", parameters


def _bounds(table: Table, page: Page) -> Iterable[Fragment]:
    time, tie = ORDER[table]
    if page.since is not None:
        yield f"{time} >= ?", (page.since,)
    if page.until is not None:
        yield f"{time} < ?", (page.until,)
    if page.after is not None:
        at, last = page.after
        places, values = _after(table, last)
        yield f"{time} <= ? AND ({time} < ? OR {tie} < {places})", (at, at, *values)


def _after(table: Table, last: str) -> Fragment:
    """The ids that a page goes on from; `last` is as contract.Page says."""
    if table == "traces":
        return "?", (UUID(hex=last),)
    if table == "spans":
        return "(?::UUID, ?::UBIGINT)", (UUID(hex=last[:32]), int(last[32:], 16))
    return "?", (int(last),)


def where(table: Table, page: Page, bounds: Bounds | None = None) -> tuple[str, list[Any]]:
    """The WHERE of a page over one table, and its parameters. Raises UnknownField.

    `bounds` is the time in which the spans of these rows start, if the caller knows better than the page.
    """
    bounds = bounds or Bounds(page.since or 0)
    found = [*_bounds(table, page), *(fragment(table, wanted, bounds) for wanted in page.filters)]
    return " AND ".join(f"({text})" for text, _ in found) or "true", [p for _, values in found for p in values]
