"""Where the CPU of another process cannot be read, the table says so and is whole otherwise."""

import os
import subprocess
import sys
from pathlib import Path

from llm_tracing.api.schema_progress import Progress

# As on a system whose clocks these are not: only what reads the clock is told so.
ELSEWHERE = """
import sys
import llm_tracing.comparison.service as service

class Elsewhere:
    platform = "darwin"
    def __getattr__(self, name):
        return getattr(sys, name)

service.sys = Elsewhere()
from llm_tracing.cli import main
main()
"""


def test_cpu_that_cannot_be_read_is_told_and_the_rest_is_there(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LLM_TRACING_", "OTEL_"))}
    ended = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, "compare", "How many employees are there?", "--approach", "logging", "--json",
         "--rounds", "1", "--requests", "1"],
        env={**kept, "LLM_TRACING_DATA": str(tmp_path), "LLM_TRACING_PORT": "1", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    progress = Progress.model_validate_json(ended.stdout)
    for row in progress.rows:
        cells = {cell.column: cell for cell in row.cells}
        assert (cells["cpu"].verdict, cells["cpu"].word) == ("unknown", "not measured")
        assert "Linux only" in cells["cpu"].why
        assert [cells[name].verdict for name in ("bytes", "items", "packages")] == ["number"] * 3
