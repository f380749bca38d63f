"""A filter that reads spans looks at the newest ones first, and never beyond the time that is asked for."""

import pytest

from llm_tracing.store import windows
from llm_tracing.store.contract import Filter, Page
from llm_tracing.store.duck import DuckDBStore
from llm_tracing.store.filters import where
from tests.builders import NOON, batch_of, span, trace_hex, trace_request

DAY = 24 * 3600 * 1_000_000_000
HEAVY = [
    Filter("has", "=", "empty-sql-answer"),
    Filter("attribute", "=", "nowhere", key="server.address"),
]


@pytest.mark.parametrize("wanted", HEAVY, ids=["has", "attribute"])
def test_the_newest_rows_are_looked_at_before_all(
    store: DuckDBStore, monkeypatch: pytest.MonkeyPatch, wanted: Filter
) -> None:
    monkeypatch.setitem(windows._FIRST, "traces", 2)
    spans = [span("ask", 1, trace=trace_hex(n), start=NOON + n * DAY) for n in range(1, 9)]
    store.write(batch_of(trace_request(*spans)))
    with store.database.reading() as db:
        tried = list(windows.pages(db, "traces", Page(limit=1, filters=[wanted])))
    assert [is_last for _, _, is_last in tried] == [False, True]
    _, first, _ = tried[0]
    assert NOON + 7 * DAY in first
    assert store.traces(Page(limit=1, filters=[wanted])) == []
    assert len(store.traces(Page(limit=9, filters=[Filter("has", "=", "empty-sql-answer", negated=True)]))) == 8


def test_what_has_looks_up_in_spans_is_bounded_by_the_page() -> None:
    _, bounded = where("traces", Page(limit=1, since=NOON, filters=[HEAVY[0]]))
    _, free = where("traces", Page(limit=1, filters=[HEAVY[0]]))
    assert (bounded.count(NOON), free.count(0)) == (2, 1)
