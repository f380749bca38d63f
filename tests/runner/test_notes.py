import json
from collections.abc import Iterator

import pytest

from llm_tracing.runner.notes import Notes


@pytest.fixture
def notes() -> Iterator[Notes]:
    made = Notes()
    yield made
    made.remove()
    assert not made.folder.exists()


def _write(notes: Notes, *lines: object) -> None:
    with notes.path.open("a") as file:
        file.writelines(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
    notes.read()


def test_notes_are_read_once_each_and_odd_ones_passed_over(notes: Notes) -> None:
    _write(
        notes,
        {"kind": "instrumented", "value": "openai", "python": "p"},
        "{broken",
        "[]",
        "null",
        {"kind": "bare", "value": "no mapping"},
        {"kind": "exception", "value": {"type": "E"}},
        {"kind": "of tomorrow", "value": 1},
        {"kind": "missing", "value": "opentelemetry", "python": "/bin/python"},
    )
    assert (list(notes.instrumented), notes.missing, notes.bare) == (["openai"], {"/bin/python": "opentelemetry"}, {})


def test_an_exception_is_told_once(notes: Notes) -> None:
    value = {
        "type": "shop.Burnt",
        "message": "the bread\nis black",
        "stacktrace": "...",
        "time_ns": 1,
        "trace_id": "0a" * 16,
        "span_id": "0b" * 8,
    }
    _write(notes, {"kind": "exception", "value": value, "python": "p"})
    assert notes.exception("Burnt", "other") is None
    found = notes.exception("shop.Burnt", "the bread")
    assert found is not None
    assert found.span_id == 0x0B0B0B0B0B0B0B0B
    assert notes.untold() == []
