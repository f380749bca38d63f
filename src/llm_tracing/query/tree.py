"""The tree of a trace: depth-first order, orphans as roots, cycles broken, duplicate ids all kept.

Iterative and linear, so that neither depth nor size can hang it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Generic, Protocol, TypeVar


class TreeSpan(Protocol):
    @property
    def span_id(self) -> int: ...
    @property
    def parent_span_id(self) -> int | None: ...
    @property
    def start_time_unix_nano(self) -> int: ...
    @property
    def end_time_unix_nano(self) -> int: ...


S = TypeVar("S", bound=TreeSpan)


@dataclass(slots=True)
class Node(Generic[S]):
    """A span in its tree. `parent` is None for roots; an orphan is a root whose parent is not in the trace.

    `place` is its number in the depth-first order.
    """

    span: S
    parent: "Node[S] | None"
    children: "list[Node[S]]"
    is_orphan: bool = False
    depth: int = 0
    place: int = 0


def build_tree(spans: Sequence[S]) -> list[Node[S]]:
    """Every span once, depth-first, parents before children, siblings by start time."""
    nodes = [Node(span, None, []) for span in _in_order(spans)]
    by_id: dict[int, Node[S]] = {}
    for node in nodes:
        by_id.setdefault(node.span.span_id, node)
    roots: list[Node[S]] = []
    for node in nodes:
        parent_id = node.span.parent_span_id
        parent = by_id.get(parent_id) if parent_id is not None else None
        if parent is None or parent is node:
            node.is_orphan = parent_id is not None
            roots.append(node)
        else:
            node.parent = parent
            parent.children.append(node)
    ordered = _depth_first(roots)
    if len(ordered) < len(nodes):
        ordered = _with_cycles_broken(nodes, roots)
    return ordered


def _in_order(spans: Sequence[S]) -> list[S]:
    """By `_order`: sorts are stable, and three by a field each take a third of one by a tuple."""
    found = sorted(spans, key=attrgetter("span_id"))
    found.sort(key=attrgetter("end_time_unix_nano"), reverse=True)
    found.sort(key=attrgetter("start_time_unix_nano"))
    return found


def _order(span: TreeSpan) -> tuple[int, int, int]:
    return (span.start_time_unix_nano, -span.end_time_unix_nano, span.span_id)


def _depth_first(roots: Sequence[Node[S]]) -> list[Node[S]]:
    ordered: list[Node[S]] = []
    stack = list(reversed(roots))
    while stack:
        node = stack.pop()
        node.depth = 0 if node.parent is None else node.parent.depth + 1
        node.place = len(ordered)
        ordered.append(node)
        if node.children:
            stack.extend(reversed(node.children))
    return ordered


def _with_cycles_broken(nodes: Sequence[Node[S]], roots: list[Node[S]]) -> list[Node[S]]:
    """The first span of each cycle becomes a root, marked as an orphan."""
    reached = {id(node) for node in _depth_first(roots)}
    for node in nodes:
        if id(node) in reached:
            continue
        top = _on_cycle(node)
        if top.parent is not None:
            top.parent.children.remove(top)
        top.parent, top.is_orphan = None, True
        roots.append(top)
        reached.update(id(found) for found in _depth_first([top]))
    return _depth_first(sorted(roots, key=lambda node: _order(node.span)))


def _on_cycle(node: Node[S]) -> Node[S]:
    """The earliest span of the cycle that the parents of `node` run into."""
    seen: set[int] = set()
    at = node
    while id(at) not in seen and at.parent is not None:
        seen.add(id(at))
        at = at.parent
    cycle = [at]
    step = at.parent
    while step is not None and step is not at:
        cycle.append(step)
        step = step.parent
    return min(cycle, key=lambda found: _order(found.span))
