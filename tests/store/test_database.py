"""The data folder: what is refused at the start, what a torn write leaves, and that columns and records agree."""

from pathlib import Path

import duckdb
import pytest

from llm_tracing import model
from llm_tracing.errors import FolderNotWritable, QueryTooSlow, SchemaTooNew, StoreCorrupt
from llm_tracing.store.contract import Page
from llm_tracing.store.database import FILE_NAME, SCHEMA_VERSION, TABLES, Database
from llm_tracing.store.duck import DuckDBStore
from llm_tracing.store.writer import RECORDS
from tests.builders import NOON, batch_of, span, trace_hex, trace_request


def test_every_table_has_the_columns_of_its_record_in_their_order(store: DuckDBStore) -> None:
    found = {table: tuple(name for name, _ in store.database.columns(table)) for table in TABLES}
    assert found.pop("schema_version") == ("version",)
    assert found.pop("settings") == ("key", "value")
    assert found == {table: record._fields for table, record in RECORDS.items()}


def test_facts_are_the_first_columns_of_a_span() -> None:
    assert model.SpanRecord._fields[: model.FACTS] == model.SpanFacts._fields


def test_a_new_folder_is_made_with_all_above_it(tmp_path: Path) -> None:
    DuckDBStore(tmp_path / "a" / "b").close()
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == [FILE_NAME]


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    DuckDBStore(tmp_path).close()
    with duckdb.connect(str(tmp_path / FILE_NAME)) as db:
        db.execute("UPDATE schema_version SET version = 99")
    before = (tmp_path / FILE_NAME).read_bytes()
    with pytest.raises(SchemaTooNew, match=f"has schema 99; this version knows {SCHEMA_VERSION}"):
        DuckDBStore(tmp_path)
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FolderNotWritable):
        DuckDBStore(tmp_path / "file")


@pytest.fixture(scope="module")
def whole_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a data file with a few hundred blocks of content."""
    folder = tmp_path_factory.mktemp("whole")
    store = DuckDBStore(folder)
    for number in range(1, 6):
        long = {"a": f"{number} " * 20_000}
        store.write(batch_of(trace_request(span("s", 1, trace=trace_hex(number), attributes=long))))
    store.close()
    return (folder / FILE_NAME).read_bytes()


@pytest.mark.parametrize("harm", ["empty", "text", "cut short", "header", "first block", "another program's"])
def test_a_harmed_data_file_is_a_line_that_says_so(harm: str, whole_file: bytes, tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    if harm == "another program's":
        with duckdb.connect(str(file)) as db:
            db.execute("CREATE TABLE spans (a INTEGER)")
    else:
        file.write_bytes(
            {
                "empty": b"",
                "text": b"not a database " * 1_000,
                "cut short": whole_file[:5_000],
                "header": whole_file[:4096] + b"\xff" * 8192 + whole_file[12288:],
                "first block": whole_file[:12288] + b"\xaa" * 100_000 + whole_file[112288:],
            }[harm]
        )
    with pytest.raises(StoreCorrupt) as refused:
        DuckDBStore(tmp_path)
    assert "\n" not in refused.value.line()


def test_a_torn_write_costs_no_batch_before_it(tmp_path: Path) -> None:
    """A machine that stops in the middle of a write leaves part of it in the write-ahead log."""
    store = DuckDBStore(tmp_path / "whole")
    lengths: list[int] = []
    log = tmp_path / "whole" / f"{FILE_NAME}.wal"
    for number in range(1, 7):
        store.write(batch_of(trace_request(span("s", 1, trace=trace_hex(number), start=NOON + number))))
        lengths.append(log.stat().st_size)
    file, torn = (tmp_path / "whole" / FILE_NAME).read_bytes(), log.read_bytes()
    store.close()
    for place, end in enumerate(lengths):
        for cut in (end, end - 1, end - 700):
            folder = tmp_path / str(cut)
            folder.mkdir()
            (folder / FILE_NAME).write_bytes(file)
            (folder / f"{FILE_NAME}.wal").write_bytes(torn[:cut])
            opened = DuckDBStore(folder)
            assert len(opened.traces(Page())) == place + (cut == end)
            opened.close()


def test_a_query_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    database = Database(tmp_path, query_timeout_s=0.05)
    with pytest.raises(QueryTooSlow, match=r"longer than 0\.05 s"), database.reading() as db:
        db.execute("SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b").fetchall()
    with database.reading() as db:
        assert db.execute("SELECT 1").fetchone() == (1,)
    database.close()


def test_nothing_of_a_transaction_that_fails_is_kept(tmp_path: Path) -> None:
    database = Database(tmp_path)

    def interrupted() -> None:
        with database.writing() as db:
            db.execute("INSERT INTO scopes VALUES (uuid(), '', '', '', 0, '')")
            raise RuntimeError("in between")

    with pytest.raises(RuntimeError, match="in between"):
        interrupted()
    with database.reading() as db:
        assert db.execute("SELECT count(*) FROM scopes").fetchone() == (0,)
    database.close()


def test_memory_that_a_query_used_goes_back(store: DuckDBStore) -> None:
    with store.database.reading() as db:
        assert db.execute("SELECT current_setting('allocator_background_threads')").fetchone() == (True,)
