"""The folder of refused requests: bounded, and indifferent to what else lies in it."""

from pathlib import Path
from typing import Any

import pytest

from llm_tracing.receive import kept as module
from llm_tracing.receive.kept import KeptErrors


def add(kept: KeptErrors, sender: str = "a", payload: bytes | None = b"x", **more: Any) -> None:
    fields = {
        "reason": "invalid", "message": "no", "method": "POST", "path": "/v1/traces", "status": 400,
        "content_type": "application/json", "content_encoding": "",
    }  # fmt: skip
    kept.add(sender=sender, payload=payload, **{**fields, **more})


@pytest.fixture(autouse=True)
def loud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUIET_NS", 0)


def test_the_busiest_makes_room_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ERRORS", 3)
    kept = KeptErrors(tmp_path / "refused")
    add(kept, "rare")
    for _ in range(5):
        add(kept, "noisy")
    assert [one.sender for one in kept.all()] == ["noisy", "noisy", "rare"]
    assert len(list((tmp_path / "refused").iterdir())) == 6


def test_the_bytes_of_all_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 25)
    kept = KeptErrors(tmp_path / "refused")
    for _ in range(4):
        add(kept, payload=b"0123456789")
    assert len(kept.all()) == 2


def test_of_one_that_is_too_large_only_the_words_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PAYLOAD", 3)
    kept = KeptErrors(tmp_path / "refused")
    add(kept, payload=b"0123")
    [one] = kept.all()
    assert (one.payload_bytes, kept.payload(one.error_id)) == (None, None)


def test_another_start_finds_them_in_order_and_passes_over_what_is_none(tmp_path: Path) -> None:
    folder = tmp_path / "refused"
    first = KeptErrors(folder)
    add(first, "a")
    add(first, "b")
    (folder / "notes.json").write_text("{}")
    (folder / f"{'0' * 32}.json").write_text("not json")
    (folder / f"{'1' * 32}.json").write_text('{"error_id": "' + "1" * 32 + '"}')
    again = KeptErrors(folder)
    assert again.all() == first.all()
    assert [again.payload(one.error_id) for one in again.all()] == [b"x", b"x"]


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "refused").write_text("in the way")
    kept = KeptErrors(tmp_path / "refused")
    add(kept)
    assert kept.all() == []
