"""Annotations in every store: read by what they are of, replaced by id, and joined to runs that come later."""

from typing import Any
from uuid import UUID

import pytest

from llm_tracing.model import AnnotationRow, Batch
from llm_tracing.normalize.langsmith_ids import span_id_of
from llm_tracing.store.contract import AnnotationPage, Store
from tests.builders import NOON, SECOND, TRACE, batch_of, span, trace_hex, trace_request
from tests.contract.conftest import Open

RUN = UUID("019f0000-1111-7222-8333-444455556666")
TWIN = UUID("019f0000-1111-7222-9999-000000000000")  # another run with the same first eight bytes
SPAN_ID = span_id_of(RUN, UUID(TRACE))


def _annotation(number: int = 1, key: str = "quality", **more: Any) -> AnnotationRow:
    plain = AnnotationRow(
        number.to_bytes(16, "big"),
        NOON + number,
        NOON + number,
        None,
        None,
        None,
        key,
        1.0,
        None,
        None,
        None,
        None,
        "{}",
    )
    return plain._replace(**more)


def _write(store: Store, *rows: AnnotationRow) -> set[bytes]:
    batch = Batch.empty()
    batch.annotations.update({row.annotation_id: row for row in rows})
    return store.write(batch)


def _run(store: Store, run: UUID, trace: str = TRACE, span_id: int = SPAN_ID) -> None:
    run_attributes = {"langsmith.run_id": str(run)}
    store.write(batch_of(trace_request(span("run", span_id, trace=trace, attributes=run_attributes))))


def _all(store: Store) -> list[AnnotationRow]:
    return store.annotations(AnnotationPage())


def test_annotations_come_newest_first_as_they_were_written(store: Store) -> None:
    full = _annotation(
        2,
        trace_id=bytes.fromhex(TRACE),
        span_id=2**64 - 1,
        run_id=RUN.bytes,
        score=-0.5,
        value='{"a":1}',
        comment="fine",
        correction='"better"',
        source='{"type":"api"}',
        extra='{"session_id":"p"}',
    )
    touched = _write(store, _annotation(1), full)
    assert touched == {bytes.fromhex(TRACE)}
    assert _all(store) == [full, _annotation(1)]
    assert store.annotations_by_id([full.annotation_id, bytes(16)]) == [full]


def test_said_again_an_annotation_replaces_what_it_was(store: Store) -> None:
    _write(store, _annotation(1))
    _write(store, _annotation(1, score=0.0, comment="on second thought"))
    assert _all(store) == [_annotation(1, score=0.0, comment="on second thought")]


@pytest.mark.parametrize(
    ("page", "found"),
    [
        (AnnotationPage(limit=2), [4, 3]),
        (AnnotationPage(limit=2, offset=2), [2, 1]),
        (AnnotationPage(after=(NOON + 3, f"{3:032x}")), [2, 1]),
        (AnnotationPage(since=NOON + 2, until=NOON + 4), [3, 2]),
        (AnnotationPage(trace_id=bytes.fromhex(TRACE)), [2]),
        (AnnotationPage(run_ids=[RUN.bytes, TWIN.bytes]), [3]),
        (AnnotationPage(keys=["tone", "none"]), [4]),
        (AnnotationPage(sources=["model"]), [1]),
        (AnnotationPage(projects=["p1"]), [4]),
        (AnnotationPage(sources=["model"], keys=["tone"]), []),
    ],
)
def test_each_condition_narrows_the_list(store: Store, page: AnnotationPage, found: list[int]) -> None:
    _write(
        store,
        _annotation(1, source='{"type":"model"}'),
        _annotation(2, trace_id=bytes.fromhex(TRACE)),
        _annotation(3, run_id=RUN.bytes),
        _annotation(4, key="tone", extra='{"session_id":"p1"}'),
    )
    assert [int.from_bytes(row.annotation_id, "big") for row in store.annotations(page)] == found


def test_deleting_tells_what_is_gone(store: Store) -> None:
    _write(store, _annotation(1), _annotation(2))
    assert store.delete_annotations([_annotation(2).annotation_id, bytes(16)]) == [_annotation(2)]
    assert _all(store) == [_annotation(1)]
    assert store.delete_annotations([]) == []


def test_an_annotation_of_a_stored_run_gets_its_place(store: Store) -> None:
    _run(store, RUN)
    assert _write(store, _annotation(run_id=RUN.bytes)) == {bytes.fromhex(TRACE)}
    assert [(row.trace_id, row.span_id) for row in _all(store)] == [(bytes.fromhex(TRACE), SPAN_ID)]


def test_an_annotation_that_comes_first_waits_for_its_run_over_a_restart_too(reopened: Open) -> None:
    store = reopened()
    _write(store, _annotation(run_id=RUN.bytes))
    assert [(row.trace_id, row.span_id) for row in _all(store)] == [(None, None)]
    store = reopened()
    _run(store, RUN)
    assert [(row.trace_id, row.span_id) for row in _all(store)] == [(bytes.fromhex(TRACE), SPAN_ID)]


def test_a_run_that_shares_the_first_bytes_is_not_taken_for_another(store: Store) -> None:
    _write(store, _annotation(run_id=RUN.bytes))
    _run(store, TWIN, trace_hex(7))
    assert _all(store)[0].trace_id is None
    _run(store, RUN, trace_hex(8))
    assert _all(store)[0].trace_id == bytes.fromhex(trace_hex(8))


def test_a_span_that_does_not_say_its_run_is_found_by_its_id(store: Store) -> None:
    store.write(batch_of(trace_request(span("exported", SPAN_ID, start=NOON - SECOND))))
    _write(store, _annotation(run_id=RUN.bytes))
    assert _all(store)[0].trace_id == bytes.fromhex(TRACE)


def test_an_annotation_deleted_while_it_waits_does_not_come_back(store: Store) -> None:
    _write(store, _annotation(run_id=RUN.bytes))
    store.delete_annotations([_annotation().annotation_id])
    _run(store, RUN)
    assert _all(store) == []
