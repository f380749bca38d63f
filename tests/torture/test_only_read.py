"""A folder that can only be read: what is stored is shown, every write is refused clearly, and it ends by itself."""

import gzip
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import grpc
import httpx
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from llm_tracing import pricing
from llm_tracing.access.key_file import KeyFile
from llm_tracing.access.keyring import FILE, Keyring
from llm_tracing.access.keys import scopes_of
from llm_tracing.errors import ConfigError, FolderReadOnly
from llm_tracing.receive.decode import UNAVAILABLE
from llm_tracing.store.contract import Page
from llm_tracing.store.database import FILE_NAME, SCHEMA_VERSION
from llm_tracing.store.duck import DuckDBStore
from tests.builders import NOON, SECOND, TRACE, chat, log, log_request, span, trace_hex, trace_request
from tests.langsmith_requests import MULTIPART
from tests.progress import progress
from tests.running import PROTOBUF, Running, stubs
from tests.server.process import Serving, run, serving
from tests.store.test_migrations import FILES
from tests.torture.only_read import AS_AN_OWNER, mounted, permissions_bind, permitted
from tests.torture.senders import run_parts
from tests.torture.small_disk import can_mount

needs_mount = pytest.mark.skipif(not can_mount(), reason="only root can mount a folder read-only")
HINT = "Mount it for writing or mend its permissions; no restart is needed."
FOUR = {
    "traceId": trace_hex(4),
    "spanId": "00000000000000f4",
    "name": "four",
    "startTimeUnixNano": "1",
    "endTimeUnixNano": "2",
}
WRITES: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/api/v1/views", {"name": "mine"}),
    ("POST", f"/api/v1/traces/{TRACE}/annotations", {"key": "good", "score": 1}),
    ("PUT", f"/api/v1/traces/{TRACE}/pin", {}),
    ("DELETE", f"/api/v1/traces/{TRACE}", None),
    ("PUT", "/api/v1/fold-rules", {"rules": []}),
    ("POST", "/api/v1/progress", json.loads(progress("how many?").model_dump_json())),
    ("POST", "/api/v1/import", {"resourceSpans": [{"scopeSpans": [{"spans": [FOUR]}]}]}),
)


@contextmanager
def _client(server: Serving, **headers: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.http, trust_env=False, timeout=60, headers=headers) as client:
        yield client


def _sent(client: httpx.Client, number: int) -> httpx.Response:
    body = trace_request(span(f"trace {number}", 1, trace=trace_hex(number))).SerializeToString()
    return client.post("/v1/traces", content=body, headers={"Content-Type": PROTOBUF})


def _fill(server: Serving) -> None:
    with _client(server) as client:
        body = trace_request(span("asked", 1)).SerializeToString()
        assert client.post("/v1/traces", content=body, headers={"Content-Type": PROTOBUF}).status_code == 200
        logs = log_request(log("said")).SerializeToString()
        assert client.post("/v1/logs", content=logs, headers={"Content-Type": PROTOBUF}).status_code == 200
        assert _sent(client, 1).status_code == 200


def _check_reads(client: httpx.Client) -> None:
    found = client.get("/api/v1/traces").json()["traces"]
    assert {trace["name"] for trace in found} == {"asked", "trace 1"}
    assert client.get(f"/api/v1/traces/{TRACE}").json()["spans"][0]["name"] == "asked"
    assert [one["body"] for one in client.get("/api/v1/logs").json()["logs"]] == ["said"]
    for path in ("/", "/api/v1/stats", "/api/v1/spans", "/api/v1/doctor", "/metrics", "/api/v1/traces/export"):
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.text)


def _check_writes(server: Serving, client: httpx.Client, reason: str) -> None:
    answer = _sent(client, 2)
    assert (answer.status_code, int(answer.headers["retry-after"])) == (503, 10)
    said = Status.FromString(answer.content)
    assert said.code == UNAVAILABLE
    assert f"can't be written ({reason}). What is stored can be read. {HINT}" in said.message
    with grpc.insecure_channel(server.grpc) as channel, pytest.raises(grpc.RpcError) as refused:
        stubs(channel)["traces"].Export(trace_request(span("three", 1, trace=trace_hex(3))), timeout=30)
    error: Any = refused.value
    assert error.code() == grpc.StatusCode.UNAVAILABLE
    trailing = dict(error.trailing_metadata())
    assert RetryInfo.FromString(trailing["google.rpc.retryinfo-bin"]).retry_delay.seconds == 10
    runs = client.post("/langsmith/runs/multipart", content=next(run_parts(1))[1], headers={"Content-Type": MULTIPART})
    assert (runs.status_code, runs.headers["retry-after"]) == (429, "10")
    assert reason in runs.text
    for method, path, body in WRITES:
        answer = client.request(method, path, json=body)
        assert (answer.status_code, answer.headers.get("retry-after")) == (503, "1"), (path, answer.text)
        assert (reason in answer.text, HINT in answer.text) == (True, True), path


def _check_says(client: httpx.Client, reason: str) -> None:
    ready = client.get("/readyz")
    assert (ready.status_code, reason in ready.text) == (503, True)
    assert [client.get(path).status_code for path in ("/readyz?for=reading", "/healthz")] == [200, 200]
    told = client.get("/api/v1/store").json()["not_written"]
    assert (reason in told["said"], HINT in told["hint"]) == (True, True)


def _check_again(client: httpx.Client) -> None:
    assert client.get("/api/v1/store").json()["not_written"] is None
    assert client.get("/readyz").status_code == 200
    assert _sent(client, 5).status_code == 200
    assert client.post(f"/api/v1/traces/{TRACE}/annotations", json={"key": "good"}).status_code == 201
    names = {trace["name"] for trace in client.get("/api/v1/traces").json()["traces"]}
    assert names == {"asked", "trace 1", "trace 5"}


class Way(NamedTuple):
    """A way to have a folder that can only be read: what forbids writing, what the server runs under, what is said."""

    folder: Callable[[Path], AbstractContextManager[Callable[[bool], None]]]
    under: Sequence[str]
    reason: str


MOUNT = Way(mounted, (), "Read-only file system")
PERMISSIONS = Way(permitted, AS_AN_OWNER, "Permission denied")
needs_permissions = pytest.mark.skipif(not permissions_bind(), reason="permissions do not bind root without setpriv")
WAYS = [
    pytest.param(MOUNT, marks=needs_mount, id="mount"),
    pytest.param(PERMISSIONS, marks=needs_permissions, id="permissions"),
]


@pytest.mark.parametrize("way", WAYS)
def test_a_server_starts_over_what_can_only_be_read(way: Way, tmp_path: Path) -> None:
    with way.folder(tmp_path) as forbid:
        with serving(tmp_path, under=way.under) as server:
            _fill(server)
            server.kill()
        assert (tmp_path / f"{FILE_NAME}.wal").stat().st_size > 0  # what was sent is in the log alone
        forbid(True)
        before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
        with serving(tmp_path, under=way.under) as server, _client(server) as client:
            _check_reads(client)
            _check_writes(server, client, way.reason)
            _check_says(client, way.reason)
            _check_reads(client)
            assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
            forbid(False)
            _check_again(client)
            server.kill()
        with duckdb.connect(str(tmp_path / FILE_NAME)) as db:
            assert db.execute("SELECT count(*) FROM spans").fetchone() == (3,)


@needs_permissions
def test_a_server_loses_the_right_to_write_and_gets_it_back(tmp_path: Path) -> None:
    with (
        permitted(tmp_path) as forbid,
        serving(tmp_path, under=AS_AN_OWNER) as server,
        _client(server) as client,
    ):
        _fill(server)
        forbid(True)
        _check_reads(client)
        _check_writes(server, client, "Permission denied")
        _check_says(client, "Permission denied")
        forbid(False)
        _check_again(client)


@needs_mount
def test_a_mount_over_the_folder_of_a_running_server(tmp_path: Path) -> None:
    with serving(tmp_path) as server, _client(server) as client:
        _fill(server)
        with mounted(tmp_path) as remount:
            remount(True)
            _check_reads(client)
            _check_writes(server, client, "Read-only file system")
            _check_says(client, "Read-only file system")
        _check_again(client)


@pytest.mark.parametrize("way", WAYS)
def test_keys_are_checked_as_ever(way: Way, tmp_path: Path) -> None:
    with way.folder(tmp_path) as forbid:
        with Keyring(tmp_path).closing() as keyring:
            secret = keyring.create("admin", scopes_of(["admin"]))[1]
            lost = keyring.create("lost", scopes_of(["read"]))
            keyring.revoke(lost[0].key_id)
        with serving(tmp_path, under=way.under, LLM_TRACING_REQUIRE_KEYS="true"):
            pass
        forbid(True)
        with serving(tmp_path, under=way.under, LLM_TRACING_REQUIRE_KEYS="true") as server:
            with _client(server, Authorization=f"Bearer {secret}") as client:
                assert client.get("/api/v1/traces").status_code == 200
                assert client.get("/api/v1/keys").json()["keys"][0]["last_used_at"] is None
            with _client(server) as client:
                assert client.post("/api/v1/login", json={"key": secret}).status_code == 200
                assert client.get("/api/v1/traces").status_code == 200
                taken = dict(client.cookies)
                same = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
                assert client.request("DELETE", "/api/v1/login", headers=same).status_code == 204
                client.cookies.update(taken)
                assert client.get("/api/v1/traces").status_code == 401
            with _client(server) as client:
                wrong = [
                    client.get("/api/v1/traces", headers={"x-api-key": key}).status_code
                    for key in (lost[1], *["wrong"] * 20)
                ]
                assert set(wrong[:19]) == {401}
                assert wrong[-1] == 429  # the throttle needs no file
            server.process.terminate()
            assert server.process.stderr is not None
            assert "not in the audit log" in server.process.stderr.read()


@needs_mount
def test_commands_that_write_say_what_is_wrong_and_a_backup_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with mounted(folder) as remount:
        with serving(folder) as server:
            _fill(server)
        with Keyring(folder).closing() as keyring:
            keyring.create("admin", scopes_of(["admin"]))
        remount(True)
        for command in (("keys", "create", "--scope", "read"), ("erase", "--trace", TRACE), ("repair",)):
            refused = run(*command, "--data", str(folder))
            assert refused.returncode == 1
            assert f"{folder} can't be written (Read-only file system)" in refused.stderr, command
        assert "admin" in run("keys", "list", "--data", str(folder)).stdout
        assert run("backup", str(tmp_path / "one"), "--data", str(folder)).returncode == 0
        with serving(folder) as server, _client(server) as client:
            copy = client.post("/api/v1/backup", json={})
            assert copy.status_code == 200
        (tmp_path / "two").mkdir()
        (tmp_path / "two" / FILE_NAME).write_bytes(copy.content)
        for backup in ("one", "two"):
            with serving(tmp_path / backup) as server, _client(server) as client:
                _check_reads(client)


@needs_mount
def test_a_file_of_an_earlier_version_is_read_in_a_copy(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(gzip.decompress(FILES[-1].read_bytes()))
    with mounted(tmp_path) as remount:
        remount(True)
        store = DuckDBStore(tmp_path)
        [trace] = store.traces(Page())
        assert trace.span_count == 3
        with pytest.raises(FolderReadOnly):
            store.check_writing()
        remount(False)
        store.check_writing()
        [trace] = store.traces(Page())
        assert trace.span_count == 3
        store.close()
    with duckdb.connect(str(tmp_path / FILE_NAME)) as db:
        assert db.execute("SELECT version FROM schema_version").fetchone() == (SCHEMA_VERSION,)


@needs_mount
def test_a_folder_with_nothing_to_read_is_refused(tmp_path: Path) -> None:
    with mounted(tmp_path) as remount:
        remount(True)
        refused = run("serve", "--port", "0", "--grpc-port", "0", "--data", str(tmp_path))
        assert (refused.returncode, "can't be written (Read-only file system)" in refused.stderr) == (1, True)


@needs_mount
def test_what_is_too_old_goes_and_prices_are_corrected_once_it_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pricing, "LOOK_S", 0.05)
    data, prices = tmp_path / "data", tmp_path / "prices.yaml"
    prices.write_text("models:\n  - {model: our-own, input: 3, output: 0}\n", encoding="utf-8")
    data.mkdir()
    call = chat(model="our-own", provider="acme", tokens=(1_000_000, 1))
    with mounted(data) as remount:
        with Running(data) as server:
            server.export(trace_request(span("call", 1, start=time.time_ns(), attributes=call)))
            server.export(trace_request(span("old", 1, trace=trace_hex(2), start=NOON - 10 * 86_400 * SECOND)))
        remount(True)
        with Running(data, keep_days=5, prices=prices) as server:
            keeper = server.server.stack.keeper
            _until(lambda: server.server.stack.price_keeper._told)
            keeper.look()
            assert (keeper.running_s(), keeper.failures, dict(keeper.rounds)) == (0, 0, {})
            assert {trace.name: trace.cost.total_usd for trace in server.traces()} == {"call": None, "old": None}
            remount(False)
            _until(lambda: server.traces()[0].cost.total_usd == "3")
            keeper.look()
            _until(lambda: [trace.name for trace in server.traces()] == ["call"])


def _until(true: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 30
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.05)


@needs_mount
def test_a_key_file_with_a_write_that_must_be_undone_is_read(tmp_path: Path) -> None:
    with Keyring(tmp_path).closing() as keyring:
        keyring.create("kept", scopes_of(["read"]))
    _die_while_writing(tmp_path / FILE)
    with mounted(tmp_path) as remount:
        remount(True)
        with Keyring(tmp_path).closing() as keyring:
            assert [key.name for key in keyring.all()] == ["kept"]
            with pytest.raises(FolderReadOnly):
                keyring.create("more", scopes_of(["read"]))
            remount(False)
            keyring.create("more", scopes_of(["read"]))
            assert sorted(key.name for key in keyring.all()) == ["kept", "more"]


def _die_while_writing(path: Path) -> None:
    """Leave a journal behind, as a process does that is killed before its commit."""
    child = os.fork()
    if child == 0:
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("PRAGMA cache_size = 1")
        db.execute("PRAGMA cache_spill = 1")
        db.execute("BEGIN EXCLUSIVE")
        db.execute("UPDATE keys SET name = 'lost'")
        for number in range(2_000):
            row = (number, "x", "y", "z" * 900)
            db.execute("INSERT INTO audit (time_unix_nano, who, act, subject) VALUES (?, ?, ?, ?)", row)
        os._exit(0)
    os.waitpid(child, 0)
    assert path.with_name(f"{path.name}-journal").stat().st_size > 0


@needs_mount
def test_a_key_file_that_somebody_else_changes_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").symlink_to(tmp_path / "here")
    with mounted(tmp_path / "here") as remount:
        remount(True)
        file = KeyFile(tmp_path / "here" / FILE)
        with file.reading() as db:
            assert db.execute("SELECT count(*) FROM keys").fetchone() == (0,)
        remount(False)
        with Keyring(tmp_path / "there").closing() as other:
            other.create("new", scopes_of(["read"]))
        remount(True)
        with file.reading() as db:
            assert db.execute("SELECT name FROM keys").fetchall() == [("new",)]
        file.close()


def test_a_key_file_that_cannot_be_read_is_no_empty_one(tmp_path: Path) -> None:
    """Else whoever may not read the keys would serve as if there were none."""
    (tmp_path / FILE).mkdir()
    with pytest.raises(ConfigError, match="can't be used"):
        Keyring(tmp_path)
