"""Folding rules: what they can say, what no rule can change, which of them is named."""

from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from llm_tracing.errors import Unprocessable
from llm_tracing.query.fold import STAYS, Fold, fold
from llm_tracing.query.fold_rules import FoldRules, default_rules, read_rules
from llm_tracing.query.tree import Node, build_tree
from tests.builders import MS, batch_of, chat, span, trace_request

CLIENT, SERVER = Span.SPAN_KIND_CLIENT, Span.SPAN_KIND_SERVER
DB = {"db.system.name": "sqlite"}
TOOL = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "run_sql"}
EVERYTHING = read_rules({"rules": [{"id": "all"}]})


def _folds(rules: FoldRules | None, *more: Span) -> dict[str, Fold]:
    """name -> what became of it, for spans under a tool (3) and a call (2) of one trace."""
    request = trace_request(
        span("GET /ask", 1, kind=SERVER),
        span("chat", 2, 1, attributes=chat()),
        span("run_sql", 3, 1, attributes=TOOL),
        *more,
    )
    nodes: list[Node[Any]] = build_tree(batch_of(request).spans)
    folded = fold(nodes, rules, lambda record: "tests")
    return {node.span.name: folded[node.place] for node in nodes if folded[node.place] is not STAYS}


def _select(span_id: int, duration: int = MS, name: str = "SELECT") -> Span:
    return span(name, span_id, 3, attributes=DB, duration=duration)


def test_each_folded_span_names_its_rule() -> None:
    found = _folds(None, _select(4), span("connect", 5, 3, attributes=DB), span("POST", 6, 2, kind=CLIENT))
    assert {name: (one.step, one.rule) for name, one in found.items() if one.step} == {
        "SELECT": (3, "statements"),
        "connect": (3, "pool"),
        "POST": (2, "transport"),
    }


def test_no_rule_folds_errors_remote_calls_steps_or_other_services() -> None:
    partner = trace_request(
        span("root", 1, kind=SERVER),
        span("chat", 2, 1, attributes=chat()),
        span("failed", 4, 1, status=2),
        span("GET weather", 5, 1, kind=CLIENT),
        span("holds a call", 6, 1),
        span("inner chat", 7, 6, attributes=chat()),
    )
    elsewhere = trace_request(span("handle", 8, 1, kind=SERVER), service="partner")
    nodes: list[Node[Any]] = build_tree(batch_of(partner, elsewhere).spans)
    assert [one for one in fold(nodes, EVERYTHING) if one.step is not None] == []


def test_a_slow_span_stays_and_says_so() -> None:
    found = _folds(None, *(_select(n) for n in range(4, 9)), _select(20, 1_000 * MS, "slow"))
    assert found["slow"] == Fold(None, "statements", True)
    assert found["SELECT"].step == 3


def test_a_span_is_slow_beside_others_of_its_name() -> None:
    spans = [*(_select(n) for n in range(4, 9)), _select(9, 150 * MS)]
    request = trace_request(span("root", 1), span("run_sql", 3, 1, attributes=TOOL), *spans)
    nodes: list[Node[Any]] = build_tree(batch_of(request).spans)
    folded = fold(nodes)
    slow = [node.span.span_id for node in nodes if folded[node.place].slow]
    assert slow == [9]


def test_the_first_rule_that_matches_decides() -> None:
    rules = read_rules(
        {"rules": [{"id": "keep", "kinds": ["db"], "names": ["SEL*"], "folds": False}, {"id": "rest", "kinds": ["db"]}]}
    )
    found = _folds(rules, _select(4), span("connect", 5, 3, attributes=DB))
    assert (found["SELECT"], found["connect"]) == (Fold(None, "keep", False), Fold(3, "rest", False))


def test_a_rule_that_is_off_is_passed_over() -> None:
    off = [{**rule.model_dump(), "enabled": rule.id == "pool"} for rule in default_rules().rules]
    found = _folds(read_rules({"rules": off}), _select(4), span("connect", 5, 3, attributes=DB))
    assert set(found) == {"connect"}


@pytest.mark.parametrize(
    ("field", "values", "folds"),
    [
        ("scopes", ["te*"], True),
        ("scopes", ["other"], False),
        ("services", ["shop"], True),
        ("services", ["shop-2"], False),
        ("steps", ["tool"], True),
        ("steps", ["llm"], False),
        ("names", ["*ELE*"], True),
        ("names", ["select"], False),
    ],
)
def test_each_part_of_a_rule_narrows_it(field: str, values: list[str], folds: bool) -> None:
    found = _folds(read_rules({"rules": [{"id": "one", "kinds": ["db"], field: values}]}), _select(4))
    assert ("SELECT" in found) is folds


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"rules": [{"id": "A b"}]}, "rules.0.id"),
        ({"rules": [{"id": "a", "kinds": ["llm"]}]}, "kinds: llm is none of"),
        ({"rules": [{"id": "a"}, {"id": "a"}]}, "two rules are called a"),
        ({"rules": [{"id": "a", "colour": "red"}]}, "rules.0.colour"),
        ({"rules": [{"id": "a", "slow_ms": -1}]}, "rules.0.slow_ms"),
        ({"rules": "all"}, "rules"),
        ([], "rules"),
    ],
)
def test_what_cannot_be_a_rule_is_refused_with_its_place(value: Any, reason: str) -> None:
    with pytest.raises(Unprocessable, match=reason):
        read_rules(value)
