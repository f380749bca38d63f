"""The filter language `q`: free words, `key:value`, `-` negates, quotes quote. A bad query points at the place.

list the most popular albums        every word, in prompts, answers and names
"most popular"                      the phrase
kind:llm model:gpt-4o* -status:ok   a trace that has an LLM span, such a model, and is not ok
cost:>0.01 duration:>2s tokens:>=1000
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import cast, get_args

from llm_tracing.errors import BadQuery
from llm_tracing.model import PICO_USD, SPAN_KINDS, TraceStatus
from llm_tracing.store.contract import Comparison, Filter, FilterField


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a query: a free text (key None) or a key and its value; `at` is where it starts."""

    key: str | None
    value: str
    negated: bool
    at: int


_TERM = re.compile(r'(?P<neg>-)?(?:(?P<key>[A-Za-z_][\w.]*):)?(?P<value>"(?:[^"\\]|\\.)*"|[^\s"]\S*)?')


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


def _text(field: FilterField, value: str) -> tuple[FilterField, Comparison, str | int]:
    return field, "like" if "*" in value else "=", value


def _one_of(field: FilterField, words: frozenset[str], value: str) -> tuple[FilterField, Comparison, str | int]:
    if value not in words:
        raise ValueError(f"{value} is none of {', '.join(sorted(words))}")
    return field, "=", value


def _trace_id(value: str) -> tuple[FilterField, Comparison, str | int]:
    if not re.fullmatch(r"[0-9a-fA-F]{32}", value):
        raise ValueError(f"{value} is no trace id of 32 hex digits")
    return "trace", "=", value.lower()


def _span_id(value: str) -> tuple[FilterField, Comparison, str | int]:
    if not re.fullmatch(r"[0-9a-fA-F]{16}", value):
        raise ValueError(f"{value} is no span id of 16 hex digits")
    return "span", "=", value.lower()


# The first severity number of each level; there are four of each (opentelemetry.proto.logs.v1.SeverityNumber).
_LEVELS = {"trace": 1, "debug": 5, "info": 9, "warn": 13, "warning": 13, "error": 17, "fatal": 21, "critical": 21}
_SEVERITY = re.compile(r"(?P<op>>=|<=|>|<|=)?(?P<level>[a-z]+|\d{1,2})")


def _severity(value: str) -> tuple[FilterField, Comparison, str | int]:
    found = _SEVERITY.fullmatch(value.lower())
    level = found and (int(found["level"]) if found["level"].isdigit() else _LEVELS.get(found["level"]))
    if found is None or level is None:
        raise ValueError(f"{value} is no severity: {', '.join(_LEVELS)}, or a number, with >=, >, <= or < before it")
    comparison = cast(Comparison, found["op"] or "=")
    if comparison in (">", "<=") and not found["level"].isdigit():
        level += 3  # past, or up to, all four of the level
    return "severity", comparison, level


_NUMBER = re.compile(r"(?P<op>>=|<=|>|<|=)?(?P<number>\d{1,15}(?:\.\d{1,12})?)(?P<unit>[a-zµ]*)")
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


def _number(field: FilterField, units: dict[str, int], value: str) -> tuple[FilterField, Comparison, str | int]:
    found = _NUMBER.fullmatch(value.lower())
    if found is None or found["unit"] not in units:
        known = ", ".join(unit for unit in units if unit)
        raise ValueError(f"{value} is not a number" + (f" with a unit of {known}" if known else ""))
    amount = int(Decimal(found["number"]) * units[found["unit"]])
    return field, cast(Comparison, found["op"] or "="), min(amount, _MAX_NUMBER)


# key -> the filter that its value makes; ValueError says what is wrong with a value. A new key is a line here.
KEYS: dict[str, Callable[[str], tuple[FilterField, Comparison, str | int]]] = {
    "kind": partial(_one_of, "kind", SPAN_KINDS),
    "service": partial(_text, "service"),
    "status": partial(_one_of, "status", frozenset(get_args(TraceStatus))),
    "model": partial(_text, "model"),
    "name": partial(_text, "name"),
    "session": partial(_text, "session"),
    "user": partial(_text, "user"),
    "trace": _trace_id,
    "tool": partial(_text, "tool"),
    "span": _span_id,
    "severity": _severity,
    "duration": partial(_number, "duration_ns", _DURATION_UNITS),
    "tokens": partial(_number, "tokens", _COUNT_UNITS),
    "cost": partial(_number, "cost_pico_usd", {"": int(PICO_USD)}),
    "spans": partial(_number, "span_count", _COUNT_UNITS),
}


def _filter(query: str, term: Term) -> Filter:
    if term.key is None:
        return Filter("text", "=", term.value, term.negated)
    build = KEYS.get(term.key)
    if build is None:
        hint = f"Known: {', '.join(KEYS)}. Quote the whole to search for it as text."
        raise BadQuery(query, term.at, f"No filter is called {term.key}", hint)
    try:
        return Filter(*build(term.value), term.negated)
    except ValueError as error:
        raise BadQuery(query, term.at, str(error)) from error


def filters(query: str) -> list[Filter]:
    """What a query asks of each row: all of it must hold. Raises BadQuery."""
    return [_filter(query, term) for term in parse(query)]
