"""Folding: infrastructure goes into the badge of the step above it, and nothing that matters does."""

from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from llm_tracing.query.fold import fold
from llm_tracing.query.tree import Node, build_tree
from tests.builders import batch_of, chat, span, trace_request

CLIENT, SERVER = Span.SPAN_KIND_CLIENT, Span.SPAN_KIND_SERVER
DB = {"db.system.name": "sqlite"}
TOOL = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "run_sql"}


def _folds(*requests: Any) -> dict[str, str]:
    """name of each folded span -> name of the step that badges it."""
    nodes: list[Node[Any]] = build_tree(batch_of(*requests).spans)
    names = {node.span.span_id: node.span.name for node in nodes}
    steps = [one.step for one in fold(nodes)]
    return {node.span.name: names[step] for node in nodes if (step := steps[node.place]) is not None}


def _qa(*more: Span) -> Any:
    return trace_request(
        span("GET /ask", 1, kind=SERVER),
        span("chat", 2, 1, attributes=chat()),
        span("run_sql", 3, 1, attributes=TOOL),
        *more,
    )


def test_statements_under_a_tool_go_into_its_badge() -> None:
    assert _folds(_qa(span("connect", 4, 3, attributes=DB), span("SELECT", 5, 3, attributes=DB))) == {
        "connect": "run_sql",
        "SELECT": "run_sql",
    }


def test_what_lies_under_a_folded_span_goes_into_the_same_badge() -> None:
    assert _folds(_qa(span("pool", 4, 3), span("connect", 5, 4, attributes=DB))) == {
        "pool": "run_sql",
        "connect": "run_sql",
    }


def test_the_transport_of_a_model_call_folds_and_another_remote_call_stays() -> None:
    assert _folds(_qa(span("POST", 4, 2, kind=CLIENT), span("POST to a partner", 5, 1, kind=CLIENT))) == {
        "POST": "chat"
    }


def test_a_remote_call_of_a_tool_stays() -> None:
    assert _folds(_qa(span("GET weather", 4, 3, kind=CLIENT))) == {}


def test_an_error_stays_with_all_that_holds_it() -> None:
    assert _folds(_qa(span("pool", 4, 3), span("connect", 5, 4, attributes=DB, status=2))) == {}


def test_what_another_service_did_stays() -> None:
    partner = trace_request(span("handle", 5, 4, kind=SERVER), span("its SELECT", 6, 5, attributes=DB), service="db")
    assert _folds(_qa(span("POST", 4, 1, kind=CLIENT)), partner) == {"its SELECT": "handle"}


def test_what_holds_a_step_stays() -> None:
    assert _folds(_qa(span("middleware", 4, 1), span("inner chat", 5, 4, attributes=chat()))) == {}


def test_without_a_genai_span_the_internal_ones_are_the_story() -> None:
    plain = trace_request(span("root", 1, kind=SERVER), span("work", 2, 1), span("SELECT", 3, 2, attributes=DB))
    assert _folds(plain) == {"SELECT": "work"}


@pytest.mark.parametrize("parent", [None, 77])
def test_a_root_never_folds(parent: int | None) -> None:
    assert _folds(trace_request(span("SELECT", 1, parent, attributes=DB))) == {}
