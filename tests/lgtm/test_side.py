"""Side data of two servers over one object place: what one changes the other sees, and nothing rests on one file."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from llm_tracing.errors import StoreError
from llm_tracing.lgtm.bucket import Bucket, ObjectsError
from llm_tracing.lgtm.shared import merging
from llm_tracing.lgtm.shared.changes import FOLDER, Change, decode, encode, newest
from llm_tracing.lgtm.shared.doing import SideDoing
from llm_tracing.lgtm.shared.folds import share_folds
from llm_tracing.lgtm.shared.rows import decode_row, encode_row, kinds_of
from llm_tracing.lgtm.shared.side import SideData
from llm_tracing.lgtm.window import Window
from llm_tracing.model import AnnotationRow, Batch, PinRow, ProjectRow, ViewRow
from llm_tracing.query.fold_book import FoldBook
from llm_tracing.query.fold_rules import FoldRules
from llm_tracing.store.contract import AnnotationPage
from llm_tracing.store.duck import DuckDBStore
from tests.builders import NOON, TRACE, batch_of, span, trace_request
from tests.lgtm.fake_s3 import FakeS3

ID = bytes.fromhex(TRACE)
VIEW = ViewRow(b"v" * 16, "Slow", "traces", "duration:>1s", "1h", None, NOON)
PROJECT = ProjectRow(b"p" * 16, "shop", NOON, None, "of the shop", "{}")


class Replica:
    """A window with its side data, as one server has them; it looks when it is told to."""

    def __init__(self, bucket: Bucket, folder: Path) -> None:
        self.folder = folder
        self.store = DuckDBStore(folder, stay=frozenset({"annotations"}))
        self.window = Window(self.store)
        self.side = SideData(bucket, self.window, kinds_of(self.store))
        self.doing = SideDoing(self.side, self.window)
        self.heard: list[set[bytes]] = []
        self.side.listen(self.heard.append)

    def close(self) -> None:
        self.side.close()
        self.store.close()

    def annotate(self, number: int = 1, **more: Any) -> AnnotationRow:
        row = said(number, **more)
        batch = Batch.empty()
        batch.annotations[row.annotation_id] = row
        self.doing.write(batch, lambda: batch)
        return row

    def annotations(self) -> list[AnnotationRow]:
        return self.store.annotations(AnnotationPage(limit=10_000))


def said(number: int = 1, **more: Any) -> AnnotationRow:
    at = NOON + number
    row = AnnotationRow(
        number.to_bytes(16, "big"), at, at, ID, 2**64 - 1, None, "quality", 1.0, None, None, None, None, "{}"
    )
    return row._replace(**more)


Open = Callable[[str], Replica]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "objects"


@pytest.fixture
def bucket(place: Path) -> Bucket:
    return Bucket(place.as_uri())


@pytest.fixture
def opened(bucket: Bucket, tmp_path: Path) -> Iterator[Open]:
    with ExitStack() as closing:

        def open_one(name: str) -> Replica:
            replica = Replica(bucket, tmp_path / name)
            closing.callback(replica.close)
            return replica

        yield open_one


def objects(place: Path) -> list[Path]:
    return sorted((place / FOLDER).glob("*"))


def test_what_one_server_was_told_the_other_sees(opened: Open) -> None:
    a, b = opened("a"), opened("b")
    row = a.annotate(score=0.25, value='{"why":"right"}', comment="fine", source='{"type":"api"}')
    a.doing.put_view(VIEW)
    a.doing.put_project(PROJECT)
    a.doing.pin(ID)
    b.side.look()
    assert b.annotations() == [row]
    assert (b.store.views(), b.store.projects(), b.store.pins()) == ([VIEW], [PROJECT], a.store.pins())
    assert b.heard == [{ID}]


def test_what_one_server_deletes_is_gone_at_the_other(opened: Open) -> None:
    a, b = opened("a"), opened("b")
    row = a.annotate()
    a.doing.put_view(VIEW)
    a.doing.put_project(PROJECT)
    a.doing.pin(ID)
    b.side.look()
    b.heard.clear()
    assert b.doing.delete_annotations([row.annotation_id]) == [row]
    assert b.doing.delete_view(VIEW.view_id)
    assert b.doing.delete_project(PROJECT.project_id)
    assert b.doing.unpin(ID)
    a.side.look()
    for one in (a, b):
        assert (one.annotations(), one.store.views(), one.store.projects(), one.store.pins()) == ([], [], [], [])
    assert (a.heard, b.heard) == ([{ID}], [])  # who changes something says so where it was asked


def test_what_is_not_there_is_not_deleted_and_no_object_is_made_of_it(opened: Open, place: Path) -> None:
    a = opened("a")
    assert a.doing.delete_annotations([b"?" * 16]) == []
    assert not a.doing.delete_view(b"?" * 16)
    assert not a.doing.unpin(ID)
    assert objects(place) == []


def test_a_lost_window_is_filled_from_the_objects(opened: Open, tmp_path: Path) -> None:
    a = opened("a")
    rows = [a.annotate(number) for number in range(1, 4)]
    a.doing.put_view(VIEW)
    a.doing.delete_annotations([rows[1].annotation_id])
    a.close()
    shutil.rmtree(tmp_path / "a")
    a = opened("a")
    a.side.look()
    assert a.annotations() == [rows[2], rows[0]]
    assert a.store.views() == [VIEW]


def test_what_only_a_window_has_is_put_in_the_place_at_the_first_look(opened: Open) -> None:
    a = opened("a")
    batch = Batch.empty()
    batch.annotations = {row.annotation_id: row for row in map(said, range(1, 5))}
    a.store.write(batch)
    a.store.put_view(VIEW)
    a.side.look()
    b = opened("b")
    b.side.look()
    assert b.annotations() == a.annotations()
    assert b.store.views() == [VIEW]


def test_what_was_put_from_a_window_does_not_undo_what_was_said_since(opened: Open) -> None:
    old = opened("old")
    batch = Batch.empty()
    batch.annotations = {said().annotation_id: said()}
    old.store.write(batch)
    changed = opened("b").annotate(comment="on second thought")
    old.side.look()
    assert old.annotations() == [changed]


def test_an_object_that_was_lost_is_put_there_again(opened: Open, place: Path) -> None:
    a = opened("a")
    row = a.annotate()
    a.close()
    shutil.rmtree(place / FOLDER)
    opened("a").side.look()
    b = opened("b")
    b.side.look()
    assert b.annotations() == [row]


def test_the_later_of_two_changes_holds_wherever_it_is_read_first(opened: Open) -> None:
    a, b, c = opened("a"), opened("b"), opened("c")
    a.annotate(comment="first")
    b.side.look()
    b.annotate(comment="second")
    a.annotate(comment="third")
    for one in (c, b, a):
        one.side.look()
    assert [row.comment for one in (a, b, c) for row in one.annotations()] == ["third"] * 3


def test_who_saw_a_change_is_not_undone_by_a_slow_clock(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = opened("a"), opened("b")
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 3_600 * 10**9)
    a.annotate(comment="by the fast clock")
    monkeypatch.setattr(time, "time_ns", lambda: now)
    b.side.look()
    row = b.annotate(comment="an hour behind, and later")
    a.side.look()
    assert (a.annotations(), b.annotations()) == ([row], [row])
    b.doing.delete_annotations([row.annotation_id])
    a.side.look()
    assert (a.annotations(), b.annotations()) == ([], [])


def test_a_change_from_elsewhere_that_comes_meanwhile_is_not_undone(opened: Open) -> None:
    """Between the object and the window of a change, another server's later one may be read."""
    a, b = opened("a"), opened("b")
    batch = Batch.empty()
    batch.annotations = {said().annotation_id: said(comment="earlier")}

    def meanwhile() -> Batch:
        b.side.look()
        b.annotate(comment="later")
        a.side.look()
        return batch

    a.doing.write(batch, meanwhile)
    assert [row.comment for row in a.annotations()] == ["later"]


def test_a_crash_between_object_and_window_loses_nothing(opened: Open) -> None:
    a = opened("a")
    row = said()
    a.side.tell("annotation", {row.annotation_id: encode_row(row)})
    a.close()
    again = opened("a")
    again.side.look()
    assert again.annotations() == [row]


def test_a_change_that_the_window_did_not_take_comes_with_the_next_look(opened: Open) -> None:
    a = opened("a")
    row = said()

    def fail() -> Batch:
        raise StoreError("No room.")

    batch = Batch.empty()
    batch.annotations[row.annotation_id] = row
    with pytest.raises(StoreError):
        a.doing.write(batch, fail)
    assert a.annotations() == []
    a.side.look()
    assert a.annotations() == [row]


def test_a_place_that_is_down_refuses_a_change_and_says_which_it_is(opened: Open, place: Path) -> None:
    a = opened("a")
    row = a.annotate()
    blocked(place)
    with pytest.raises(ObjectsError, match=r"The object store file://.*objects failed: "):
        a.annotate(2)
    with pytest.raises(ObjectsError):
        a.doing.delete_annotations([row.annotation_id])
    with pytest.raises(ObjectsError):
        a.doing.put_view(VIEW)
    assert (a.annotations(), a.store.views()) == ([row], [])


def blocked(place: Path) -> None:
    """A file where the folder was, so that nothing can be put there, whoever asks."""
    shutil.rmtree(place / FOLDER)
    (place / FOLDER).write_bytes(b"")


def test_an_annotation_of_a_run_finds_its_place_in_each_window(opened: Open) -> None:
    """Where the run is, is found out by the window that has it; the object names the run alone."""
    a, b = opened("a"), opened("b")
    open_end = said(trace_id=None, span_id=None, run_id=b"r" * 16)
    a.annotate(trace_id=None, span_id=None, run_id=b"r" * 16)
    b.side.look()
    settled = open_end._replace(trace_id=ID, span_id=7)
    batch = Batch.empty()
    batch.annotations[settled.annotation_id] = settled
    b.store.write(batch)  # as the run's arrival does it
    b.close()
    again = opened("b")
    again.side.look()
    assert again.annotations() == [settled]


def test_a_trace_that_the_window_lets_go_keeps_what_was_said_of_it(opened: Open) -> None:
    a = opened("a")
    a.store.write(batch_of(trace_request(span("ask"))))
    row = a.annotate()
    assert a.store.delete_traces_before(2**63) == 1
    assert a.annotations() == [row]
    a.store.erase("trace", TRACE)
    assert a.annotations() == []


def test_many_objects_become_few_and_say_the_same(
    opened: Open, place: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "MANY", 20)
    a = opened("a")
    for number in range(1, 31):
        a.annotate(number)
        a.annotate(number, comment="again")
    a.doing.delete_annotations([said(7).annotation_id])
    before, reader = a.annotations(), opened("reader")
    assert len(objects(place)) == 61
    read = lambda paths: [bucket.get(path) for path in paths]  # noqa: E731
    reader.side.look()
    while merging.merge(bucket, bucket.listed(FOLDER), read, many=20):
        pass
    assert len(objects(place)) < 25
    late = opened("late")
    for one in (late, reader, a):
        one.side.look()
        assert one.annotations() == before
    # Deletions are among them: a copy that was away does not bring the annotation back.
    changes = [change for path in objects(place) for change in decode(path.read_bytes())]
    assert newest(changes)["annotation", said(7).annotation_id].row is None


def test_a_merge_of_what_somebody_else_is_merging_leaves_it_to_them(opened: Open, bucket: Bucket) -> None:
    a = opened("a")
    for number in range(1, 31):
        a.annotate(number)
    listed = bucket.listed(FOLDER)
    bucket.delete([listed[3].path])
    assert not merging.merge(bucket, listed, lambda paths: [bucket.get(path) for path in paths], many=20)
    assert len(bucket.listed(FOLDER)) == 29


def test_objects_that_go_while_they_are_read_are_looked_for_again(opened: Open, bucket: Bucket) -> None:
    a, b = opened("a"), opened("b")
    for number in range(1, 31):
        a.annotate(number)
    listed = bucket.listed
    once: list[bool] = []

    def listed_and_then_merged(under: str) -> Any:
        found = listed(under)
        if not once:
            once.append(True)
            merging.merge(bucket, found, lambda paths: [bucket.get(path) for path in paths], many=20)
        return found

    bucket.listed = listed_and_then_merged  # type: ignore[method-assign]
    b.side.look()
    assert b.annotations() == a.annotations()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no zstd",
        encode([])[:-2],
        encode([Change("annotation", b"x" * 16, 1, "b", {"annotation_id": "zz"})]),
        encode([Change("annotation", b"x" * 16, 1, "b", {**encode_row(said(9)), "score": "much"})]),
        encode([Change("annotation", b"x" * 16, 1, "b", {**encode_row(said(9)), "span_id": -1})]),
        encode([Change("pin", b"x" * 16, 1, "b", {"trace_id": "00", "pinned_at_unix_nano": 1})]),
        encode([Change("of a later version", b"x" * 16, 1, "b", {"a": 1})]),
    ],
)
def test_an_object_that_is_none_keeps_no_other_away(content: bytes, opened: Open, place: Path) -> None:
    a, b = opened("a"), opened("b")
    row = a.annotate()
    (place / FOLDER / "00000000000000000001-x.zst").write_bytes(content)
    b.side.look()
    assert b.annotations() == [row]
    assert b.store.pins() == []


def test_rows_of_every_kind_come_back_as_they_were() -> None:
    for row in (said(), said(trace_id=None, span_id=None, score=None), VIEW, PROJECT, PinRow(ID, NOON)):
        assert decode_row(type(row), encode_row(row)) == row
    assert decode_row(PinRow, {**encode_row(PinRow(ID, NOON)), "of a later version": 1}) == PinRow(ID, NOON)


def test_a_look_reads_an_object_once(opened: Open, bucket: Bucket) -> None:
    a, b = opened("a"), opened("b")
    a.annotate()
    asked: list[str] = []
    get = bucket.get
    bucket.get = lambda path: asked.append(path) or get(path)  # type: ignore[method-assign, func-returns-value]
    for _ in range(3):
        b.side.look()
        a.side.look()
    assert len(asked) == 1


def test_folding_rules_are_those_of_all_servers(opened: Open, tmp_path: Path) -> None:
    rules = FoldRules.model_validate({"rules": []})
    a, b = opened("a"), opened("b")
    books = {one: FoldBook(one.folder) for one in (a, b)}
    for one, book in books.items():
        share_folds(one.side, book)
    books[a].put(rules)
    b.side.look()
    assert (books[b].rules, books[b].is_default) == (rules, False)
    assert FoldBook(b.folder).rules == rules
    books[b].reset()
    a.side.look()
    assert books[a].is_default
    books[a].put(rules)
    a.close()
    shutil.rmtree(a.folder)
    again = opened("a")
    again.side.look()
    late = FoldBook(again.folder)
    share_folds(again.side, late)  # what was read before the rules had a place here
    assert late.rules == rules


def test_a_thread_looks_by_itself(opened: Open, bucket: Bucket, tmp_path: Path) -> None:
    a = opened("a")
    b = Replica(bucket, tmp_path / "b")
    b.side = SideData(bucket, b.window, kinds_of(b.store), every_s=0.01)
    heard: list[set[bytes]] = []
    b.side.listen(heard.append)
    try:
        b.side.start()
        row = a.annotate()
        for _ in range(1_000):
            if heard:
                break
            time.sleep(0.01)
        assert b.annotations() == [row]
        assert b.side.state.trouble is None
    finally:
        b.close()


def test_a_start_over_a_place_that_is_down_goes_on_and_says_so(
    tmp_path: Path, s3: FakeS3, caplog: pytest.LogCaptureFixture
) -> None:
    bucket = Bucket("s3://team/llm-tracing")
    before = Replica(bucket, tmp_path / "a")
    row = before.annotate()
    before.close()
    s3.fails = True
    again = Replica(bucket, tmp_path / "a")
    try:
        again.side.start()
        assert again.annotations() == [row]
        assert isinstance(again.side.state.trouble, ObjectsError)
        assert "Side data of other servers is not seen: The object store s3://team/llm-tracing failed" in caplog.text
        with pytest.raises(ObjectsError):
            again.annotate(2)
        s3.fails = False
        again.side.look()
        assert again.annotate(2) in again.annotations()
    finally:
        again.close()
