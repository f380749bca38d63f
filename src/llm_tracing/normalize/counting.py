"""Which spans stand for a call, decided once per tree, for tokens and cost together.

- A call is a span of kind `llm` or `embedding`. Where one lies under another, the inner ones are the calls if any of
  them has tokens or the outer has none; else the outer is, and the inner ones repeat it.
- Any other span with tokens counts only if no descendant has any: its tokens are then all that is known.
- Of two calls that tell the same one without lying in one another, one is; see retold.py.

Source: conventions.md, rules G3 (usage on agent, chain and wrapper spans repeats that of the calls below) and G4.
"""

from collections.abc import Iterable, Mapping, Sequence, Set

from llm_tracing.model import SpanFacts
from llm_tracing.normalize.retold import Above, retold

CALL_KINDS = frozenset({"llm", "embedding"})
REPEATS_CHILDREN = "repeats the usage of the calls below it"
_REPEATED_BY_PARENT = "repeats the call above it"
_TOLD_AGAIN = "told again by a second span of the same call"

Reasons = dict[int, str | None]


def decide(spans: Sequence[SpanFacts], parents: Mapping[int, int | None]) -> Reasons:
    """span_id -> None if the span is counted, else why not; only spans that are calls or carry tokens have an entry.

    `parents` maps the id of each of these spans to its parent's, and may hold cycles.
    """
    candidates = {
        span.span_id: span
        for span in spans  # has_tokens, spelt out: this is asked of every span that arrives
        if span.kind in CALL_KINDS or span.input_tokens is not None or span.output_tokens is not None
    }
    if len(candidates) <= 1:
        return dict.fromkeys(candidates)
    above = _candidates_above(candidates, parents, {span.span_id: span for span in spans})
    with_tokens_below = _all_above((i for i, span in candidates.items() if span.has_tokens), above)
    calls_below = _all_above((i for i, span in candidates.items() if span.kind in CALL_KINDS), above)
    innermost = {i for i, span in candidates.items() if span.has_tokens and i not in with_tokens_below}
    below_innermost = _all_below(innermost, above)
    reasons: Reasons = {}
    for span_id, span in candidates.items():
        if span_id in with_tokens_below or (span_id in calls_below and not span.has_tokens):
            reasons[span_id] = REPEATS_CHILDREN
        elif not span.has_tokens and span_id in below_innermost:
            reasons[span_id] = _REPEATED_BY_PARENT
        else:
            reasons[span_id] = None
    calls = {span_id: span for span_id, span in candidates.items() if span.kind in CALL_KINDS}
    for span_id in retold(calls, [span_id for span_id in calls if reasons[span_id] is None], above):
        reasons[span_id] = _TOLD_AGAIN
    return reasons


def _candidates_above(
    candidates: Mapping[int, SpanFacts], parents: Mapping[int, int | None], spans: Mapping[int, SpanFacts]
) -> Above:
    """For each candidate the nearest one above it. A cycle of parents is cut above its earliest span, as in trees."""
    found: dict[int, int | None] = {}  # of every span on the way up, each looked at once
    for candidate in candidates:
        path: dict[int, None] = {}
        at: int | None = candidate
        while at is not None and at in parents and at not in found and at not in path:
            path[at] = None
            at = parents[at]
        way = list(path)
        if at in path:
            entry = way.index(at)
            cycle = way[entry:]
            top = cycle.index(min(cycle, key=lambda span_id: _order(spans[span_id])))
            found[cycle[top]] = None
            way = [*way[:entry], *cycle[top + 1 :], *cycle[:top]]
        for span_id in reversed(way):
            up = parents[span_id]
            found[span_id] = up if up in candidates else found.get(up) if up is not None else None
    return {candidate: found[candidate] for candidate in candidates}


def _all_above(span_ids: Iterable[int], above: Above) -> set[int]:
    """Every candidate that has one of these below it."""
    found: set[int] = set()
    for span_id in span_ids:
        at = above[span_id]
        while at is not None and at not in found:
            found.add(at)
            at = above[at]
    return found


def _all_below(tops: Set[int], above: Above) -> set[int]:
    """Every candidate that has one of these above it."""
    known: dict[int, bool] = {}
    for candidate in above:
        path: list[int] = []
        at: int | None = candidate
        while at is not None and at not in known:
            path.append(at)
            at = above[at]
        for span_id in reversed(path):
            up = above[span_id]
            known[span_id] = up is not None and (up in tops or known[up])
    return {span_id for span_id, is_below in known.items() if is_below}


def _order(span: SpanFacts) -> tuple[int, int, int]:
    return (span.start_time_unix_nano, -span.end_time_unix_nano, span.span_id)
