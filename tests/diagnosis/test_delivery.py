"""What speaks at an address, and whether spans sent there arrive: against real listeners and a real server."""

import socket
import time
from typing import Any

import pytest

from llm_tracing.diagnosis import delivery
from llm_tracing.diagnosis import server as module
from llm_tracing.diagnosis.check import PROBE_SERVICE, Check
from llm_tracing.diagnosis.delivery import check_probe, check_wire
from llm_tracing.diagnosis.server import ServerApi, check_server, findings_of, first_that_answers
from llm_tracing.diagnosis.target import Target, target_of
from llm_tracing.diagnosis.wire import speaks
from llm_tracing.query.findings import OWN_PROBE
from tests.builders import chat, span, trace_request
from tests.diagnosis.conftest import Serve
from tests.running import Running

GRPC = {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])


def at(port: int, scheme: str = "http", env: dict[str, str] | None = None) -> Target:
    return target_of(env or {}, f"{scheme}://127.0.0.1:{port}")


def only(checks: list[Check]) -> Check:
    [check] = checks
    assert check.level == "error"
    return check


def test_what_speaks_is_told_apart(server: Running, listen: Serve, free_port: int, tls_port: int) -> None:
    assert speaks("127.0.0.1", port_of(server.addresses.http)) == "http/1.1"
    assert speaks("127.0.0.1", port_of(server.addresses.grpc)) == "http/2"
    assert speaks("127.0.0.1", tls_port) == "tls"
    assert speaks("127.0.0.1", free_port) == "nothing"
    assert speaks("127.0.0.1", listen(lambda connection: time.sleep(1)), timeout=0.2) == "silent"
    assert speaks("127.0.0.1", listen(lambda connection: connection.sendall(b"+PONG 12345678\r\n"))) == "unknown"
    assert speaks("no-such-host.invalid", 80) == "unresolved"


def test_grpc_on_the_http_port_names_the_way_out(server: Running) -> None:
    check = only(check_wire(at(port_of(server.addresses.http), env=GRPC)))
    assert "OTLP/gRPC is sent to" in check.title
    assert "speaks HTTP/1.1" in check.title
    assert "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:" in check.todo
    assert "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf" in check.todo


def test_http_on_the_grpc_port_names_the_way_out(server: Running) -> None:
    check = only(check_wire(at(port_of(server.addresses.grpc))))
    assert "OTLP/HTTP is sent to" in check.title
    assert "speaks gRPC" in check.title
    assert "OTEL_EXPORTER_OTLP_PROTOCOL=grpc" in check.todo


def test_the_port_next_to_it_is_named_where_it_is_the_right_one(server: Running, monkeypatch: Any) -> None:
    right, wrong = port_of(server.addresses.http), port_of(server.addresses.grpc)
    near = {wrong: wrong, wrong + 1: right}
    monkeypatch.setattr(delivery, "speaks", lambda host, port, *_: speaks(host, near.get(port, 1)))
    monkeypatch.setattr(delivery, "HTTP_PORT", 1)
    check = only(check_wire(at(wrong)))
    assert f"http://127.0.0.1:{wrong + 1} (it listens there)" in check.todo


def test_tls_and_plain_text_are_told_apart(server: Running, tls_port: int) -> None:
    plain = only(check_wire(at(tls_port)))
    assert "speaks TLS, but the address says plain text" in plain.title
    assert "https://" in plain.todo
    secure = only(check_wire(at(port_of(server.addresses.http), "https")))
    assert "speaks plain text, but the exporter speaks TLS" in secure.title
    bare = only(check_wire(target_of(GRPC, f"127.0.0.1:{port_of(server.addresses.grpc)}")))
    assert "OTEL_EXPORTER_OTLP_INSECURE=true" in bare.todo


def test_a_certificate_that_nobody_trusts_is_named(tls_port: int) -> None:
    target = at(tls_port, "https")
    assert check_wire(target) == []
    assert "OTEL_EXPORTER_OTLP_CERTIFICATE" in only(check_probe(target, {}, None)).todo


def test_nobody_there_says_how_to_start_one(free_port: int) -> None:
    check = only(check_wire(at(free_port)))
    assert f"Nothing listens on 127.0.0.1:{free_port}" in check.title
    assert "llm-tracing serve" in check.todo


@pytest.mark.parametrize("env", [{}, GRPC, {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"}])
def test_a_probe_is_found_again_and_is_no_finding(server: Running, env: dict[str, str]) -> None:
    address = server.addresses.grpc if env == GRPC else server.addresses.http
    target = at(port_of(address), env=env)
    assert check_wire(target) == []
    taken, found = check_probe(target, env, ServerApi(server.addresses.http))
    assert (taken.level, found.level) == ("ok", "ok")
    assert "is on the server after" in found.title
    assert [trace.service for trace in server.traces()] == [PROBE_SERVICE]
    assert PROBE_SERVICE == OWN_PROBE
    assert ServerApi(server.addresses.http).doctor()["findings"] == []


def test_a_trace_that_goes_elsewhere_is_told(server: Running, tmp_path: Any) -> None:
    with Running(tmp_path / "other") as other:
        _, lost = check_probe(at(port_of(other.addresses.http)), {}, ServerApi(server.addresses.http))
    assert lost.level == "error"
    assert "but is not on the server at" in lost.title


def answering(status: str) -> Any:
    """A listener that answers every request of HTTP with one status."""

    def each(connection: socket.socket) -> None:
        while b"llm-tracing-doctor" not in (got := connection.recv(65_536)) and got:
            pass
        connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())

    return each


@pytest.mark.parametrize(
    ("status", "todo"),
    [
        ("404 Not Found", "The path is wrong"),
        ("405 Method Not Allowed", "The path is wrong"),
        ("401 Unauthorized", "OTEL_EXPORTER_OTLP_HEADERS"),
        ("500 Broken", "Its own log says why"),
    ],
)
def test_who_does_not_take_spans_says_why(listen: Serve, status: str, todo: str) -> None:
    check = only(check_probe(at(listen(answering(status))), {}, None))
    assert status[:3] in check.title
    assert todo in check.todo


def test_a_host_name_that_is_not_allowed_is_named(server: Running) -> None:
    target = target_of({}, f"http://127.0.0.1:{port_of(server.addresses.http)}")
    check = only(check_probe(target, {"OTEL_EXPORTER_OTLP_HEADERS": "host=elsewhere"}, None))
    assert "LLM_TRACING_ALLOWED_HOSTS" in check.todo


def test_a_server_that_is_there_is_ready(server: Running, free_port: int) -> None:
    api = first_that_answers([f"http://127.0.0.1:{free_port}", server.addresses.grpc, server.addresses.http])
    assert api.base == server.addresses.http
    [check], report = check_server(api)
    assert check.level == "ok"
    assert report is not None


def test_a_server_that_is_not_there_says_how_to_start_it(server: Running, free_port: int) -> None:
    [check], report = check_server(ServerApi(f"http://127.0.0.1:{free_port}"))
    assert (check.level, report) == ("error", None)
    assert "llm-tracing serve" in check.todo
    [check], _ = check_server(ServerApi(server.addresses.grpc))
    assert "it does not speak HTTP" in check.title


def test_a_store_that_does_not_answer_is_not_ready(server: Running) -> None:
    server.server.stack.store.close()
    [check], _ = check_server(ServerApi(server.addresses.http))
    assert "is not ready" in check.title


@pytest.mark.parametrize(("shift", "words"), [(-60, "60 s behind"), (60, "60 s ahead of")])
def test_a_clock_that_differs_is_told(server: Running, monkeypatch: Any, shift: int, words: str) -> None:
    class Shifted:
        @staticmethod
        def time() -> float:
            return time.time() + shift

    monkeypatch.setattr(module, "time", Shifted)
    (_, check), _ = check_server(ServerApi(server.addresses.http))
    assert words in check.title
    assert "NTP" in check.todo


def test_what_the_server_found_is_told_by_sender(server: Running) -> None:
    mute = span("chat", 1, start=time.time_ns(), attributes=chat(tokens=(1, 1)))
    server.export(trace_request(mute, service="mute"))
    [check] = findings_of(ServerApi(server.addresses.http).doctor())
    assert (check.section, check.level, check.sender) == ("senders", "warning", "mute")
    assert findings_of(ServerApi(server.addresses.http).doctor(), frozenset({"other"})) == []
