"""The server's own traces: sent to another server when asked for, and never round and round."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from opentelemetry import trace as otel

from llm_tracing.api import schema
from llm_tracing.errors import ConfigError
from llm_tracing.own_traces import MARK, OwnTraces
from tests.builders import span, trace_request
from tests.running import Running


def names(watcher: Running) -> list[str]:
    return sorted(one.name for trace in watcher.traces(limit=200) for one in watcher.trace(trace.trace_id).spans)


def wait_for(what: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not what():
        assert time.monotonic() < until
        time.sleep(0.05)


def send(server: Running) -> None:
    provider = server.server._traces._provider
    assert provider is not None
    assert provider.force_flush()


def test_requests_commits_and_reads_become_traces_of_another_server(tmp_path: Path) -> None:
    with Running(tmp_path / "watcher") as watcher:
        with Running(tmp_path / "watched", trace_self=watcher.addresses.http) as watched:
            watched.export(trace_request(span("of an app")))
            watched.export_grpc(trace_request(span("over grpc", 5)))
            watched.traces()
            assert watched.refused("/traces/zz")[0] == 400
        assert names(watcher).count("commit") == 2
        traces = {one.name: watcher.trace(one.trace_id) for one in watcher.traces()}
        export = traces["POST /v1/traces"]
        assert [(s.name, s.parent_span_id is None) for s in export.spans] == [
            ("POST /v1/traces", True),
            ("commit", False),
        ]
        read = traces["GET /api/v1/traces"]
        assert [s.name for s in read.spans] == ["GET /api/v1/traces", "read store"]
        assert traces["opentelemetry.proto.collector.trace.v1.TraceService/Export"].spans[1].name == "commit"
        attributes = traces["GET /api/v1/traces/{trace_id}"].spans[0].attributes
        assert (attributes["http.response.status_code"], attributes["http.route"]) == (400, "/api/v1/traces/{trace_id}")
        assert {trace.service for trace in watcher.traces()} == {"llm-tracing-server"}


def test_by_itself_a_server_makes_none(server: Running) -> None:
    server.export(trace_request(span("of an app")))
    server.traces()
    assert names(server) == ["of an app"]
    assert otel.get_tracer_provider().__class__.__name__ == "ProxyTracerProvider"


def test_two_servers_that_watch_each_other_fall_silent(tmp_path: Path) -> None:
    with Running(tmp_path / "first") as first, Running(tmp_path / "second", trace_self=first.addresses.http) as second:
        first.server._traces.__init__(second.addresses.http)  # type: ignore[misc]
        first.traces()
        send(first)
        wait_for(lambda: "GET /api/v1/traces" in names(second))
        send(second)
        send(first)
        seen = [name for name in names(second) if name.startswith("POST")]
        assert seen == []


def test_what_comes_back_is_refused(tmp_path: Path) -> None:
    with (
        Running(tmp_path / "watcher") as watcher,
        Running(tmp_path / "watched", trace_self=watcher.addresses.http) as watched,
    ):
        mark = watched.server._traces.instance_id
        answer = watched.http.post("/v1/traces", content=b"", headers={MARK: mark})
        error = schema.ApiError.model_validate_json(answer.content, strict=True).error
        assert (answer.status_code, error.code) == (508, "loop_detected")


@pytest.mark.parametrize(
    "endpoint", ["http://127.0.0.1:4318", "http://localhost:4318/v1/traces", "http://[::1]:4317", "http://here:4318/x"]
)
def test_it_is_never_its_own_address(endpoint: str) -> None:
    with pytest.raises(ConfigError, match="is this server itself"):
        OwnTraces(endpoint, (4318, 4317), ("here",))


@pytest.mark.parametrize("endpoint", ["ftp://127.0.0.1", "127.0.0.1:4318", "http://", "http://a:b:c"])
def test_an_address_that_is_none_is_told(endpoint: str) -> None:
    with pytest.raises(ConfigError, match="LLM_TRACING_TRACE_SELF is no address"):
        OwnTraces(endpoint)
