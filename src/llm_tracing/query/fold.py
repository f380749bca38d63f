"""Folding: infrastructure under a step becomes one badge. Nothing is dropped; a folded span only names its step.

A span folds if a rule says so, it has a step above it, and nothing inside it matters: no GenAI span, no error, no
remote call, nothing slow. That much no rule can change. A `client` span is a remote call, unless the step right above
it is an LLM, embedding, retriever or reranker step, whose transport it then is; so is anything another service did.
"""

from collections.abc import Callable, Sequence
from math import floor, inf
from statistics import median_high
from typing import Any, NamedTuple

from llm_tracing.model import GENAI_KINDS, STATUS_ERROR, SpanFacts
from llm_tracing.query.fold_rules import FoldRule, FoldRules, default_rules
from llm_tracing.query.tree import Node

TRANSPORT_OF = frozenset({"llm", "embedding", "retriever", "reranker"})
_LEAST_FOR_A_MIDDLE = 3
_MS = 1_000_000

ScopeName = Callable[[Any], str]


class Fold(NamedTuple):
    """What became of a span: the step whose badge holds it (None: it stays), its rule, whether it stays as slow."""

    step: int | None
    rule: str | None
    slow: bool


STAYS = Fold(None, None, False)
_Rules = list[FoldRule | None]  # by the places of the nodes


def fold(
    ordered: Sequence["Node[SpanFacts]"], rules: FoldRules | None = None, scope_name: ScopeName = lambda span: ""
) -> list[Fold]:
    """What became of each node, by its place; STAYS of those that no rule is about. `ordered` is depth-first.

    `scope_name` gives the name of a span's instrumentation scope.
    """
    matched = _rule_of_each(ordered, rules or default_rules(), scope_name)
    slow = _slow(ordered, matched)
    stays = _that_matter(ordered, matched, slow)
    folds = [STAYS] * len(ordered)
    for place, (node, rule) in enumerate(zip(ordered, matched, strict=True)):
        if rule is None:
            continue
        above = node.parent
        if above is None or stays[place]:
            folds[place] = Fold(None, rule.id, place in slow)
            continue
        in_badge = folds[above.place].step
        folds[place] = Fold(above.span.span_id if in_badge is None else in_badge, rule.id, False)
    return folds


def _rule_of_each(ordered: Sequence["Node[SpanFacts]"], rules: FoldRules, scope_name: ScopeName) -> _Rules:
    """The first rule that matches each node. Spans of a trace are alike, so each sort is matched once."""
    genai_trace = any(node.span.kind in GENAI_KINDS for node in ordered)
    active = [rule for rule in rules.rules if rule.enabled]
    known: dict[tuple[str, str, str, str, str | None], FoldRule | None] = {}
    found: _Rules = [None] * len(ordered)
    steps: list[str | None] = []
    for place, node in enumerate(ordered):
        span, above = node.span, node.parent
        kind, step = span.kind, None if above is None else steps[above.place]
        genai = kind in GENAI_KINDS
        steps.append(kind if genai else step)
        if genai or (kind == "client" and step not in TRANSPORT_OF):
            continue
        sort = (kind, span.name, span.service, scope_name(span), step)
        if sort not in known:
            known[sort] = next((rule for rule in active if rule.matches(*sort, genai_trace)), None)
        found[place] = known[sort]
    return found


def _slow(ordered: Sequence["Node[SpanFacts]"], matched: _Rules) -> set[int]:
    """The places of nodes that take longer than their rule lets fold."""
    alike: dict[tuple[int, str], tuple[FoldRule, list[tuple[int, int]]]] = {}
    for node, rule in zip(ordered, matched, strict=True):
        if rule is not None and (rule.folds or rule.slow_times is not None):
            those = alike.setdefault((id(rule), node.span.name), (rule, []))[1]
            those.append((_duration_ns(node.span), node.place))
    found: set[int] = set()
    for rule, those in alike.values():
        if rule.folds:
            limit = _slow_from(rule, [duration for duration, _ in those])
            found.update(place for duration, place in those if duration >= limit)
    return found


def _duration_ns(span: SpanFacts) -> int:
    """0 while it runs."""
    return max(0, span.end_time_unix_nano - span.start_time_unix_nano)


def _slow_from(rule: FoldRule, durations: Sequence[int]) -> float:
    """From how many nanoseconds on a span is slow for its rule, among spans of the same name."""
    limit = inf if rule.slow_ms is None else rule.slow_ms * _MS
    if rule.slow_times is not None and len(durations) >= _LEAST_FOR_A_MIDDLE:
        above_the_middle = floor(median_high(durations) * rule.slow_times) + 1
        limit = min(limit, max(rule.slow_from_ms * _MS, above_the_middle))
    return limit


def _that_matter(ordered: Sequence["Node[SpanFacts]"], matched: _Rules, slow: set[int]) -> list[bool]:
    """Whether each node matters itself or holds something that does."""
    found = [False] * len(ordered)
    for node in reversed(ordered):  # children before parents
        if found[node.place] or _matters(node, matched[node.place], slow):
            found[node.place] = True
            if node.parent is not None:
                found[node.parent.place] = True
    return found


def _matters(node: "Node[SpanFacts]", rule: FoldRule | None, slow: set[int]) -> bool:
    if rule is None or not rule.folds or node.span.status_code == STATUS_ERROR or node.place in slow:
        return True
    return node.parent is not None and node.span.service != node.parent.span.service
