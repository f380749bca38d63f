"""Folding: infrastructure under a step becomes one badge. Nothing is dropped; a folded span only names its step.

A span folds if it is infrastructure, has a step above it, and nothing inside it matters: no GenAI span, no error, no
remote call. A `client` span is a remote call, unless the step right above it is an LLM, embedding, retriever or
reranker step, whose transport it then is; so is anything another service did.
In a trace without any GenAI span the `internal` spans are what there is to tell, so they stay.
"""

from collections.abc import Sequence

from llm_tracing.model import GENAI_KINDS, STATUS_ERROR, SpanFacts
from llm_tracing.query.tree import Node

TRANSPORT_OF = frozenset({"llm", "embedding", "retriever", "reranker"})


def fold(ordered: Sequence["Node[SpanFacts]"]) -> dict[int, int]:
    """id(node) -> span_id of the step whose badge holds it, for the nodes that fold. `ordered` is depth-first."""
    stays = _that_matter(ordered)
    folded: dict[int, int] = {}
    for node in ordered:
        if id(node) in stays or node.parent is None:
            continue
        above = node.parent
        folded[id(node)] = folded.get(id(above), above.span.span_id)
    return folded


def _that_matter(ordered: Sequence["Node[SpanFacts]"]) -> set[int]:
    """The nodes that matter themselves or hold something that does."""
    has_genai = any(node.span.kind in GENAI_KINDS for node in ordered)
    found: set[int] = set()
    for node in reversed(ordered):  # children before parents
        if id(node) in found or _matters(node, has_genai):
            found.add(id(node))
            if node.parent is not None:
                found.add(id(node.parent))
    return found


def _matters(node: "Node[SpanFacts]", has_genai: bool) -> bool:
    span = node.span
    if span.kind in GENAI_KINDS or span.status_code == STATUS_ERROR:
        return True
    if node.parent is not None and span.service != node.parent.span.service:
        return True
    if span.kind == "client":
        return _step_above(node) not in TRANSPORT_OF
    return span.kind == "internal" and not has_genai


def _step_above(node: "Node[SpanFacts]") -> str | None:
    """The kind of the nearest GenAI span above."""
    at = node.parent
    while at is not None:
        if at.span.kind in GENAI_KINDS:
            return at.span.kind
        at = at.parent
    return None
