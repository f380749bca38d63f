"""Ingest to durable and queryable, in spans per CPU second of the server process; beside it the bare cost.

`python -m bench.ingest [--spans N] [--runs N]`. The bodies are serialised before the clock starts; the client is this
process. The bare loop decodes the same bodies, reads every attribute, and inserts nine columns into DuckDB, a commit a
body: no ids checked, no meaning, no payloads, no roll-ups, no HTTP.
"""

import argparse
import queue
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import grpc
import orjson
from arro3.core import Array, DataType, Field, Schema, Table
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bench.profiles import COLLECTOR_BATCH, SDK_BATCH, trace_bodies
from bench.question import SPANS_PER_TRACE
from bench.server import Running, serving
from bench.table import show

CONNECTIONS = 4
_BARE_TABLE = """CREATE TABLE spans (trace_id BLOB, span_id BLOB, parent_span_id BLOB, name VARCHAR, kind INTEGER,
    start_time_unix_nano UBIGINT, end_time_unix_nano UBIGINT, status INTEGER, attributes VARCHAR)"""
_BARE_TYPES = {
    "trace_id": DataType.binary(),
    "span_id": DataType.binary(),
    "parent_span_id": DataType.binary(),
    "name": DataType.utf8(),
    "kind": DataType.int32(),
    "start_time_unix_nano": DataType.uint64(),
    "end_time_unix_nano": DataType.uint64(),
    "status": DataType.int32(),
    "attributes": DataType.utf8(),
}


def each(bodies: Sequence[bytes], sender: Callable[[], Callable[[bytes], None]]) -> None:
    """Send all bodies over CONNECTIONS connections, each waiting for its answer before the next."""
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    for body in bodies:
        waiting.put(body)
    failures: list[BaseException] = []

    def work() -> None:
        send = sender()
        try:
            while True:
                send(waiting.get_nowait())
        except queue.Empty:
            return
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def send_http(server: Running, bodies: Sequence[bytes], path: str = "/v1/traces") -> None:
    def sender() -> Callable[[bytes], None]:
        connection = server.connection()

        def send(body: bytes) -> None:
            connection.request("POST", path, body, {"Content-Type": "application/x-protobuf"})
            response = connection.getresponse()
            answer = response.read()
            assert response.status == 200, (response.status, answer)

        return send

    each(bodies, sender)


def send_grpc(server: Running, bodies: Sequence[bytes]) -> None:
    with grpc.insecure_channel(server.grpc) as channel:
        export: Callable[..., bytes] = channel.unary_unary(
            "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
        )

        def send(body: bytes) -> None:
            export(body, timeout=120)

        each(bodies, lambda: send)


def measure(bodies: Sequence[bytes], spans: int, send: Callable[[Running, Sequence[bytes]], None]) -> dict[str, float]:
    """Spans per CPU second of a fresh server, and per second of the clock."""
    with serving() as server:
        send(server, bodies[:2])  # imports, first prices and first pages of the file are not what is measured
        cpu, clock, taken = server.cpu_s(), time.perf_counter(), server.counter("llm_tracing_receiver_spans_total")
        send(server, bodies[2:])
        clock, cpu = time.perf_counter() - clock, server.cpu_s() - cpu
        total = server.counter("llm_tracing_receiver_spans_total")
        assert total == spans, (total, spans)
        found = orjson.loads(server.get("/api/v1/stats?over=traces"))["rows"][0]["count"]
        assert found == spans // SPANS_PER_TRACE, found
        return {"cpu": (total - taken) / cpu, "clock": (total - taken) / clock}


def bare(bodies: Sequence[bytes], spans: int) -> dict[str, float]:
    """Spans per CPU second of decoding alone, and of decoding, reading the attributes and inserting."""
    begun = time.process_time()
    for body in bodies:
        ExportTraceServiceRequest.FromString(body)
    decode = time.process_time() - begun
    with TemporaryDirectory() as folder:
        database = duckdb.connect(str(Path(folder) / "bare.duckdb"), config={"threads": 2})
        database.execute(_BARE_TABLE)
        begun = time.process_time()
        for body in bodies:
            _insert(database, list(zip(*_plain_rows(body), strict=True)))
        whole = time.process_time() - begun
        database.close()
    return {"decode": spans / decode, "insert": spans / whole}


def _plain_rows(body: bytes) -> list[tuple[Any, ...]]:
    return [
        (
            span.trace_id,
            span.span_id,
            span.parent_span_id,
            span.name,
            span.kind,
            span.start_time_unix_nano,
            span.end_time_unix_nano,
            span.status.code,
            orjson.dumps({pair.key: _plain(pair.value) for pair in span.attributes}).decode(),
        )
        for resource_spans in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope_spans in resource_spans.scope_spans
        for span in scope_spans.spans
    ]


def _plain(value: Any) -> Any:
    which = value.WhichOneof("value")
    return [_plain(item) for item in value.array_value.values] if which == "array_value" else getattr(value, which)


def _insert(database: duckdb.DuckDBPyConnection, columns: Sequence[Sequence[Any]]) -> None:
    arrays = [Array(values, kind) for values, kind in zip(columns, _BARE_TYPES.values(), strict=True)]
    fields = [Field(name, kind) for name, kind in _BARE_TYPES.items()]
    database.register("arriving", Table.from_arrays(arrays, schema=Schema(fields)))
    database.execute("INSERT INTO spans SELECT * FROM arriving")
    database.unregister("arriving")


def _median(run: Callable[[], dict[str, float]], runs: int) -> dict[str, float]:
    found = [run() for _ in range(runs)]
    return {name: statistics.median(each[name] for each in found) for name in found[0]}


def main(spans: int = 200_000, runs: int = 3) -> None:
    spans -= spans % SPANS_PER_TRACE
    rows: list[list[str]] = []
    for batch in (SDK_BATCH, COLLECTOR_BATCH):
        bodies = list(trace_bodies(spans // SPANS_PER_TRACE, batch))
        floor = _median(lambda: bare(bodies, spans), runs)  # noqa: B023 - called at once
        ways = {"HTTP": send_http, "gRPC": send_grpc}
        for name, send in ways.items():
            found = _median(lambda: measure(bodies, spans, send), runs)  # noqa: B023 - called at once
            rows.append(
                [
                    f"{name}, {batch:,} spans a request",
                    f"{found['cpu']:,.0f}",
                    f"{found['clock']:,.0f}",
                    f"{floor['insert']:,.0f}",
                    f"{floor['decode']:,.0f}",
                    f"{floor['insert'] / found['cpu']:.1f}",
                ]
            )
    show(
        f"Ingest: {spans:,} spans, {CONNECTIONS} connections, median of {runs} runs",
        ["", "spans / server CPU s", "spans / s", "bare: spans / CPU s", "decode alone", "bare / server"],
        rows,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    main(given.spans, given.runs)
