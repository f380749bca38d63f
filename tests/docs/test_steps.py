"""The commands of docs/steps run as they stand there, and give the output that stands there.

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
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.telemetry.program import environment

PAGES = Path(__file__).parents[2] / "docs" / "steps"
_BLOCK = re.compile(r"^```(?P<kind>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
# Flask's own "Running on" goes to the log, which under instrumentation is not on the console.
_READY = re.compile(r"^ready |^Ctrl-C stops it|^ \* Debug mode", re.MULTILINE)

# What the server must have seen when the page is done: names of traces.
TRACES: dict[str, set[str]] = {
    "0.1-logging.md": set(),
    "0.2-json.md": set(),
    "0.3-untraced.md": set(),
    "0.4-langsmith.md": {"answer question"},
    "0.5a-auto.md": {"GET /rolldice", "GET /ask"},
    "0.5b-otel.md": {"GET /ask"},
    "0.5c-camps.md": {"GET /ask"},
}
WITHOUT_COMMANDS = {"README.md", "0.5d-collector.md", "0.6-kubernetes.md", "0.7-kubernetes.md"}


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


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("steps-data")


@pytest.fixture
def reader(tmp_path: Path, data: Path) -> Iterator[Reader]:
    http, grpc, qa, dice, flask = free_ports(5)
    moved = {4318: http, 4317: grpc, 8080: qa, 8090: dice, 5000: flask}
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
        "LLM_TRACING_UI_URL": f"http://127.0.0.1:{http}",
        "LLM_TRACING_DATA": str(data),
        "LANGSMITH_TRACING": "",
    }
    started = Reader(tmp_path, environ)
    yield started
    started.stops()


@pytest.mark.parametrize("name", TRACES)
def test_the_commands_of_a_page_do_what_the_page_says(name: str, reader: Reader, tmp_path: Path) -> None:
    # The server's folder is the page's own; the database is built once for all pages.
    page = blocks(PAGES / name)
    assert [block for block in page if block.kind.startswith("sh")]
    database = reader.environ["LLM_TRACING_DATA"]
    serves = any("llm-tracing serve" in block.body for block in page)
    for block in page:
        if block.kind == "sh service" and "llm-tracing serve" in block.body:
            reader.environ["LLM_TRACING_DATA"] = str(tmp_path / "server")
        reader.types(block)
        reader.environ["LLM_TRACING_DATA"] = database
    reader.stops(but=1 if serves else 0)  # the server last, as somebody who wants to see the rest would
    assert serves == bool(TRACES[name])
    if serves:
        address = f"http://127.0.0.1:{reader.environ['LLM_TRACING_PORT']}/api/v1/traces"
        traces = httpx.get(address, trust_env=False, timeout=10).json()["traces"]
        assert {trace["name"] for trace in traces} >= TRACES[name]
    reader.stops()
    printed = {loosely(line) for line in reader.printed}
    shown = [
        line for block in page if block.kind in ("text", "json") for line in block.body.splitlines() if line.strip()
    ]
    missing = [line for line in shown if line.strip() != "..." and loosely(line) not in printed]
    assert missing == [], "\n".join(sorted(reader.printed))


def test_every_page_is_linked_and_tested_or_says_that_it_comes_later() -> None:
    names = {page.name for page in PAGES.glob("*.md")}
    assert names == set(TRACES) | WITHOUT_COMMANDS
    index = (PAGES / "README.md").read_text(encoding="utf-8")
    assert all(f"]({name})" in index for name in names - {"README.md"})
    for name in WITHOUT_COMMANDS - {"README.md"}:
        assert not [block for block in blocks(PAGES / name) if block.kind.startswith("sh")]


def test_pictures_that_are_shown_are_there() -> None:
    for page in PAGES.glob("*.md"):
        for link in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).is_file(), f"{page.name}: {link}"
