"""Readiness tells the truth: each thing that can go wrong makes it say so."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from llm_tracing.api import schema
from llm_tracing.observing import ready
from tests.builders import span, trace_request
from tests.running import Running
from tests.torture.small_disk import can_mount, small_disk

needs_mount = pytest.mark.skipif(not can_mount(), reason="only root can mount a small disk")


def says(server: Running) -> str:
    """Why it is not ready; empty if it is."""
    answer = server.http.get("/readyz")
    if answer.status_code == 200:
        return ""
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    return schema.ApiError.model_validate_json(answer.content, strict=True).error.message


def wait_for(what: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not what():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_nothing_is_wrong_and_nothing_is_left_behind(server: Running) -> None:
    before = sorted(path.name for path in server.data.iterdir())
    assert says(server) == ""
    assert sorted(path.name for path in server.data.iterdir()) == before


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_thread_that_writes_has_ended(tmp_path: Path) -> None:
    server = Running(tmp_path)
    ingest = server.server.stack.ingest

    def end() -> None:
        raise SystemExit

    ingest.run(end)
    wait_for(lambda: not ingest.alive)
    assert says(server) == "The thread that writes has ended."
    server.stop()


def test_the_thread_that_writes_hangs(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "HUNG_S", 0.01)
    go_on = Event()
    done = server.server.stack.ingest.run(go_on.wait)
    wait_for(lambda: "at one piece of work" in says(server))
    go_on.set()
    done.result(10)
    wait_for(lambda: says(server) == "")


def test_the_last_commit_failed(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    database = server.server.stack.store.database
    with database.writing() as db:
        db.execute("ALTER TABLE spans RENAME TO gone")
    refused = server.post("/v1/traces", trace_request(span()).SerializeToString())
    assert refused.status_code == 503
    assert says(server) == "The last commit failed."
    monkeypatch.setattr(ready, "FAILED_S", 0.0)
    assert says(server) == ""  # nobody sends to who is not ready, so this does not last by itself
    monkeypatch.undo()
    with database.writing() as db:
        db.execute("ALTER TABLE gone RENAME TO spans")
    server.export(trace_request(span()))
    assert says(server) == ""


def test_the_data_folder_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with Running(folder) as server:
        folder.rename(tmp_path / "elsewhere")
        assert "can't be written (No such file or directory)" in says(server)
        (tmp_path / "elsewhere").rename(folder)
        assert says(server) == ""


@needs_mount
def test_the_disk_is_full(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    with small_disk(folder, 32), Running(folder / "data", min_free_disk=8 * 1024 * 1024) as server:
        (folder / "big").write_bytes(bytes(28 * 1024 * 1024))
        assert "are kept free" in says(server)
        (folder / "big").unlink()
        assert says(server) == ""


@needs_mount
def test_the_data_folder_can_only_be_read(tmp_path: Path) -> None:
    with Running(tmp_path) as server:
        subprocess.run(["mount", "--bind", str(tmp_path), str(tmp_path)], check=True)
        try:
            subprocess.run(["mount", "-o", "remount,bind,ro", str(tmp_path)], check=True)
            assert "can't be written (Read-only file system)" in says(server)
        finally:
            subprocess.run(["umount", str(tmp_path)], check=True)
        assert says(server) == ""


def test_deleting_does_not_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "STUCK_S", 0.01)
    with Running(tmp_path, keep_days=1) as server:
        keeper = server.server.stack.keeper
        wait_for(lambda: keeper.rounds["done"] > 0)
        assert says(server) == ""
        keeper._began = time.monotonic() - 1
        assert "has not ended for" in says(server)


def test_deleting_fails_again_and_again(tmp_path: Path) -> None:
    with Running(tmp_path, keep_days=1) as server:
        keeper = server.server.stack.keeper
        wait_for(lambda: keeper.rounds["done"] > 0)
        with server.server.stack.store.database.writing() as db:
            db.execute("ALTER TABLE traces RENAME TO gone")
        for _ in range(3):
            keeper.look()
            wait_for(lambda: keeper.running_s() == 0)
        assert says(server) == "Deleting what is too old or too much failed 3 times in a row."
        with server.server.stack.store.database.writing() as db:
            db.execute("ALTER TABLE gone RENAME TO traces")
        keeper.look()
        wait_for(lambda: says(server) == "")


def test_what_deletes_has_ended(tmp_path: Path) -> None:
    with Running(tmp_path, keep_days=1) as server:
        server.server.stack.keeper.stop()
        assert says(server) == "The thread that deletes what is too old has ended."


def test_the_store_is_closed(tmp_path: Path) -> None:
    with Running(tmp_path) as server:
        server.server.stack.store.close()
        assert says(server) == "The store is closed."
