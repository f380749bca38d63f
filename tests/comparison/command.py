"""`llm-tracing compare` in a process of its own; no server runs where it looks for one."""

import os
import subprocess
import sys
from pathlib import Path

COMMAND = (sys.executable, "-c", "from llm_tracing.cli import main; main()")


def run_compare(*arguments: str, data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LLM_TRACING_", "OTEL_"))}
    return subprocess.run(
        [*COMMAND, "compare", *arguments],
        env={**kept, "LLM_TRACING_DATA": str(data), "LLM_TRACING_PORT": "1", "NO_COLOR": "1", **environment},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
