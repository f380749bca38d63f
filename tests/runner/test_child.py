from pathlib import Path

import pytest

from llm_tracing.runner.child import CannotRun, check

PATH = {"PATH": "/usr/bin:/bin"}


@pytest.mark.parametrize("command", ["sh", "/bin/sh"])
def test_what_can_be_run_passes(command: str) -> None:
    check([command], PATH)


@pytest.mark.parametrize("command", ["no-such-command", "/no/such/file", ""])
def test_what_is_not_there_is_127(command: str) -> None:
    with pytest.raises(CannotRun) as refused:
        check([command], PATH)
    assert refused.value.code == 127


def test_what_cannot_be_executed_is_126_and_says_what_to_do(tmp_path: Path) -> None:
    script = tmp_path / "app.py"
    script.write_text("print('hi')")
    with pytest.raises(CannotRun, match=r"not executable \(chmod \+x") as refused:
        check([str(script)], PATH)
    assert refused.value.code == 126
    with pytest.raises(CannotRun, match="is a directory"):
        check([f"{tmp_path}/"], PATH)
