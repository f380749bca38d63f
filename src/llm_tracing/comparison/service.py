"""The reference service under one approach, in a process of its own."""

import contextlib
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from urllib.parse import urlencode, urlsplit

from llm_tracing.comparison.captured import Exchange, Line
from llm_tracing.comparison.reference_service import READY
from llm_tracing.errors import ConfigError

_START_S = 60.0
_ASK_S = 60.0
_STOP_S = 20.0
_LINE_S = 0.05  # the access line is written after the answer has left
# Settings of the person who compares must not reach the services: each shows the approach as it is, and sends here.
_NOT_PASSED = ("OTEL_", "LANGSMITH_", "LANGCHAIN_", "LLM_TRACING_", "TRACELOOP_", "OPENAI_", "ANTHROPIC_", "PYTHONW")
_PROXIES = frozenset({"http_proxy", "https_proxy", "all_proxy", "no_proxy"})


def service_environment(name: str, proxy: str, model: str, data: Path) -> dict[str, str]:
    """Everything that the approach sends goes to `proxy`; exports twice a second, so that each round holds its own."""
    kept = {
        variable: value
        for variable, value in os.environ.items()
        if not variable.upper().startswith(_NOT_PASSED) and variable.lower() not in _PROXIES
    }
    return {
        **kept,
        "OTEL_EXPORTER_OTLP_ENDPOINT": proxy,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_SERVICE_NAME": name,
        "OTEL_BSP_SCHEDULE_DELAY": "500",
        "OTEL_BLRP_SCHEDULE_DELAY": "500",
        "LLM_TRACING_UI_URL": proxy,
        "LLM_TRACING_DATA": str(data),
        "LLM_TRACING_QA_MODEL": "offline-sql",
        "LLM_TRACING_QA_BASE_URL": f"{model}/v1",
        "LLM_TRACING_QA_API_KEY": "none",
        "PYTHONUNBUFFERED": "1",
        "NO_COLOR": "1",
    }


class ObservedService:
    """Started at once; `wait_ready` returns when it answers. All that it prints is kept, line by line."""

    def __init__(self, approach: str, environment: Mapping[str, str], modules: Path) -> None:
        self.approach = approach
        self._modules = modules
        command = [sys.executable, "-m", "llm_tracing.comparison.launch", str(modules)]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
            [*command, "qa", "--qa-port", "0", "--approach", approach],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._lines: list[Line] = []
        self._lock = Lock()
        self._url: str | None = None
        self._readers = [
            Thread(target=self._read, args=(stream, pipe), daemon=True)
            for stream, pipe in (("stdout", self._process.stdout), ("stderr", self._process.stderr))
        ]
        for reader in self._readers:
            reader.start()

    def wait_ready(self) -> None:
        """Raises ConfigError with the last thing it said if it ends first, or takes too long."""
        deadline = time.monotonic() + _START_S
        while self._url is None:
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                said = [line.text for line in self.lines() if line.text.strip()]
                raise ConfigError(f"The service under {self.approach} did not start: {said[-1] if said else 'silent'}")
            time.sleep(0.05)

    def lines(self) -> list[Line]:
        with self._lock:
            return list(self._lines)

    def ask(self, question: str) -> Exchange:
        """Raises ConfigError if the service does not answer at all."""
        assert self._url is not None
        address = urlsplit(self._url)
        before = len(self.lines())
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=_ASK_S)
        started = time.time_ns()
        try:
            connection.request("GET", f"/ask?{urlencode({'question': question})}")
            answer = connection.getresponse()
            body = answer.read()
        except OSError as error:
            raise ConfigError(f"The service under {self.approach} gave no answer ({error}).") from error
        finally:
            connection.close()
        ended = time.time_ns()
        time.sleep(_LINE_S)
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Exchange(question, answer.status, _object(body), headers, started, ended, before, len(self.lines()))

    def cpu_s(self) -> float | None:
        """CPU seconds of the process so far, all its threads; None where the system has no such clock."""
        if sys.platform != "linux":  # elsewhere the number below is another clock, or none
            return None
        try:
            # clock_getcpuclockid(3) of Linux: the CPU clock of another process.
            return time.clock_gettime((~self._process.pid << 3) | 2)
        except OSError:
            return None

    def stop(self) -> frozenset[str]:
        """End it, with the time to send what waits; gives the files of its modules."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for reader in self._readers:
            reader.join(2)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        with contextlib.suppress(OSError):
            return frozenset(self._modules.read_text(encoding="utf-8").splitlines())
        return frozenset()

    def _read(self, stream: str, pipe: Any) -> None:  # a binary file
        for raw in pipe:
            text = raw.decode("utf-8", "replace").rstrip("\r\n")
            with self._lock:
                self._lines.append(Line(len(self._lines) + 1, stream, text))
            if stream == "stdout" and text.startswith(READY):
                self._url = text.removeprefix(READY).strip()


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
