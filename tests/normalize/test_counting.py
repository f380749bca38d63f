"""Each token is counted once: which spans stand for a call."""

import time
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from llm_tracing.normalize.counting import decide
from tests.builders import MS, NOON, chat, records, span

AGENT = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "a"}
TOKENS = {"gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 2}
LLM = chat()
EMBEDDING = chat(operation="embeddings")
TOOL = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "t"}

Tree = list[tuple[int, int | None, dict[str, Any]]]


def _counted(tree: Tree) -> set[int]:
    spans = [span(f"s{number}", number, parent, attributes=attributes) for number, parent, attributes in tree]
    facts = [record.facts() for record in records(*spans)]
    reasons = decide(facts, {one.span_id: one.parent_span_id for one in facts})
    assert all(reason for reason in reasons.values() if reason is not None)
    return {span_id for span_id, reason in reasons.items() if reason is None}


CASES: dict[str, tuple[Tree, set[int]]] = {
    "a call": ([(1, None, {**LLM, **TOKENS})], {1}),
    "a call without tokens": ([(1, None, LLM), (2, 1, {})], {1}),
    "two calls of an agent whose usage repeats them": (
        [(1, None, {**AGENT, **TOKENS}), (2, 1, {**LLM, **TOKENS}), (3, 1, {**LLM, **TOKENS})],
        {2, 3},
    ),
    "an agent whose calls are not seen": ([(1, None, {**AGENT, **TOKENS}), (2, 1, TOOL)], {1}),
    "an agent over an agent": ([(1, None, {**AGENT, **TOKENS}), (2, 1, {**AGENT, **TOKENS})], {2}),
    "an agent without tokens": ([(1, None, AGENT), (2, 1, {**LLM, **TOKENS})], {2}),
    "a framework's call around the client's": ([(1, None, {**LLM, **TOKENS}), (2, 1, {**LLM, **TOKENS})], {2}),
    "tokens on the outer call alone": ([(1, None, {**LLM, **TOKENS}), (2, 1, LLM)], {1}),
    "tokens on the inner call alone": ([(1, None, LLM), (2, 1, {**LLM, **TOKENS})], {2}),
    "no tokens on either": ([(1, None, LLM), (2, 1, LLM)], {2}),
    "a call with steps between": ([(1, None, {**LLM, **TOKENS}), (2, 1, {}), (3, 2, {**LLM, **TOKENS})], {3}),
    "an agent with tokens and a call without": ([(1, None, {**AGENT, **TOKENS}), (2, 1, LLM)], {1}),
    "an embedding beside a call": ([(1, None, {}), (2, 1, {**EMBEDDING, **TOKENS}), (3, 1, {**LLM, **TOKENS})], {2, 3}),
    "nothing that is a call": ([(1, None, {}), (2, 1, TOOL)], set()),
    "a cycle": ([(1, 2, {**LLM, **TOKENS}), (2, 1, {})], {1}),
    "its own parent": ([(1, 1, {**LLM, **TOKENS})], {1}),
}


@pytest.mark.parametrize("case", CASES)
def test_the_spans_that_stand_for_a_call(case: str) -> None:
    tree, counted = CASES[case]
    assert _counted(tree) == counted
    assert _counted(tree[::-1]) == counted


def _call(number: int, start: int, duration: int, parent: int | None = 9, **more: Any) -> Span:
    """A call, or one that says more; start and duration in milliseconds."""
    name = more.pop("name", f"s{number}")
    status = more.pop("status", 0)
    model = more.pop("model", "gpt-4o")
    attributes = chat(model=model, **more)
    start_ns, duration_ns = NOON + start * MS, duration * MS
    return span(name, number, parent, start=start_ns, duration=duration_ns, status=status, attributes=attributes)


ROOT = span("root", 9, duration=1000 * MS)
SAID: dict[str, Any] = {"tokens": (31, 22), "asked": "hi", "answered": "hello"}
ID: dict[str, Any] = {"gen_ai__response__id": "msg_1"}

TOLD_TWICE: dict[str, tuple[list[Span], set[int]]] = {
    "a request and the instant that tells its stream": ([_call(1, 0, 30), _call(2, 200, 0, **SAID)], {2}),
    "the same with the client's own span inside the request": (
        [_call(1, 0, 30), _call(3, 1, 170, parent=1, tokens=(31, 22)), _call(2, 200, 0, **SAID)],
        {3},
    ),
    "a stream of which nobody knows the tokens": ([_call(1, 0, 30), _call(2, 200, 0, answered="hello")], {1}),
    "two streams at once": (
        [_call(1, 0, 30), _call(2, 5, 30), _call(3, 200, 0, **SAID), _call(4, 210, 0, **SAID)],
        {3, 4},
    ),
    "one response of two instrumentations that do not nest": (
        [_call(1, 0, 100, tokens=(31, 22), **ID), _call(2, 10, 80, parent=None, tokens=(31, 22), **ID)],
        {1},
    ),
    "one response of which one span has the tokens": (
        [_call(1, 0, 100, **ID), _call(2, 10, 80, parent=None, tokens=(31, 22), **ID)],
        {2},
    ),
    "two equal calls, one after the other": ([_call(1, 0, 100, **SAID), _call(2, 100, 100, **SAID)], {1, 2}),
    "two equal calls at once": ([_call(1, 0, 100, **SAID), _call(2, 0, 100, **SAID)], {1, 2}),
    "a call without tokens and then one with": ([_call(1, 0, 100), _call(2, 120, 90, **SAID)], {1, 2}),
    "a failed call and an instant": ([_call(1, 0, 30, status=2), _call(2, 200, 0, **SAID)], {1, 2}),
    "an instant of another model": ([_call(1, 0, 30), _call(2, 200, 0, model="o3", **SAID)], {1, 2}),
    "an instant somewhere else": ([_call(1, 0, 30), _call(2, 200, 0, parent=8, **SAID)], {1, 2}),
    "an instant before the request": ([_call(1, 100, 30), _call(2, 20, 0, **SAID)], {1, 2}),
    "a second instant": ([_call(1, 0, 30), _call(2, 200, 0, **SAID), _call(3, 220, 0, **SAID)], {2, 3}),
    "a response again, out of a cache": ([_call(1, 0, 50, **SAID, **ID), _call(2, 60, 5, **SAID, **ID)], {1, 2}),
    "one id for every response": (
        [_call(1, 0, 100, tokens=(1, 2), **ID), _call(2, 10, 80, tokens=(1, 3), **ID)],
        {1, 2},
    ),
    "one id for two models": ([_call(1, 0, 100, **SAID, **ID), _call(2, 10, 80, model="o3", **SAID, **ID)], {1, 2}),
}  # fmt: skip


@pytest.mark.parametrize("case", TOLD_TWICE)
def test_a_call_told_by_two_spans_counts_once_and_two_calls_count_twice(case: str) -> None:
    spans, counted = TOLD_TWICE[case]
    facts = [record.facts() for record in records(ROOT, *spans)]
    parents = {one.span_id: one.parent_span_id for one in facts}
    for ordered in (facts, facts[::-1]):
        reasons = decide(ordered, parents)
        assert {span_id for span_id, reason in reasons.items() if reason is None} == counted


def test_ten_thousand_calls_with_one_response_id_are_told_apart_in_no_time() -> None:
    [first] = [record.facts() for record in records(_call(1, 0, 1, tokens=(1, 2), **ID))]
    facts = [
        first._replace(span_id=n, start_time_unix_nano=NOON + n, end_time_unix_nano=NOON + n) for n in range(10, 10_010)
    ]
    began = time.perf_counter()
    reasons = decide(facts, dict.fromkeys((one.span_id for one in facts), 9))
    assert list(reasons.values()).count(None) == len(facts)
    assert time.perf_counter() - began < 2
