"""Content that came as log records or span events is found with its span, in whatever order and how often it came."""

from itertools import pairwise, permutations
from typing import Any

import pytest
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llm_tracing.api.encode import log_record
from llm_tracing.api.encode import span as span_json
from llm_tracing.normalize.cost import Prices
from llm_tracing.query.view import trace_view
from llm_tracing.store.contract import Filter, Page, Store
from tests.builders import MS, NOON, SECOND, batch_of, chat, log, log_request, span, trace_hex, trace_request
from tests.contract.conftest import Open

QUESTION, ANSWER = "Where is the café? " * 20, "Round the corner."


def _span(trace: str, **more: Any) -> Message:
    return trace_request(span("chat m", 2, trace=trace, attributes=chat(tokens=(3, 2)), **more))


def _said(trace: str, name: str, body: Any, time: int, span_id: int = 2) -> Message:
    return log_request(log(body, trace=trace, span_id=span_id, time=NOON + time, event_name=name))


def _parts(trace: str) -> list[Message]:
    """A call and its events, each an export of its own."""
    return [
        _span(trace),
        _said(trace, "gen_ai.system.message", {"content": "Be brief."}, 1),
        _said(trace, "gen_ai.user.message", {"content": "Hello"}, 2),
        _said(trace, "gen_ai.user.message", {"content": QUESTION}, 3),
        _said(trace, "gen_ai.choice", {"index": 0, "message": {"content": ANSWER}}, 4),
    ]


def _seen(store: Store, trace: str) -> tuple[Any, ...]:
    """Question and answer of the roll-up, then the messages of each span, as the API gives them."""
    stored = store.trace(bytes.fromhex(trace))
    assert stored is not None
    shown = [span_json(view, Prices(), content=True) for view in trace_view(stored)]
    messages = [(one["input_messages"], one["output_messages"]) for one in shown]
    return stored.trace.input, stored.trace.output, stored.trace.llm_call_count, messages


def _text(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


WHOLE = (
    QUESTION.strip(),
    ANSWER,
    1,
    [([_text("system", "Be brief."), _text("user", "Hello"), _text("user", QUESTION)], [_text("assistant", ANSWER)])],
)


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("span_at", [0, 2, 4])
def test_logs_before_and_after_their_span_are_its_content(reopened: Open, restart: bool, span_at: int) -> None:
    store, trace = reopened(), trace_hex(1)
    sent = _parts(trace)
    sent.insert(span_at, sent.pop(0))
    for part in sent:
        store.write(batch_of(part))
        store = reopened() if restart else store
    assert _seen(store, trace) == WHOLE


@pytest.fixture(scope="module")
def numbers() -> list[int]:
    return []


@given(order=st.permutations(range(5)), again=st.lists(st.integers(0, 4), max_size=3), cuts=st.sets(st.integers(1, 7)))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_order_any_commits_and_sent_again_is_the_same(
    store: Store, numbers: list[int], order: list[int], again: list[int], cuts: set[int]
) -> None:
    numbers.append(1)
    trace = trace_hex(len(numbers))
    line = [_parts(trace)[place] for place in [*order, *again]]
    edges = [0, *sorted(cut for cut in cuts if cut < len(line)), len(line)]
    for start, end in pairwise(edges):
        store.write(batch_of(*line[start:end]))
    assert _seen(store, trace) == WHOLE


def test_a_trace_is_touched_by_what_its_logs_tell_and_only_by_that(store: Store) -> None:
    trace = trace_hex(1)
    whole, identifier = _parts(trace), bytes.fromhex(trace)
    assert store.write(batch_of(whole[3])) == set()
    assert store.write(batch_of(whole[0])) == {identifier}
    assert store.write(batch_of(whole[1])) == set()
    assert store.write(batch_of(whole[4])) == {identifier}
    spoken = trace_request(span("chat m", 2, trace=trace_hex(2), attributes=chat("Hello", "Hi")))
    store.write(batch_of(spoken))
    assert store.write(batch_of(_said(trace_hex(2), "gen_ai.choice", {"message": {"content": "Other"}}, 4))) == set()
    assert _seen(store, trace_hex(2))[1] == "Hi"


def test_only_a_span_that_lacks_a_preview_gets_one_and_only_its_own(store: Store) -> None:
    trace = trace_hex(1)
    root = span("invoke", 1, trace=trace, attributes={"gen_ai.operation.name": "invoke_agent"})
    store.write(batch_of(trace_request(root), _span(trace, parent=1, start=NOON + 1)))
    for part in [
        _said(trace, "gen_ai.choice", {"message": {"content": text}}, at) for at, text in ((7, "b"), (5, "a"))
    ]:
        store.write(batch_of(part))
    assert _seen(store, trace)[:2] == (None, "a")
    store.write(batch_of(_said(trace, "gen_ai.choice", {"message": {"content": "of the agent"}}, 9, span_id=1)))
    assert _seen(store, trace)[1] == "of the agent"


def test_logs_an_hour_and_more_from_their_trace_are_of_another(store: Store) -> None:
    trace = trace_hex(1)
    hour = 3_600 * SECOND
    for at in (-hour - 1, -hour, hour + MS, hour + MS + 1):
        store.write(batch_of(_said(trace, "gen_ai.user.message", {"content": f"at {at}"}, at)))
    store.write(batch_of(_span(trace)))
    asked, _, _, [(messages, _)] = _seen(store, trace)
    assert messages == [_text("user", f"at {-hour}"), _text("user", f"at {hour + MS}")]
    assert asked == f"at {hour + MS}"


def test_one_span_is_read_with_its_own_events_and_a_light_trace_with_none(store: Store) -> None:
    trace = trace_hex(1)
    store.write(batch_of(*_parts(trace), _said(trace, "gen_ai.user.message", {"content": "Other"}, 2, span_id=9)))
    store.write(batch_of(trace_request(span("other", 9, 2, trace=trace))))

    def bodies(**asked: Any) -> list[int | None]:
        stored = store.trace(bytes.fromhex(trace), **asked)
        assert stored is not None
        return [row.span_id for row in stored.logs]

    assert bodies() == [2, 2, 9, 2, 2]
    assert bodies(span_ids=[2]) == [2] * 4
    assert bodies(span_ids=[9]) == [9]
    assert bodies(content=False) == []


def test_logs_whose_span_never_comes_stay_logs(store: Store) -> None:
    store.write(batch_of(*_parts(trace_hex(1))[1:]))
    assert store.traces(Page()) == []
    stored = store.logs(Page())
    assert [log_record(row, stored)["body"] for row in stored.logs[1:]] == [
        {"content": QUESTION},
        {"content": "Hello"},
        {"content": "Be brief."},
    ]


def test_free_text_finds_what_came_only_as_events(store: Store) -> None:
    late = _said(trace_hex(1), "gen_ai.tool.message", {"id": "c", "content": 'It says "Olá"'}, 5)
    events = [("gen_ai.content.prompt", {"gen_ai.prompt": "user: " + "x" * 600 + " deep inside"})]
    by_event = trace_request(span("event", 1, trace=trace_hex(2), events=events))
    store.write(batch_of(*_parts(trace_hex(1)), late, by_event, _said(trace_hex(3), "mine", "deep inside", 0)))

    def found(text: str) -> tuple[list[str], list[str | None]]:
        page = Page(filters=[Filter("text", "=", text)])
        return [row.name for row in store.traces(page)], [row.genai_event for row in store.logs(page).logs]

    assert found("CAFÉ") == (["chat m"], ["gen_ai.user.message"])
    assert found('says "olá"') == (["chat m"], ["gen_ai.tool.message"])
    assert found("deep inside") == (["event"], [None])
    assert found("be brief") == (["chat m"], ["gen_ai.system.message"])
    assert found("no such") == ([], [])


def test_a_search_finds_logs_that_came_with_a_span_sent_again(store: Store) -> None:
    whole = _parts(trace_hex(1))
    store.write(batch_of(whole[0]))
    store.write(batch_of(*whole, _span(trace_hex(2))))
    assert [row.name for row in store.traces(Page(filters=[Filter("text", "=", "be brief")]))] == ["chat m"]


def test_the_events_of_a_span_are_given_back_as_sent(store: Store) -> None:
    events: list[tuple[str, Any]] = [
        ("gen_ai.user.message", {"content": QUESTION, "role": "user", "gen_ai.system": "openai"}),
        ("exception", {"exception.type": "E", "exception.message": "m" * 1_000}),
    ]
    store.write(batch_of(trace_request(span("chat", 1, trace=trace_hex(1), events=events))))
    stored = store.trace(bytes.fromhex(trace_hex(1)))
    assert stored is not None
    [view] = trace_view(stored)
    shown = span_json(view, Prices(), content=True)
    assert [(event["name"], event["attributes"]) for event in shown["events"]] == events
    assert [event["time_unix_nano"] for event in shown["events"]] == [str(NOON), str(NOON + 1)]
    assert "$parts" in (stored.spans[0].events or "")


def test_equal_times_keep_the_order_sent(store: Store) -> None:
    for number, order in enumerate(permutations("abc"), 1):
        sent = [_said(trace_hex(number), "gen_ai.user.message", {"content": text}, 1) for text in order]
        store.write(batch_of(_span(trace_hex(number)), *sent))
        [(messages, _)] = _seen(store, trace_hex(number))[3]
        assert messages == [_text("user", text) for text in order]
