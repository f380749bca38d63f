"""A full disk: senders are told to wait, all that was acknowledged is kept, reads go on, and it ends by itself."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import grpc
import httpx
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from llm_tracing.errors import DiskFull, StoreError
from llm_tracing.receive.decode import RESOURCE_EXHAUSTED
from llm_tracing.store.contract import Page
from llm_tracing.store.database import FILE_NAME
from llm_tracing.store.duck import DuckDBStore
from tests.builders import batch_of, span, trace_hex, trace_request
from tests.langsmith_requests import MULTIPART
from tests.running import PROTOBUF, Running, stubs
from tests.server.process import Serving, serving
from tests.torture.senders import run_parts
from tests.torture.small_disk import can_mount, limit_files, small_disk

BIG = {"Content-Type": PROTOBUF}
needs_mount = pytest.mark.skipif(not can_mount(), reason="only root can mount a small disk")


def _body(number: int) -> bytes:
    """A trace with a megabyte that does not compress."""
    text = os.urandom(512 * 1024).hex()
    return trace_request(span("big", 1, trace=trace_hex(number), attributes={"text": text})).SerializeToString()


@contextmanager
def _no_room(folder: Path, how: str) -> Iterator[tuple[Serving, Callable[[], None]]]:
    """A server that will run out of room after some 20 MB, and what gives it more."""
    if how == "disk":
        with small_disk(folder, 24) as resize, serving(folder, LLM_TRACING_MIN_FREE_DISK="0") as server:
            yield server, lambda: resize(200)
    else:
        with serving(folder) as server:
            limit_files(server.process.pid, 20)
            yield server, lambda: limit_files(server.process.pid, None)


def _traces(client: httpx.Client) -> set[str]:
    found = client.get("/api/v1/traces", params={"limit": 1000}).json()["traces"]
    return {trace["trace_id"] for trace in found}


def _check_refusals(server: Serving, client: httpx.Client) -> None:
    """What each protocol answers now: come again."""
    answer = client.post("/v1/traces", content=_body(998), headers=BIG)
    assert (answer.status_code, int(answer.headers["retry-after"])) == (503, 10)
    said = Status.FromString(answer.content)
    assert (said.code, "no room to write" in said.message) == (RESOURCE_EXHAUSTED, True)
    with grpc.insecure_channel(server.grpc) as channel, pytest.raises(grpc.RpcError) as refused:
        stubs(channel)["traces"].Export(trace_request(span("small", 1, trace=trace_hex(999))), timeout=30)
    error: Any = refused.value
    assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    trailing = dict(error.trailing_metadata())
    info = RetryInfo()
    assert Status.FromString(trailing["grpc-status-details-bin"]).details[0].Unpack(info)
    assert info.retry_delay.seconds == 10
    assert RetryInfo.FromString(trailing["google.rpc.retryinfo-bin"]) == info
    headers = {"Content-Type": MULTIPART}
    runs = client.post("/langsmith/runs/multipart", content=next(run_parts(1))[1], headers=headers)
    assert (runs.status_code, runs.headers["retry-after"], runs.json()["error"]["code"]) == (429, "10", "queue_full")


@pytest.mark.parametrize("how", [pytest.param("disk", marks=needs_mount), "largest file"])
def test_a_full_disk_refuses_keeps_reading_and_recovers(how: str, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    acknowledged: set[str] = set()
    with _no_room(folder, how) as (server, give_room):
        with httpx.Client(base_url=server.http, trust_env=False, timeout=60) as client:
            for number in range(1, 100):
                answer = client.post("/v1/traces", content=_body(number), headers=BIG)
                if answer.status_code != 200:
                    break
                acknowledged.add(trace_hex(number))
            assert 5 < len(acknowledged) < 98
            _check_refusals(server, client)
            assert client.get("/readyz").status_code == 503
            assert _traces(client) == acknowledged
            give_room()
            until = time.monotonic() + 30
            while (answer := client.post("/v1/traces", content=_body(100), headers=BIG)).status_code != 200:
                assert time.monotonic() < until, answer.text
                time.sleep(0.2)
            acknowledged.add(trace_hex(100))
            assert _traces(client) == acknowledged
        server.kill()
        with duckdb.connect(str(folder / FILE_NAME)) as db:
            rows = db.execute("SELECT trace_id FROM spans").fetchall()
        assert sorted(row[0].hex for row in rows) == sorted(acknowledged)


@needs_mount
def test_a_checkpoint_without_room_costs_nothing_that_was_written(tmp_path: Path) -> None:
    """DuckDB gives the file up then; it is opened again, with what its log holds."""
    folder = tmp_path / "disk"
    with small_disk(folder, 16) as resize:
        store = DuckDBStore(folder)
        store.database.checkpoints.log_bytes = 3_000_000
        with store.database.reading() as db:
            db.execute("SET GLOBAL threads = 1")
        written: set[bytes] = set()
        failure: StoreError | None = None
        for number in range(1, 60):
            text = os.urandom(64 * 1024).hex()
            batch = batch_of(trace_request(span("s", 1, trace=trace_hex(number), attributes={"text": text})))
            try:
                written |= store.write(batch)
            except StoreError as error:
                failure = error
        assert isinstance(failure, DiskFull)
        with store.database.reading() as db:  # a setting of ours again: the file was opened again
            assert db.execute("SELECT current_setting('threads')").fetchone() != (1,)
        assert {row.trace_id for row in store.traces(Page(limit=100))} == written
        resize(100)
        time.sleep(2.1)  # the pause after a write that found no room
        written |= store.write(batch_of(trace_request(span("s", 1, trace=trace_hex(100)))))
        assert {row.trace_id for row in store.traces(Page(limit=100))} == written
        store.close()
        again = DuckDBStore(folder)
        assert {row.trace_id for row in again.traces(Page(limit=100))} == written
        again.close()


def test_a_reserve_on_the_disk_is_kept_free(tmp_path: Path) -> None:
    with Running(tmp_path) as server:
        server.export(trace_request(span("before", 1)))
    store = DuckDBStore(tmp_path, min_free_bytes=2**60)
    with pytest.raises(DiskFull, match="are kept free"):
        store.write(batch_of(trace_request(span("s", 1, trace=trace_hex(2)))))
    assert [row.name for row in store.traces(Page())] == ["before"]
    store.close()
