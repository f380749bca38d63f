"""The command line in a process of its own: started, read, killed."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

COMMAND = (sys.executable, "-W", "error", "-c", "from llm_tracing.cli import main; main()")


def _environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LLM_TRACING_", "OTEL_"))}
    return {**kept, "NO_COLOR": "1", **more}


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env=_environment(**environment),
    )


@dataclass(frozen=True, slots=True)
class Serving:
    """`llm-tracing serve` that answers, and the addresses it printed."""

    process: subprocess.Popen[str]
    http: str
    grpc: str

    def kill(self) -> None:
        """SIGKILL: nothing of the process gets to run any more."""
        self.process.kill()
        self.process.wait(10)


@contextmanager
def serving(data: Path, *, under: Sequence[str] = (), **environment: str) -> Iterator[Serving]:
    """`under` is a command that starts another one, such as `setpriv`."""
    process = subprocess.Popen(
        [*under, *COMMAND, "serve", "--port", "0", "--grpc-port", "0", "--data", str(data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=_environment(**environment),
    )
    with process:
        try:
            assert process.stdout is not None
            found: dict[str, str] = {}
            for line in process.stdout:
                name, _, address = line.strip().rpartition(" ")
                found[name.strip()] = address
                if line.startswith("Ctrl-C"):
                    break
            if "OTLP/HTTP" not in found:
                raise AssertionError(process.stderr.read() if process.stderr else "no address")
            yield Serving(process, found["OTLP/HTTP"], found["OTLP/gRPC"].removeprefix("http://"))
        finally:
            if process.poll() is None:
                process.kill()
