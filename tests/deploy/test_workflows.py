"""The workflows: linted by actionlint, and with no more rights than they need."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.collector import ROOT, built_with_go

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yaml"))


def jobs(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    return found


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_rights_are_given_job_by_job(path: Path) -> None:
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["permissions"] == {"contents": "read"}
    for name, job in jobs(path).items():
        for step in job["steps"]:
            assert "@" in step.get("uses", "@"), name
            if step.get("uses", "").startswith("actions/checkout"):
                assert step["with"]["persist-credentials"] is False, name


def test_a_release_says_what_is_in_its_images_and_who_built_them() -> None:
    release = jobs(ROOT / ".github/workflows/release.yaml")
    [build] = [step for step in release["images"]["steps"] if "build-push-action" in step.get("uses", "")]
    assert (build["with"]["sbom"], build["with"]["provenance"]) == (True, "mode=max")
    built = {f"{one['file']}.Dockerfile" for one in release["images"]["strategy"]["matrix"]["include"]}
    assert built == {path.name for path in (ROOT / "deploy/images").glob("*.Dockerfile")}
    assert any("attest-build-provenance" in step.get("uses", "") for step in release["package"]["steps"])


@pytest.mark.long
def test_actionlint_finds_nothing(tmp_path: Path) -> None:
    built_with_go("deploy/tools/build.sh", "actionlint")
    actionlint = str(ROOT / ".build/tools/actionlint")
    found = subprocess.run([actionlint, *map(str, WORKFLOWS)], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(WORKFLOWS[0].read_text(encoding="utf-8").replace("timeout-minutes", "timeout-minuets"))
    assert subprocess.run([actionlint, str(wrong)], capture_output=True, check=False).returncode != 0
