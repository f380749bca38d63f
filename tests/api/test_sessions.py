"""GET /api/v1/sessions, /users and /models, over conversations of several traces."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from google.protobuf.message import Message

from llm_tracing.api import schema
from llm_tracing.api.encode_groups import MAX_TEXT
from tests.builders import NOON, SECOND, chat, messages, span, trace_hex, trace_request
from tests.running import Running

SLASHED = "chat/7 ü?"
LONG = "tell me more. " * 9_000


def _turn(number: int, asked: str, answered: str | None, *, session: str = SLASHED, user: str = "u1") -> Message:
    """A call that sends the whole history, as clients do."""
    history = messages("user", *(f"question {n}" for n in range(number)), asked)
    attributes = {
        **chat(answered=answered, tokens=(100 * number, 10)),
        "gen_ai.input.messages": history,
        "session.id": session,
        "user.id": user,
    }
    failed = answered is None
    call = span(
        "chat",
        1,
        trace=trace_hex(number),
        start=NOON + number * SECOND,
        status=2 if failed else 0,
        message="model is down" if failed else "",
        attributes=attributes,
    )
    return trace_request(call)


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("talk")) as server:
        server.export(
            _turn(2, "how many albums?", "347"),
            _turn(1, "hello", "Hello."),
            _turn(3, LONG, None),
            _turn(4, "go on", "as you wish " * 100),
            _turn(5, "elsewhere", "yes", session="other", user="u2"),
        )
        yield server


def _session(talk: Running, **parameters: str | int) -> schema.SessionDetail:
    return talk.get("/sessions/chat%2F7%20%C3%BC%3F", schema.SessionDetail, **parameters)


def test_a_conversation_shows_each_turn_once_in_order(talk: Running) -> None:
    turns = _session(talk).turns
    assert [turn.question.text[:16] for turn in turns if turn.question] == [
        "hello",
        "how many albums?",
        LONG[:16],
        "go on",
    ]
    answers = [turn.answer.text for turn in turns if turn.answer]
    assert answers == ["Hello.", "347", "model is down", ("as you wish " * 100).strip()]


def test_a_huge_text_is_cut_and_says_how_long_it_is(talk: Running) -> None:
    question = _session(talk).turns[2].question
    assert question is not None
    assert (len(question.text), question.length) == (MAX_TEXT, len(LONG.strip()))


def test_totals_of_a_session_are_the_sums_of_its_traces(talk: Running) -> None:
    found = _session(talk)
    traces = [turn.trace for turn in found.turns]
    session = found.session
    assert (session.trace_count, session.failed_count, session.users) == (4, 1, ["u1"])
    assert session.usage.input_tokens == sum(trace.usage.input_tokens or 0 for trace in traces)
    costs = [Decimal(trace.cost.total_usd) for trace in traces if trace.cost.total_usd is not None]
    assert Decimal(session.cost.total_usd or "0") == sum(costs)
    assert session.first_input == "hello"


def test_a_conversation_comes_in_pages(talk: Running) -> None:
    first = _session(talk, limit=3)
    assert first.next_cursor is not None
    second = _session(talk, limit=3, cursor=first.next_cursor)
    assert [len(first.turns), len(second.turns), second.next_cursor] == [3, 1, None]
    assert first.session == second.session


def test_sessions_are_listed_and_filtered_by_their_traces(talk: Running) -> None:
    found = talk.get("/sessions", schema.SessionList)
    assert [session.session_id for session in found.sessions] == ["other", SLASHED]
    page = talk.get("/sessions", schema.SessionList, limit=1)
    assert page.next_cursor is not None
    rest = talk.get("/sessions", schema.SessionList, limit=1, cursor=page.next_cursor)
    assert [session.session_id for session in rest.sessions] == [SLASHED]
    [failing] = talk.get("/sessions", schema.SessionList, q="status:error").sessions
    assert (failing.session_id, failing.trace_count) == (SLASHED, 4)


def test_a_session_nobody_named_is_not_found(talk: Running) -> None:
    status, error = talk.refused("/sessions/nobody")
    assert (status, error.code) == (404, "not_found")
    assert talk.refused("/sessions", cursor="x")[0] == 400


def test_users_have_the_sums_of_the_matching_traces(talk: Running) -> None:
    users = talk.get("/users", schema.UserList).users
    assert [(user.user_id, user.trace_count, user.sessions) for user in users] == [
        ("u2", 1, ["other"]),
        ("u1", 4, [SLASHED]),
    ]
    [one] = talk.get("/users", schema.UserList, q="status:error").users
    assert (one.user_id, one.trace_count, one.failed_count) == ("u1", 1, 1)


def test_models_say_what_they_cost_now_or_that_nobody_knows(history: Running) -> None:
    models = {model.model: model for model in history.get("/models", schema.ModelList).models}
    known, unknown = models["gpt-4o-mini-2024-07-18"], models["our-own-7b"]
    assert known.prices is not None
    assert (known.prices.usd_per_million.input, known.figures.usage.cache_read_tokens) == ("0.15", 400)
    assert known.figures.cost.total_usd is not None
    assert (unknown.prices, unknown.figures.error_count, unknown.provider) == (None, 1, "acme")
