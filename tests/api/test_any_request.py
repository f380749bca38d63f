"""Requests made out of the OpenAPI document by schemathesis: whatever is asked, the server does not fail."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.history import everything
from tests.running import Running

LISTENING = "/api/v1/live"  # never ends


def attack(server: Running, tmp_path: Path, *options: str) -> int:
    """Ask for everything the document has; how many requests were made.

    Fails on a status of 500 or more, and on a status or a content type that the document does not have.
    """
    server.export(*everything())
    command = [str(Path(sys.executable).parent / "schemathesis"), "run", f"{server.addresses.http}/api/openapi.json"]
    command += [
        "--checks",
        "not_a_server_error,status_code_conformance,content_type_conformance",
        "--exclude-path",
        LISTENING,
        "--no-color",
        *options,
    ]
    command += ["--generation-database", "none", "--request-timeout", "60", "--warnings", "off"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert ran.returncode == 0, ran.stdout[-6_000:] + ran.stderr[-2_000:]
    selected, tested = re.findall(r"(?:Selected|Tested): (\d+)", ran.stdout)
    assert int(selected) == int(tested) > 60
    found = re.search(r"(\d+) generated, \d+ passed", ran.stdout)
    assert found is not None
    assert server.http.get("/readyz").status_code == 200
    return int(found[1])


def test_no_request_makes_the_server_fail(tmp_path: Path) -> None:
    with Running(tmp_path / "data") as server:
        assert attack(server, tmp_path, "--phases", "fuzzing", "--max-examples", "2", "--seed", "1") > 100


@pytest.mark.long
def test_no_request_of_many_makes_the_server_fail(tmp_path: Path) -> None:
    """Bad values of every kind, random ones, and requests that follow from the answers of others: about ten minutes."""
    with Running(tmp_path / "data") as server:
        assert attack(server, tmp_path, "--phases", "coverage,fuzzing,stateful", "--max-examples", "25") > 3_000
