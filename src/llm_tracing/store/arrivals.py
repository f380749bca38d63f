"""What arriving spans do to the spans of one trace: some are new, some known, some say more of a known one.

A span is the same one sent again if its ids, times and name are the same. It says more of a stored one if that is still
running, or if both are reports of one LangSmith run, which come in two: when it starts and when it ends, in any order.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from llm_tracing.model import SOURCE_LANGSMITH, SpanFacts, SpanRecord
from llm_tracing.normalize.merge import merge_runs

# What makes a span the same one sent again: its id, times and name within its trace.
_identity: Callable[[SpanFacts | SpanRecord], tuple[int, int, int, str]] = itemgetter(
    *(SpanFacts._fields.index(name) for name in ("span_id", "start_time_unix_nano", "end_time_unix_nano", "name"))
)
_end: Callable[[SpanFacts | SpanRecord], int] = itemgetter(SpanFacts._fields.index("end_time_unix_nano"))
_sources: Callable[[SpanFacts | SpanRecord], int] = itemgetter(SpanFacts._fields.index("sources"))


@dataclass(slots=True)
class Arrivals:
    """`facts` are all spans of the trace, stored ones first; `fresh` the records that are new, in their order.

    `more` holds, by place in `facts`, a stored span that is to be replaced and what arrived to be merged into it.
    `again` counts by service the spans that were there before; `left_out` are those beyond what a trace may have.
    """

    facts: list[SpanFacts]
    fresh: list[SpanRecord] = field(default_factory=list)
    more: dict[int, SpanRecord] = field(default_factory=dict)
    again: Counter[str] = field(default_factory=Counter)
    left_out: list[SpanRecord] = field(default_factory=list)

    @property
    def change_anything(self) -> bool:
        return bool(self.fresh or self.more)


def sort_arrivals(
    stored: Iterable[SpanFacts], arriving: Sequence[SpanRecord], max_spans: int = sys.maxsize
) -> Arrivals:
    """Sort the spans that arrive for one trace into new ones and additions; those stored before are left out."""
    found = Arrivals(list(stored))
    stored_count = len(found.facts)
    seen = set(map(_identity, found.facts))
    places: dict[int, list[int]] | None = None  # by span id, made only where something may grow
    growing = _any_may_grow(found.facts) or _any_may_grow(arriving)
    if not growing and stored_count + len(arriving) <= max_spans:
        identities = set(map(_identity, arriving))
        if len(identities) == len(arriving) and seen.isdisjoint(identities):  # all are new, as mostly
            found.fresh.extend(arriving)
            found.facts.extend([record.facts() for record in arriving])
            return found
    if growing:
        places = {}
        for place, span in enumerate(found.facts):
            places.setdefault(span.span_id, []).append(place)
    for record in arriving:
        continued = None if places is None else _continued(record, found.facts, places.get(record.span_id, ()))
        identity = _identity(record)
        if continued is not None:
            _add_more(found, continued, record, stored_count)
        elif identity not in seen and len(found.facts) >= max_spans:
            found.left_out.append(record)
            continue
        elif identity not in seen:
            if places is not None:
                places.setdefault(record.span_id, []).append(len(found.facts))
            found.fresh.append(record)
            found.facts.append(record.facts())
        else:
            found.again[record.service] += 1
        seen.add(identity)
    return found


def _add_more(found: Arrivals, place: int, record: SpanRecord, stored_count: int) -> None:
    if place < stored_count:
        earlier = found.more.get(place)
        found.more[place] = record if earlier is None else merge_runs(earlier, record)
    else:
        at = place - stored_count
        found.fresh[at] = merge_runs(found.fresh[at], record)
        found.facts[place] = found.fresh[at].facts()


def _any_may_grow(spans: Sequence[SpanFacts | SpanRecord]) -> bool:
    """Whether one of these still runs or came by LangSmith's protocol."""
    return 0 in map(_end, spans) or SOURCE_LANGSMITH in map(_sources, spans)


def _continued(record: SpanRecord, facts: Sequence[SpanFacts], places: Iterable[int]) -> int | None:
    """The place of the span that a record says more of; None if it is a span of its own."""
    run = record.sources == SOURCE_LANGSMITH
    for place in places:
        span = facts[place]
        if span.sources != record.sources:
            continue
        if run:  # its id is made of its uuid, so nothing else has it; an addition may lack the start
            return place
        starts = {span.start_time_unix_nano, record.start_time_unix_nano}
        if len(starts) == 1 and 0 in (span.end_time_unix_nano, record.end_time_unix_nano):
            return place
    return None
