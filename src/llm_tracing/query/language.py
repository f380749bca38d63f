"""The filter language `q`: free words, `key:value`, `-` negates, quotes quote. A bad query points at the place.

list the most popular albums        every word, in prompts, answers and names
"most popular"                      the phrase
kind:llm model:gpt-4o* -status:ok   a trace that has an LLM span, such a model, and is not ok
cost:>0.01 duration:>2s tokens:>=1000
attr.http.route:/ask resource.deployment.environment.name:prod score.quality:<0.5 has:error
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import cast, get_args

from llm_tracing.errors import BadQuery
from llm_tracing.model import PICO_USD, SOURCE_NAMES, SPAN_KINDS, TraceStatus
from llm_tracing.store.contract import FIELDS_OF, PRESENT, Comparison, Filter, FilterField, Table


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a query: a free text (key None) or a key and its value; `at` is where it starts."""

    key: str | None
    value: str
    negated: bool
    at: int


_TERM = re.compile(
    r"(?P<neg>-)?(?:(?P<key>[A-Za-z_][\w.]*|(?:attr|resource|score)\.[\w./@$~+-]+):)?"
    r'(?P<value>"(?:[^"\\]|\\.)*"|[^\s"]\S*)?'
)


def parse(query: str) -> list[Term]:
    """The terms of a query in order. Raises BadQuery."""
    terms: list[Term] = []
    at = 0
    while at < len(query):
        if query[at].isspace():
            at += 1
            continue
        found = cast(re.Match[str], _TERM.match(query, at))
        key, value = found["key"], found["value"]
        if value is None:
            raise _no_value(query, at, found.end(), key)
        if value[0] == '"':
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        if value:
            terms.append(Term(key, value, found["neg"] is not None, at))
        at = found.end()
    return terms


def _no_value(query: str, at: int, end: int, key: str | None) -> BadQuery:
    if query[end : end + 1] == '"':
        return BadQuery(query, end, "A quote that is not closed", 'Close it with ", or leave it out.')
    if key is not None:
        return BadQuery(query, at, f"{key}: has no value", "Write key:value, or quote the text.")
    return BadQuery(query, at, "A minus with nothing to negate", "Quote it to search for it.")


_Meaning = tuple[FilterField, Comparison, str | int | float]


def _text(field: FilterField, value: str) -> _Meaning:
    return field, "like" if "*" in value else "=", value


def _words(field: FilterField, value: str) -> _Meaning:
    return field, "=", value


def _one_of(field: FilterField, words: Iterable[str], value: str) -> _Meaning:
    if value not in words:
        raise ValueError(f"{value} is none of {', '.join(sorted(words))}")
    return field, "=", value


def _hex_id(field: FilterField, digits: int, value: str) -> _Meaning:
    if not re.fullmatch(rf"[0-9a-fA-F]{{{digits}}}", value):
        raise ValueError(f"{value} is no {field} id of {digits} hex digits")
    return field, "=", value.lower()


_NUMBER = re.compile(r"(?P<op>>=|<=|>|<|=)?(?P<number>\d{1,15}(?:\.\d{1,12})?)(?P<unit>[a-zµ]*)")
_SIGNED = re.compile(r"(?P<op>>=|<=|>|<|=)?(?P<number>-?\d{1,15}(?:\.\d{1,12})?)")
_SECOND = 1_000_000_000
_DURATION_UNITS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "ms": 1_000_000,
    "s": _SECOND,
    "": _SECOND,
    "m": 60 * _SECOND,
    "h": 3600 * _SECOND,
}
_COUNT_UNITS = {"": 1, "k": 1_000, "m": 1_000_000}
_MAX_NUMBER = 2**63 - 1


def _number(field: FilterField, units: dict[str, int], value: str) -> _Meaning:
    found = _NUMBER.fullmatch(value.lower())
    if found is None or found["unit"] not in units:
        known = ", ".join(unit for unit in units if unit)
        raise ValueError(f"{value} is not a number" + (f" with a unit of {known}" if known else ""))
    amount = int(Decimal(found["number"]) * units[found["unit"]])
    return field, cast(Comparison, found["op"] or "="), min(amount, _MAX_NUMBER)


def _signed(field: FilterField, value: str) -> _Meaning:
    found = _SIGNED.fullmatch(value)
    if found is None:
        raise ValueError(f"{value} is not a number")
    return field, cast(Comparison, found["op"] or "="), float(found["number"])


# The least number of each of OpenTelemetry's ranges.
SEVERITIES = {"trace": 1, "debug": 5, "info": 9, "warn": 13, "warning": 13, "error": 17, "fatal": 21}
_SEVERITY = re.compile(r"(?P<op>>=|<=|>|<|=)?(?P<word>[a-z]+|\d{1,2})")


def _severity(value: str) -> _Meaning:
    """A word is that severity or worse; `=` is not for words, which are ranges."""
    found = _SEVERITY.fullmatch(value.lower())
    if found is None or not (found["word"].isdigit() or found["word"] in SEVERITIES):
        raise ValueError(f"{value} is no severity: {', '.join(SEVERITIES)}, or a number from 1 to 24")
    word, comparison = found["word"], cast(Comparison, found["op"] or ">=")
    if word.isdigit():
        return "severity", comparison, int(word)
    least = SEVERITIES[word]
    if comparison in (">", "<="):  # beyond the range, or up to its end
        return "severity", comparison, least + 3
    return "severity", "<" if comparison == "<" else ">=", least


def _attribute(field: FilterField, value: str) -> _Meaning:
    found = _SIGNED.fullmatch(value)
    if found is not None and found["op"] not in (None, "="):
        return field, cast(Comparison, found["op"]), float(found["number"])
    return _text(field, value)


_Build = Callable[[str], _Meaning]
# key -> the filter that its value makes; ValueError says what is wrong with a value. A new key is a line here.
KEYS: dict[str, _Build] = {
    "kind": partial(_one_of, "kind", SPAN_KINDS),
    "service": partial(_text, "service"),
    "status": partial(_one_of, "status", frozenset(get_args(TraceStatus))),
    "model": partial(_text, "model"),
    "provider": partial(_text, "provider"),
    "operation": partial(_text, "operation"),
    "tool": partial(_text, "tool"),
    "finish": partial(_text, "finish"),
    "name": partial(_text, "name"),
    "input": partial(_words, "input"),
    "output": partial(_words, "output"),
    "session": partial(_text, "session"),
    "user": partial(_text, "user"),
    "source": partial(_one_of, "source", tuple(SOURCE_NAMES.values())),
    "scope": partial(_text, "scope"),
    "trace": partial(_hex_id, "trace", 32),
    "span": partial(_hex_id, "span", 16),
    "has": partial(_one_of, "has", PRESENT),
    "tag": partial(_text, "tag"),
    "thumb": partial(_one_of, "thumb", ("up", "down")),
    "duration": partial(_number, "duration_ns", _DURATION_UNITS),
    "ttft": partial(_number, "ttft_ns", _DURATION_UNITS),
    "tokens": partial(_number, "tokens", _COUNT_UNITS),
    "input_tokens": partial(_number, "input_tokens", _COUNT_UNITS),
    "output_tokens": partial(_number, "output_tokens", _COUNT_UNITS),
    "cached_tokens": partial(_number, "cached_tokens", _COUNT_UNITS),
    "cost": partial(_number, "cost_pico_usd", {"": int(PICO_USD)}),
    "spans": partial(_number, "span_count", _COUNT_UNITS),
    "calls": partial(_number, "call_count", _COUNT_UNITS),
    "errors": partial(_number, "error_count", _COUNT_UNITS),
    "severity": _severity,
    "event": partial(_text, "event"),
}
# Keys that go on after a dot with a name: of an attribute, of an annotation.
NAMED: dict[str, _Build] = {
    "attr": partial(_attribute, "attribute"),
    "resource": partial(_attribute, "resource"),
    "score": partial(_signed, "score"),
}
# key -> the field of its filter
FIELDS: dict[str, FilterField] = {
    "duration": "duration_ns",
    "ttft": "ttft_ns",
    "cost": "cost_pico_usd",
    "spans": "span_count",
    "calls": "call_count",
    "errors": "error_count",
    "attr": "attribute",
    **{key: cast(FilterField, key) for key in (*KEYS, *NAMED) if key in get_args(FilterField)},
}


def keys_of(table: Table | None) -> list[str]:
    """The keys that a list of this table can be filtered by; named ones end in a dot."""
    known = FIELDS_OF[table] if table else frozenset(FIELDS.values())
    plain = [key for key in KEYS if FIELDS[key] in known]
    return [*plain, *(f"{key}." for key in NAMED if FIELDS[key] in known)]


def _meaning(query: str, term: Term, table: Table | None) -> Filter:
    if term.key is None:
        return Filter("text", "=", term.value, term.negated)
    first, dot, rest = term.key.partition(".")
    build = NAMED.get(first) if dot and rest else KEYS.get(term.key)
    if build is None:
        hint = f"Known: {', '.join(keys_of(table))}. Quote the whole to search for it as text."
        if first in NAMED:
            hint = f"Write {first}. and a name: {_EXAMPLES[first]}."
        raise BadQuery(query, term.at, f"No filter is called {term.key}", hint)
    try:
        field, comparison, value = build(term.value)
    except ValueError as error:
        raise BadQuery(query, term.at, str(error)) from error
    return Filter(field, comparison, value, term.negated, rest if dot else None)


_EXAMPLES = {"attr": "attr.http.route:/ask", "resource": "resource.host.name:web-1", "score": "score.quality:>0.5"}


def _filter(query: str, term: Term, table: Table | None) -> Filter:
    found = _meaning(query, term, table)
    if table is None:
        return found
    name = (term.key or "").partition(".")[0] or "text"
    if found.field not in FIELDS_OF[table]:
        raise BadQuery(
            query, term.at, f"{_LISTS[table]} can't be filtered by {name}", f"They can by {', '.join(keys_of(table))}."
        )
    if found.field == "has" and table not in PRESENT[str(found.value)][0]:
        known = ", ".join(word for word, (tables, _) in PRESENT.items() if table in tables)
        raise BadQuery(query, term.at, f"{_LISTS[table]} can't be filtered by has:{found.value}", f"Known: {known}.")
    return found


_LISTS: dict[Table, str] = {"traces": "Traces", "spans": "Spans", "calls": "Calls", "logs": "Logs"}


def filters(query: str, table: Table | None = None) -> list[Filter]:
    """What a query asks of each row: all of it must hold. Raises BadQuery, also for what that table can't be asked."""
    return [_filter(query, term, table) for term in parse(query)]
