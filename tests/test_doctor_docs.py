"""docs/doctor.md names every finding and option that there is."""

import re
from pathlib import Path

from typer.testing import CliRunner

from llm_tracing.cli import app
from llm_tracing.query import findings

TEXT = (Path(__file__).parent.parent / "docs" / "doctor.md").read_text(encoding="utf-8")
FINDING = re.compile(r'Finding\(\s*"(\w+)"')


def test_every_finding_is_in_the_table() -> None:
    made = set(FINDING.findall(Path(findings.__file__).read_text(encoding="utf-8")))
    assert made
    assert set(re.findall(r"^\| `(\w+)` \| (?:error|warning|info) \|", TEXT, re.MULTILINE)) == made


def test_every_option_is_in_the_table() -> None:
    shown = CliRunner().invoke(app, ["doctor", "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"}).stdout
    options = set(re.findall(r"--[a-z]+", shown)) - {"--help"}
    assert set(re.findall(r"^\| `(--[a-z]+)[ `]", TEXT, re.MULTILINE)) == options
