"""Filters as SQL over DuckDB's tables: a fragment out of a closed table, the value always a parameter."""

import re
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from llm_tracing.errors import QueryError
from llm_tracing.model import STATUS_ERROR, STATUS_OK, STATUS_UNSET
from llm_tracing.normalize.anyvalue import to_json
from llm_tracing.store.contract import Filter, Page

Fragment = tuple[str, tuple[Any, ...]]
_Build = Callable[[str, Any], Fragment]


def _pattern(value: str) -> str:
    """A LIKE pattern out of a value with `*` wildcards; `!` escapes."""
    return re.sub(r"([%_!])", r"!\1", value).replace("*", "%")


def _in_list(column: str) -> _Build:
    def build(comparison: str, value: Any) -> Fragment:
        if comparison == "like":
            return f"len(list_filter({column}, lambda v: v ILIKE ? ESCAPE '!')) > 0", (_pattern(value),)
        return f"list_contains({column}, ?)", (value,)

    return build


def _text(column: str) -> _Build:
    def build(comparison: str, value: Any) -> Fragment:
        if comparison == "like":
            return f"{column} ILIKE ? ESCAPE '!'", (_pattern(value),)
        return f"{column} = ?", (value,)

    return build


def _number(expression: str) -> _Build:
    return lambda comparison, value: (f"{expression} {comparison} ?", (value,))


def _severity(comparison: str, value: Any) -> Fragment:
    """Severity numbers come in fours: `=` asks for the four of which the value is one."""
    if comparison == "=":
        return "(severity_number + 3) // 4 = (? + 3) // 4", (value,)
    return f"severity_number {comparison} ?", (value,)


STATUS_CODES = {"unset": STATUS_UNSET, "ok": STATUS_OK, "error": STATUS_ERROR}


def _status_words(value: str) -> list[str]:
    """`ok` finds what did not fail: most senders of OpenTelemetry leave the status of a success unset."""
    return ["ok", "unset"] if value == "ok" else [value]


def _span_status(value: str) -> Fragment:
    if value == "running":
        return "end_time_unix_nano = 0 AND status_code <> ?", (STATUS_ERROR,)
    codes = [STATUS_CODES[word] for word in _status_words(value)]
    return "list_contains(?, status_code::INTEGER) AND (end_time_unix_nano > 0 OR status_code = ?)", (
        codes,
        STATUS_ERROR,
    )


def _trace_id(_: str, value: Any) -> Fragment:
    """Rows of a trace and of those that are part of it."""
    found = UUID(hex=value)
    return "trace_id = ? OR trace_id IN (SELECT trace_id FROM trace_links WHERE part_of = ?)", (found, found)


def _whole_trace_id(_: str, value: Any) -> Fragment:
    found = UUID(hex=value)
    return "trace_id = coalesce((SELECT any_value(part_of) FROM trace_links WHERE trace_id = ?), ?)", (found, found)


_FREE_TEXT = """contains(lower(coalesce(input, '')), ?) OR contains(lower(coalesce(output, '')), ?)
    OR contains(lower(name), ?) OR trace_id IN (
        SELECT coalesce(part_of, trace_id) FROM payload_refs LEFT JOIN trace_links USING (trace_id)
        WHERE payload_id IN (SELECT payload_id FROM payloads WHERE contains(search_text, ?))
    )"""

# The texts of GenAI events are payloads; a reference of a log record has its time.
_LOG_TEXT = """contains(lower(coalesce(body, '')), ?) OR contains(lower(event_name), ?)
    OR genai_event IS NOT NULL AND (trace_id, span_id, time_unix_nano) IN (
        SELECT (trace_id, span_id, start_time_unix_nano) FROM payload_refs WHERE payload_id IN (
            SELECT payload_id FROM payloads WHERE contains(search_text, ?)
        ))"""

# What a tool is called: OpenTelemetry names the span after what it does with it.
TOOL_NAME = "regexp_replace({name}, '^execute_tool ', '')"


def _has_tool(comparison: str, value: Any) -> Fragment:
    """Traces with a span of such a tool."""
    named, parameters = _text(TOOL_NAME.format(name="spans.name"))(comparison, value)
    return (
        "trace_id IN (SELECT coalesce(part_of, spans.trace_id) FROM spans"  # noqa: S608 - a closed table's fragment
        " LEFT JOIN trace_links ON trace_links.trace_id = spans.trace_id"
        f" WHERE spans.kind = 'tool' AND {named})",
        parameters,
    )


# What each field of a filter is in each table. Only fields named here can be asked for.
_FIELDS: dict[str, dict[str, _Build]] = {
    "traces": {
        "text": lambda _, value: (_FREE_TEXT, (value.lower(),) * 4),
        "kind": _in_list("kinds"),
        "service": _in_list("services"),
        "status": lambda _, value: ("list_contains(?, status)", (_status_words(value),)),
        "model": _in_list("models"),
        "name": _text("name"),
        "session": _text("session_id"),
        "user": _text("user_id"),
        "trace": _whole_trace_id,
        "tool": _has_tool,
        "duration_ns": _number("(greatest(end_time_unix_nano, start_time_unix_nano) - start_time_unix_nano)"),
        "tokens": _number("(input_tokens + output_tokens)"),
        "cost_pico_usd": _number("cost_pico_usd"),
        "span_count": _number("span_count"),
    },
    "spans": {
        "text": lambda _, value: (
            "contains(lower(concat_ws(' ', name, input_preview, output_preview)), ?)",
            (value.lower(),),
        ),
        "kind": _text("kind"),
        "service": _text("service"),
        "status": lambda _, value: _span_status(value),
        "model": _text("coalesce(response_model, request_model)"),
        "name": _text("name"),
        "session": _text("session_id"),
        "user": _text("user_id"),
        "trace": _trace_id,
        "duration_ns": _number("(greatest(end_time_unix_nano, start_time_unix_nano) - start_time_unix_nano)"),
        "tokens": _number("(coalesce(input_tokens, 0) + coalesce(output_tokens, 0))"),
    },
    "logs": {
        "text": lambda _, value: (
            _LOG_TEXT,
            (to_json(value)[1:-1].lower(), value.lower(), value.lower()),  # the body is JSON
        ),
        "service": _text("service"),
        "trace": _trace_id,
        "span": lambda _, value: ("span_id = ?", (int(value, 16),)),
        "severity": _severity,
    },
    "calls": {
        "kind": _text("kind"),
        "service": _text("service"),
        "model": _text("model"),
        "session": _text("session_id"),
        "user": _text("user_id"),
        "trace": _whole_trace_id,
        "duration_ns": _number("duration_ns"),
        "tokens": _number("(input_tokens + output_tokens)"),
        "cost_pico_usd": _number("cost_pico_usd"),
    },
}
# How a list of each table is ordered, newest first: its time, and what breaks ties. Pages go on after both.
ORDER: dict[str, tuple[str, str]] = {
    "traces": ("start_time_unix_nano", "trace_id"),
    "spans": ("start_time_unix_nano", "(trace_id, span_id)"),
    "logs": ("time_unix_nano", "rowid"),
    "calls": ("start_time_unix_nano", "span_id"),
}


class UnknownField(QueryError):
    """A list of this table can't be filtered by that field."""

    def __init__(self, table: str, field: str) -> None:
        super().__init__(
            f"A list of {table} can't be filtered by {field}.", f"It can by {', '.join(sorted(_FIELDS[table]))}."
        )


def fragment(table: str, wanted: Filter) -> Fragment:
    build = _FIELDS[table].get(wanted.field)
    if build is None:
        raise UnknownField(table, wanted.field)
    text, parameters = build(wanted.comparison, wanted.value)
    return f"{'NOT ' if wanted.negated else ''}coalesce(({text}), false)", parameters


def _bounds(table: str, page: Page) -> Iterable[Fragment]:
    time, tie = ORDER[table]
    if page.since is not None:
        yield f"{time} >= ?", (page.since,)
    if page.until is not None:
        yield f"{time} < ?", (page.until,)
    if page.after is not None:
        at, last = page.after
        places, values = _after(table, last)
        yield f"{time} <= ? AND ({time} < ? OR {tie} < {places})", (at, at, *values)


def _after(table: str, last: str) -> Fragment:
    """The ids that a page goes on from; `last` is as contract.Page says."""
    if table == "traces":
        return "?", (UUID(hex=last),)
    if table == "spans":
        return "(?::UUID, ?::UBIGINT)", (UUID(hex=last[:32]), int(last[32:], 16))
    return "?", (int(last),)


def where(table: str, page: Page) -> tuple[str, list[Any]]:
    """The WHERE of a page over one table, and its parameters. Raises UnknownField."""
    found = [*_bounds(table, page), *(fragment(table, wanted) for wanted in page.filters)]
    return " AND ".join(f"({text})" for text, _ in found) or "true", [p for _, values in found for p in values]
