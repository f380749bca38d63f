"""One trace as it is shown: its spans in tree order with their meaning, their folds, and the bill."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Any

from llm_tracing.model import SpanFacts, SpanRecord
from llm_tracing.normalize.anyvalue import from_json
from llm_tracing.normalize.conventions import read_content, read_facts
from llm_tracing.normalize.conventions.contract import Content, Facts
from llm_tracing.normalize.counting import REPEATS_CHILDREN, decide
from llm_tracing.normalize.payloads import restore
from llm_tracing.query.fold import fold
from llm_tracing.query.tree import Node, build_tree
from llm_tracing.store.contract import StoredTrace


@dataclass(frozen=True)
class SpanView:
    """A span with its place in the tree. Attributes, content and facts are worked out when first asked for."""

    record: SpanRecord
    stored: StoredTrace
    depth: int
    is_orphan: bool
    folded_into: int | None
    counted: bool
    not_counted_because: str | None

    @cached_property
    def attributes(self) -> dict[str, Any]:
        found = from_json(self.record.attributes)
        restored: dict[str, Any] = restore(found, self.stored.payloads) if self.stored.payloads else found
        return restored

    @cached_property
    def content(self) -> Content:
        return read_content(self.attributes)

    @cached_property
    def facts(self) -> Facts:
        return read_facts(self.attributes) or Facts()


def trace_view(stored: StoredTrace) -> list[SpanView]:
    """Every stored span of a trace, depth-first, parents before children."""
    nodes = build_tree(stored.spans)
    facts_nodes: Sequence[Node[Any]] = nodes
    folded = fold(facts_nodes)
    spans: list[SpanFacts] = [record.facts() for record in stored.spans]
    reasons = decide(spans, {span.span_id: span.parent_span_id for span in spans})
    counted = [reasons.get(node.span.span_id, "") is None for node in nodes]
    return [
        SpanView(
            node.span,
            stored,
            node.depth,
            node.is_orphan,
            folded.get(id(node)),
            counted[place],
            _in_words(reasons.get(node.span.span_id), nodes, place, counted),
        )
        for place, node in enumerate(nodes)
    ]


def _in_words(reason: str | None, nodes: Sequence[Node[Any]], place: int, counted: Sequence[bool]) -> str | None:
    """Why a span is not counted, for people; the nodes are depth-first."""
    if reason is None:
        return None
    if reason == REPEATS_CHILDREN:
        below = takewhile(lambda at: nodes[at].depth > nodes[place].depth, range(place + 1, len(nodes)))
        calls = sum(counted[at] for at in below)
        if calls:
            reason = f"repeats the usage of its {calls:,} calls below" if calls > 1 else "repeats the call below it"
    return f"Not counted: {reason}."
