"""The tree in columns, badges, find, links and folding rules, over HTTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from llm_tracing.api.schema_tree import BadgeList, Bill, FoldRulesShown, FoundList, LinkedList, TraceTree
from tests.api.history import ASK, FAILED, QUESTION
from tests.builders import MS, TRACE, chat, hex_id, span, trace_hex, trace_request
from tests.running import Running

RULES = "/api/v1/fold-rules"
MINE: dict[str, Any] = {"rules": [{"id": "mine", "kinds": ["db"], "names": ["connect"]}]}


def test_the_columns_say_what_the_light_tree_says(history: Running) -> None:
    for trace_id in (ASK, FAILED):
        detail = history.trace(trace_id, content="false")
        tree = history.get(f"/traces/{trace_id}/tree", TraceTree)
        columns, words = tree.spans, tree.words
        assert columns.span_id == [one.span_id for one in detail.spans]
        assert columns.parent_span_id == [one.parent_span_id for one in detail.spans]
        assert columns.depth == [one.depth for one in detail.spans]
        assert [words[at] for at in columns.name] == [one.name for one in detail.spans]
        assert [words[at] for at in columns.kind] == [one.kind for one in detail.spans]
        assert [words[at] for at in columns.service] == [one.service for one in detail.spans]
        assert [words[at] for at in columns.scope] == [one.scope.name for one in detail.spans]
        assert columns.start_time_unix_nano == [one.start_time_unix_nano for one in detail.spans]
        assert columns.duration_ns == [one.duration_ns for one in detail.spans]
        assert [("unset", "ok", "error", "running")[at] for at in columns.status] == [
            one.status for one in detail.spans
        ]
        folded = [None if at is None else columns.span_id[at] for at in columns.folded_into]
        assert folded == [one.folded_into for one in detail.spans]
        rules = [None if at is None else words[at] for at in columns.fold_rule]
        assert rules == [one.fold_rule for one in detail.spans]
        assert tree.trace == detail.trace.model_dump()
        for at, one in enumerate(detail.spans):
            shown, more = one.model_dump(), tree.details.get(str(at), {})
            assert {name: shown[name] for name in more} == more
            names = ("error", "request_model", "usage", "time_to_first_token_ns", "cost")
            assert {name: more.get(name) for name in names} == {name: shown[name] for name in names}
            assert more.get("counted", False) == one.counted


def test_a_tool_is_named_though_its_content_is_not_read(tmp_path: Path) -> None:
    with Running(tmp_path) as server:
        called = span("ai.toolCall", 2, 1, attributes={"ai.toolCall.name": "run_sql", "ai.toolCall.id": "c1"})
        server.export(trace_request(span("ask", 1), called))
        tree = server.get(f"/traces/{TRACE}/tree", TraceTree)
        assert {at: more.get("tool") for at, more in tree.details.items()} == {
            "1": {"name": "run_sql", "call_id": None, "arguments": None, "result": None}
        }
        root, light = server.trace(TRACE, content="false").spans
        assert (root.tool, light.tool and light.tool.name) == (None, "run_sql")


def test_the_bill_alone_is_that_of_the_trace(history: Running) -> None:
    assert history.get(f"/traces/{ASK}/ledger", Bill).ledger == history.trace(ASK).ledger


def test_a_badge_says_what_is_in_it(history: Running) -> None:
    badges = {badge.step: badge for badge in history.get(f"/traces/{ASK}/badges", BadgeList).badges}
    sql = badges[hex_id(5)]
    assert (sql.count, sql.checkout_count, sql.distinct_statements, sql.error_count) == (2, 1, 1, 0)
    assert sql.rules == {"pool": 1, "statements": 1}
    assert [(one.count, one.span_id) for one in sql.statements] == [(1, hex_id(7))]
    assert badges[hex_id(3)].rules == {"transport": 1}


@pytest.mark.parametrize(
    ("text", "where"),
    [("select title", "db"), ("POST", "name"), (QUESTION.upper(), "gen_ai"), ('"unplugged"', "gen_ai")],
)
def test_find_looks_into_names_statements_and_prompts(history: Running, text: str, where: str) -> None:
    found = history.get(f"/traces/{ASK}/find", FoundList, text=text)
    assert found.total == len(found.spans) > 0
    assert any(one.where.startswith(where) for one in found.spans)


def test_find_says_when_there_is_more(history: Running) -> None:
    found = history.get(f"/traces/{ASK}/find", FoundList, text="e", limit="1")
    assert (len(found.spans), found.truncated) == (1, True)
    assert found.total > 1
    assert history.get(f"/traces/{ASK}/find", FoundList, text="xylophone").spans == []


def test_find_wants_a_text(history: Running) -> None:
    status, error = history.refused(f"/traces/{ASK}/find", text=" ")
    assert (status, error.message) == (400, "text is empty.")


@pytest.mark.parametrize("part", ["tree", "ledger", "badges", "find"])
def test_a_trace_that_is_not_there_is_a_404(history: Running, part: str) -> None:
    status, error = history.refused(f"/traces/{'ab' * 16}/{part}", text="x")
    assert (status, error.code) == (404, "not_found")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("own")) as server:
        yield server


def test_spans_that_link_here_are_found_from_other_traces(own: Running) -> None:
    one, other = trace_hex(1), trace_hex(2)
    linking = span("worker", 7, trace=other)
    linking.links.add(trace_id=bytes.fromhex(one), span_id=(3).to_bytes(8, "big"))
    own.export(trace_request(span("sender", 3, trace=one)), trace_request(linking))
    [link] = own.get(f"/traces/{one}/linked-from", LinkedList).links
    assert (link.trace_id, link.span_id, link.to_span_id, link.name) == (other, hex_id(7), hex_id(3), "worker")
    assert own.get(f"/traces/{other}/linked-from", LinkedList).links == []


def _sql_trace(server: Running, trace_id: str) -> None:
    server.export(
        trace_request(
            span("ask", 1, kind=Span.SPAN_KIND_SERVER, trace=trace_id),
            span("chat", 2, 1, attributes=chat(), trace=trace_id),
            span("connect", 3, 1, attributes={"db.system.name": "sqlite"}, trace=trace_id),
            span("SELECT", 4, 1, attributes={"db.system.name": "sqlite"}, duration=2 * MS, trace=trace_id),
        )
    )


def _folded(server: Running, trace_id: str) -> list[str]:
    return sorted(one.name for one in server.trace(trace_id).spans if one.folded_into is not None)


def test_rules_that_somebody_sets_hold_at_once_and_after_a_restart(tmp_path: Path) -> None:
    trace_id = trace_hex(0xF0)
    with Running(tmp_path) as server:
        _sql_trace(server, trace_id)
        assert _folded(server, trace_id) == ["SELECT", "connect"]
        assert server.get("/fold-rules", FoldRulesShown).is_default
        answer = server.http.put(RULES, json=MINE)
        assert (answer.status_code, answer.json()["is_default"]) == (200, False)
        assert _folded(server, trace_id) == ["connect"]
    with Running(tmp_path) as server:
        assert [rule.id for rule in server.get("/fold-rules", FoldRulesShown).rules] == ["mine"]
        assert _folded(server, trace_id) == ["connect"]
        assert server.http.delete(RULES).json()["is_default"]
        assert _folded(server, trace_id) == ["SELECT", "connect"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"rules": [{"id": "a", "kinds": ["llm"]}]}', "kinds: llm is none of"),
        (b'{"rules": [', "This is no JSON"),
        (b"[]", "rules"),
    ],
)
def test_rules_that_cannot_hold_are_refused_and_nothing_changes(own: Running, body: bytes, said: str) -> None:
    answer = own.http.put(RULES, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert said in answer.json()["error"]["message"]
    assert own.get("/fold-rules", FoldRulesShown).is_default


def test_a_page_of_somebody_else_cannot_set_rules(own: Running) -> None:
    assert own.http.put(RULES, json=MINE, headers={"Origin": "http://evil.example"}).status_code == 403
    assert own.http.put(RULES, content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415
