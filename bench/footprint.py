"""What the server costs before it does anything: time to the first 200, memory, and the size of an installation.

`python -m bench.footprint [--quick] [--data FOLDER]`. The server runs from byte code, as pip installs it, and starts
over an empty folder or over FOLDER, which gets one trace more at each start. The first use is one OTLP request with a
trace of priced calls, then what a page of the UI asks for. The installation is measured in a fresh environment, with
the packages that pip chooses today; --quick leaves it out.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
import venv
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from bench.ingest import send_http
from bench.profiles import SDK_BATCH, trace_bodies
from bench.server import Running, serving
from bench.table import show

STARTS = 7
_SETTLES_S = 1.0
_GIVEN_BACK_S = 14.0  # jemalloc, which DuckDB allocates with, waits ten
_LARGEST = 8


class _Measured:
    """What the starts gave, in seconds and MB; memory by the moment."""

    def __init__(self) -> None:
        self.took: list[float] = []
        self.cpu_s: list[float] = []
        self.requests_s: list[float] = []
        self.memory: dict[str, list[dict[str, float]]] = {}

    def remember(self, moment: str, server: Running) -> None:
        self.memory.setdefault(moment, []).append(server.memory_mb())

    def rows(self, moment: str, aim: str) -> list[list[str]]:
        figures = {name: [each[name] for each in self.memory[moment]] for name in ("Rss", "Pss")}
        median = {name: statistics.median(each) for name, each in figures.items()}
        return [
            [f"{moment}, resident", f"{median['Rss']:.0f} MB ({_range(figures['Rss'])})", aim],
            [f"{moment}, proportional", f"{median['Pss']:.0f} MB", ""],
        ]


def _range(figures: list[float]) -> str:
    return f"{min(figures):.0f} to {max(figures):.0f}"


def _timed_get(server: Running, path: str, measured: _Measured) -> bytes:
    begun = time.perf_counter()
    answer = server.get(path)
    measured.requests_s.append(time.perf_counter() - begun)
    return answer


def _first_use(server: Running, measured: _Measured) -> None:
    """One OTLP request, then the page, the list, a trace, and what is offered beside the list."""
    begun = time.perf_counter()
    send_http(server, list(trace_bodies(1, SDK_BATCH)))
    measured.requests_s.append(time.perf_counter() - begun)
    _timed_get(server, "/", measured)
    first = orjson.loads(_timed_get(server, "/api/v1/traces?limit=50", measured))["traces"][0]["trace_id"]
    for path in (f"/api/v1/traces/{first}/tree", "/api/v1/facets", "/api/v1/histogram"):
        assert b'"error":{' not in _timed_get(server, path, measured)[:10], path


def start_and_memory(starts: int, data: Path | None = None) -> list[list[str]]:
    measured = _Measured()
    with TemporaryDirectory(prefix="llm-tracing-bench-") as compiled:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = compiled
        with serving(environment=environment) as server:  # it writes the byte code
            _first_use(server, _Measured())
        for number in range(starts):
            with serving(data, environment) as server:
                measured.took.append(server.started_in_s)
                time.sleep(_SETTLES_S)
                measured.cpu_s.append(server.cpu_s())
                measured.remember("idle", server)
                _first_use(server, measured)
                time.sleep(_SETTLES_S)
                measured.remember("after the first use", server)
                if number >= starts - 3:
                    time.sleep(_GIVEN_BACK_S)
                    measured.remember("15 s later", server)
    return [
        ["start to the first 200, median", f"{statistics.median(measured.took):.2f} s", "2 s"],
        ["start to the first 200, slowest", f"{max(measured.took):.2f} s", ""],
        ["CPU of the start, median", f"{statistics.median(measured.cpu_s):.2f} s", ""],
        *measured.rows("idle", "120 MB"),
        *measured.rows("after the first use", ""),
        *measured.rows("15 s later", ""),
        ["slowest of the first requests", f"{max(measured.requests_s) * 1000:.0f} ms", ""],
    ]


def _size_mb(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink()) / 1e6


def installed() -> tuple[float, list[tuple[str, float]]]:
    """MB that `llm-tracing[server]` adds to an empty environment, and its largest folders."""
    project = Path(__file__).parent.parent
    with TemporaryDirectory(prefix="llm-tracing-bench-") as folder:
        venv.create(folder, with_pip=False)
        python = Path(folder) / "bin" / "python"
        packages = Path(folder) / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
        pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
        subprocess.run([*pip, f"{project}[server]"], check=True)
        parts = (
            (part.name, _size_mb(part) if part.is_dir() else part.stat().st_size / 1e6) for part in packages.iterdir()
        )
        return _size_mb(packages), sorted(parts, key=lambda part: -part[1])[:_LARGEST]


def main(quick: bool = False, data: Path | None = None) -> None:
    rows = start_and_memory(3 if quick else STARTS, data)
    if not quick:
        total, largest = installed()
        rows.append(["installed, bytecode included", f"{total:.0f} MB", "200 MB"])
        rows.extend([f"  of that {name}", f"{size:.0f} MB", ""] for name, size in largest)
    show("Footprint", ["", "measured", "aim"], rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--data", type=Path, metavar="FOLDER")
    arguments = parser.parse_args()
    main(arguments.quick, arguments.data)
