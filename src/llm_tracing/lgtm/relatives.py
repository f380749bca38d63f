"""The other half of a trace: LangSmith's runs have a trace id of their own, and a request around them has another.

The window tells which traces are one (store/links.py) once it has both. Here is where to look for what it lacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from llm_tracing.lgtm.incoming import SOURCES
from llm_tracing.lgtm.traceql import attribute, text
from llm_tracing.model import SOURCE_LANGSMITH, SpanRecord
from llm_tracing.normalize.traceparent import ATTRIBUTE, stored_traceparent

_SECOND = 1_000_000_000
_KIND = "langsmith.span.kind"
_CLOCKS_NS = 60 * _SECOND


class Search(NamedTuple):
    """TraceQL, and the time in which it is to be asked."""

    query: str
    since: int
    until: int


def wholes(spans: Iterable[SpanRecord]) -> set[bytes]:
    """The traces that these runs say they are part of."""
    named = (stored_traceparent(span.attributes) for span in spans if span.sources == SOURCE_LANGSMITH)
    return {one.trace_id for one in named if one is not None}


def searches(trace_id: bytes, spans: Sequence[SpanRecord]) -> list[Search]:
    """What finds the copies of these runs, the runs of these copies, or the runs that name this trace."""
    if not spans:
        return []
    runs = [span for span in spans if span.sources == SOURCE_LANGSMITH]
    if runs:
        return [_named(_first(runs), f"{attribute('span', _KIND)} != nil")]
    found = [
        Search(
            f"{{ {attribute('span', ATTRIBUTE)} =~ {text('.*' + trace_id.hex() + '.*')} }}",
            min(span.start_time_unix_nano for span in spans) - _CLOCKS_NS,
            max(span.end_time_unix_nano for span in spans) + _CLOCKS_NS,
        )
    ]
    copies = [span for span in spans if f'"{_KIND}"' in span.attributes]
    if copies:
        found.append(_named(_first(copies), f'{attribute("span", SOURCES)} = "langsmith"'))
    return found


def _first(spans: Sequence[SpanRecord]) -> SpanRecord:
    return min(spans, key=lambda span: span.start_time_unix_nano)


def _named(span: SpanRecord, condition: str) -> Search:
    at = span.start_time_unix_nano
    return Search(f"{{ {condition} }} && {{ name = {text(span.name)} }}", at - _SECOND, at + _SECOND)
