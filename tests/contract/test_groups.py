"""What every store says of many traces at once: figures, sessions, users, models, the traces at the top, its extent."""

from typing import Any

from google.protobuf.message import Message
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from llm_tracing.store.contract import Filter, Page, Store
from llm_tracing.store.contract.groups import group_id
from tests.builders import MS, NOON, SECOND, batch_of, chat, log, log_request, span, trace_hex, trace_request
from tests.contract.conftest import Open


def _asked(
    number: int,
    *,
    session: str | None = None,
    user: str | None = None,
    start: int | None = None,
    lasts: int = 10 * MS,
    failed: bool = False,
    **more: Any,
) -> Message:
    """A trace of one call, `number` seconds after noon: `number` * 100 tokens in and `number` out."""
    named = {"session.id": session, "user.id": user}
    attributes = {
        **chat(f"question {number}", f"answer {number}", tokens=(100 * number, number), **more),
        **{key: value for key, value in named.items() if value is not None},
    }
    began = NOON + number * SECOND if start is None else start
    call = span(
        "ask",
        number,
        trace=trace_hex(number),
        start=began,
        duration=lasts,
        status=2 if failed else 0,
        attributes=attributes,
    )
    return trace_request(call)


def _write(store: Store, *requests: Message) -> None:
    store.write(batch_of(*requests))


def _tool(number: int, span_id: int, name: str = "run_sql", *, failed: bool = False, lasts: int = MS) -> Span:
    return span(
        f"execute_tool {name}",
        span_id,
        number,
        trace=trace_hex(number),
        start=NOON + number * SECOND + MS,
        duration=lasts,
        status=2 if failed else 0,
        attributes={"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name},
    )


def test_calls_of_traces_are_chosen_by_their_trace_and_stand_at_its_time(store: Store) -> None:
    late = span("chat", 2, 1, trace=trace_hex(1), start=NOON + 9 * SECOND, attributes=chat(tokens=(5, 5)))
    _write(store, trace_request(span("GET /ask", 1, trace=trace_hex(1), start=NOON, duration=10 * SECOND), late))
    named = Page(filters=[Filter("name", "=", "GET /ask")], until=NOON + SECOND)
    [row] = store.aggregate(named, over="calls", group="model", step_ns=SECOND, of_traces=True)
    assert (row.time_unix_nano, row.group, row.count, row.input_tokens) == (NOON, "gpt-4o-mini", 1, 5)
    assert store.aggregate(Page(until=NOON + SECOND), over="calls", group=None, step_ns=None) == []


def test_figures_of_calls_add_up_to_those_of_their_traces(store: Store) -> None:
    _write(store, *(_asked(n) for n in (1, 2, 3)), _asked(4, model="unknown-model", provider="acme"))
    [calls] = store.aggregate(Page(), over="calls", group=None, step_ns=None, of_traces=True)
    [traces] = store.aggregate(Page(), over="traces", group=None, step_ns=None)
    assert (calls.input_tokens, calls.cost_pico_usd, calls.unpriced_calls) == (
        traces.input_tokens,
        traces.cost_pico_usd,
        traces.unpriced_calls,
    )
    assert (traces.first_time_unix_nano, traces.last_time_unix_nano) == (NOON + SECOND, NOON + 4 * SECOND)


def test_time_to_first_token_is_that_of_the_calls_that_have_one(store: Store) -> None:
    streamed: dict[str, Any] = {"gen_ai__response__time_to_first_chunk": 0.25, "gen_ai__request__stream": True}
    _write(store, _asked(1), _asked(2, lasts=SECOND, **streamed))
    [row] = store.aggregate(Page(), over="calls", group=None, step_ns=None)
    assert (row.count, row.streamed_count, row.time_to_first_token_p50_ns) == (2, 1, 250 * MS)


def test_groups_come_by_what_they_have_most_of_and_no_more_than_asked_for(store: Store) -> None:
    _write(store, _asked(1, user="often"), _asked(2, user="often"), _asked(50, user="much"), _asked(3))
    by_count = store.aggregate(Page(), over="traces", group="user_id", step_ns=None)
    by_cost = store.aggregate(Page(), over="traces", group="user_id", step_ns=None, by="cost", limit=1)
    assert [row.group for row in by_count] == ["often", "much", None]
    assert [row.group for row in by_cost] == ["much"]


def test_tools_are_counted_by_name_with_their_failures(store: Store) -> None:
    root = span("agent", 1, trace=trace_hex(1), start=NOON + SECOND, duration=SECOND)
    _write(
        store,
        trace_request(root, _tool(1, 2), _tool(1, 3, failed=True, lasts=5 * MS), _tool(1, 4, "search")),
    )
    rows = store.aggregate(Page(), over="tools", group="name", step_ns=None)
    assert [(row.group, row.count, row.error_count, row.duration_p95_ns) for row in rows] == [
        ("run_sql", 2, 1, 5 * MS),
        ("search", 1, 0, MS),
    ]
    assert store.aggregate(Page(until=NOON + SECOND), over="tools", group="name", step_ns=None) == []
    found = store.traces(Page(filters=[Filter("tool", "=", "search")]))
    assert [row.trace_id.hex() for row in found] == [trace_hex(1)]
    assert store.traces(Page(filters=[Filter("tool", "=", "execute_tool search")])) == []


def test_a_tool_that_still_runs_is_not_counted(store: Store) -> None:
    running = _tool(1, 2)
    running.end_time_unix_nano = 0
    _write(store, trace_request(span("agent", 1, trace=trace_hex(1), start=NOON + SECOND), running))
    assert store.aggregate(Page(), over="tools", group="name", step_ns=None) == []


def test_sessions_come_last_active_first_and_are_told_whole(store: Store) -> None:
    _write(
        store,
        _asked(1, session="a", user="u1"),
        _asked(4, session="a", user="u2", failed=True),
        _asked(2, session="b"),
        _asked(3),
    )
    first, second = store.trace_groups("session", Page())
    assert (first.key, first.trace_count, first.failed_count, first.llm_call_count) == ("a", 2, 1, 2)
    assert (first.first_input, first.input_tokens, first.output_tokens) == ("question 1", 500, 5)
    assert (first.others, first.other_count) == (["u1", "u2"], 2)
    assert (first.first_time_unix_nano, first.last_time_unix_nano) == (NOON + SECOND, NOON + 4 * SECOND)
    assert (second.key, second.others) == ("b", [])
    [only] = store.trace_groups("session", Page(until=NOON + 2 * SECOND))
    assert only == first
    assert store.trace_group("session", "a") == first
    assert store.trace_group("session", "nobody") is None


def test_users_are_told_by_the_chosen_traces_only(store: Store) -> None:
    _write(store, _asked(1, user="u", session="s1"), _asked(2, user="u", session="s2"))
    [both] = store.trace_groups("user", Page())
    [one] = store.trace_groups("user", Page(since=NOON + 2 * SECOND))
    assert (both.trace_count, both.others) == (2, ["s1", "s2"])
    assert (one.trace_count, one.input_tokens, one.others) == (1, 200, ["s2"])


def test_sessions_page_through_ties_without_loss(store: Store) -> None:
    _write(store, *(_asked(n, session=f"s{n}", start=NOON) for n in range(1, 8)))
    seen: list[str] = []
    after = None
    while page := store.trace_groups("session", Page(limit=2, after=after)):
        seen += [row.key for row in page]
        after = (page[-1].last_time_unix_nano, group_id(page[-1].key))
    assert sorted(seen) == [f"s{n}" for n in range(1, 8)]
    assert len(seen) == len(set(seen))


def test_a_session_without_a_price_has_no_cost(store: Store) -> None:
    _write(store, _asked(1, session="s", model="unknown-model", provider="acme"))
    [row] = store.trace_groups("session", Page())
    assert (row.cost_pico_usd, row.unpriced_calls) == (None, 1)


def test_traces_of_a_session_come_oldest_first_in_pages(store: Store) -> None:
    _write(store, *(_asked(n, session="s", start=NOON + (n % 3) * SECOND) for n in range(1, 7)), _asked(9))
    seen = []
    after = None
    while page := store.session_traces("s", after, 2):
        seen += [(row.start_time_unix_nano, row.trace_id.hex()) for row in page]
        after = seen[-1]
    assert seen == sorted(seen)
    assert len(seen) == 6


def test_models_have_their_figures_and_the_name_they_were_asked_for(store: Store) -> None:
    named: dict[str, Any] = {"gen_ai__response__model": "gpt-4o-mini-2024-07-18"}
    _write(store, _asked(1, **named), _asked(2, **named), _asked(3, model="own", provider="acme", failed=True))
    first, second = store.called_models(Page())
    assert first[:5] == ("openai", "gpt-4o-mini-2024-07-18", "gpt-4o-mini", "llm", ["shop"])
    assert (first.figures.count, first.figures.input_tokens) == (2, 300)
    assert (second.model, second.figures.error_count, second.figures.unpriced_calls) == ("own", 1, 1)
    assert [row.model for row in store.called_models(Page(filters=[Filter("status", "=", "error")]))] == ["own"]


def test_the_traces_at_the_top_by_time_cost_and_tokens(store: Store) -> None:
    _write(
        store, _asked(1, lasts=3 * SECOND), _asked(2, lasts=SECOND), _asked(3, lasts=0, model="own", provider="acme")
    )

    def top(by: str) -> list[int]:
        return [int(row.trace_id.hex(), 16) for row in store.top_traces(Page(limit=2), by)]  # type: ignore[arg-type]

    assert (top("duration"), top("cost"), top("tokens")) == ([1, 2], [2, 1], [3, 2])


def test_the_totals_counts_what_is_stored(reopened: Open) -> None:
    empty = reopened().totals()
    assert (empty.rows["traces"], empty.first_time_unix_nano) == (0, None)
    store = reopened()
    _write(store, _asked(1), _asked(2), log_request(log()))
    found = store.totals()
    assert (found.rows["traces"], found.rows["spans"], found.rows["calls"], found.rows["logs"]) == (2, 2, 2, 1)
    assert (found.first_time_unix_nano, found.last_time_unix_nano) == (NOON + SECOND, NOON + 2 * SECOND)
    assert found.size_bytes > 0
