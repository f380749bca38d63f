"""A model call against the previous one of its conversation, over HTTP."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from llm_tracing.api import schema_changes
from tests.builders import NOON, SECOND, chat, span, trace_hex, trace_request
from tests.running import Running

AGENT, NEXT, OTHER, EDITED = (trace_hex(0xC00 + n) for n in range(4))
RULES = "You write SQL. " * 400  # about 1,500 tokens


def call(span_id: int, trace: str, at: int, said: list[tuple[str, str]], answer: str, **usage: Any) -> Span:
    sent = [{"role": role, "parts": [{"type": "text", "content": text}]} for role, text in said]
    attributes = {
        **chat(None, answer, **usage),
        "gen_ai.input.messages": orjson.dumps(sent).decode(),
        "session.id": "s-changes",
    }
    return span(f"call {span_id}", span_id, 1, trace=trace, start=NOON + at * SECOND, attributes=attributes)


def root(trace: str, at: int) -> Span:
    return span(
        "ask", 1, trace=trace, start=NOON + at * SECOND, duration=5 * SECOND, attributes={"session.id": "s-changes"}
    )


def cached(read: int) -> dict[str, Any]:
    return {"tokens": (1_600, 10), "gen_ai__usage__cache_read__input_tokens": read}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    first = [("system", RULES), ("user", "albums?")]
    grown = [*first, ("assistant", "SELECT 1"), ("user", "and artists?")]
    with Running(tmp_path_factory.mktemp("changes")) as running:
        running.export(
            trace_request(
                root(AGENT, 0),
                call(2, AGENT, 1, first, "SELECT 1", **cached(0)),
                call(3, AGENT, 3, grown, "SELECT 2", **cached(1_500)),
            ),
            trace_request(
                root(NEXT, 60), call(2, NEXT, 61, [("system", RULES), ("user", "genres?")], "SELECT 3", **cached(0))
            ),
            trace_request(
                root(EDITED, 120),
                call(2, EDITED, 121, [("system", f"It is {EDITED}. {RULES}"), ("user", "albums?")], "x", **cached(0)),
                call(3, EDITED, 123, [("system", f"It is noon. {RULES}"), ("user", "albums?")], "x", **cached(0)),
            ),
            trace_request(span("alone", 1, trace=OTHER, attributes=chat("albums?", "none", tokens=(5, 5)))),
        )
        yield running


def changes(server: Running, trace: str, span_id: int) -> schema_changes.CallChanges:
    return server.get(f"/traces/{trace}/spans/{span_id:016x}/changes", schema_changes.CallChanges)


def test_only_what_was_added_is_shown(server: Running) -> None:
    found = changes(server, AGENT, 3)
    assert found.previous is not None
    assert (found.previous.span_id, found.previous.is_same_trace) == (f"{2:016x}", True)
    assert found.changes is not None
    said = [message["parts"][0]["content"] for message in found.changes.added]
    assert (said, found.changes.removed) == (["SELECT 1", "and artists?"], [])
    assert (found.changes.shared_messages, found.changes.answer_was_kept) == (2, True)
    assert found.changes.first_difference is None
    assert found.changes.shared_bytes == found.changes.previous_bytes < found.changes.prompt_bytes


def test_a_cache_that_held_is_said(server: Running) -> None:
    found = changes(server, AGENT, 3).changes
    assert found is not None
    assert (found.cache.verdict, found.cache.read_tokens) == ("kept", 1_500)


def test_the_previous_call_may_be_in_an_earlier_trace_of_the_session(server: Running) -> None:
    found = changes(server, NEXT, 2)
    assert found.previous is not None
    assert (found.previous.trace_id, found.previous.is_same_trace, found.considered) == (AGENT, False, 2)
    assert found.changes is not None
    difference = found.changes.first_difference
    assert difference is not None
    prefix = f"system:\n{RULES}\n\nuser:\n"
    assert (difference.byte, difference.message, difference.role) == (len(prefix), 1, "user")
    assert (difference.before[:7], difference.now[:7]) == ("albums?", "genres?")
    assert found.changes.cache.verdict == "missed"
    assert "The beginning is intact" in found.changes.cache.words


def test_a_change_at_the_beginning_broke_the_cache(server: Running) -> None:
    found = changes(server, EDITED, 3).changes
    assert found is not None
    assert (found.cache.verdict, found.shared_messages) == ("broken", 0)
    assert found.first_difference is not None
    assert (found.first_difference.byte, found.first_difference.message) == (len("system:\nIt is "), 0)
    assert "changes at byte 14, in message 1 (system)" in found.cache.words


def test_the_first_call_has_no_previous_one(server: Running) -> None:
    found = changes(server, OTHER, 1)
    assert (found.previous, found.changes, found.considered) == (None, None, 0)


def test_what_is_no_call_or_not_here_is_refused(server: Running) -> None:
    assert server.refused(f"/traces/{AGENT}/spans/{1:016x}/changes")[0] == 422
    assert server.refused(f"/traces/{AGENT}/spans/{99:016x}/changes")[0] == 404
    assert server.refused(f"/traces/{trace_hex(0xFFF)}/spans/{1:016x}/changes")[0] == 404
