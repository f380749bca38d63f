"""The filter language: what each query asks for, and where a bad one is wrong."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tracing.errors import BadQuery
from llm_tracing.query.language import KEYS, filters
from llm_tracing.store.contract import Filter

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
    ],
)
def test_a_bad_query_points_at_the_place(query: str, position: int, says: str) -> None:
    with pytest.raises(BadQuery, match=re.escape(says)) as refused:
        filters(query)
    assert refused.value.position == position
    assert refused.value.message.endswith(f":\n{query}\n{' ' * position}^")


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
    assert {found.partition(":")[0].lstrip("-") for found in _documented() if ":" in found} >= set(KEYS)
