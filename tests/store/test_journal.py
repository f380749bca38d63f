"""The journal: what was added is there after a kill, what is in the tables is not taken up again, nothing lingers."""

import stat
from pathlib import Path

import pytest

from llm_tracing.errors import StoreError
from llm_tracing.store.journal import FILE_NAME, Journal, Mark, Written

ONE, TWO, THREE = (Written("traces", "OTLP/HTTP protobuf", bytes([n]) * 100_000) for n in (1, 2, 3))


def _left(folder: Path, stored: Mark | None = None) -> list[Written]:
    journal = Journal(folder)
    found = [written for _, written in journal.left(stored)]
    journal.close()
    return found


def test_what_was_added_is_there_for_the_next_process_in_its_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    first = journal.add([ONE, TWO])
    [last] = journal.add([THREE])
    # As after a kill: nobody closed it.
    assert _left(tmp_path) == [ONE, TWO, THREE]
    assert _left(tmp_path, first[0]) == [TWO, THREE]
    assert journal.requests([first[1], last]) == [TWO, THREE]
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


def test_the_file_goes_when_all_is_stored(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    marks = journal.add([ONE, TWO])
    journal.stored(marks[0])
    assert (tmp_path / FILE_NAME).exists()
    journal.stored(marks[1])
    assert list(tmp_path.iterdir()) == []
    journal.add([THREE])
    assert _left(tmp_path) == [THREE]


def test_a_file_of_which_all_is_stored_goes_at_the_next_start(tmp_path: Path) -> None:
    marks = Journal(tmp_path).add([ONE, TWO])  # killed between the commit and the end of the file
    assert _left(tmp_path, marks[-1]) == []
    assert list(tmp_path.iterdir()) == []


def test_a_mark_of_another_journal_says_nothing_of_this_one(tmp_path: Path) -> None:
    Journal(tmp_path).add([ONE])
    assert _left(tmp_path, Mark("another", 1)) == [ONE]
    assert Mark.read(str(Mark("another", 17))) == Mark("another", 17)


def test_the_next_process_goes_on_in_what_was_left(tmp_path: Path) -> None:
    Journal(tmp_path).add([ONE, TWO])
    journal = Journal(tmp_path)
    [(first, _), (second, _)] = journal.left(None)
    [third] = journal.add([THREE])
    assert [mark.number for mark in (first, second, third)] == [1, 2, 3]
    journal.stored(second)
    assert (tmp_path / FILE_NAME).exists()
    journal.stored(third)
    assert not (tmp_path / FILE_NAME).exists()


def test_it_does_not_grow_with_what_was_stored(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    [done] = journal.add([ONE])
    for _ in range(100):
        [after] = journal.add([TWO])
        journal.stored(done)
        done = after
    assert (tmp_path / FILE_NAME).stat().st_size < 10 * len(ONE.request)


def test_a_file_that_is_no_journal_is_said_to_be_none_and_can_be_put_aside(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no journal at all" * 1_000)
    journal = Journal(tmp_path)
    with pytest.raises(StoreError, match="could not be read"):
        journal.left(None)
    aside = journal.set_aside()
    assert aside.read_bytes().startswith(b"no journal")
    journal.add([ONE])
    assert _left(tmp_path) == [ONE]


def test_where_nothing_can_be_written_nothing_is_added(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "not there")
    with pytest.raises(StoreError, match="could not be written"):
        journal.add([ONE])
    (tmp_path / "not there").mkdir()
    assert [mark.number for mark in journal.add([ONE])] == [1]
