"""The span and the metric of an HTTP call are those of the official instrumentation."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.telemetry.http_calls_program import CALLS
from tests.telemetry.program import environment, run_program
from tests.telemetry.sink import http_sink

_ASKED_FOR = "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE"
_CALL = """
import httpx, httpx2, llm_tracing
from llm_tracing.telemetry import httpx_span

begun, plain = [], httpx_span._begin
httpx_span._begin = lambda *given: begun.append(1) or plain(*given)
telemetry = llm_tracing.configure()
module = {"httpx": httpx, "httpx2": httpx2}[PACKAGE]
transport = module.HTTPTransport()
transport.handle_request(module.Request("POST", ENDPOINT + "/v1/nothing", content=b"{}")).read()
telemetry.shutdown()
print(len(begun))
"""
packages = pytest.mark.parametrize("package", ["httpx", "httpx2"])


@cache
def _seen(whose: str, package: str) -> dict[str, Any]:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.telemetry.http_calls_program", whose, package],
        cwd=Path(__file__).parents[2],
        env=environment("http://127.0.0.1:1"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


@packages
@pytest.mark.parametrize("part", ["spans", "points", "parents"])
def test_a_call_is_told_as_the_official_instrumentation_tells_it(package: str, part: str) -> None:
    ours, theirs = _seen("ours", package)[part], _seen("official", package)[part]
    assert ours == theirs
    assert ours


@packages
def test_the_calls_that_are_compared_are_there(package: str) -> None:
    found = _seen("ours", package)
    spans, calls = found["spans"], len(CALLS)
    assert len(spans) == 2 * calls + 1  # and a cancelled one
    assert [span[0] for span in spans[:calls]] == [*(method for method, _ in CALLS[:4]), "HTTP", "GET", "GET"]
    assert spans[0][2]["url.full"] == "http://HOST/200"
    assert "secret" not in json.dumps(spans)
    assert "password" not in json.dumps(spans)
    assert {span[2].get("error.type") for span in spans} == {None, "404", "503", "ConnectError"}
    # Each request carried its own span; the one that was not to be traced and that after the end carried none.
    assert [parent is None for parent in found["parents"]].count(True) == 2


def _own_spans(package: str, endpoint: str, **settings: str) -> int:
    program = _CALL.replace("PACKAGE", repr(package)).replace("ENDPOINT", repr(endpoint))
    return int(run_program(program, endpoint, **settings).stdout)


@packages
def test_a_call_has_its_span_and_is_told_the_short_way(package: str) -> None:
    with http_sink() as sink:
        assert _own_spans(package, sink.endpoint) == 1
        [span] = sink.spans
    assert span.name == "POST"
    assert span.attributes["http.response.status_code"] == 404
    assert span.attributes["url.full"] == f"{sink.endpoint}/v1/nothing"


@packages
def test_headers_that_the_environment_asks_for_are_recorded(package: str) -> None:
    with http_sink() as sink:
        assert _own_spans(package, sink.endpoint, **{_ASKED_FOR: "content-type"}) == 0
        [span] = sink.spans
    assert span.attributes["http.response.header.content_type"] == ["application/x-protobuf"]
