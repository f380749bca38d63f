"""The demo as a person starts it, in processes of its own, and pages of a real Chromium on it."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.chosen_store import store_environment

expect.set_options(timeout=15_000)  # as for actions below: the machine may be busy with other tests
START_SECONDS = 90  # LangChain takes its time on a machine that is busy with other things
COMMAND = "import sys; from llm_tracing.cli import main; main()"


@dataclass(frozen=True, slots=True)
class Demo:
    """Where a running demo answers."""

    service: str
    server: str


def _lines(process: subprocess.Popen[str]) -> "Queue[str]":
    lines: Queue[str] = Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line)

    threading.Thread(target=read, daemon=True).start()
    return lines


def _links(lines: "Queue[str]") -> Demo:
    """Read what the demo prints until both links are there."""
    seen: list[str] = []
    found: dict[str, str] = {}
    while len(found) < 2:
        try:
            line = lines.get(timeout=START_SECONDS)
        except Empty:
            raise AssertionError("the demo printed no links:\n" + "".join(seen)) from None
        seen.append(line)
        if link := re.search(r"(Ask a question|See what happened)\s+(http://\S+)", line):
            found[link[1]] = link[2]
    return Demo(found["Ask a question"], found["See what happened"])


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    data: Path = tmp_path_factory.mktemp("demo")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "LLM_TRACING_"))}
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "demo", "--port", "0", "--grpc-port", "0", "--qa-port", "0", "--data", data],
        env={**environment, **store_environment(data), "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield _links(_lines(process))
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0, "Ctrl-C must stop the demo cleanly"
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page whose console must stay free of errors and whose policy must not be broken."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on(
        "console",
        lambda message: problems.append(message.text) if "Content Security Policy" in message.text else None,
    )
    yield opened
    context.close()
    assert problems == []
