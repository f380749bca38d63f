"""The server as a whole: who may speak to it, its health, and how it stops."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from llm_tracing.api import schema
from llm_tracing.api.entry import host_name
from llm_tracing.config import ServerSettings
from llm_tracing.errors import NotLoopback, PortInUse
from llm_tracing.server import Server
from tests.builders import TRACE, span, trace_request
from tests.running import PROTOBUF, Running


@pytest.mark.parametrize("host", ["attacker.example", "127.0.0.1.attacker.example", "", "192.0.2.7:4318"])
@pytest.mark.parametrize("path", ["/", "/api/v1/traces", "/healthz", "/v1/traces"])
def test_a_host_header_that_is_not_ours_is_a_421(shared: Running, host: str, path: str) -> None:
    answer = shared.http.get(path, headers={"Host": host})
    error = schema.ApiError.model_validate_json(answer.content, strict=True).error
    assert (answer.status_code, error.code) == (421, "misdirected_request")
    assert "LLM_TRACING_ALLOWED_HOSTS" in (error.hint or "")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1:9", "[::1]:4318", "traces.example"])
def test_our_own_names_are_accepted(shared: Running, host: str) -> None:
    assert shared.http.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("shared"), allowed_hosts="traces.example, other.example") as server:
        yield server


@pytest.mark.parametrize(
    ("header", "name"), [("a:1", "a"), ("A", "a"), ("[::1]:80", "[::1]"), ("[::1]", "[::1]"), ("", "")]
)
def test_a_host_header_has_a_name_and_maybe_a_port(header: str, name: str) -> None:
    assert host_name(header) == name


def test_a_page_elsewhere_may_not_read_us(shared: Running) -> None:
    answer = shared.http.get("/api/v1/traces", headers={"Origin": "https://attacker.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_health_readiness_and_metrics(server: Running) -> None:
    server.export(trace_request(span()))
    assert (server.http.get("/healthz").status_code, server.http.get("/readyz").text) == (200, "ready\n")
    metrics = server.http.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'llm_tracing_receiver_requests_total{signal="traces"} 1.0' in metrics.text.splitlines()
    assert "llm_tracing_receiver_spans_total 1.0" in metrics.text.splitlines()


def test_readiness_says_that_the_store_is_gone(tmp_path: Path) -> None:
    with Running(tmp_path) as server:
        server.server.stack.store.close()
        answer = server.http.get("/readyz")
        error = schema.ApiError.model_validate_json(answer.content, strict=True).error
        assert (answer.status_code, error.code) == (503, "store_unavailable")
        refused = server.post("/v1/traces", trace_request(span()).SerializeToString())
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert refused.headers["content-type"] == PROTOBUF


def test_a_host_beyond_loopback_needs_a_word(tmp_path: Path) -> None:
    settings = ServerSettings(host="0.0.0.0", port=0, grpc_port=0, data=tmp_path)
    with pytest.raises(NotLoopback):
        Server(settings).start()
    with Running(tmp_path, host="0.0.0.0", allow_unauthenticated=True) as server:
        port = server.addresses.http.rpartition(":")[2]
        answer = server.http.get(f"http://127.0.0.1:{port}/healthz")
        assert answer.status_code == 200


def test_a_server_that_could_not_start_leaves_nothing_open(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = ServerSettings(port=0, grpc_port=taken.getsockname()[1], data=tmp_path)
        with pytest.raises(PortInUse, match="is in use"):
            Server(settings).start()
    with Running(tmp_path) as server:
        assert server.traces() == []


def test_the_settings_of_the_environment_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LLM_TRACING_PORT", "0")
    monkeypatch.setenv("LLM_TRACING_DATA", str(tmp_path))
    monkeypatch.setenv("LLM_TRACING_ALLOWED_HOSTS", "A.example,b")
    settings = ServerSettings(grpc_port=7)
    assert (settings.port, settings.grpc_port, settings.data) == (0, 7, tmp_path)
    assert settings.accepted_hosts() >= {"a.example", "b", "127.0.0.1", "localhost"}


def test_stopping_ends_streams_and_keeps_what_was_taken(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    server = Running(tmp_path)
    server.export(trace_request(span()))
    listening, ended = threading.Event(), threading.Event()

    def listen() -> None:
        with server.http.stream("GET", "/api/v1/live") as stream:
            for _ in stream.iter_lines():
                listening.set()
        ended.set()

    thread = threading.Thread(target=listen)
    thread.start()
    assert listening.wait(10)
    server.server.stop()
    thread.join(10)
    assert ended.is_set()
    assert capfd.readouterr().err == ""  # nothing had to be cut off
    server.http.close()
    with Running(tmp_path) as again:
        assert [found.trace_id for found in again.traces()] == [TRACE]


@pytest.mark.parametrize(
    ("path", "media"),
    [
        ("/v1/traces", "application/x-protobuf"),
        ("/langsmith/runs/multipart", "multipart/form-data; boundary=x"),
        ("/langsmith/runs", ""),
    ],
)
def test_a_page_of_somebody_else_cannot_write(server: Running, path: str, media: str) -> None:
    headers = {"origin": "https://elsewhere.example", **({"content-type": media} if media else {})}
    answer = server.http.post(path, content=b"x", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "cross_origin")
    own = server.http.post(path, content=b"", headers={**headers, "origin": server.addresses.http})
    assert own.status_code != 403
