"""Each token is counted once: which spans stand for a call."""

from typing import Any

import pytest

from llm_tracing.normalize.counting import decide
from tests.builders import chat, records, span

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
