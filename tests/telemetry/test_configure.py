import re

import pytest

from tests.telemetry.program import run_program
from tests.telemetry.sink import grpc_sink, http_sink

SPAN_AND_LOG = """
    import logging
    from opentelemetry import trace, metrics
    import llm_tracing
    telemetry = llm_tracing.configure("shop")
    metrics.get_meter("shop").create_counter("orders").add(1)
    with trace.get_tracer("shop").start_as_current_span("order"):
        logging.getLogger("shop").warning("ordered")
"""


def test_everything_is_sent_when_the_process_ends() -> None:
    with http_sink() as sink:
        run_program(SPAN_AND_LOG, sink.endpoint)
        [span], [log], [metric] = sink.spans, sink.logs, sink.metrics
    assert (span.name, log.body, metric.name) == ("order", "ordered", "orders")
    assert log.trace_id == span.trace_id
    assert span.resource["service.name"] == "shop"


def test_grpc_carries_the_three_signals() -> None:
    with grpc_sink() as sink:
        run_program(
            SPAN_AND_LOG,
            sink.endpoint,
            OTEL_EXPORTER_OTLP_PROTOCOL="grpc",
            OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20k",
        )
        assert [span.name for span in sink.spans] == ["order"]
        assert [log.body for log in sink.logs] == ["ordered"]
        assert [metric.name for metric in sink.metrics] == ["orders"]
        assert all(headers["authorization"] == "Bearer k" for headers in sink.headers)


def test_a_span_arrives_within_two_seconds_of_its_end() -> None:
    with http_sink() as sink:
        run_program(SPAN_AND_LOG + "    import time; time.sleep(1.5); import os; os._exit(0)", sink.endpoint)
        assert [span.name for span in sink.spans] == ["order"]
        assert [log.body for log in sink.logs] == ["ordered"]


def test_a_second_call_returns_the_same_handle_and_doubles_nothing() -> None:
    again = """
    assert llm_tracing.configure("other") is telemetry
    assert len(logging.getLogger().handlers) == 1
    with trace.get_tracer("shop").start_as_current_span("second"):
        logging.getLogger("shop").warning("second")
    """
    with http_sink() as sink:
        run_program(SPAN_AND_LOG + again, sink.endpoint)
        assert [(span.name, span.resource["service.name"]) for span in sink.spans] == [
            ("order", "shop"),
            ("second", "shop"),
        ]
        assert [log.body for log in sink.logs] == ["ordered", "second"]


def test_shutdown_takes_everything_off_and_configure_can_begin_again() -> None:
    program = """
    import logging, os
    before = (logging.basicConfig, logging.getLogger().handlers[:], dict(os.environ))
    import httpx, fastapi, sqlalchemy
    from opentelemetry import trace
    plain = (httpx.HTTPTransport.handle_request, fastapi.FastAPI.build_middleware_stack, sqlalchemy.Engine.connect)
    import llm_tracing
    for name in ("one", "two"):
        telemetry = llm_tracing.configure()
        assert {"fastapi", "httpx", "sqlalchemy"} <= set(telemetry.instrumented), telemetry.instrumented
        assert httpx.HTTPTransport.handle_request is not plain[0]
        trace.get_tracer("t").start_span(name).end()
        logging.getLogger("t").warning(name)
        telemetry.shutdown()
        telemetry.shutdown()
        assert (httpx.HTTPTransport.handle_request, fastapi.FastAPI.build_middleware_stack,
                sqlalchemy.Engine.connect) == plain
        assert (logging.basicConfig, logging.getLogger().handlers, dict(os.environ)) == before
    trace.get_tracer("t").start_span("after").end()
    logging.getLogger("t").warning("after")
    """
    with http_sink() as sink:
        run_program(program, sink.endpoint)
        assert [span.name for span in sink.spans] == ["one", "two"]
        assert [log.body for log in sink.logs] == ["one", "two"]


def test_a_tracer_provider_of_the_application_is_kept_and_its_spans_are_sent() -> None:
    program = """
    import logging
    logging.basicConfig(level=logging.INFO)
    from opentelemetry import trace
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    own = TracerProvider(resource=Resource.create({"service.name": "own"}))
    trace.set_tracer_provider(own)
    import llm_tracing
    llm_tracing.configure("ignored")
    assert trace.get_tracer_provider() is own
    trace.get_tracer("t").start_span("theirs").end()
    """
    with http_sink() as sink:
        ended = run_program(program, sink.endpoint)
        assert [(span.name, span.resource["service.name"]) for span in sink.spans] == [("theirs", "own")]
    assert ended.stderr.count("has set a TracerProvider") == 1


def test_a_disabled_sdk_changes_and_sends_nothing() -> None:
    program = """
    import logging, sys, httpx
    plain = httpx.HTTPTransport.handle_request
    import llm_tracing
    telemetry = llm_tracing.configure()
    assert telemetry.disabled and telemetry.instrumented == () and telemetry.force_flush()
    assert httpx.HTTPTransport.handle_request is plain and not logging.getLogger().handlers
    from opentelemetry import trace
    assert not trace.get_tracer("t").start_span("s").is_recording()
    telemetry.shutdown()
    """
    with http_sink() as sink:
        run_program(program, sink.endpoint, OTEL_SDK_DISABLED="true")
        assert sink.requests == []


def test_what_the_user_set_wins_over_our_defaults() -> None:
    program = """
    import os
    before = {name: value for name, value in os.environ.items() if name.startswith("OTEL_")}
    import llm_tracing
    telemetry = llm_tracing.configure()
    assert before.items() <= dict(os.environ).items()
    assert telemetry._batches[0].processor._batch_processor._schedule_delay_millis == 50
    from opentelemetry import trace
    from opentelemetry.util.genai.utils import get_content_capturing_mode
    assert get_content_capturing_mode().name == "NO_CONTENT"
    assert telemetry._reader._export_interval_millis == 10_000
    assert not trace.get_tracer("t").start_span("s").is_recording()
    """
    with http_sink() as sink:
        run_program(
            program,
            sink.endpoint,
            OTEL_BSP_SCHEDULE_DELAY="50",
            OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT="NO_CONTENT",
            OTEL_TRACES_SAMPLER="always_off",
        )
        assert sink.spans == []


def test_names_from_the_environment_yield_to_arguments_and_win_over_the_script() -> None:
    program = """
    import sys
    sys.argv = ["/srv/app.py"]
    from llm_tracing.telemetry.resource import service_resource
    said = service_resource(*{arguments!r}, attributes={{"team": "b"}}).attributes
    print(said["service.name"], said.get("service.version"), said["team"], said.get("zone"))
    """
    by_script = run_program(program.format(arguments=()), "")
    by_env = run_program(
        program.format(arguments=()), "", OTEL_SERVICE_NAME="env", OTEL_RESOURCE_ATTRIBUTES="team=a,zone=z"
    )
    by_attribute = run_program(program.format(arguments=()), "", OTEL_RESOURCE_ATTRIBUTES="service.name=attr")
    by_argument = run_program(program.format(arguments=("arg", "1")), "", OTEL_SERVICE_NAME="env")
    assert by_script.stdout == "app None b None\n"
    assert by_env.stdout == "env None b z\n"
    assert by_attribute.stdout == "attr None b None\n"
    assert by_argument.stdout == "arg 1 b None\n"


@pytest.mark.parametrize(
    ("name", "value", "choices"),
    [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "http/protobuf or grpc"),
        ("OTEL_LOGS_EXPORTER", "zipkin", "otlp or none"),
    ],
)
def test_a_setting_that_is_not_supported_is_refused_by_name(name: str, value: str, choices: str) -> None:
    program = """
    import os
    before = dict(os.environ)
    import llm_tracing
    try:
        llm_tracing.configure()
    except ValueError as error:
        print(error)
    assert dict(os.environ) == before
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import get_tracer_provider
    assert not isinstance(get_tracer_provider(), TracerProvider)
    """
    ended = run_program(program, "http://127.0.0.1:9", **{name: value})
    assert ended.stdout == f"{name}={value} is not supported. Set it to {choices}.\n"
    assert ended.stderr == ""


def test_a_signal_can_be_left_out() -> None:
    with http_sink() as sink:
        run_program(SPAN_AND_LOG, sink.endpoint, OTEL_TRACES_EXPORTER="none", OTEL_METRICS_EXPORTER="none")
        assert {path for path, _ in sink.requests} == {"/v1/logs"}
        assert re.fullmatch("[0-9a-f]{32}", sink.logs[0].trace_id)


def test_grpc_without_its_extra_is_refused_with_the_command_that_helps() -> None:
    program = """
    import sys
    sys.modules["grpc"] = None
    import llm_tracing
    try:
        llm_tracing.configure()
    except ValueError as error:
        print(error)
    """
    ended = run_program(program, "http://127.0.0.1:9", OTEL_EXPORTER_OTLP_PROTOCOL="grpc")
    assert "pip install 'llm-tracing[grpc]'" in ended.stdout


def test_a_forked_child_sends_too_under_its_own_process_id() -> None:
    program = """
    import os
    from opentelemetry import trace
    import llm_tracing
    llm_tracing.configure()
    child = os.fork()
    trace.get_tracer("t").start_span("parent" if child else "child").end()
    if child:
        assert os.waitpid(child, 0)[1] == 0
    """
    with http_sink() as sink:
        run_program(program, sink.endpoint)
        by_name = {span.name: span.resource for span in sink.spans}
    assert set(by_name) == {"parent", "child"}
    for key in ("process.pid", "service.instance.id"):
        assert by_name["parent"][key] != by_name["child"][key]


def test_the_base_address_can_be_an_argument() -> None:
    with http_sink() as sink:
        program = SPAN_AND_LOG.replace('configure("shop")', f'configure("shop", endpoint="{sink.endpoint}/")')
        run_program(program, "http://127.0.0.1:9")
        assert {path for path, _ in sink.requests} == {"/v1/traces", "/v1/logs", "/v1/metrics"}
