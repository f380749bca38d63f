"""Texts whose object was not there when their trace was brought: asked for again when the trace is opened later.

The place may have been down then, or the object came a moment later. A text is asked for at growing intervals, and only
if it is there now is the trace fetched again.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator

from llm_tracing.lgtm.incoming import Objects
from llm_tracing.model import SpanRecord
from llm_tracing.store.contract import StoredTrace

_NOTE = re.compile(r"not available: object ((?:list-)?[0-9a-f]{32}) is missing\]")  # see incoming.py
_MOST = 100  # objects of one trace that are asked for
_FIRST_S, _LONGEST_S = 2.0, 600.0  # between two times of asking
_TRACES = 10_000  # of which is remembered when they were asked for


class MissingTexts:
    """`bring_anew` fetches these spans of a trace once more. Safe for many threads."""

    def __init__(
        self,
        objects: Objects,
        bring_anew: Callable[[list[SpanRecord]], bool],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._objects = objects
        self._bring_anew = bring_anew
        self._now = now
        self._asked: OrderedDict[bytes, tuple[float, float]] = OrderedDict()  # when next, and how long to wait then

    def fill(self, stored: StoredTrace) -> bool:
        """Whether a text of a trace was found, so that it is to be read again."""
        lacking = dict(_lacking(stored))
        if not lacking or not self._is_due(stored.trace.trace_id):
            return False
        names = sorted({name for _, found in lacking.values() for name in found})[:_MOST]
        there = self._objects.get_many(names).keys()
        spans = [span for span, found in lacking.values() if found & there]
        return bool(spans) and self._bring_anew(spans)

    def _is_due(self, trace_id: bytes) -> bool:
        now = self._now()
        due, wait = self._asked.get(trace_id, (now, _FIRST_S))
        if now < due:
            return False
        self._asked[trace_id] = (now + wait, min(wait * 2, _LONGEST_S))
        self._asked.move_to_end(trace_id)
        while len(self._asked) > _TRACES:
            self._asked.popitem(last=False)
        return True


def _lacking(stored: StoredTrace) -> Iterator[tuple[int, tuple[SpanRecord, set[str]]]]:
    """Spans that have a note in place of a text, by their place, with the names of the objects."""
    notes = {key.hex(): names for key, text in stored.payloads.items() if (names := set(_NOTE.findall(text)))}
    for place, span in enumerate(stored.spans):
        held = (span.attributes, span.events or "", span.links or "")
        found = {name for text in held for name in _NOTE.findall(text)}
        for key, names in notes.items():
            if any(key in text for text in held):
                found |= names
        if found:
            yield place, (span, found)
