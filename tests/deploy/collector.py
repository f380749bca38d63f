"""The real collector: built from deploy/collector/manifest.yaml, run as a process with a configuration of deploy/."""

import fcntl
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

import httpx
import pytest

ROOT = Path(__file__).parents[2]
CONFIGS = ROOT / "deploy" / "collector"
_SAMPLE = re.compile(r"^(?P<name>\w+)(?:\{(?P<labels>[^}]*)\})? (?P<value>\S+)$", re.MULTILINE)


def built_with_go(script: str, *arguments: str) -> None:
    """Run a build script of deploy/; without Go the test is skipped, and in CI failed."""
    if shutil.which("go") is None:
        reason = "Go is not installed (https://go.dev/doc/install)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    (ROOT / ".build").mkdir(exist_ok=True)
    with (ROOT / ".build" / "lock").open("w") as lock:  # tests may run side by side, and build one thing once
        fcntl.flock(lock, fcntl.LOCK_EX)
        ended = subprocess.run(
            [str(ROOT / script), *arguments], cwd=ROOT, capture_output=True, text=True, timeout=2400, check=False
        )
    assert ended.returncode == 0, ended.stderr


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port: int = held.getsockname()[1]
        return port


def until(done: Callable[[], bool], what: str, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


class Collector:
    """A collector under way; its ports are free ones, its backends those given."""

    def __init__(
        self, program: Path, config: str, folder: Path, settings: Mapping[str, str], *more_configs: str
    ) -> None:
        self.grpc, self.http, self.health, self.telemetry = (free_port() for _ in range(4))
        self._program, self._configs, self._folder = program, [str(CONFIGS / config), *more_configs], folder
        self._settings = dict(settings)
        self._process: subprocess.Popen[bytes] | None = None
        self.log = folder / "collector.log"

    def set(self, **settings: str) -> None:
        """Settings for the next start."""
        self._settings |= settings

    def also(self, *configs: str) -> None:
        """More configurations for the next start, merged over those there are."""
        self._configs += configs

    def start(self) -> "Collector":
        environment = {
            **os.environ,
            "K8S_NODE_NAME": "node",
            "OTLP_GRPC": f"127.0.0.1:{self.grpc}",
            "OTLP_HTTP": f"127.0.0.1:{self.http}",
            "HEALTH": f"127.0.0.1:{self.health}",
            "TELEMETRY_HOST": "127.0.0.1",
            "TELEMETRY_PORT": str(self.telemetry),
            "TELEMETRY_TARGET": f"127.0.0.1:{self.telemetry}",
            "QUEUE_FOLDER": str(self._folder / "queue"),
            **self._settings,
        }
        arguments = [f"--config={config}" for config in self._configs]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen([str(self._program), *arguments], env=environment, stdout=log, stderr=log)
        until(self._is_ready, "the collector does not start")
        return self

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()[-4000:]
        try:
            return httpx.get(f"http://127.0.0.1:{self.health}/", trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's series that have these labels; 0 while there is none."""
        text = httpx.get(f"http://127.0.0.1:{self.telemetry}/metrics", trust_env=False).text
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        return sum(
            float(found["value"])
            for found in _SAMPLE.finditer(text)
            if found["name"] == name and all(label in (found["labels"] or "") for label in wanted)
        )

    def kill(self) -> None:
        """As a machine that loses its power: nothing is flushed."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(20)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(20)

    def __enter__(self) -> "Collector":
        return self.start()

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()
