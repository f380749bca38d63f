"""The real server as a process of its own, and what the kernel says it used."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory

_TICKS = os.sysconf("SC_CLK_TCK")
_STARTS_WITHIN_S = 30


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers. Its addresses, its process, and how long it took to the first 200."""

    pid: int
    host: str
    port: int
    grpc: str
    data: Path
    started_in_s: float

    def connection(self) -> HTTPConnection:
        return HTTPConnection(self.host, self.port, timeout=120)

    def cpu_s(self) -> float:
        """User and system time of all threads so far; the kernel counts in hundredths of a second."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory_mb(self) -> dict[str, float]:
        """Rss and Pss of the process, in MB (10^6 bytes)."""
        lines = Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()
        found = (line.split() for line in lines)
        return {name[0].rstrip(":"): int(name[1]) * 1024 / 1e6 for name in found if name[0] in ("Rss:", "Pss:")}

    def get(self, path: str) -> bytes:
        connection = self.connection()
        try:
            connection.request("GET", path)
            return connection.getresponse().read()
        finally:
            connection.close()

    def counter(self, name: str) -> int:
        """A number out of /metrics."""
        found = re.search(rf"^{name} ([\d.e+]+)$", self.get("/metrics").decode(), re.MULTILINE)
        assert found is not None, name
        return int(float(found[1]))


@contextmanager
def serving(data: Path | None = None, environment: Mapping[str, str] | None = None) -> Iterator[Running]:
    """A server over `data` (or an empty folder that goes afterwards), stopped at the end.

    `environment` is that of the process, if not this one's.
    """
    with TemporaryDirectory(prefix="llm-tracing-bench-") as empty:
        folder = data or Path(empty)
        begun = time.perf_counter()
        command = [str(Path(sys.executable).with_name("llm-tracing")), "serve", "--port", "0", "--grpc-port", "0"]
        process = subprocess.Popen(
            [*command, "--data", str(folder)], stdout=subprocess.PIPE, text=True, env=environment
        )
        try:
            http, grpc = _addresses(process)
            host, _, port = http.rpartition("//")[2].rpartition(":")
            _wait_healthy(host, int(port), begun)
            took = time.perf_counter() - begun
            yield Running(process.pid, host, int(port), grpc.rpartition("//")[2], folder, took)
        finally:
            process.terminate()
            process.wait(60)


def _addresses(process: "subprocess.Popen[str]") -> tuple[str, str]:
    """The HTTP and gRPC addresses that the server prints once it listens."""
    assert process.stdout is not None
    found: dict[str, str] = {}
    for line in process.stdout:
        name, _, address = line.strip().partition("  ")
        found[name] = address.strip()
        if "stops it" in line:
            return found["OTLP/HTTP"], found["OTLP/gRPC"]
    raise RuntimeError(f"the server ended with code {process.wait()}")


def _wait_healthy(host: str, port: int, begun: float) -> None:
    while time.perf_counter() - begun < _STARTS_WITHIN_S:
        connection = HTTPConnection(host, port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.005)
        finally:
            connection.close()
    raise RuntimeError("the server did not answer in time")
