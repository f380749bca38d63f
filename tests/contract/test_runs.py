"""LangSmith runs and projects in every store."""

from typing import Any
from uuid import UUID

import pytest

from llm_tracing.model import SOURCE_LANGSMITH, ProjectRow
from llm_tracing.store.contract import Filter, RunPage, RunProject, Store
from tests.builders import NOON, SECOND, batch_of, span, trace_hex, trace_request
from tests.contract.conftest import Open


def _run(store: Store, number: int, *, service: str = "p1", duration: int = SECOND, **more: Any) -> None:
    """Run `number`, of the trace of that number, that many seconds after noon; a negative `duration`: it still runs."""
    trace = more.pop("trace", trace_hex(number))
    sent = span(f"run {number}", number, trace=trace, start=NOON + number * SECOND, duration=abs(duration), **more)
    batch = batch_of(trace_request(sent, service=service))
    end = 0 if duration < 0 else batch.spans[0].end_time_unix_nano
    batch.spans = [s._replace(sources=SOURCE_LANGSMITH, end_time_unix_nano=end) for s in batch.spans]
    store.write(batch)


def _names(store: Store, page: RunPage) -> list[int]:
    return [row.span_id for row in store.runs(page).spans]


@pytest.fixture
def four(store: Store) -> Store:
    _run(store, 1, attributes={"langsmith.span.kind": "chain", "note": "x" * 500})
    _run(store, 2, trace=trace_hex(1), parent=1, attributes={"langsmith.span.kind": "llm"})
    _run(store, 3, service="p2", status=2)
    _run(store, 4, duration=3 * SECOND)
    store.write(batch_of(trace_request(span("by OTLP", 5, trace=trace_hex(5)))))
    return store


@pytest.mark.parametrize(
    ("page", "found"),
    [
        (RunPage(), [4, 3, 2, 1]),
        (RunPage(newest_first=False), [1, 2, 3, 4]),
        (RunPage(limit=1), [4]),
        (RunPage(since=NOON + 2 * SECOND, until=NOON + 4 * SECOND), [3, 2]),
        (RunPage(services=["p2", "none"]), [3]),
        (RunPage(services=[]), []),
        (RunPage(trace_id=bytes.fromhex(trace_hex(1))), [2, 1]),
        (RunPage(span_ids=[1, 4, 5]), [4, 1]),
        (RunPage(parent_span_ids=[1]), [2]),
        (RunPage(is_root=False), [2]),
        (RunPage(is_root=True), [4, 3, 1]),
        (RunPage(failed=True), [3]),
        (RunPage(failed=False), [4, 2, 1]),
        (RunPage(attributes=[("langsmith.span.kind", "llm")]), [2]),
        (RunPage(filters=[Filter("duration_ns", ">", 2 * SECOND)]), [4]),
    ],
)
def test_each_condition_narrows_the_runs(four: Store, page: RunPage, found: list[int]) -> None:
    assert _names(four, page) == found


def test_a_text_that_an_attribute_mentions_is_found_in_long_values_too(store: Store) -> None:
    _run(store, 1, attributes={"tags": "beta, x"})
    _run(store, 2, attributes={"tags": "y " * 200 + "beta"})
    _run(store, 3, attributes={"tags": "alpha"})
    assert _names(store, RunPage(mentions=[("tags", "beta")])) == [2, 1]


@pytest.mark.parametrize("newest_first", [True, False])
def test_pages_go_on_where_the_last_one_ended(four: Store, newest_first: bool) -> None:
    seen: list[int] = []
    after = None
    for _ in range(5):
        found = four.runs(RunPage(limit=1, newest_first=newest_first, after=after))
        seen += [row.span_id for row in found.spans]
        after = found.after
    assert seen == ([4, 3, 2, 1] if newest_first else [1, 2, 3, 4])
    assert after is None


def test_runs_come_with_their_content(four: Store) -> None:
    found = four.runs(RunPage(span_ids=[1]))
    assert list(found.payloads.values()) == ["x" * 500]


def test_a_run_that_ended_is_one_run(store: Store) -> None:
    _run(store, 1, duration=-1)
    assert [row.end_time_unix_nano for row in store.runs(RunPage()).spans] == [0]
    _run(store, 1, status=2)
    assert [row.end_time_unix_nano for row in store.runs(RunPage()).spans] == [NOON + 2 * SECOND]
    assert _names(store, RunPage(failed=False)) == []


def test_a_project_is_a_service_that_has_runs(four: Store) -> None:
    assert four.run_projects() == [
        RunProject("p1", 3, NOON + SECOND, NOON + 4 * SECOND),
        RunProject("p2", 1, NOON + 3 * SECOND, NOON + 3 * SECOND),
    ]


def test_created_projects_are_kept_replaced_and_forgotten(reopened: Open) -> None:
    store = reopened()
    first = ProjectRow(UUID(int=1).bytes, "beta", NOON, None, None, "{}")
    second = ProjectRow(UUID(int=2).bytes, "alpha", NOON, NOON + 1, "what it is", '{"a":1}')
    store.put_project(first)
    store.put_project(second)
    store.put_project(first._replace(description="new"))
    store = reopened()
    assert store.projects() == [second, first._replace(description="new")]
    assert (store.delete_project(first.project_id), store.delete_project(first.project_id)) == (True, False)
    assert store.projects() == [second]
