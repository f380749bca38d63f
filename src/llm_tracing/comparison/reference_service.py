"""The demo: the server here, the reference service with the offline model in a process of its own.

Two processes, because the service is instrumented and the server must not be: one question would show the other's work.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from llm_tracing.config import ServerSettings
from llm_tracing.errors import ConfigError

READY = "ready "  # what `llm-tracing qa` prints before its address, once it answers
_STOP_SECONDS = 10


def with_its_database(settings: ServerSettings) -> ServerSettings:
    """The settings with the reference service's database for the lens, unless another one is named."""
    from llm_tracing.qa.dataset import chinook_path

    url = settings.lens_database or os.environ.get("LLM_TRACING_QA_DATABASE_URL")
    return settings.model_copy(update={"lens_database": url or f"sqlite:///{chinook_path(settings.data)}"})


def service_environment(environment: Mapping[str, str], server_url: str, data: Path) -> dict[str, str]:
    """The environment of the reference service: its telemetry and its links go to our server.

    An exporter address that the user has set wins, as everywhere.
    """
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": server_url,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        **environment,
        "LLM_TRACING_UI_URL": server_url,
        "LLM_TRACING_DATA": str(data),
        "PYTHONUNBUFFERED": "1",
    }


class ReferenceService:
    """`llm-tracing qa` as a child process; its address is known once `wait_ready` has returned.

    `quiet`: its log lines are kept, and the last one is told if it does not start.
    """

    def __init__(self, server_url: str, data: Path, qa_port: int | None, *, quiet: bool = False) -> None:
        command = [sys.executable, "-c", "from llm_tracing.cli import main; main()", "qa"]
        if qa_port is not None:
            command += ["--qa-port", str(qa_port)]
        self._said: IO[bytes] | None = TemporaryFile() if quiet else None  # noqa: SIM115 - until stop()
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
            command,
            env=service_environment(os.environ, server_url, data),
            stdout=subprocess.PIPE,
            stderr=self._said,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,  # Ctrl-C reaches it through us, after its last answer
        )

    def wait_ready(self) -> str:
        """The address it answers at. Raises ConfigError if it ended first; it has said why on stderr."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(READY):
                return line.removeprefix(READY).strip()
        raise ConfigError("The reference service did not start.", self._last_line() or "The line above says why.")

    def _last_line(self) -> str:
        if self._said is None:
            return ""
        self._process.wait()
        self._said.seek(0)
        return self._said.read().decode("utf-8", "replace").strip().rpartition("\n")[2]

    def alive(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> None:
        """End it, and give it the time to send what it has seen."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdout, self._said):
            if pipe is not None:
                pipe.close()
