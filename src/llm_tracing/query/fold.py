"""Folding: infrastructure under a step becomes one badge. Nothing is dropped; a folded span only names its step.

A span folds if a rule says so, it has a step above it, and nothing inside it matters: no GenAI span, no error, no
remote call, nothing slow. That much no rule can change. A `client` span is a remote call, unless the step right above
it is an LLM, embedding, retriever or reranker step, whose transport it then is; so is anything another service did.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median_high
from typing import Any

from llm_tracing.model import GENAI_KINDS, STATUS_ERROR, SpanFacts
from llm_tracing.query.fold_rules import FoldRule, FoldRules, default_rules
from llm_tracing.query.tree import Node

TRANSPORT_OF = frozenset({"llm", "embedding", "retriever", "reranker"})
_LEAST_FOR_A_MIDDLE = 3
_MS = 1_000_000

ScopeName = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Fold:
    """What became of a span: the step whose badge holds it (None: it stays), its rule, whether it stays as slow."""

    step: int | None
    rule: str | None
    slow: bool


STAYS = Fold(None, None, False)


def fold(
    ordered: Sequence["Node[SpanFacts]"], rules: FoldRules | None = None, scope_name: ScopeName = lambda span: ""
) -> dict[int, Fold]:
    """id(node) -> what became of it, for the nodes that a rule is about. `ordered` is depth-first.

    `scope_name` gives the name of a span's instrumentation scope.
    """
    matched = _rule_of_each(ordered, rules or default_rules(), scope_name)
    slow = _slow(ordered, matched)
    stays = _that_matter(ordered, matched, slow)
    folds: dict[int, Fold] = {}
    for node in ordered:
        rule = matched.get(id(node))
        if rule is None:
            continue
        if id(node) in stays or node.parent is None:
            folds[id(node)] = Fold(None, rule.id, id(node) in slow)
            continue
        above = node.parent
        in_badge = folds.get(id(above), STAYS).step
        folds[id(node)] = Fold(above.span.span_id if in_badge is None else in_badge, rule.id, False)
    return folds


def _rule_of_each(ordered: Sequence["Node[SpanFacts]"], rules: FoldRules, scope_name: ScopeName) -> dict[int, FoldRule]:
    """id(node) -> the first rule that matches it. Spans of a trace are alike, so each sort is matched once."""
    genai_trace = any(node.span.kind in GENAI_KINDS for node in ordered)
    active = [rule for rule in rules.rules if rule.enabled]
    known: dict[tuple[str, str, str, str, str | None], FoldRule | None] = {}
    found: dict[int, FoldRule] = {}
    steps: dict[int, str | None] = {}
    for node in ordered:
        span, above = node.span, node.parent
        step = None if above is None else steps[id(above)]
        steps[id(node)] = span.kind if span.kind in GENAI_KINDS else step
        if span.kind in GENAI_KINDS or (span.kind == "client" and step not in TRANSPORT_OF):
            continue
        sort = (span.kind, span.name, span.service, scope_name(span), step)
        if sort not in known:
            known[sort] = next((rule for rule in active if rule.matches(*sort, genai_trace)), None)
        rule = known[sort]
        if rule is not None:
            found[id(node)] = rule
    return found


def _slow(ordered: Sequence["Node[SpanFacts]"], matched: Mapping[int, FoldRule]) -> set[int]:
    """The nodes that take longer than their rule lets fold."""
    durations: dict[tuple[str, str], list[int]] = {}
    for node in ordered:
        rule = matched.get(id(node))
        if rule is not None and rule.slow_times is not None:
            durations.setdefault((rule.id, node.span.name), []).append(_duration_ns(node.span))
    middles = {key: median_high(those) for key, those in durations.items() if len(those) >= _LEAST_FOR_A_MIDDLE}
    found: set[int] = set()
    for node in ordered:
        rule = matched.get(id(node))
        if rule is None or not rule.folds:
            continue
        if _is_slow(rule, _duration_ns(node.span), middles.get((rule.id, node.span.name))):
            found.add(id(node))
    return found


def _duration_ns(span: SpanFacts) -> int:
    """0 while it runs."""
    return max(0, span.end_time_unix_nano - span.start_time_unix_nano)


def _is_slow(rule: FoldRule, duration_ns: int, middle_ns: int | None) -> bool:
    if rule.slow_ms is not None and duration_ns >= rule.slow_ms * _MS:
        return True
    if rule.slow_times is None or middle_ns is None or duration_ns < rule.slow_from_ms * _MS:
        return False
    return duration_ns > middle_ns * rule.slow_times


def _that_matter(ordered: Sequence["Node[SpanFacts]"], matched: Mapping[int, FoldRule], slow: set[int]) -> set[int]:
    """The nodes that matter themselves or hold something that does."""
    found: set[int] = set()
    for node in reversed(ordered):  # children before parents
        if id(node) in found or _matters(node, matched.get(id(node)), slow):
            found.add(id(node))
            if node.parent is not None:
                found.add(id(node.parent))
    return found


def _matters(node: "Node[SpanFacts]", rule: FoldRule | None, slow: set[int]) -> bool:
    if rule is None or not rule.folds or node.span.status_code == STATUS_ERROR or id(node) in slow:
        return True
    return node.parent is not None and node.span.service != node.parent.span.service
