"""`llm-tracing run` as a process of its own, beside a real server."""

import os
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from urllib.parse import urlsplit

from llm_tracing.api import schema
from tests.running import Running

RUN = (sys.executable, "-W", "error", "-c", "from llm_tracing.cli import main; main()", "run")
PROGRAMS = Path(__file__).with_name("programs")
ROOT = Path(__file__).parents[2]
SCRATCH = Path(tempfile.gettempdir()) / "llm-tracing-tests"
"""For what a run leaves in the folder of temporary files: a lock for each port."""


def environment(**more: str) -> dict[str, str]:
    """This process's environment without any setting of telemetry, and then those given."""
    away = ("OTEL_", "LANGSMITH_", "LANGCHAIN_", "LLM_TRACING_", "TRACELOOP_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(away)}
    SCRATCH.mkdir(exist_ok=True)
    return {**kept, "TMPDIR": str(SCRATCH), "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1", **more}


def at(server: Running) -> list[str]:
    """The flags for the server that is there."""
    http, grpc = (str(urlsplit(address).port) for address in (server.addresses.http, server.addresses.grpc))
    return ["--port", http, "--grpc-port", grpc]


def observe(
    flags: list[str], *command: str, service: str | None = "app", input: bytes = b"", **settings: str
) -> subprocess.CompletedProcess[bytes]:
    named = ["--service", service] if service else []
    return subprocess.run(
        [*RUN, *flags, *named, "--", *command],
        cwd=ROOT,
        env=environment(**settings),
        input=input,
        capture_output=True,
        timeout=60,
        check=False,
    )


def python(source: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(source)]


def said(ended: "subprocess.CompletedProcess[bytes]") -> list[str]:
    """Our own lines on stderr."""
    lines = ended.stderr.decode().splitlines()
    return [line.removeprefix("llm-tracing: ") for line in lines if line.startswith("llm-tracing: ")]


def records(server: Running, **parameters: str) -> list[schema.LogRecord]:
    """Log records of the service in the order of their time."""
    return list(reversed(server.logs(service="app", **parameters)))


def printed(server: Running) -> list[tuple[object, object, str]]:
    """Stream, text and severity of what was printed."""
    found = [record for record in records(server) if "log.iostream" in record.attributes]
    return [(record.attributes["log.iostream"], record.body, record.severity_text) for record in found]
