"""Views of traces are kept until their spans or the folding rules change, and in bounded memory."""

from pathlib import Path

import pytest

from llm_tracing.model import Batch
from llm_tracing.query.fold_book import FoldBook
from llm_tracing.query.fold_rules import FoldRules
from llm_tracing.query.kept_views import KeptView, KeptViews
from llm_tracing.store.contract import StoredTrace
from llm_tracing.store.duck import DuckDBStore
from tests.builders import batch_of, chat, span, trace_request

ONE, OTHER = bytes([1] * 16), bytes([2] * 16)


def _trace(trace_id: bytes, *names: str) -> Batch:
    spans = [span(name, n, 1 if n > 1 else None, attributes=chat()) for n, name in enumerate(names, 1)]
    for one in spans:
        one.trace_id = trace_id
    return batch_of(trace_request(*spans))


@pytest.fixture
def book(tmp_path: Path) -> FoldBook:
    return FoldBook(tmp_path)


@pytest.fixture
def views(store: DuckDBStore, book: FoldBook) -> KeptViews:
    return KeptViews(store, book, max_spans=4)


def _view(views: KeptViews, trace_id: bytes = ONE) -> KeptView:
    found = views.view(trace_id)
    assert found is not None
    return found


def _names(view: KeptView) -> list[str]:
    return [one.record.name for one in view.views]


def test_a_view_is_kept_until_its_trace_changes(store: DuckDBStore, views: KeptViews) -> None:
    store.write(_trace(ONE, "a", "b"))
    first = _view(views)
    assert _names(first) == ["a", "b"]
    store.write(_trace(OTHER, "else"))
    assert _view(views) is first
    store.write(_trace(ONE, "a", "b", "c"))
    assert _names(_view(views)) == ["a", "b", "c"]


def test_a_trace_that_is_erased_is_not_shown_from_memory(store: DuckDBStore, views: KeptViews) -> None:
    store.write(_trace(ONE, "a"))
    _view(views)
    store.erase("trace", ONE.hex())
    assert views.view(ONE) is None


def test_other_rules_make_another_view(store: DuckDBStore, views: KeptViews, book: FoldBook) -> None:
    store.write(_trace(ONE, "a"))
    first = _view(views)
    book.put(FoldRules(rules=[]))
    assert _view(views) is not first


def test_a_view_read_while_its_trace_changes_is_not_kept(
    store: DuckDBStore, book: FoldBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = store.trace

    def read_and_be_overtaken(trace_id: bytes, *, content: bool = True) -> StoredTrace | None:
        found = read(trace_id, content=content)
        monkeypatch.setattr(store, "trace", read)
        store.write(_trace(ONE, "a", "later"))
        return found

    store.write(_trace(ONE, "a"))
    views = KeptViews(store, book)
    monkeypatch.setattr(store, "trace", read_and_be_overtaken)
    assert _names(_view(views)) == ["a"]
    assert _names(_view(views)) == ["a", "later"]


def test_kept_views_are_bounded(store: DuckDBStore, views: KeptViews) -> None:
    store.write(_trace(ONE, "a", "b", "c"))
    store.write(_trace(OTHER, "d", "e", "f", "g", "h"))
    first = _view(views)
    assert _view(views, OTHER) is not _view(views, OTHER)  # more spans than all views may hold
    assert _view(views) is first
    third = bytes([3] * 16)
    store.write(_trace(third, "i", "j"))
    _view(views, third)
    assert _view(views) is not first  # it made room
