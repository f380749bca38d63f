"""The log goes into the file beside the writer, and what fails of it costs no write."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from llm_tracing.errors import FolderInUse, StoreError
from llm_tracing.store.checkpoints import Checkpoints
from llm_tracing.store.contract import Page
from llm_tracing.store.database import FILE_NAME, Database
from llm_tracing.store.duck import DuckDBStore
from llm_tracing.store.opening import ROW_GROUP
from tests.builders import batch_of, span, trace_hex, trace_request


def _until(true: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 30
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def _write(store: DuckDBStore, number: int, kilobytes: int = 0) -> None:
    text = "".join(f"{number * word:08x}" for word in range(128 * kilobytes))
    store.write(batch_of(trace_request(span("s", 1, trace=trace_hex(number), attributes={"text": text}))))


def test_a_long_log_is_written_into_the_file_and_a_short_one_is_not(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path)
    log = tmp_path / f"{FILE_NAME}.wal"
    store.database.checkpoints.log_bytes = 1_000_000
    _write(store, 1, 100)
    assert 0 < log.stat().st_size < 1_000_000
    for number in range(2, 20):
        _write(store, number, 100)
    _until(lambda: not log.exists() or log.stat().st_size < 1_000_000)
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / FILE_NAME).write_bytes((tmp_path / FILE_NAME).read_bytes())
    with duckdb.connect(str(tmp_path / "copy" / FILE_NAME)) as db:  # without the log
        assert db.execute("SELECT count(*) > 10 FROM traces").fetchone() == (True,)
    assert len(store.traces(Page(limit=100))) == 19
    store.close()


def test_a_commit_does_not_wait_for_the_checkpoint_that_it_causes(tmp_path: Path) -> None:
    asked, may_end = threading.Event(), threading.Event()

    def checkpoint() -> None:
        asked.set()
        assert may_end.wait(30)

    (tmp_path / "file.wal").write_bytes(b"x" * 10)
    checkpoints = Checkpoints(tmp_path / "file", checkpoint, 10)
    checkpoints.committed()
    assert asked.wait(30)  # and `committed` is over
    may_end.set()
    checkpoints.stop()


def test_one_that_fails_is_made_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    tried: list[int] = []

    def checkpoint() -> None:
        tried.append(1)
        if len(tried) == 1:
            raise StoreError("No room.", "Make some.")

    (tmp_path / "file.wal").write_bytes(b"x" * 10)
    checkpoints = Checkpoints(tmp_path / "file", checkpoint, 10)
    checkpoints.committed()
    _until(lambda: "No room." in caplog.text)
    checkpoints.committed()
    _until(lambda: len(tried) == 2)
    checkpoints.stop()


def test_who_writes_makes_it_where_the_thread_does_not_come_to_it(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path)
    log = tmp_path / f"{FILE_NAME}.wal"
    store.database.checkpoints.stop()
    store.database.checkpoints.log_bytes = 300_000
    for number in range(1, 30):
        _write(store, number, 100)
        assert not log.exists() or log.stat().st_size < 2_000_000
    assert len(store.traces(Page(limit=100))) == 29
    store.close()


def test_row_groups_are_small_also_in_a_file_that_is_written_anew(tmp_path: Path) -> None:
    database = Database(tmp_path)
    with database.writing() as db:
        db.execute("INSERT INTO marks SELECT uuid(), range, range, 'tag', 'x' FROM range(?)", [3 * ROW_GROUP])
    database.rewrite()
    with database.reading() as db:
        counts = db.execute(
            "SELECT DISTINCT max(count) FROM pragma_storage_info('marks') GROUP BY row_group_id"
        ).fetchall()
    assert counts == [(ROW_GROUP,)]
    database.close()


def test_a_folder_that_this_process_has_open_is_refused(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path)
    with pytest.raises(FolderInUse):
        DuckDBStore(tmp_path)
    store.database.rewrite()  # it is opened again for that
    with pytest.raises(FolderInUse):
        Database(tmp_path)
    store.close()
    DuckDBStore(tmp_path).close()
