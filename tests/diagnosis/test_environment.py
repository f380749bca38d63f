"""Each finding about the environment, by the variables that make it."""

from collections.abc import Mapping

import pytest

from llm_tracing.diagnosis.environment import CAPTURE, Instrumentation, Surroundings, check_environment, installed

QUIET = {"OTEL_SERVICE_NAME": "shop"}
OFFICIAL = Instrumentation(
    "openai", "opentelemetry-instrumentation-genai-openai", "opentelemetry.instrumentation.genai.openai"
)
TRACELOOP = Instrumentation("openai", "opentelemetry-instrumentation-openai", "opentelemetry.instrumentation.openai")
LATEST = {"OTEL_SEMCONV_STABILITY_OPT_IN": "gen_ai_latest_experimental"}
LOCAL = "http://127.0.0.1:4318/langsmith"


def titles(
    env: Mapping[str, str], *instrumentations: Instrumentation, auto: bool = False
) -> list[tuple[str, str, str]]:
    found = check_environment(Surroundings({**QUIET, **env}, instrumentations, auto=auto))
    assert all(check.section == "environment" and check.todo for check in found)
    return [(check.level, check.title, check.todo) for check in found]


@pytest.mark.parametrize(
    ("env", "level", "words", "todo"),
    [
        ({"OTEL_SDK_DISABLED": "TRUE"}, "error", "does nothing at all", "Remove OTEL_SDK_DISABLED"),
        ({"OTEL_TRACES_EXPORTER": "none"}, "error", "no span is sent", "OTEL_TRACES_EXPORTER=otlp"),
        ({"OTEL_TRACES_EXPORTER": "console"}, "warning", "somewhere else", "OTEL_TRACES_EXPORTER=otlp"),
        ({"OTEL_TRACES_SAMPLER": "always_off"}, "error", "not recorded", "parentbased_always_on"),
        (
            {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.1"},
            "warning",
            "of 100 traces about 90",
            "OTEL_TRACES_SAMPLER_ARG=1",
        ),
        ({"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0"}, "error", "every trace", "ARG=1"),
        ({"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "ten"}, "warning", "no number", "0 to 1"),
        ({"TRACELOOP_TRACE_CONTENT": "false"}, "warning", "OpenLLMetry", "TRACELOOP_TRACE_CONTENT=true"),
        ({"OPENINFERENCE_HIDE_INPUTS": "true"}, "warning", "OPENINFERENCE_HIDE_INPUTS", "Remove it"),
        ({"LANGSMITH_HIDE_OUTPUTS": "true"}, "warning", "LANGSMITH_HIDE_OUTPUTS", "Remove it"),
        (
            {CAPTURE: "EVENT_ONLY", "OTEL_LOGS_EXPORTER": "none"},
            "warning",
            "OTEL_LOGS_EXPORTER=none drops them",
            "OTEL_LOGS_EXPORTER=otlp",
        ),
        ({"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "100"}, "warning", "are cut", "Remove OTEL_ATTRIBUTE"),
        ({"LANGSMITH_API_KEY": "k"}, "warning", "tracing is not on", "LANGSMITH_TRACING=true"),
        ({"LANGCHAIN_ENDPOINT": LOCAL}, "warning", "LANGCHAIN_ENDPOINT is set", "LANGSMITH_TRACING=true"),
        (
            {"LANGSMITH_TRACING": "true", "LANGSMITH_ENDPOINT": "http://127.0.0.1:4318"},
            "warning",
            "lacks the path",
            "LANGSMITH_ENDPOINT=http://127.0.0.1:4318/langsmith",
        ),
        ({"LANGSMITH_TRACING": "true", "LANGSMITH_API_KEY": "k"}, "info", "LangSmith's cloud", LOCAL),
        (
            {
                "LANGSMITH_TRACING": "true",
                "LANGSMITH_ENDPOINT": LOCAL,
                "LANGSMITH_PROJECT": "a",
                "LANGCHAIN_PROJECT": "b",
            },
            "warning",
            "LANGSMITH_PROJECT and LANGCHAIN_PROJECT differ",
            "Remove LANGCHAIN_PROJECT",
        ),
        ({"OTEL_BSP_SCHEDULE_DELAY": "60000"}, "warning", "up to 60 s", "OTEL_BSP_SCHEDULE_DELAY=500"),
        ({"OTEL_BSP_MAX_QUEUE_SIZE": "100"}, "error", "smaller than a batch", "2048"),
        ({"OTEL_EXPORTER_OTLP_TIMEOUT": "10000"}, "warning", "as seconds", "OTEL_EXPORTER_OTLP_TIMEOUT=10"),
        ({"http_proxy": "http://proxy:3128"}, "warning", "through the proxy", "NO_PROXY=localhost"),
        ({"OTEL_PROPAGATORS": "none"}, "warning", "a trace of its own", "tracecontext"),
        ({"OTEL_SERVICE_NAME": ""}, "info", "unknown_service", "OTEL_SERVICE_NAME=my-service"),
    ],
)
def test_a_finding_says_what_to_do(env: dict[str, str], level: str, words: str, todo: str) -> None:
    [(found, title, remedy)] = titles(env)
    assert found == level
    assert words in title
    assert todo in remedy


@pytest.mark.parametrize(
    "env",
    [
        {},
        {"OTEL_TRACES_EXPORTER": "console, otlp", "OTEL_TRACES_SAMPLER": "traceidratio"},
        {"OTEL_SERVICE_NAME": "", "OTEL_RESOURCE_ATTRIBUTES": "a=b,service.name=shop"},
        {"HTTP_PROXY": "http://proxy:3128", "NO_PROXY": ".example.com,localhost"},
        {"OTEL_BSP_SCHEDULE_DELAY": "500", "OTEL_BSP_MAX_QUEUE_SIZE": "many", "OTEL_EXPORTER_OTLP_TIMEOUT": "10"},
        {"LANGSMITH_TRACING": "true", "LANGSMITH_ENDPOINT": LOCAL, "LANGSMITH_API_KEY": "any"},
        {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "1.0"},
    ],
)
def test_an_environment_that_works_is_passed_over(env: dict[str, str]) -> None:
    assert titles(env) == []


@pytest.mark.parametrize(
    ("env", "auto", "found"),
    [
        ({CAPTURE: "NO_CONTENT"}, False, "is NO_CONTENT"),
        ({}, True, "is not set"),
        ({CAPTURE: "spans"}, False, "is none of NO_CONTENT, SPAN_ONLY"),
        ({CAPTURE: "true", **LATEST}, False, "the old word"),
        ({}, False, None),
        ({CAPTURE: "true"}, False, None),
        ({CAPTURE: "span_and_event", **LATEST}, True, None),
    ],
)
def test_whether_content_is_captured_is_told_of_who_obeys_the_variable(
    env: dict[str, str], auto: bool, found: str | None
) -> None:
    told = titles(env, OFFICIAL, auto=auto)
    assert [bool(found) and str(found) in title for _, title, _ in told] == ([True] if found else [])
    assert all(f"{CAPTURE}=SPAN_ONLY" in todo for _, _, todo in told)
    assert titles(env, TRACELOOP, auto=auto) == []


def test_two_instrumentations_of_a_library_matter_where_all_are_switched_on() -> None:
    [(level, title, _)] = titles({CAPTURE: "SPAN_ONLY"}, OFFICIAL, TRACELOOP, auto=True)
    assert level == "warning"
    assert "opentelemetry-instrumentation-genai-openai, opentelemetry-instrumentation-openai" in title
    off = {CAPTURE: "SPAN_ONLY", "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "flask, openai"}
    assert titles(off, OFFICIAL, TRACELOOP, auto=True) == []
    assert titles({CAPTURE: "SPAN_ONLY"}, OFFICIAL, TRACELOOP) == []


def test_those_that_are_installed_are_found() -> None:
    assert OFFICIAL in installed()
