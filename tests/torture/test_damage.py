"""A damaged data folder: a line that says so, and `repair` saves what can be read and says what is lost."""

import os
import shutil
from pathlib import Path

import duckdb
import pytest

from llm_tracing.errors import FolderInUse, StoreCorrupt
from llm_tracing.store.contract import Page
from llm_tracing.store.database import FILE_NAME
from llm_tracing.store.duck import DuckDBStore
from llm_tracing.store.salvage import salvage
from tests.builders import batch_of, chat, span, trace_hex, trace_request
from tests.running import Running
from tests.server.process import run

TRACES, SPANS = 30, 40
_BLOCK, _FIRST = 262_144, 12_288  # bytes of a block, and where the first one starts


def _fill(store: DuckDBStore) -> None:
    for number in range(1, TRACES + 1):
        asked = f"question {number} " + os.urandom(400).hex()
        spans = [
            span(f"s{n}", n, trace=trace_hex(number), attributes={"x": os.urandom(200).hex()}) for n in range(SPANS)
        ]
        spans[1] = span("chat", 1, trace=trace_hex(number), attributes=chat(asked, "yes", tokens=(3, 1)))
        store.write(batch_of(trace_request(*spans[1:])))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    store = DuckDBStore(folder)
    _fill(store)
    store.close()
    return folder


def _damaged(whole: Path, folder: Path, block: int) -> Path:
    """A copy of the folder with a few hundred flipped bytes in one block of its file."""
    folder.mkdir()
    content = bytearray((whole / FILE_NAME).read_bytes())
    start = _FIRST + block * _BLOCK + 5_000
    for place in range(start, start + 300):
        content[place] ^= 0xFF
    (folder / FILE_NAME).write_bytes(content)
    return folder


def _blocks(whole: Path) -> range:
    return range(((whole / FILE_NAME).stat().st_size - _FIRST) // _BLOCK)


def test_whichever_block_is_damaged_the_rest_is_saved_and_the_loss_is_told(whole: Path, tmp_path: Path) -> None:
    told = 0
    beyond: list[int] = []
    for block in _blocks(whole):
        folder = _damaged(whole, tmp_path / str(block), block)
        try:
            saved = salvage(folder)
        except StoreCorrupt:
            beyond.append(block)  # the list of the tables itself
            assert [file.name for file in folder.iterdir()] == [FILE_NAME]
            continue
        told += not saved.is_whole
        assert {table.rows + table.lost for table in saved.tables if table.table == "spans"} <= {
            TRACES * (SPANS - 1),
            0,
        }
        with Running(folder) as server:
            for trace in server.traces():
                assert server.trace(trace.trace_id).trace.span_count == SPANS - 1
            server.export(trace_request(span("more", 1, trace=trace_hex(1_000))))
        shutil.rmtree(folder)
    assert told >= 3
    assert len(beyond) <= 1


def test_roll_ups_that_are_lost_are_made_again(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(whole, folder)
    store = DuckDBStore(folder)
    before = store.traces(Page())
    store.close()
    with duckdb.connect(str(folder / FILE_NAME)) as db:
        db.execute("DELETE FROM traces WHERE trace_id < ?::UUID", [trace_hex(10)])
        db.execute("DELETE FROM calls WHERE trace_id > ?::UUID", [trace_hex(20)])
        db.execute("DELETE FROM resources")
        db.execute("DELETE FROM scopes")
    saved = salvage(folder)
    assert (saved.rolled_up_again, saved.is_whole) == (9 + 10, True)
    with Running(folder) as server:
        assert server.trace(trace_hex(5)).spans[0].resource.attributes == {}
    store = DuckDBStore(folder)
    assert sorted(store.traces(Page())) == sorted(before)
    store.close()


@pytest.mark.parametrize("place", [0.02, 0.5, 0.98])
def test_a_damaged_log_is_read_up_to_the_damage(place: float, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    store = DuckDBStore(folder)
    _fill(store)
    saved_file, saved_log = (folder / FILE_NAME).read_bytes(), bytearray((folder / f"{FILE_NAME}.wal").read_bytes())
    store.close()
    saved_log[int(len(saved_log) * place)] ^= 0xFF
    (folder / FILE_NAME).write_bytes(saved_file)
    (folder / f"{FILE_NAME}.wal").write_bytes(saved_log)
    with pytest.raises(StoreCorrupt) as refused:
        DuckDBStore(folder)
    assert "llm-tracing repair" in refused.value.line()
    saved = salvage(folder)
    assert 0 < saved.log_bytes_lost <= len(saved_log)
    again = DuckDBStore(folder)
    found = again.traces(Page())
    assert all(trace.span_count == SPANS - 1 for trace in found)
    assert TRACES * (place - 0.2) <= len(found) < TRACES
    again.close()


def test_the_command_says_what_it_saved_and_where_the_old_file_is(whole: Path, tmp_path: Path) -> None:
    last = _blocks(whole)[-1]
    folder = _damaged(whole, tmp_path / "data", last // 2)
    done = run("repair", "--data", str(folder))
    assert (done.returncode, "damaged-" in done.stdout, "spans" in done.stdout) == (0, True, True), done.stderr
    nothing = run("repair", "--data", str(tmp_path / "nothing"))
    assert (nothing.returncode, "no such file" in nothing.stderr) == (1, True)


def test_a_folder_in_use_is_not_repaired(tmp_path: Path) -> None:
    with Running(tmp_path):
        done = run("repair", "--data", str(tmp_path))
        assert (done.returncode, "open in another process" in done.stderr) == (1, True)
    assert FolderInUse(tmp_path).line() in done.stderr.replace("\n", " ")
