"""What the server costs before it does anything: time to the first 200, memory, and the size of an installation.

`python -m bench.footprint [--quick]`. The installation is measured in a fresh environment, with the packages that pip
chooses today; --quick leaves it out.
"""

import argparse
import statistics
import subprocess
import sys
import time
import venv
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.ingest import send_http
from bench.profiles import SDK_BATCH, trace_bodies
from bench.server import serving
from bench.table import show

STARTS = 7
_SETTLES_S = 1.0
_LARGEST = 8


def start_and_memory(starts: int) -> list[list[str]]:
    took: list[float] = []
    idle: list[dict[str, float]] = []
    for _ in range(starts):
        with serving() as server:
            took.append(server.started_in_s)
            time.sleep(_SETTLES_S)
            idle.append(server.memory_mb())
            if len(took) == starts:
                send_http(server, list(trace_bodies(12, SDK_BATCH)))
                time.sleep(_SETTLES_S)
                priced = server.memory_mb()
                cpu_s = server.cpu_s()
    median = {name: statistics.median(each[name] for each in idle) for name in ("Rss", "Pss")}
    return [
        ["start to the first 200, median", f"{statistics.median(took):.2f} s", "2 s"],
        ["start to the first 200, slowest", f"{max(took):.2f} s", ""],
        ["idle, resident", f"{median['Rss']:.0f} MB", "150 MB"],
        ["idle, proportional", f"{median['Pss']:.0f} MB", ""],
        ["after the first priced calls, resident", f"{priced['Rss']:.0f} MB", ""],
        ["CPU from the start to there", f"{cpu_s:.2f} s", ""],
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


def main(quick: bool = False) -> None:
    rows = start_and_memory(3 if quick else STARTS)
    if not quick:
        total, largest = installed()
        rows.append(["installed, bytecode included", f"{total:.0f} MB", "200 MB"])
        rows.extend([f"  of that {name}", f"{size:.0f} MB", ""] for name, size in largest)
    show("Footprint", ["", "measured", "aim"], rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    main(parser.parse_args().quick)
