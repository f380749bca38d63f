"""The roll-up of a tree: what the list of traces shows of it."""

from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from llm_tracing.model import TraceRow
from llm_tracing.normalize.cost import Prices
from llm_tracing.normalize.rollup import roll_up
from tests.builders import MS, NOON, chat, records, span

PRICES = Prices()
CHAIN = {"gen_ai.operation.name": "invoke_workflow", "gen_ai.workflow.name": "qa"}
FREE: dict[str, Any] = {"model": "offline-sql"}


def _rolled(*spans: Span) -> TraceRow:
    trace, _ = roll_up([record.facts() for record in records(*spans)], PRICES)
    return trace


def test_usage_and_cost_are_the_sums_over_counted_calls() -> None:
    cached: dict[str, Any] = {
        "gen_ai__usage__cache_read__input_tokens": 3,
        "gen_ai__usage__reasoning__output_tokens": 1,
    }
    trace, calls = roll_up(
        [
            record.facts()
            for record in records(
                span("ask", 1),
                span("agent", 2, 1, attributes={**CHAIN, "gen_ai.usage.input_tokens": 999}),
                span("chat", 3, 2, attributes=chat(tokens=(10, 2), **FREE)),
                span("chat", 4, 2, attributes=chat(tokens=(20, 5), **FREE, **cached)),
                span("embed", 5, 2, attributes=chat(operation="embeddings", tokens=(7, 0), **FREE)),
            )
        ],
        PRICES,
    )
    assert (trace.input_tokens, trace.output_tokens) == (37, 7)
    assert (trace.cache_read_tokens, trace.reasoning_tokens) == (3, 1)
    assert (trace.span_count, trace.llm_call_count, trace.unpriced_calls) == (5, 2, 0)
    assert trace.cost_pico_usd == 0
    assert [call.span_id for call in calls] == [3, 4, 5]
    assert trace.models == ["offline-sql"]


def test_an_unpriced_call_leaves_the_total_of_the_others() -> None:
    known = chat(tokens=(1_000_000, 0))
    unknown = chat(model="nobody-knows-it", provider="acme", tokens=(5, 5))
    trace = _rolled(span("a", 1, attributes=known), span("b", 2, attributes=unknown))
    assert trace.cost_pico_usd == 150_000_000_000
    assert trace.unpriced_calls == 1
    assert _rolled(span("b", 2, attributes=unknown)).cost_pico_usd is None


def test_a_failed_call_without_tokens_is_a_call_but_not_unpriced() -> None:
    trace = _rolled(span("chat", 1, attributes=chat(), status=2, message="rate limit"))
    assert (trace.llm_call_count, trace.unpriced_calls, trace.error_count, trace.status) == (1, 0, 1, "error")
    assert trace.output == "rate limit"


def test_an_error_that_its_caller_dealt_with_does_not_fail_the_trace() -> None:
    trace = _rolled(span("root", 1), span("attempt", 2, 1, status=2), span("attempt", 3, 1))
    assert (trace.status, trace.error_count) == ("unset", 1)
    assert _rolled(span("root", 1, status=1), span("attempt", 2, 1, status=2)).status == "ok"


def test_an_orphan_that_failed_fails_the_trace() -> None:
    trace = _rolled(span("root", 1, status=1), span("lost", 2, parent=77, status=2, message="boom"))
    assert (trace.status, trace.name, trace.output) == ("error", "root", "boom")


def test_the_question_and_the_answer_come_from_the_outermost_that_has_them() -> None:
    asked = chat("Which albums?", "SELECT title", **FREE)
    worded = chat("Word it: Unplugged", "Unplugged is the album.", **FREE)
    trace = _rolled(
        span("GET /ask", 1, duration=9 * MS),
        span("sql", 2, 1, start=NOON + MS, attributes=asked),
        span("tool", 3, 1, start=NOON + 3 * MS, attributes={"gen_ai.operation.name": "execute_tool"}),
        span("answer", 4, 1, start=NOON + 5 * MS, attributes=worded),
    )
    assert (trace.input, trace.output) == ("Which albums?", "Unplugged is the album.")


def test_the_trace_spans_all_of_its_spans_in_time() -> None:
    trace = _rolled(span("root", 1), span("late", 2, 1, start=NOON + 5 * MS), span("no end", 3, 1, duration=-5))
    assert (trace.start_time_unix_nano, trace.end_time_unix_nano) == (NOON, NOON + 6 * MS)


def test_session_and_user_come_from_the_root_first() -> None:
    root = span("root", 1, attributes={"session.id": "s-root"})
    inner = span("inner", 2, 1, attributes={"session.id": "s-inner", "enduser.id": "u7"})
    trace = _rolled(inner, root)
    assert (trace.session_id, trace.user_id) == ("s-root", "u7")
