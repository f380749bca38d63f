import os
from pathlib import Path

import pytest

from llm_tracing.runner.environment import BOOTSTRAP, Target, child_environment, server_environment

HERE = Target("http://127.0.0.1:4318", "http/protobuf", "http://127.0.0.1:4318")
NOTES = Path("/tmp/notes")


def _made(**environ: str) -> dict[str, str]:
    return child_environment(environ, HERE, "shop", NOTES)


def test_the_command_is_told_where_to_send_and_its_name() -> None:
    made = _made()
    assert made["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://127.0.0.1:4318"
    assert made["OTEL_SERVICE_NAME"] == "shop"
    assert made["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] == "SPAN_ONLY"
    assert made["TRACELOOP_TRACE_CONTENT"] == "true"
    assert made["PYTHONUNBUFFERED"] == "1"


def test_what_the_user_set_stays() -> None:
    made = _made(
        OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT="NO_CONTENT",
        TRACELOOP_TRACE_CONTENT="false",
        OTEL_LOGS_EXPORTER="none",
        OTEL_RESOURCE_ATTRIBUTES="team=bread",
    )
    assert made["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] == "NO_CONTENT"
    assert made["TRACELOOP_TRACE_CONTENT"] == "false"
    assert made["OTEL_LOGS_EXPORTER"] == "none"
    assert made["OTEL_RESOURCE_ATTRIBUTES"] == "team=bread"


def test_the_bootstrap_comes_first_on_the_path_and_once() -> None:
    once = _made(PYTHONPATH=os.pathsep.join(["/mine", "/other"]))["PYTHONPATH"]
    assert once.split(os.pathsep) == [str(BOOTSTRAP), "/mine", "/other"]
    assert _made(PYTHONPATH=once)["PYTHONPATH"] == once
    assert server_environment({"PYTHONPATH": once})["PYTHONPATH"] == os.pathsep.join(["/mine", "/other"])
    assert "PYTHONPATH" not in server_environment({"PYTHONPATH": str(BOOTSTRAP)})


def test_no_name_but_sitecustomize_can_be_found_in_the_bootstraps_folder() -> None:
    assert [path.name for path in BOOTSTRAP.iterdir() if path.name != "__pycache__"] == ["sitecustomize.py"]


@pytest.mark.parametrize("switch", ["LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"])
def test_langsmith_that_is_on_is_pointed_at_the_server(switch: str) -> None:
    made = _made(**{switch: "true"})
    assert made["LANGSMITH_ENDPOINT"] == "http://127.0.0.1:4318/langsmith"
    assert (made["LANGSMITH_API_KEY"], made["LANGSMITH_PROJECT"]) == ("unused", "shop")


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"LANGSMITH_TRACING": "false"},
        {"LANGSMITH_API_KEY": "secret"},
        {"LANGSMITH_TRACING": "true", "LANGSMITH_ENDPOINT": "https://theirs"},
        {"LANGSMITH_TRACING": "true", "LANGCHAIN_ENDPOINT": "https://theirs"},
    ],
)
def test_langsmith_that_is_off_or_has_an_endpoint_is_left_alone(environ: dict[str, str]) -> None:
    made = _made(**environ)
    assert {name: value for name, value in made.items() if name.startswith("LANG")} == environ
