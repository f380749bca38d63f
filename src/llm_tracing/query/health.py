"""What the trees of the newest traces say of their senders: what folds, what hangs in the air, what is told twice."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from llm_tracing.model import ScopeRow, SpanFacts
from llm_tracing.normalize.counting import CALL_KINDS, decide
from llm_tracing.normalize.merge import merge_facts
from llm_tracing.normalize.twins import merge_twins
from llm_tracing.query.fold import fold
from llm_tracing.query.fold_rules import FoldRules
from llm_tracing.query.tree import Node, build_tree
from llm_tracing.store.contract import RecentSpan

GRACE_NS = 60_000_000_000  # a parent ends after its children, and is sent after it ended
_REMOTE = 0x300  # SpanFlags of OTLP: CONTEXT_HAS_IS_REMOTE_MASK and CONTEXT_IS_REMOTE_MASK


@dataclass(slots=True)
class Health:
    """Of one service. `orphaned` spans name a parent that is not there, for the `remote` of them in another process.

    `told_twice` are calls that two scopes tell, by the names of both.
    """

    spans: int = 0
    folded: int = 0
    orphaned: int = 0
    remote: int = 0
    told_twice: Counter[tuple[str, str]] = field(default_factory=Counter)


def health(
    traces: Iterable[Sequence[RecentSpan]], scopes: Mapping[bytes, ScopeRow], now: int, rules: FoldRules | None = None
) -> dict[str, Health]:
    """By service. `now` is in nanoseconds; what ended just before it may still get its parent."""
    found: dict[str, Health] = {}
    for spans in traces:
        _look(spans, scopes, now, rules, found)
    return found


def _look(
    spans: Sequence[RecentSpan],
    scopes: Mapping[bytes, ScopeRow],
    now: int,
    rules: FoldRules | None,
    found: dict[str, Health],
) -> None:
    merged = merge_twins([span.facts for span in spans], merge_facts)
    nodes: Sequence[Node[Any]] = build_tree(merged)
    scope_ids = {span.facts.span_id: span.scope_id for span in spans}
    folds = fold(nodes, rules, lambda span: _name(span, scope_ids, scopes))
    flags = {span.facts.span_id: span.flags for span in spans}
    for node in nodes:
        facts: SpanFacts = node.span
        one = found.setdefault(facts.service, Health())
        one.spans += 1
        one.folded += folds[node.place].step is not None
        if node.is_orphan and max(facts.start_time_unix_nano, facts.end_time_unix_nano) < now - GRACE_NS:
            one.orphaned += 1
            one.remote += flags.get(facts.span_id, 0) & _REMOTE == _REMOTE
    _twice(merged, scope_ids, scopes, found)


def _twice(
    merged: Sequence[SpanFacts],
    scope_ids: Mapping[int, bytes],
    scopes: Mapping[bytes, ScopeRow],
    found: dict[str, Health],
) -> None:
    """Calls that are not counted because one of another scope tells them too."""
    calls = [span for span in merged if span.kind in CALL_KINDS]
    if len(calls) < 2:
        return
    reasons = decide(merged, {span.span_id: span.parent_span_id for span in merged})
    counted = [span for span in calls if reasons.get(span.span_id, "") is None]
    for span in calls:
        if reasons.get(span.span_id) is None:
            continue
        mine = _name(span, scope_ids, scopes)
        other = next((o for c in counted if _overlap(span, c) and (o := _name(c, scope_ids, scopes)) != mine), None)
        if mine and other:
            first, second = sorted((mine, other))
            found[span.service].told_twice[first, second] += 1


def _name(span: SpanFacts, scope_ids: Mapping[int, bytes], scopes: Mapping[bytes, ScopeRow]) -> str:
    scope = scopes.get(scope_ids.get(span.span_id, b""))
    return scope.name if scope else ""


def _overlap(one: SpanFacts, other: SpanFacts) -> bool:
    return one.start_time_unix_nano <= other.end_time_unix_nano and other.start_time_unix_nano <= one.end_time_unix_nano
