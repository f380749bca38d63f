"""One measurement, in the process that it measures: prints what was found as JSON.

python -m bench.overhead.measure CLIENT LOAD MODEL_URL SINK_URL WARM_UP TIMES

CPU is that of the process, user and system, all its threads, so those that export too. It is taken over TIMES pieces of
work, the flush at their end included. What is set up once (imports, connections, first export) is in the warm-up.
"""

import gc
import json
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from bench.overhead.clients import client

_SAMPLES = 10


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def taken(sink: str) -> dict[str, int]:
    """What the sink got since it was asked last."""
    connection = HTTPConnection(urlsplit(sink).netloc)
    connection.request("GET", "/taken")
    found: dict[str, int] = json.loads(connection.getresponse().read())
    connection.close()
    return found


def measure(name: str, load: str, model: str, sink: str, warm_up: int, times: int) -> dict[str, object]:
    observed = client(name).start()
    from bench.overhead.loads import LOADS

    with (
        TemporaryDirectory(prefix="llm-tracing-bench-") as folder,
        LOADS[load](observed, f"{model}/v1", Path(folder)) as work,
    ):
        for _ in range(warm_up):
            work()
        observed.flush()
        gc.collect()
        taken(sink)
        resident = [resident_mb()]
        sys.stderr.flush()
        written = Path("/proc/self/fd/2").stat().st_size
        cpu, clock = time.process_time(), time.perf_counter()
        for part in range(_SAMPLES):
            for _ in range(times * part // _SAMPLES, times * (part + 1) // _SAMPLES):
                work()
            resident.append(resident_mb())
        observed.flush()
        cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
        written = Path("/proc/self/fd/2").stat().st_size - written
        gc.collect()
        resident.append(resident_mb())
        return {
            "cpu_us": cpu / times * 1e6,
            "clock_us": clock / times * 1e6,
            "resident_mb": resident,
            "written_bytes": written,
            "taken": taken(sink),
        }


def main(arguments: list[str]) -> None:
    name, load, model, sink, warm_up, times = arguments
    print(json.dumps(measure(name, load, model, sink, int(warm_up), int(times))))


if __name__ == "__main__":
    main(sys.argv[1:])
