"""The script that builds the Go programs of the checks."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.collector import ROOT


def test_a_proxy_that_has_not_the_modules_is_named(tmp_path: Path) -> None:
    if shutil.which("go") is None:
        pytest.fail("Go is not installed") if os.environ.get("CI") == "true" else pytest.skip("Go is not installed")
    tools = tmp_path / "deploy" / "tools"
    shutil.copytree(ROOT / "deploy/tools/actionlint", tools / "actionlint")
    shutil.copy(ROOT / "deploy/tools/build.sh", tools)
    ended = subprocess.run(
        [tools / "build.sh", "actionlint"],
        env={**os.environ, "GOPROXY": "off", "GOMODCACHE": str(tmp_path / "modules"), "GOTOOLCHAIN": "local"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 1
    assert "actionlint was not built" in ended.stderr
    assert "GOPROXY=off" in ended.stderr
    assert not (tmp_path / ".build/tools/actionlint.mod").exists()
