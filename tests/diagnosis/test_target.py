"""Where spans go, read as OpenTelemetry's exporters read it."""

import re

import pytest

from llm_tracing.diagnosis.delivery import check_path, headers_of
from llm_tracing.diagnosis.target import target_of

E = "OTEL_EXPORTER_OTLP_ENDPOINT"
T = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
P = "OTEL_EXPORTER_OTLP_PROTOCOL"


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({}, ("localhost:4318", "/v1/traces", "http/protobuf", False, "the default")),
        ({P: "grpc"}, ("localhost:4317", "/v1/traces", "grpc", False, "the default")),
        ({E: "http://far:1/"}, ("far:1", "/v1/traces", "http/protobuf", False, E)),
        ({E: "http://far:1/otel"}, ("far:1", "/otel/v1/traces", "http/protobuf", False, E)),
        ({E: "http://far:1", T: "https://near"}, ("near:443", "/", "http/protobuf", True, T)),
        ({E: "far:4317", P: "grpc"}, ("far:4317", "/v1/traces", "grpc", True, E)),
        (
            {E: "far:4317", P: "grpc", "OTEL_EXPORTER_OTLP_INSECURE": "true"},
            ("far:4317", "/v1/traces", "grpc", False, E),
        ),
        ({E: "http://[::1]:9", P: "http/json"}, ("[::1]:9", "/v1/traces", "http/json", False, E)),
        ({E: "  ", P: ""}, ("localhost:4318", "/v1/traces", "http/protobuf", False, "the default")),
    ],
)
def test_variables_are_read_as_the_exporters_read_them(env: dict[str, str], expected: tuple[object, ...]) -> None:
    found = target_of(env)
    assert (found.address, found.path, found.protocol, found.tls, found.said_by) == expected


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({E: "localhost:4318"}, "has no scheme: write http://localhost:4318."),
        ({E: "ftp://far"}, "is no address"),
        ({E: "http://far:port"}, "no usable port"),
        ({P: "http"}, "is no protocol: it takes http/protobuf, http/json, grpc."),
    ],
)
def test_what_no_exporter_could_use_is_said(env: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        target_of(env)


def test_a_flag_stands_for_the_variable() -> None:
    found = target_of({E: "http://far:1"}, "http://near:2")
    assert (found.address, found.said_by) == ("near:2", "--endpoint")


def test_a_path_that_is_there_twice_is_found_and_one_that_is_not_there() -> None:
    [twice] = check_path(target_of({E: "http://far:1/v1/traces"}))
    assert "/v1/traces/v1/traces" in twice.title
    assert f"Write {E}=http://far:1, or" in twice.todo
    [lacks] = check_path(target_of({T: "http://far:1"}))
    assert f"Write {T}=http://far:1/v1/traces" in lacks.todo
    assert check_path(target_of({T: "http://far:1/v1/traces"})) == []
    assert check_path(target_of({E: "http://far:1/v1/traces", P: "grpc"})) == []


def test_headers_are_read_from_the_environment() -> None:
    assert headers_of({"OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer%20x, a=1,odd"}) == {
        "authorization": "Bearer x",
        "a": "1",
    }
