"""LangSmith's filter language: what it reads, what holds for a run, what it refuses."""

from typing import Any

import pytest

from llm_tracing.api.langsmith_fields import RunFields
from llm_tracing.api.langsmith_query import MAX_LENGTH, MAX_NESTING, Call, Name, holds, parse
from llm_tracing.errors import Unprocessable
from llm_tracing.model import AnnotationRow

RUN: dict[str, Any] = {
    "id": "019f0000-0001-7000-8000-000000000001",
    "name": 'extract "all"',
    "run_type": "chain",
    "status": "success",
    "error": None,
    "start_time": "2026-11-23T12:00:00+00:00",
    "end_time": "2026-11-23T12:00:02.500000+00:00",
    "first_token_time": "2026-11-23T12:00:00.300000+00:00",
    "total_tokens": 1_050,
    "total_cost": "0.0015",
    "tags": ["beta", "shop"],
    "parent_run_id": None,
    "inputs": {"question": "most popular Albums", "limit": 5},
    "outputs": {"answer": {"rows": 5}},
    "extra": {"metadata": {"user": "u7", "level": 3, "thread_id": "t1"}},
}


def _said(key: str, score: float | None, comment: str | None = None) -> AnnotationRow:
    return AnnotationRow(
        bytes(16), 0, 0, None, None, None, key, score, '"label"', comment, None, '{"type":"model"}', "{}"
    )


FIELDS = RunFields(RUN, [_said("quality", 1.0), _said("tone", 0.0, "rude")])


def test_a_filter_is_a_tree_of_functions() -> None:
    text = r""" and( eq(name, 'it\'s "x"'), in(run_type, ["llm","tool"]), gt(latency, -1.5e1), neq(error, null))"""
    assert parse(text) == Call(
        "and",
        (
            Call("eq", (Name("name"), "it's \"x\"")),
            Call("in", (Name("run_type"), ["llm", "tool"])),
            Call("gt", (Name("latency"), -15.0)),
            Call("neq", (Name("error"), None)),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('eq(name, "extract \\"all\\"")', True),
        ('eq(run_type, "llm")', False),
        ('neq(run_type, "llm")', True),
        ("eq(error, null)", True),
        ("neq(error, null)", False),
        ("eq(is_root, true)", True),
        ("eq(is_root, 1)", False),
        ("eq(total_tokens, 1050)", True),
        ('gt(total_tokens, "1000")', True),
        ("gte(latency, 2.5)", True),
        ("gt(latency, 2.5)", False),
        ('lt(latency, "2600ms")', True),
        ('lte(latency, "2s")', False),
        ("lt(first_token_latency, 0.5)", True),
        ('gt(start_time, "2026-11-23T11:59:59Z")', True),
        ('lt(start_time, "2026-11-23T12:00:00")', False),
        ('gt(start_time, "yesterday")', False),
        ("gt(total_cost, 0.001)", True),
        ("gt(name, 5)", False),
        ('in(run_type, ["llm", "chain"])', True),
        ("in(run_type, [])", False),
        ('has(tags, "beta")', True),
        ('has(tags, "bet")', False),
        ('eq(tags, "shop")', True),
        ('neq(tags, "shop")', False),
        ('has(metadata, "user")', True),
        ("""has(metadata, '{"user": "u7", "level": 3}')""", True),
        ("""has(metadata, '{"user": "u8"}')""", False),
        ("""has(outputs, '{"answer": {"rows": 5}}')""", True),
        ('eq(metadata_key, "user")', True),
        ('and(eq(metadata_key, "user"), eq(metadata_value, "u7"))', True),
        ('and(eq(metadata_key, "user"), eq(metadata_value, "3"))', False),
        ('and(eq(metadata_key, "level"), eq(metadata_value, "3"))', True),
        ('and(eq(metadata_key, "level"), or(eq(metadata_value, 3), eq(metadata_value, 4)))', True),
        ('and(eq(input_key, "limit"), gt(input_value, 4))', True),
        ('and(eq(output_key, "answer"), search(output_value, "rows"))', True),
        ('eq(thread_id, "t1")', True),
        ('and(eq(feedback_key, "quality"), eq(feedback_score, 1))', True),
        ('and(eq(feedback_key, "quality"), eq(feedback_score, 0))', False),
        ('and(in(feedback_key, ["quality", "tone"]), lt(feedback_score, 1))', True),
        ('and(eq(feedback_key, "tone"), search(feedback_comment, "RUDE"))', True),
        ('and(eq(feedback_source, "model"), eq(feedback_value, "\\"label\\""))', False),
        ('eq(feedback_value, "label")', True),
        ('search("albums")', True),
        ('search("nothing of it")', False),
        ('search(inputs, "albums")', True),
        ('or(eq(name, "x"), eq(run_type, "chain"))', True),
        ('not(eq(run_type, "chain"))', False),
        ('and(eq(run_type, "chain"), not(has(tags, "old")))', True),
    ],
)
def test_a_filter_holds_or_does_not(text: str, expected: bool) -> None:
    assert holds(parse(text), FIELDS) is expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "ends too early"),
        ("name", "A filter is a function"),
        ("eq", "A filter is a function"),
        ('like(name, "x")', "No function is called like"),
        ("eq(colour, 1)", "no field is called colour"),
        ("eq(1, 1)", "first argument must be a field"),
        ("eq(name)", "takes a field and a value"),
        ("eq(name, run_type)", "second argument must be a value"),
        ("eq(name, [run_type])", "second argument must be a value"),
        ('in(name, "x")', "must be a list"),
        ("search(5)", "takes a text"),
        ("search(name, 5)", "must be a text"),
        ("and()", "takes functions"),
        ('and(eq(name, "a"), true)', "takes functions"),
        ('not(eq(name, "a"), eq(name, "b"))', "takes one function"),
        ('eq(name, "a"', "ends too early"),
        ('eq(name "a")', r"A comma or \) was expected"),
        ('eq(name, "a") or', "goes on after its end"),
        ('eq(name, "a)', "cannot be read"),
        ("eq(name, ;)", "cannot be read"),
        ("eq(name, ))", "A value was expected"),
        ("not(" * (MAX_NESTING + 2), "nests deeper"),
        ("x" * (MAX_LENGTH + 1), "20,001 characters"),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused_with_the_place(text: str, why: str) -> None:
    with pytest.raises(Unprocessable, match=why):
        parse(text)


def test_a_run_without_the_parts_is_no_trouble() -> None:
    bare = RunFields({"start_time": "2026-11-23T12:00:00+00:00", "extra": {"metadata": 3}, "inputs": None}, [])
    for text in ("gt(latency, 1)", 'has(tags, "x")', 'has(metadata, "x")', 'eq(metadata_key, "x")', 'search("x")'):
        assert not holds(parse(text), bare)
