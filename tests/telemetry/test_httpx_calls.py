import pytest

from tests.telemetry.program import run_program
from tests.telemetry.sink import http_sink

_ASKED_FOR = "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE"
_CALL = """
import sys, httpx, httpx2, llm_tracing
import opentelemetry.instrumentation.httpx as official

read, plain = [], official._normalize_headers
official._normalize_headers = counted = lambda *given: read.append(1) or plain(*given)
telemetry = llm_tracing.configure()
module = {"httpx": httpx, "httpx2": httpx2}[PACKAGE]
transport = module.HTTPTransport()
transport.handle_request(module.Request("POST", sys.argv[1] + "/v1/nothing", content=b"{}")).read()
telemetry.shutdown()
assert official._normalize_headers is counted
print(len(read))
"""
packages = pytest.mark.parametrize("package", ["httpx", "httpx2"])


def _call(package: str, endpoint: str, **settings: str) -> int:
    program = _CALL.replace("PACKAGE", repr(package)).replace("sys.argv[1]", repr(endpoint))
    return int(run_program(program, endpoint, **settings).stdout)


@packages
def test_a_call_has_its_span_and_no_header_is_read_for_it(package: str) -> None:
    with http_sink() as sink:
        assert _call(package, sink.endpoint) == 0
        [span] = sink.spans
    assert span.name == "POST"
    assert span.attributes["http.response.status_code"] == 404
    assert span.attributes["url.full"] == f"{sink.endpoint}/v1/nothing"


@packages
def test_headers_that_the_environment_asks_for_are_recorded(package: str) -> None:
    with http_sink() as sink:
        assert _call(package, sink.endpoint, **{_ASKED_FOR: "content-type"}) == 2
        [span] = sink.spans
    assert span.attributes["http.response.header.content_type"] == ["application/x-protobuf"]
