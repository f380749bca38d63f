"""What goes by age and size, what stays, and that the room really comes back."""

import os
import time
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from llm_tracing.config import ServerSettings
from llm_tracing.keeping import Round
from llm_tracing.store.contract import Page
from llm_tracing.store.database import FILE_NAME
from llm_tracing.store.deleting import OF_TRACE
from llm_tracing.store.duck import DuckDBStore
from tests.builders import (
    NOON,
    batch_of,
    chat,
    counter,
    log,
    log_request,
    metric_request,
    span,
    trace_hex,
    trace_request,
)

DAY = 86_400 * 1_000_000_000


def _trace(store: DuckDBStore, number: int, start: int, prompt: str = "", session: str = "") -> bytes:
    trace = trace_hex(number)
    attributes = chat(prompt or f"question {number} " + os.urandom(200).hex(), "yes", tokens=(1, 1))
    if session:
        attributes = {**attributes, "session.id": session}
    root = span("root", 1, trace=trace, start=start)
    store.write(batch_of(trace_request(root, span("chat", 2, 1, trace=trace, start=start, attributes=attributes))))
    return bytes.fromhex(trace)


def _names(store: DuckDBStore) -> list[str]:
    return sorted(row.trace_id.hex()[-3:] for row in store.traces(Page(limit=1000)))


def _count(store: DuckDBStore, table: str) -> int:
    with store.database.reading() as db:
        row = db.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])


def _run(store: DuckDBStore, **settings: float) -> bool:
    """One whole round; whether anything went."""
    ended: list[bool] = []
    deleted: Counter[str] = Counter()
    one = Round(ServerSettings(**settings), store, lambda changed, _: ended.append(changed), deleted)  # type: ignore[arg-type]
    for _ in range(1_000):
        if not one():
            break
    [changed] = ended
    return changed


def test_the_oldest_traces_go_first_and_pinned_ones_stay(store: DuckDBStore) -> None:
    for number in range(1, 6):
        _trace(store, number, NOON + number * DAY)
    store.pin(bytes.fromhex(trace_hex(1)))
    assert store.delete_traces_before(NOON + 4 * DAY, 1) == 1
    assert _names(store) == ["001", "003", "004", "005"]
    assert [store.delete_traces_before(NOON + 4 * DAY) for _ in range(2)] == [1, 0]
    assert _names(store) == ["001", "004", "005"]
    for table, rows in {"spans": 6, "calls": 3, "payload_refs": 6, "payloads": 4, "pins": 1}.items():
        assert _count(store, table) == rows, table
    assert store.unpin(bytes.fromhex(trace_hex(1)))
    assert not store.unpin(bytes.fromhex(trace_hex(1)))
    assert store.delete_traces_before(NOON + 4 * DAY) == 1


def test_a_text_that_went_is_stored_again_when_it_comes_again(store: DuckDBStore) -> None:
    prompt = "the same prompt " * 50
    _trace(store, 1, NOON, prompt)
    _trace(store, 2, NOON + DAY, prompt)
    store.delete_traces_before(NOON + 1)
    stored = store.trace(bytes.fromhex(trace_hex(2)))
    assert stored is not None
    assert any("the same prompt" in text for text in stored.payloads.values())
    store.delete_traces_before(NOON + 2 * DAY)
    assert _count(store, "payloads") == 0
    stored = store.trace(_trace(store, 3, NOON, prompt))
    assert stored is not None
    assert any("the same prompt" in text for text in stored.payloads.values())


def test_a_trace_that_comes_again_after_it_went_is_a_new_one(store: DuckDBStore) -> None:
    for _ in range(2):
        _trace(store, 1, NOON)
        assert store.traces(Page())[0].span_count == 2
        store.delete_traces_before(NOON + 1)
        assert store.traces(Page()) == []


def test_each_signal_has_an_age_of_its_own(store: DuckDBStore) -> None:
    _trace(store, 1, NOON - 400 * DAY)
    for place in range(3):
        record = log(f"line {place}")
        record.time_unix_nano = NOON - place * DAY * 400
        point = counter("c", place)
        point.sum.data_points[0].time_unix_nano = NOON - place * DAY * 400
        store.write(batch_of(log_request(record)))
        store.write(batch_of(metric_request(point)))
    assert not _run(store)
    days = 10 + (time.time_ns() - NOON) / DAY
    assert _run(store, keep_days_logs=days)
    assert [_count(store, t) for t in ("traces", "logs", "metric_points")] == [1, 1, 3]
    assert _run(store, keep_days_metrics=days + 400)
    assert [_count(store, t) for t in ("traces", "logs", "metric_points")] == [1, 1, 2]
    assert _run(store, keep_days=days)
    assert [_count(store, t) for t in ("traces", "logs", "metric_points")] == [0, 1, 2]


def test_logs_of_a_pinned_trace_stay(store: DuckDBStore) -> None:
    pinned = _trace(store, 1, NOON)
    store.pin(pinned)
    store.write(batch_of(log_request(log("kept", trace=trace_hex(1)), log("gone"))))
    while store.delete_rows_before("logs", NOON + DAY * 1000):
        pass
    assert [row.body for row in store.logs(Page()).logs] == ['"kept"']


def test_beyond_the_largest_size_the_oldest_goes(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path)
    for number in range(1, 301):
        trace = trace_hex(number)
        text = {"text": os.urandom(10_000).hex()}
        store.write(batch_of(trace_request(span("s", 1, trace=trace, start=NOON + number, attributes=text))))
    limit = 4_000_000
    assert store.size().used > limit
    assert _run(store, max_size=limit)
    left = store.traces(Page(limit=1_000))
    assert store.size().used <= limit
    assert 50 < len(left) < 250
    assert min(row.start_time_unix_nano for row in left) == NOON + 301 - len(left)
    assert not _run(store, max_size=limit)
    store.close()


def test_a_file_written_anew_is_small_whole_and_in_order(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path)
    for number in range(1, 301):
        trace = trace_hex(number)
        text = {"text": os.urandom(10_000).hex()}
        store.write(batch_of(trace_request(span("s", 1, trace=trace, start=NOON + number, attributes=text))))
    store.database.checkpoint()
    before = (tmp_path / FILE_NAME).stat().st_size
    store.delete_traces_before(NOON + 280)
    store.database.rewrite()
    assert (tmp_path / FILE_NAME).stat().st_size < before / 3
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
    with store.database.reading() as db:
        times = [row[0] for row in db.execute("SELECT start_time_unix_nano FROM spans").fetchall()]
    assert times == sorted(times)
    assert len(times) == 21
    _trace(store, 1_000, NOON)
    store.close()
    with duckdb.connect(str(tmp_path / FILE_NAME)) as db:
        assert db.execute("SELECT count(*) FROM traces").fetchone() == (22,)


def test_no_room_for_a_second_file_leaves_the_first(store: DuckDBStore, monkeypatch: pytest.MonkeyPatch) -> None:
    from llm_tracing.errors import DiskFull

    _trace(store, 1, NOON)
    monkeypatch.setattr(type(store.database.disk), "free_bytes", lambda _: 10)
    with pytest.raises(DiskFull, match="a copy of the file needs"):
        store.database.rewrite()
    assert _names(store) == ["001"]


def test_the_schema_has_tables_only(store: DuckDBStore) -> None:
    """What copies and repairs a file copies tables: an index, a view or a sequence would be lost."""
    with store.database.reading() as db:
        for kind in ("indexes", "views", "sequences"):
            internal = "" if kind != "views" else " WHERE NOT internal"
            assert db.execute(f"SELECT count(*) FROM duckdb_{kind}(){internal}").fetchone() == (0,), kind


def test_every_table_with_rows_of_a_trace_loses_them(store: DuckDBStore) -> None:
    with store.database.reading() as db:
        rows = db.execute("SELECT table_name FROM duckdb_columns() WHERE column_name = 'trace_id'").fetchall()
    assert {table for (table,) in rows} == {*OF_TRACE, "logs"}
