"""Which spans stand for a call, decided once per tree, for tokens and cost together.

- A call is a span of kind `llm` or `embedding`. Where one lies under another, the inner ones are the calls if any of
  them has tokens or the outer has none; else the outer is, and the inner ones repeat it.
- Any other span with tokens counts only if no descendant has any: its tokens are then all that is known.
- Of two calls that tell the same one without lying in one another, one is; see retold.py.

Source: conventions.md, rules G3 (usage on agent, chain and wrapper spans repeats that of the calls below) and G4.
"""

from collections.abc import Mapping, Sequence

from llm_tracing.model import SpanFacts
from llm_tracing.normalize.retold import retold

CALL_KINDS = frozenset({"llm", "embedding"})
REPEATS_CHILDREN = "repeats the usage of the calls below it"
_REPEATED_BY_PARENT = "repeats the call above it"
_TOLD_AGAIN = "told again by a second span of the same call"

Reasons = dict[int, str | None]


def decide(spans: Sequence[SpanFacts], parents: Mapping[int, int | None]) -> Reasons:
    """span_id -> None if the span is counted, else why not; only spans that are calls or carry tokens have an entry.

    `parents` maps every span id of the trace to its parent's, and may hold cycles.
    """
    candidates = {
        span.span_id: span
        for span in spans  # has_tokens, spelt out: this is asked of every span that arrives
        if span.kind in CALL_KINDS or span.input_tokens is not None or span.output_tokens is not None
    }
    if len(candidates) <= 1:
        return dict.fromkeys(candidates)
    above = {span_id: _ancestors(span_id, parents, candidates) for span_id in candidates}
    with_tokens_below = {up for span_id, ups in above.items() if candidates[span_id].has_tokens for up in ups}
    calls_below = {up for span_id, ups in above.items() if candidates[span_id].kind in CALL_KINDS for up in ups}
    reasons: Reasons = {}
    for span_id, span in candidates.items():
        if span_id in with_tokens_below or (span_id in calls_below and not span.has_tokens):
            reasons[span_id] = REPEATS_CHILDREN
        elif not span.has_tokens and any(
            candidates[up].has_tokens and up not in with_tokens_below for up in above[span_id]
        ):
            reasons[span_id] = _REPEATED_BY_PARENT
        else:
            reasons[span_id] = None
    calls = {span_id: span for span_id, span in candidates.items() if span.kind in CALL_KINDS}
    for span_id in retold(calls, [span_id for span_id in calls if reasons[span_id] is None], above):
        reasons[span_id] = _TOLD_AGAIN
    return reasons


def _ancestors(span_id: int, parents: Mapping[int, int | None], candidates: Mapping[int, SpanFacts]) -> tuple[int, ...]:
    """The candidates above a span, nearest first; a cycle of parents ends the walk."""
    found: list[int] = []
    seen = {span_id}
    at = parents.get(span_id)
    while at is not None and at not in seen:
        if at in candidates:
            found.append(at)
        seen.add(at)
        at = parents.get(at)
    return tuple(found)
