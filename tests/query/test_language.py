"""The filter language: what each query asks for, and where a bad one is wrong."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tracing.errors import BadQuery
from llm_tracing.query.language import KEYS, NAMED, filters
from llm_tracing.query.views import BUILT_IN, BuiltInView
from llm_tracing.store.contract import PRESENT, Filter, Table

DOCUMENT = (Path(__file__).parents[2] / "docs" / "query-language.md").read_text(encoding="utf-8")
SECOND = 1_000_000_000

MEANINGS: dict[str, list[Filter]] = {
    "": [],
    "   ": [],
    "popular albums": [Filter("text", "=", "popular"), Filter("text", "=", "albums")],
    '"popular albums"': [Filter("text", "=", "popular albums")],
    r'"say \"hi\" \\ there"': [Filter("text", "=", r'say "hi" \ there')],
    "-albums": [Filter("text", "=", "albums", negated=True)],
    '-"two words"': [Filter("text", "=", "two words", negated=True)],
    "a-b c*": [Filter("text", "=", "a-b"), Filter("text", "=", "c*")],
    "kind:llm": [Filter("kind", "=", "llm")],
    "-status:error": [Filter("status", "=", "error", negated=True)],
    "model:gpt-4o*": [Filter("model", "like", "gpt-4o*")],
    'name:"GET /ask"': [Filter("name", "=", "GET /ask")],
    "service:a:b": [Filter("service", "=", "a:b")],
    "duration:>2s": [Filter("duration_ns", ">", 2 * SECOND)],
    "duration:1.5": [Filter("duration_ns", "=", 3 * SECOND // 2)],
    "duration:<=250µs": [Filter("duration_ns", "<=", 250_000)],
    "tokens:>=1.5K": [Filter("tokens", ">=", 1_500)],
    "cost:<0.01": [Filter("cost_pico_usd", "<", 10_000_000_000)],
    "trace:0AF7651916CD43DD8448EB211C80319C": [Filter("trace", "=", "0af7651916cd43dd8448eb211c80319c")],
    "has:empty-sql-answer": [Filter("has", "=", "empty-sql-answer")],
    "attr.http.route:/ask": [Filter("attribute", "=", "/ask", key="http.route")],
    "-attr.langsmith.metadata.x-y:a*": [Filter("attribute", "like", "a*", True, "langsmith.metadata.x-y")],
    "attr.http.response.status_code:>=500": [Filter("attribute", ">=", 500.0, key="http.response.status_code")],
    "attr.port:80": [Filter("attribute", "=", "80", key="port")],
    "resource.host.name:web-1": [Filter("resource", "=", "web-1", key="host.name")],
    "score.quality:>-0.5": [Filter("score", ">", -0.5, key="quality")],
    "score.a/b:1": [Filter("score", "=", 1.0, key="a/b")],
    "thumb:down tag:beta*": [Filter("thumb", "=", "down"), Filter("tag", "like", "beta*")],
    "ttft:>250ms": [Filter("ttft_ns", ">", 250_000_000)],
    'input:"a b" output:C*': [Filter("input", "=", "a b"), Filter("output", "=", "C*")],
    "source:langsmith": [Filter("source", "=", "langsmith")],
    "has:error": [Filter("has", "=", "error")],
    "severity:warn": [Filter("severity", ">=", 13)],
    "severity:>warn": [Filter("severity", ">", 16)],
    "severity:<=INFO": [Filter("severity", "<=", 12)],
    "severity:<error": [Filter("severity", "<", 17)],
    "severity:21": [Filter("severity", ">=", 21)],
    "Acústico": [Filter("text", "=", "Acústico")],
}


@pytest.mark.parametrize("query", MEANINGS)
def test_a_query_means(query: str) -> None:
    assert filters(query) == MEANINGS[query]


@pytest.mark.parametrize(
    ("query", "position", "says"),
    [
        ('popular "albums', 8, "quote that is not closed"),
        ("kind:", 0, "has no value"),
        ("a kind: b", 2, "has no value"),
        ("a -", 2, "nothing to negate"),
        ("kind:banana", 0, "banana is none of"),
        ("a status:bad", 2, "bad is none of"),
        ("colour:red", 0, "No filter is called colour"),
        ("http://x", 0, "No filter is called http"),
        ("x duration:fast", 2, "not a number"),
        ("tokens:5s", 0, "not a number"),
        ("cost:-1", 0, "not a number"),
        ("trace:123", 0, "no trace id"),
        ("attr:x", 0, "No filter is called attr"),
        ("a score.:1", 2, "No filter is called score."),
        ("score.quality:good", 0, "good is not a number"),
        ("has:wings", 0, "wings is none of"),
        ("source:zipkin", 0, "zipkin is none of"),
        ("severity:loud", 0, "loud is no severity"),
    ],
)
def test_a_bad_query_points_at_the_place(query: str, position: int, says: str) -> None:
    with pytest.raises(BadQuery, match=re.escape(says)) as refused:
        filters(query)
    assert refused.value.position == position
    assert refused.value.message.endswith(f":\n{query}\n{' ' * position}^")


@pytest.mark.parametrize(
    ("query", "table", "position", "says"),
    [
        ("a severity:warn", "traces", 2, "Traces can't be filtered by severity"),
        ("cost:>1", "spans", 0, "Spans can't be filtered by cost"),
        ("words", "calls", 0, "Calls can't be filtered by text"),
        ("kind:llm", "logs", 0, "Logs can't be filtered by kind"),
        ("has:cost", "logs", 0, "Logs can't be filtered by has:cost"),
        ("score.x:1", "logs", 0, "Logs can't be filtered by score"),
    ],
)
def test_a_key_that_a_list_has_not_says_so(query: str, table: Table, position: int, says: str) -> None:
    assert filters(query)
    with pytest.raises(BadQuery, match=re.escape(says)) as refused:
        filters(query, table)
    assert refused.value.position == position
    assert refused.value.hint


@pytest.mark.parametrize("view", BUILT_IN, ids=lambda view: view.slug)
def test_every_built_in_view_can_be_read(view: BuiltInView) -> None:
    assert filters(view.q, view.page)


@given(st.text(st.sampled_from('ab"\\-: *<>1s\t') | st.characters(codec="utf-8"), max_size=20))
def test_any_text_is_a_query_or_a_bad_query(query: str) -> None:
    with suppress(BadQuery):
        assert all(wanted.value != "" for wanted in filters(query))


def _documented() -> list[str]:
    """The queries of the table's first column and of the block at the end."""
    cells = [line.split("|")[1] for line in DOCUMENT.splitlines() if line.startswith("| `")]
    inline = [query for cell in cells for query in re.findall("`([^`]+)`", cell)]
    block = DOCUMENT.split("```")[1].strip().splitlines()
    return [*inline, *block]


@pytest.mark.parametrize("query", _documented())
def test_every_documented_query_can_be_read(query: str) -> None:
    assert filters(query)


def test_every_filter_is_documented() -> None:
    keys = {found.partition(":")[0].lstrip("-") for found in _documented() if ":" in found}
    assert keys >= set(KEYS)
    assert {key.partition(".")[0] for key in keys} >= set(NAMED)
    assert {word for word in PRESENT if f"`{word}`" in DOCUMENT or f"`has:{word}`" in DOCUMENT} == set(PRESENT)
