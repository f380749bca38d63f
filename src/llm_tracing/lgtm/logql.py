"""Filters of a page as LogQL. As with TraceQL, a query may find more than the filters mean; the window decides.

Loki turns what is neither letter nor digit in names into underscores, and keeps every value as text.
Source: LogQL's documentation, Loki 3.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import orjson

from llm_tracing.store.contract import Filter, FilterField

_EVERYTHING = 'service_name=~".+"'
_EXACT: frozenset[FilterField] = frozenset({"trace", "span", "severity"})
ALL = f"{{{_EVERYTHING}}}"
EVENTS = f'{ALL} | event_name=~"gen_ai[.].+"'  # GenAI events, which tell the content of spans


def query(filters: Iterable[Filter]) -> str:
    """LogQL that finds the records that may meet all of these filters; ALL if nothing can be said."""
    selector, stages = _EVERYTHING, []
    for wanted in filters:
        if wanted.negated:
            continue
        if wanted.field == "service" and wanted.comparison == "=":
            selector = f"service_name={text(str(wanted.value))}"
        elif build := _STAGES.get(wanted.field):
            stages.append(build(wanted))
    return " ".join([f"{{{selector}}}", *dict.fromkeys(stage for stage in stages if stage)])


def is_exact(filters: Iterable[Filter]) -> bool:
    """Whether the query finds all that meets these filters, so that nothing else need be looked at."""
    return all(not wanted.negated and (wanted.field in _EXACT or _names_service(wanted)) for wanted in filters)


def _names_service(wanted: Filter) -> bool:
    """Loki has a name of its own for a service without one."""
    named = wanted.field == "service" and wanted.comparison == "="
    return named and str(wanted.value) != "" and not str(wanted.value).startswith("unknown_service")


def of_trace(trace_id: bytes) -> str:
    return f'{ALL} | trace_id="{trace_id.hex()}"'


def text(value: str) -> str:
    """A string of LogQL; its escapes are those of Go, which JSON's are among."""
    return orjson.dumps(value).decode()


def label(name: str) -> str:
    """An attribute's name as Loki has it."""
    found = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return f"key_{found}" if found[:1].isdigit() else found


def _compared(name: str, wanted: Filter) -> str:
    value = str(wanted.value)
    if wanted.comparison == "like":
        return f"| {name}=~{text('(?is)' + '.*'.join(re.escape(part) for part in value.split('*')))}"
    if wanted.comparison == "=":
        return f"| {name}={text(value)}"
    return f"| {name}{wanted.comparison}{wanted.value}"


def _severity(wanted: Filter) -> str:
    comparison = "==" if wanted.comparison == "=" else wanted.comparison
    return f"| severity_number{comparison}{wanted.value}" if isinstance(wanted.value, int | float) else ""


def _has(wanted: Filter) -> str:
    return {"error": "| severity_number>=17", "trace": '| trace_id!=""'}.get(str(wanted.value), "")


_STAGES: dict[FilterField, Callable[[Filter], str]] = {
    "trace": lambda wanted: f"| trace_id={text(str(wanted.value).lower().replace('-', ''))}",
    "span": lambda wanted: f"| span_id={text(str(wanted.value).lower().zfill(16))}",
    "severity": _severity,
    "event": lambda wanted: _compared("event_name", wanted),
    "scope": lambda wanted: _compared("scope_name", wanted),
    "attribute": lambda wanted: _compared(label(wanted.key or ""), wanted),
    "resource": lambda wanted: _compared(label(wanted.key or ""), wanted),
    "has": _has,
}
