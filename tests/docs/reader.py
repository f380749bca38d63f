"""Somebody who reads a page of the docs and types its commands into terminals.

A block `sh` runs to its end; a block `sh service` is what a reader leaves running in a terminal of its own: it is
started, waited for, and stopped at the end of the page. Text blocks hold lines of what the page's commands print;
digits, ids and times in them differ each time and are not compared.

The default ports may be taken here, so the environment moves them: the services read theirs from variables, and
curl connects to where they are now. No character of a command is changed.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.telemetry.program import environment

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(r"^```(?P<kind>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
# Flask's own "Running on" goes to the log, which under instrumentation is not on the console.
_READY = re.compile(r"^ready |^Ctrl-C stops it|^ \* Debug mode|Application startup complete", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    kind: str
    body: str


def blocks(page: Path) -> list[Block]:
    return [Block(found["kind"].strip(), found["body"]) for found in _BLOCK.finditer(page.read_text(encoding="utf-8"))]


def loosely(line: str) -> str:
    """A line without what differs each time."""
    line = re.sub(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b[0-9a-f]{16,}\b", "ID", line)
    return re.sub(r"\d+([.,:]\d+)*", "#", line).strip()


@dataclass
class Reader:
    """Somebody who types a page's commands into terminals."""

    folder: Path
    environ: dict[str, str]
    printed: list[str] = field(default_factory=list)
    services: list[tuple["subprocess.Popen[bytes]", Path]] = field(default_factory=list)

    def types(self, block: Block) -> None:
        if block.kind == "sh":
            self._run(block.body)
        elif block.kind == "sh service":
            self._start(block.body)

    def _shell(self, text: str) -> list[str]:
        return ["bash", "-e", "-u", "-o", "pipefail", "-c", text]

    def _run(self, text: str) -> None:
        ended = subprocess.run(
            self._shell(text),
            env=self.environ,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == 0, f"{text}\n{ended.stdout}\n{ended.stderr}"
        self.printed += [*ended.stdout.splitlines(), *ended.stderr.splitlines()]

    def _start(self, text: str) -> None:
        output = self.folder / f"service-{len(self.services)}.txt"
        with output.open("wb") as file:
            process = subprocess.Popen(
                self._shell(text), env=self.environ, cwd=self.folder, stdout=file, stderr=file, start_new_session=True
            )
        self.services.append((process, output))
        deadline = time.monotonic() + 40
        while not _READY.search(output.read_text()):
            assert process.poll() is None, f"{text}\n{output.read_text()}"
            assert time.monotonic() < deadline, f"{text}\n{output.read_text()}"
            time.sleep(0.1)

    def stops(self, but: int = 0) -> None:
        """Ctrl-C in each terminal but the first `but`."""
        while len(self.services) > but:
            process, output = self.services.pop()
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait(10)
            self.printed += output.read_text().splitlines()


def free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    found = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return found


@contextmanager
def reading(tmp_path: Path, data: Path) -> Iterator[Reader]:
    """A reader in an empty folder; what they leave running is stopped at the end."""
    http, grpc, qa, dice, flask, uvicorn = free_ports(6)
    moved = {4318: http, 4317: grpc, 8080: qa, 8090: dice, 5000: flask, 8000: uvicorn}
    places = "".join(f'connect-to = "127.0.0.1:{old}:127.0.0.1:{new}"\n' for old, new in moved.items())
    (tmp_path / ".curlrc").write_text(f'noproxy = "*"\nretry = 9\nretry-connrefused\nretry-delay = 1\n{places}')
    environ = {
        **environment(f"http://127.0.0.1:{http}"),
        "CURL_HOME": str(tmp_path),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "NO_COLOR": "1",
        "PYTHONUNBUFFERED": "1",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "LLM_TRACING_PORT": str(http),
        "LLM_TRACING_GRPC_PORT": str(grpc),
        "LLM_TRACING_QA_PORT": str(qa),
        "LLM_TRACING_DICE_PORT": str(dice),
        "FLASK_RUN_PORT": str(flask),
        "UVICORN_PORT": str(uvicorn),
        "LLM_TRACING_UI_URL": f"http://127.0.0.1:{http}",
        "LLM_TRACING_DATA": str(data),
        "LANGSMITH_TRACING": "",
    }
    started = Reader(tmp_path, environ)
    try:
        yield started
    finally:
        started.stops()


def not_printed(page: list[Block], printed: list[str]) -> list[str]:
    """The lines of the page's text blocks that were not printed so."""
    found = {loosely(line) for line in printed}
    shown = [
        line for block in page if block.kind in ("text", "json") for line in block.body.splitlines() if line.strip()
    ]
    return [line for line in shown if line.strip() not in ("", "...") and loosely(line) not in found]
