"""The tree of a trace: every span once, parents before children, whatever was sent."""

from hypothesis import given
from hypothesis import strategies as st

from llm_tracing.model import SpanRecord
from llm_tracing.normalize.cost import Prices
from llm_tracing.normalize.rollup import roll_up
from llm_tracing.query.tree import Node, build_tree
from llm_tracing.query.view import trace_view
from llm_tracing.store.contract import StoredTrace
from tests.builders import MS, NOON, batch_of, chat, records, span, trace_request


def _shape(nodes: list[Node[SpanRecord]]) -> list[tuple[str, int, bool]]:
    return [(node.span.name, node.depth, node.is_orphan) for node in nodes]


def _tree(*spans: tuple[str, int, int | None], start: int = NOON) -> list[Node[SpanRecord]]:
    """Spans of (name, id, parent), each a millisecond after the one before."""
    return build_tree(records(*(span(n, i, p, start=start + place * MS) for place, (n, i, p) in enumerate(spans))))


def test_children_follow_their_parent_in_the_order_of_their_start() -> None:
    nodes = _tree(("root", 1, None), ("second root", 2, None), ("b", 3, 1), ("c", 4, 1), ("under b", 5, 3))
    assert _shape(nodes) == [
        ("root", 0, False),
        ("b", 1, False),
        ("under b", 2, False),
        ("c", 1, False),
        ("second root", 0, False),
    ]


def test_a_child_that_starts_before_its_parent_is_still_under_it() -> None:
    assert [name for name, *_ in _shape(_tree(("child", 2, 1), ("parent", 1, None)))] == ["parent", "child"]


def test_an_orphan_is_shown_as_a_root() -> None:
    assert _shape(_tree(("lost", 2, 77), ("below", 3, 2))) == [("lost", 0, True), ("below", 1, False)]


def test_a_cycle_is_broken_at_its_first_span() -> None:
    nodes = _tree(("root", 9, None), ("a", 1, 3), ("b", 2, 1), ("c", 3, 2), ("hangs on", 4, 3), ("itself", 5, 5))
    assert _shape(nodes) == [
        ("root", 0, False),
        ("a", 0, True),
        ("b", 1, False),
        ("c", 2, False),
        ("hangs on", 3, False),
        ("itself", 0, True),
    ]


def test_two_spans_with_one_id_are_both_kept_and_the_first_has_the_children() -> None:
    nodes = _tree(("root", 1, None), ("twin", 2, 1), ("other twin", 2, 1), ("below", 3, 2))
    assert _shape(nodes) == [("root", 0, False), ("twin", 1, False), ("below", 2, False), ("other twin", 1, False)]


def test_a_very_deep_trace_is_no_problem() -> None:
    nodes = _tree(*((f"s{n}", n, n - 1 or None) for n in range(1, 20_000)))
    assert nodes[-1].depth == 19_998


LINKS = st.lists(st.tuples(st.integers(1, 8), st.none() | st.integers(1, 9), st.integers(0, 3)), max_size=12)


@given(LINKS)
def test_any_spans_make_a_tree_that_holds_each_once(links: list[tuple[int, int | None, int]]) -> None:
    sent = records(*(span(f"s{place}", i, p, start=NOON + at) for place, (i, p, at) in enumerate(links)))
    nodes = build_tree(sent)
    assert sorted(node.span.name for node in nodes) == sorted(one.name for one in sent)
    placed: set[int] = set()
    for node in nodes:
        assert (node.parent is None) == (node.depth == 0)
        if node.parent is not None:
            assert id(node.parent) in placed
            assert node.depth == node.parent.depth + 1
            assert node.parent.span.span_id == node.span.parent_span_id
        placed.add(id(node))


def test_ten_thousand_wrappers_in_one_another_are_told_apart_at_once() -> None:
    agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 5}
    depth = 10_000
    spans = [span("agent", n, n - 1 or None, attributes=agent) for n in range(1, depth)]
    calls = [span("chat", depth + n, depth - 1, attributes=chat(tokens=(5, 1))) for n in range(2)]
    batch = batch_of(trace_request(*spans, *calls))
    trace, _ = roll_up([record.facts() for record in batch.spans], Prices())
    views = trace_view(StoredTrace(trace, batch.spans, {}, {}, {}))
    assert {view.not_counted_because for view in views if not view.counted} == {
        "Not counted: repeats the usage of its 2 calls below."
    }
    assert (trace.llm_call_count, trace.input_tokens) == (2, 10)
