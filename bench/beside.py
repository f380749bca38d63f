"""How long the pages' queries take while spans come in: list, filter, one trace, one session, alone and beside ingest.

`python -m bench.beside --data DIR [--rate SPANS_PER_S] [--seconds N]`. One client asks the queries in turn over HTTP,
first alone, then while another process sends requests of 512 new spans, evenly spaced, at the rate; without one, at
half of the rate that four connections reach. The new spans follow the stored ones in time, so that the newest list is
in motion. DIR is filled with a million spans (--traces) if it is empty, and grows with each run.
"""

import argparse
import multiprocessing
import statistics
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from bench.ingest import send_http
from bench.profiles import SDK_BATCH, trace_bodies
from bench.queries import Client, filled
from bench.question import SPANS_PER_TRACE
from bench.server import Running, serving
from bench.steady import send_evenly
from bench.table import show

SECONDS = 30.0
_AIM_ALONE_MS, _AIM_BESIDE_MS = 50, 150
_PROBE_SPANS = 40_000  # sent at full speed to learn what half of it is
_LEAST_ROUNDS = 5

Queries = dict[str, Callable[[], Any]]


class Sent(NamedTuple):
    """What the sender reached: spans a second, and the seconds from when each request was due to its answer."""

    a_second: float
    took: list[float]


class Sender:
    """A process of its own that sends new spans, so that the client that measures shares no interpreter with it."""

    def __init__(self, server: Running, first: int, spans: int, a_second: float | None) -> None:
        """`first` is how many traces are stored; `a_second` is spans, None means as fast as they are answered."""
        self._here, there = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=_send, args=(server, first, spans, a_second, there), daemon=True)
        self._process.start()
        there.close()
        self._here.recv()  # the bodies are made
        self._sent: Sent | None = None

    def begin(self) -> None:
        self._here.send(None)

    def sends(self) -> bool:
        return not self._here.poll()

    def end(self) -> Sent:
        """Waits for the last answer. Raises EOFError if a request was refused."""
        sent: Sent = self._here.recv()
        self._process.join()
        return sent


def _send(server: Running, first: int, spans: int, a_second: float | None, there: Connection) -> None:
    bodies = list(trace_bodies(spans // SPANS_PER_TRACE, SDK_BATCH, seed=first + 1, first=first))
    there.send(None)
    there.recv()
    begun = time.perf_counter()
    took = [] if a_second is None else send_evenly(server, bodies, a_second / SDK_BATCH)
    if a_second is None:
        send_http(server, bodies)
    there.send(Sent(spans / (time.perf_counter() - begun), took))


def _queries(client: Client) -> Queries:
    sessions = [one["session_id"] for one in client.get("sessions", limit=100)["sessions"]]
    return {
        "newest 50 traces": lambda: client.get("traces"),
        "traces, model:gpt-4o*": lambda: client.get("traces", q="model:gpt-4o*"),
        "one trace, light": lambda: client.get(f"traces/{client.some_trace()}", content="false"),
        "one trace, whole": lambda: client.get(f"traces/{client.some_trace()}"),
        "one session": lambda: client.get(f"sessions/{sessions[client.some_number() % len(sessions)]}"),
    }


def _ask(queries: Queries, go_on: Callable[[int], bool]) -> dict[str, list[float]]:
    """Milliseconds of each answer, sorted: all queries in turn, round after round while `go_on(rounds)`."""
    taken: dict[str, list[float]] = {name: [] for name in queries}
    rounds = 0
    while go_on(rounds):
        for name, ask in queries.items():
            begun = time.perf_counter()
            ask()
            taken[name].append((time.perf_counter() - begun) * 1_000)
        rounds += 1
    return {name: sorted(found) for name, found in taken.items()}


def _half_speed(server: Running) -> float:
    probe = Sender(server, _stored(server), _PROBE_SPANS, None)
    probe.begin()
    return probe.end().a_second / 2


def _p95(taken: list[float]) -> float:
    return taken[int(len(taken) * 0.95)]


def _rows(alone: dict[str, list[float]], beside: dict[str, list[float]]) -> list[list[str]]:
    return [
        [
            name,
            f"{statistics.median(alone[name]):.1f}",
            f"{_p95(alone[name]):.1f}",
            f"{statistics.median(beside[name]):.1f}",
            f"{_p95(beside[name]):.1f}",
            "yes" if _p95(alone[name]) < _AIM_ALONE_MS and _p95(beside[name]) < _AIM_BESIDE_MS else "no",
        ]
        for name in alone
    ]


def main(traces: int = 25_000, data: Path | None = None, rate: float | None = None, seconds: float = SECONDS) -> None:
    with filled(data, traces) as folder, serving(folder) as server:
        rate = rate or _half_speed(server)
        stored = _stored(server)
        sender = Sender(server, stored, max(SDK_BATCH, int(rate * seconds)), rate)
        client = Client(server.connection())  # from here on it never idles: the server ends what does
        client.learn_ids()
        queries = _queries(client)
        _ask(queries, lambda rounds: rounds < 2)  # warm up
        until = time.perf_counter() + seconds
        alone = _ask(queries, lambda rounds: rounds < _LEAST_ROUNDS or time.perf_counter() < until)
        sender.begin()
        beside = _ask(queries, lambda rounds: rounds < 1 or sender.sends())
        sent = sender.end()
    head = ["", "alone, median ms", "p95 ms", "beside ingest, median ms", "p95 ms"]
    aim = f"p95 under {_AIM_ALONE_MS} and {_AIM_BESIDE_MS}"
    show(f"Queries beside ingest: {stored * SPANS_PER_TRACE:,} spans stored", [*head, aim], _rows(alone, beside))
    rounds = [min(map(len, found.values())) for found in (alone, beside)]
    took = sorted(one * 1e3 for one in sent.took)
    print(f"\n{rounds[0]} rounds alone, {rounds[1]} beside {sent.a_second:,.0f} spans a second of {rate:,.0f} due.")
    print(
        f"Answers to them: median {statistics.median(took):.0f} ms, p99 {took[len(took) * 99 // 100]:.0f} ms after due."
    )


def _stored(server: Running) -> int:
    return int(orjson.loads(server.get("/api/v1/stats?over=traces"))["rows"][0]["count"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--traces", type=int, default=25_000)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--rate", type=float, help="spans a second")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    given = parser.parse_args()
    main(given.traces, given.data, given.rate, given.seconds)
