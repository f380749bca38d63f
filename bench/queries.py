"""Latency and CPU of the API's queries over HTTP at a million spans (25,000 question traces), median and p95 of each.

`python -m bench.queries [--traces N] [--data DIR]`. A folder given by --data is filled once and used again.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

import orjson

from bench.ingest import send_http
from bench.profiles import COLLECTOR_BATCH, log_bodies, trace_bodies
from bench.question import SPANS_PER_TRACE
from bench.server import Running, serving
from bench.table import show

ROUNDS = 40
_AIM_MS = 50.0


class Client:
    """One kept-open connection, and the ids that the queries ask for, other ones each time."""

    def __init__(self, connection: HTTPConnection) -> None:
        self._connection = connection
        self._dice = random.Random(7)
        self._ids: list[tuple[str, str]] = []

    def get(self, path: str, **query: Any) -> Any:
        self._connection.request("GET", f"/api/v1/{path}?{urlencode(query)}")
        response = self._connection.getresponse()
        body = response.read()
        assert response.status == 200, (path, query, response.status, body[:300])
        return orjson.loads(body)

    def learn_ids(self) -> None:
        """Traces from all over the time, each with its last `llm` span."""
        cursor: dict[str, str] = {}
        found: list[str] = []
        while True:
            page = self.get("traces", limit=1000, **cursor)
            found.extend(trace["trace_id"] for trace in page["traces"])
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        for trace_id in self._dice.sample(found, min(ROUNDS, len(found))):
            spans = self.get(f"traces/{trace_id}", content="false")["spans"]
            self._ids.append((trace_id, next(span["span_id"] for span in reversed(spans) if span["kind"] == "llm")))

    def some_trace(self) -> str:
        return self._dice.choice(self._ids)[0]

    def some_span(self) -> str:
        return "traces/{}/spans/{}".format(*self._dice.choice(self._ids))

    def some_number(self) -> int:
        return self._dice.randrange(len(self._ids))


def _queries(client: Client) -> dict[str, Callable[[], Any]]:
    second = client.get("traces")["next_cursor"]
    day = client.get("traces", limit=1)["traces"][0]["start_time_unix_nano"]
    last_hours = str(int(day) - 6 * 3600 * 1_000_000_000)
    return {
        "newest 50 traces": lambda: client.get("traces"),
        "second page, by cursor": lambda: client.get("traces", cursor=second),
        "traces, model:gpt-4o*": lambda: client.get("traces", q="model:gpt-4o*"),
        "traces, kind:tool": lambda: client.get("traces", q="kind:tool"),
        "traces, service:reporting": lambda: client.get("traces", q="service:reporting"),
        "traces, status:error": lambda: client.get("traces", q="status:error"),
        "traces, no match": lambda: client.get("traces", q="model:none status:error"),
        "one trace, light": lambda: client.get(f"traces/{client.some_trace()}", content="false"),
        "one trace, whole": lambda: client.get(f"traces/{client.some_trace()}"),
        "one span": lambda: client.get(client.some_span()),
        "logs of a trace": lambda: client.get("logs", trace_id=client.some_trace()),
        "newest 200 logs": lambda: client.get("logs"),
        "spans, kind:llm": lambda: client.get("spans", q="kind:llm"),
        "calls by model, quantiles": lambda: client.get("stats", group="model"),
        "traces by service, quantiles": lambda: client.get("stats", over="traces", group="service"),
        "calls by minute, 6 hours": lambda: client.get("stats", step=60, since=last_hours),
        "calls by hour and model": lambda: client.get("stats", step=3600, group="model"),
        "traces by half hour": lambda: client.get("stats", over="traces", step=1800),
        "calls of traces, by half hour and model": lambda: client.get("stats", of="traces", group="model", step=1800),
        "tools by name": lambda: client.get("stats", over="tools", group="name"),
        "cost by session, top six": lambda: client.get("stats", over="traces", group="session", by="cost", limit=6),
        "slowest ten traces": lambda: client.get("stats/top"),
        "newest 50 sessions": lambda: client.get("sessions"),
        "newest 50 users": lambda: client.get("users"),
        "models, with prices": lambda: client.get("models"),
        "traces, attr. in most": lambda: client.get("traces", q="attr.server.address:api.example.com"),
        "traces, attr. nowhere": lambda: client.get("traces", q="attr.server.address:nowhere"),
        "traces, attr. nowhere, 6 hours": lambda: client.get(
            "traces", q="attr.server.address:nowhere", since=last_hours
        ),
        "traces, tool:": lambda: client.get("traces", q="tool:run_sql*"),
        "traces, operation:": lambda: client.get("traces", q="operation:invoke_workflow"),
        "facets of all traces": lambda: client.get("facets"),
        "facets, kind:tool": lambda: client.get("facets", q="kind:tool"),
        "histogram of all traces": lambda: client.get("histogram"),
        "histogram, model:gpt-4o*": lambda: client.get("histogram", q="model:gpt-4o*"),
        "suggest, model:": lambda: client.get("suggest", q="model:g"),
        "suggest, attr.": lambda: client.get("suggest", q="attr.http"),
        "suggest, values of attr.": lambda: client.get("suggest", q="attr.server.address:a"),
        "free text, in one trace": lambda: client.get("traces", q=f'"request {client.some_number() * 7 + 3}"'),
        "free text, in every trace": lambda: client.get("traces", q="popular"),
        "free text, nowhere": lambda: client.get("traces", q="xylophone"),
    }


def _latencies(ask: Callable[[], Any], rounds: int) -> list[float]:
    """Milliseconds of each of `rounds` requests, sorted; two before them warm up."""
    taken: list[float] = []
    for _ in range(rounds + 2):
        begun = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - begun) * 1000)
    return sorted(taken[2:])


def fill(server: Running, traces: int) -> None:
    print(f"Loading {traces * SPANS_PER_TRACE:,} spans", flush=True)
    held: list[bytes] = []
    for body in trace_bodies(traces, COLLECTOR_BATCH):  # a few bodies at a time: all of them are half a gigabyte
        held.append(body)
        if len(held) == 8:
            send_http(server, held)
            held.clear()
    send_http(server, held)
    for body in log_bodies(traces):
        send_http(server, [body], "/v1/logs")


@contextmanager
def filled(data: Path | None, traces: int) -> Iterator[Path]:
    with TemporaryDirectory(prefix="llm-tracing-bench-") as empty:
        folder = data or Path(empty)
        if not (folder / "llm-tracing.duckdb").exists():
            with serving(folder) as server:
                fill(server, traces)
        yield folder


def main(traces: int = 25_000, rounds: int = ROUNDS, data: Path | None = None) -> None:
    with filled(data, traces) as folder, serving(folder) as server:
        client = Client(server.connection())
        client.learn_ids()
        rows: list[list[str]] = []
        for name, ask in _queries(client).items():
            cpu = server.cpu_s()
            taken = _latencies(ask, rounds)
            cpu_ms = (server.cpu_s() - cpu) * 1000 / (rounds + 2)
            median, p95 = statistics.median(taken), taken[int(len(taken) * 0.95)]
            rows.append([name, f"{cpu_ms:.0f}", f"{median:.1f}", f"{p95:.1f}", "yes" if median < _AIM_MS else "no"])
        count = client.get("stats", over="traces")["rows"][0]["count"]
        size = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
        title = f"Queries over HTTP: {count * SPANS_PER_TRACE:,} spans in {count:,} traces, {size:,.0f} MB on disk"
        show(title, ["", "CPU ms", "median ms", "p95 ms", f"under {_AIM_MS:.0f} ms"], rows)
        memory = server.memory_mb()
        print(f"\nMemory of the server after them: {memory['Rss']:,.0f} MB resident.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--traces", type=int, default=25_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    main(given.traces, given.rounds, given.data)
