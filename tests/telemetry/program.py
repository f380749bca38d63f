"""Runs a small program that calls configure(), which sets process-wide state, in a process of its own."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[2]


def environment(endpoint: str, **settings: str) -> dict[str, str]:
    """This process's environment without any telemetry settings, and then those given."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "LANGSMITH_", "LANGCHAIN_"))
    }
    return {
        **kept,
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "LANGSMITH_TRACING": "false",
        "PYTHONDONTWRITEBYTECODE": "1",
        **settings,
    }


def run_program(
    source: str, endpoint: str, *, warnings: str = "error", **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run `source` with warnings as errors, unless told. AssertionError with its stderr unless it ends well."""
    ended = subprocess.run(
        [sys.executable, "-W", warnings, "-c", textwrap.dedent(source)],
        cwd=ROOT,
        env=environment(endpoint, **settings),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ended.returncode == 0, ended.stderr
    return ended
