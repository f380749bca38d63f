"""Feedback as LangSmith's clients send it becomes an annotation."""

import json
from typing import Any
from uuid import UUID

import pytest

from llm_tracing.normalize.langsmith_feedback import annotation_row

RUN = "019f0000-1111-7222-8333-444455556666"
ROOT = "019f0000-0000-7222-8333-444455556666"
SPAN_ID = int(RUN.replace("-", "")[16:], 16)  # of a UUIDv7 the half that is random
NOON = 1_795_435_200_000_000_000


def test_every_field_has_its_place() -> None:
    row = annotation_row(
        {
            "id": "00000000-0000-0000-0000-000000000007",
            "created_at": "2026-11-23T12:00:00.000001+00:00",
            "modified_at": "2026-11-23T12:00:01Z",
            "run_id": RUN,
            "trace_id": ROOT,
            "key": "quality",
            "score": 0.5,
            "value": {"a": 1},
            "comment": "fine",
            "correction": {"b": 2},
            "feedback_source": {"type": "api", "metadata": {}},
            "session_id": "p",
            "extend_trace_retention": True,
            "error": None,
        }
    )
    assert row.annotation_id == UUID(int=7).bytes
    assert (row.created_at_unix_nano, row.modified_at_unix_nano) == (NOON + 1_000, NOON + 1_000_000_000)
    assert (row.trace_id, row.span_id, row.run_id) == (UUID(ROOT).bytes, SPAN_ID, UUID(RUN).bytes)
    assert (row.key, row.score, row.value, row.comment, row.correction) == (
        "quality", 0.5, '{"a":1}', "fine", '{"b":2}',
    )  # fmt: skip
    assert (row.source, json.loads(row.extra)) == (
        '{"type":"api","metadata":{}}',
        {"session_id": "p", "extend_trace_retention": True},
    )


def test_feedback_that_names_only_a_run_waits_for_its_place() -> None:
    row = annotation_row({"run_id": RUN})
    assert (row.trace_id, row.span_id, row.run_id, row.key) == (None, None, UUID(RUN).bytes, "unnamed")


def test_feedback_that_names_only_a_trace_is_of_the_whole_trace() -> None:
    row = annotation_row({"trace_id": ROOT})
    assert (row.trace_id, row.span_id, row.run_id) == (UUID(ROOT).bytes, None, UUID(ROOT).bytes)


@pytest.mark.parametrize(
    ("sent", "score"),
    [(True, 1.0), (False, 0.0), (3, 3.0), (-2.5, -2.5), ("high", None), (None, None), (float("nan"), None),
     (float("inf"), None), (10**400, None), ([1], None)],
)  # fmt: skip
def test_a_score_is_a_number_or_a_yes_or_no(sent: Any, score: float | None) -> None:
    assert annotation_row({"score": sent}).score == score


@pytest.mark.parametrize(
    "odd",
    [
        {"id": 7, "run_id": ["x"], "trace_id": "none", "created_at": "yesterday", "modified_at": {}},
        {"created_at": "0001-01-01T00:00:00", "comment": {"a": 1}, "key": 12, "value": float("nan")},
        {"key": "\ud800", "comment": "\ud800", "value": "\ud800", "extra": {"deep": 2**200}},
    ],
)
def test_odd_input_never_raises(odd: dict[str, Any]) -> None:
    row = annotation_row(odd)
    assert len(row.annotation_id) == 16
    assert row.created_at_unix_nano > NOON - 10**18
    row.key.encode()
    (row.comment or "").encode()


def test_deep_nesting_reads_as_not_said() -> None:
    deep: Any = 1
    for _ in range(2_000):
        deep = [deep]
    assert annotation_row({"value": deep}).value is None
