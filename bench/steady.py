"""Ingest that goes on: memory at full speed, then how long requests wait for their answer at half of that speed.

`python -m bench.steady [--spans N] [--data DIR --first N]`. Four connections send requests of 512 spans of 40-span
questions, all different and made before, as fast as they are answered, while the server's resident memory is read twice
a second. Then half as many come at half the rate that was reached, evenly spaced, and each is timed from when it was
due: a request that had to wait for a connection has waited. Ten minutes at full speed are some six million spans, 3 GB
in this process. `--first` is how many traces the folder holds already.
"""

import argparse
import itertools
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.ingest import each, send_http
from bench.profiles import SDK_BATCH, trace_bodies
from bench.question import SPANS_PER_TRACE
from bench.server import Running, serving
from bench.table import show

SPANS = 400_000
_EVERY_S = 0.5
_BODY = {"Content-Type": "application/x-protobuf"}


@contextmanager
def _watched(server: Running) -> Iterator[list[float]]:
    """The resident memory of a server in MB, read again and again while the block runs."""
    found, over = [server.memory_mb()["Rss"]], threading.Event()

    def watch() -> None:
        while not over.wait(_EVERY_S):
            found.append(server.memory_mb()["Rss"])

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield found
    finally:
        over.set()
        watcher.join()


def send_evenly(server: Running, bodies: Sequence[bytes], a_second: float) -> list[float]:
    """Seconds from when each request was due to its answer."""
    begun, number, took = time.perf_counter(), itertools.count(), []

    def sender() -> Callable[[bytes], None]:
        connection = server.connection()

        def send(body: bytes) -> None:
            due = begun + next(number) / a_second
            time.sleep(max(0.0, due - time.perf_counter()))
            connection.request("POST", "/v1/traces", body, _BODY)
            response = connection.getresponse()
            response.read()
            assert response.status == 200, response.status
            took.append(time.perf_counter() - due)

        return send

    each(bodies, sender)
    return took


def main(spans: int = SPANS, data: Path | None = None, first: int = 0) -> None:
    bodies = list(trace_bodies(spans // SPANS_PER_TRACE, SDK_BATCH, 1 + first, first))
    fast, even = bodies[: len(bodies) * 2 // 3], bodies[len(bodies) * 2 // 3 :]
    with serving(data) as server:
        clock, cpu = time.perf_counter(), server.cpu_s()
        with _watched(server) as memory:
            send_http(server, fast)
        clock, cpu = time.perf_counter() - clock, server.cpu_s() - cpu
        took = sorted(send_evenly(server, even, len(fast) / clock / 2))
    half = len(memory) // 2
    rows = [
        ["spans / s at full speed", f"{len(fast) * SDK_BATCH / clock:,.0f}", ""],
        ["spans / server CPU s", f"{len(fast) * SDK_BATCH / cpu:,.0f}", "30,000"],
        ["seconds at full speed", f"{clock:.0f}", "600"],
        ["highest resident memory, MB", f"{max(memory):.0f}", "600"],
        ["of these in the first half, MB", f"{max(memory[: half + 1]):.0f}", ""],
        ["answer at half load, median, ms", f"{statistics.median(took) * 1e3:.0f}", ""],
        ["answer at half load, p99, ms", f"{took[len(took) * 99 // 100] * 1e3:.0f}", "100"],
    ]
    show(f"Ingest that goes on: {spans:,} spans over HTTP, {SDK_BATCH} a request", ["", "measured", "aim"], rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=SPANS)
    parser.add_argument("--data", type=Path, help="a folder that stays; what it holds is added to")
    parser.add_argument("--first", type=int, default=0, help="number of the first trace: how many the folder holds")
    options = parser.parse_args()
    main(options.spans, options.data, options.first)
