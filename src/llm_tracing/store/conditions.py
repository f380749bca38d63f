"""What one filter is in SQL: small builders that the table of fields in filters.py is made of.

A builder gets the filter and the time that the rows asked for can lie in; it gives a fragment and its parameters. What
is looked up in another table is bounded by that time, so that a page of a list reads no more than it must.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from llm_tracing.model import SOURCE_NAMES, STATUS_ERROR, STATUS_OK, STATUS_UNSET
from llm_tracing.normalize.anyvalue import to_json
from llm_tracing.normalize.payloads import LARGE, split
from llm_tracing.store.contract import Filter

Fragment = tuple[str, tuple[Any, ...]]
MAX_TIME = 2**64 - 1
STATUS_CODES = {"unset": STATUS_UNSET, "ok": STATUS_OK, "error": STATUS_ERROR}
THUMB_KEY = "user_score"  # of the web UI, and LangSmith's own word
_LITERAL = re.compile(r"-?\d.*|true|false|[\[{].*", re.DOTALL)  # a number, a truth value, a list, an object


class Bounds(NamedTuple):
    """The spans of the rows asked for start in this time; with nothing known, in all of it."""

    since: int = 0
    until: int = MAX_TIME


Build = Callable[[Filter, Bounds], Fragment]


def pattern(value: str) -> str:
    """A LIKE pattern out of a value with `*` wildcards; `!` escapes."""
    return re.sub(r"([%_!])", r"!\1", value).replace("*", "%")


def compare(expression: str, wanted: Filter) -> Fragment:
    """A text or a number against the filter's value."""
    if wanted.comparison == "like":
        return f"{expression} ILIKE ? ESCAPE '!'", (pattern(str(wanted.value)),)
    return f"{expression} {wanted.comparison} ?", (wanted.value,)


def column(expression: str) -> Build:
    return lambda wanted, _: compare(expression, wanted)


def in_list(name: str) -> Build:
    def build(wanted: Filter, _: Bounds) -> Fragment:
        if wanted.comparison == "like":
            return f"len(list_filter({name}, lambda v: v ILIKE ? ESCAPE '!')) > 0", (pattern(str(wanted.value)),)
        return f"list_contains({name}, ?)", (wanted.value,)

    return build


def holds(expression: str) -> Build:
    """The text is somewhere in it, without regard to case."""
    return lambda wanted, _: (f"contains(lower(coalesce({expression}, '')), ?)", (str(wanted.value).lower(),))


def source(wanted: Filter, _: Bounds) -> Fragment:
    bit = next(bit for bit, name in SOURCE_NAMES.items() if name == wanted.value)
    return f"(sources & {bit}) <> 0", ()


def status_words(value: str) -> list[str]:
    """`ok` finds what did not fail: most senders of OpenTelemetry leave the status of a success unset."""
    return ["ok", "unset"] if value == "ok" else [value]


def span_status(wanted: Filter, _: Bounds) -> Fragment:
    if wanted.value == "running":
        return "end_time_unix_nano = 0 AND status_code <> ?", (STATUS_ERROR,)
    codes = [STATUS_CODES[word] for word in status_words(str(wanted.value))]
    return "list_contains(?, status_code::INTEGER) AND (end_time_unix_nano > 0 OR status_code = ?)", (
        codes,
        STATUS_ERROR,
    )


def attribute(wanted: Filter, _: Bounds) -> Fragment:
    """A row's own attribute, by its name in the stored JSON.

    JSON is parsed only where the text holds the name (and the value, where it must be equal), which costs a twentieth.
    """
    name = to_json(wanted.key)
    value = "json_extract_string(attributes, ?)"
    place = pointer(wanted.key or "")
    if wanted.comparison == "=":
        text = str(wanted.value)
        shapes = [f"{name}:{shape}" for shape in _shapes(text)]
        likely = " OR ".join(["contains(attributes, ?)"] * len(shapes))
        if len(text) > LARGE:  # stored apart, under its hash, which is enough
            return likely, tuple(shapes)
        return f"CASE WHEN {likely} THEN {value} = ? ELSE false END", (*shapes, place, text)
    if wanted.comparison == "like":
        meets = f"{value} ILIKE ? ESCAPE '!'"
        parameter: Any = pattern(str(wanted.value))
    else:
        meets = f"try_cast({value} AS DOUBLE) {wanted.comparison} ?"
        parameter = wanted.value
    return f"CASE WHEN contains(attributes, ?) THEN {meets} ELSE false END", (f"{name}:", place, parameter)


def _shapes(text: str) -> list[str]:
    """How JSON may write a value that reads so; each costs a look at the whole text of every row."""
    if len(text) > LARGE:
        return [to_json(split(text, {}))]
    return [to_json(text), text] if _LITERAL.fullmatch(text) else [to_json(text)]


def pointer(key: str) -> str:
    """A key as a JSON pointer (RFC 6901)."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def resource(wanted: Filter, bounds: Bounds) -> Fragment:
    text, values = attribute(wanted, bounds)
    return f"resource_id IN (SELECT resource_id FROM resources WHERE {text})", values  # noqa: S608


def scope(wanted: Filter, _: Bounds) -> Fragment:
    text, values = compare("name", wanted)
    return f"scope_id IN (SELECT scope_id FROM scopes WHERE {text})", values  # noqa: S608


def mark(key: str) -> Build:
    """A span that has such a mark."""

    def build(wanted: Filter, bounds: Bounds) -> Fragment:
        text, values = compare("value", wanted)
        return (
            "(trace_id, span_id) IN (SELECT (trace_id, span_id) FROM marks WHERE key = ? "  # noqa: S608
            f"AND start_time_unix_nano BETWEEN ? AND ? AND {text})",
            (key, *bounds, *values),
        )

    return build


# Ids of whole traces: the runs of LangSmith may stand under an id of their own.
_WHOLE = "SELECT coalesce(part_of, trace_id) FROM {table} LEFT JOIN trace_links USING (trace_id) WHERE {where}"
# Where somebody said something, by the table that is listed. A span may be named under its own trace or the whole.
SAID = {
    "traces": f"trace_id IN ({_WHOLE.replace('{table}', 'annotations')})",
    "calls": "(trace_id, span_id) IN (SELECT (coalesce(part_of, trace_id), span_id) FROM annotations "
    "LEFT JOIN trace_links USING (trace_id) WHERE {where})",
    "spans": "(trace_id, span_id) IN (SELECT (named, span_id) FROM (SELECT unnest([annotations.trace_id, "
    "part.trace_id]) AS named, span_id FROM annotations "
    "LEFT JOIN trace_links AS part ON part.part_of = annotations.trace_id WHERE {where}))",
}


def said(table: str, condition: Callable[[Filter], Fragment]) -> Build:
    """A row of which somebody said what meets a condition over `annotations`; of a trace: of it or of a span of it."""

    def build(wanted: Filter, _: Bounds) -> Fragment:
        text, values = condition(wanted)
        return SAID[table].format(where=text), values

    return build


def of_spans(build: Build) -> Build:
    """A trace of which a span meets it."""

    def whole(wanted: Filter, bounds: Bounds) -> Fragment:
        text, values = build(wanted, bounds)
        where = f"start_time_unix_nano BETWEEN ? AND ? AND ({text})"
        return f"trace_id IN ({_WHOLE.format(table='spans', where=where)})", (*bounds, *values)

    return whole


def of_marks(key: str) -> Build:
    """A trace of which a span has such a mark."""

    def build(wanted: Filter, bounds: Bounds) -> Fragment:
        text, values = compare("value", wanted)
        where = f"key = ? AND start_time_unix_nano BETWEEN ? AND ? AND {text}"
        return f"trace_id IN ({_WHOLE.format(table='marks', where=where)})", (key, *bounds, *values)

    return build


def of_calls(build: Build) -> Build:
    """A trace of which a counted call meets it."""

    def whole(wanted: Filter, bounds: Bounds) -> Fragment:
        text, values = build(wanted, bounds)
        where = f"start_time_unix_nano BETWEEN ? AND ? AND ({text})"
        return f"trace_id IN (SELECT trace_id FROM calls WHERE {where})", (*bounds, *values)  # noqa: S608

    return whole


def of_its_span(build: Build) -> Build:
    """A counted call whose span meets it."""

    def whole(wanted: Filter, bounds: Bounds) -> Fragment:
        text, values = build(wanted, bounds)
        return (
            "(trace_id, span_id) IN (SELECT (coalesce(part_of, trace_id), span_id) FROM spans "  # noqa: S608
            f"LEFT JOIN trace_links USING (trace_id) WHERE start_time_unix_nano BETWEEN ? AND ? AND ({text}))",
            (*bounds, *values),
        )

    return whole


def either(*builds: Build) -> Build:
    def build(wanted: Filter, bounds: Bounds) -> Fragment:
        parts = [one(wanted, bounds) for one in builds]
        return " OR ".join(f"({text})" for text, _ in parts), tuple(value for _, values in parts for value in values)

    return build


def score(wanted: Filter) -> Fragment:
    return f"key = ? AND score {wanted.comparison} ?", (wanted.key, wanted.value)


def tag(wanted: Filter) -> Fragment:
    """Said as a tag, or under a key that is the tag itself and has nothing beside it."""
    by_value, value = compare("json_extract_string(value, '$')", wanted)
    by_key, key = compare("key", wanted)
    return f"key = 'tag' AND {by_value} OR score IS NULL AND value IS NULL AND {by_key}", (*value, *key)


def thumb(wanted: Filter) -> Fragment:
    return f"key = ? AND score {'>' if wanted.value == 'up' else '<='} 0", (THUMB_KEY,)
