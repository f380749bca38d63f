import logging
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from llm_tracing.telemetry.delivery import DeliveryWatch, public_address, short_reason
from tests.telemetry.program import ROOT, environment, run_program
from tests.telemetry.sink import http_sink

BUSY_SERVICE = """
    import logging, time
    logging.basicConfig(format="%(name)s %(levelname)s %(message)s")
    from opentelemetry import trace
    import llm_tracing
    telemetry = llm_tracing.configure("busy")
    begin = time.monotonic()
    for _ in range(1500):
        with trace.get_tracer("busy").start_as_current_span("work"):
            logging.getLogger("busy").info("working")
    print(f"worked {time.monotonic() - begin:.3f}")
    time.sleep(1.2)
    begin = time.monotonic()
    telemetry.shutdown()
    print(f"ended {time.monotonic() - begin:.3f}")
"""


def seconds(output: str, what: str) -> float:
    [found] = [line.split()[1] for line in output.splitlines() if line.startswith(what)]
    return float(found)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def silent_endpoint() -> Iterator[str]:
    """Takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_an_unreachable_endpoint_is_told_once_and_slows_nothing(protocol: str) -> None:
    endpoint = f"http://127.0.0.1:{free_port()}"
    ended = run_program(BUSY_SERVICE, endpoint, OTEL_EXPORTER_OTLP_PROTOCOL=protocol)
    [line] = ended.stderr.splitlines()
    assert line.startswith(f"llm_tracing.telemetry WARNING Telemetry cannot be delivered to {endpoint} (")
    assert seconds(ended.stdout, "worked") < 5  # 1,500 spans: far below what waiting for the endpoint takes
    assert seconds(ended.stdout, "ended") < 3


def test_an_endpoint_that_never_answers_does_not_hold_up_the_end() -> None:
    with silent_endpoint() as endpoint:
        ended = run_program(BUSY_SERVICE, endpoint)
    assert seconds(ended.stdout, "ended") < 4
    assert "Traceback" not in ended.stderr


def test_a_process_that_ends_at_once_tells_it_too_and_does_not_wait() -> None:
    endpoint = f"http://127.0.0.1:{free_port()}"
    program = """
    import atexit, time
    from opentelemetry import trace
    atexit.register(lambda: print(f"ended {time.monotonic() - begin:.3f}"))
    import llm_tracing
    llm_tracing.configure("short")
    trace.get_tracer("t").start_span("s").end()
    begin = time.monotonic()
    """
    ended = run_program(program, endpoint)
    assert ended.stderr.count("Telemetry cannot be delivered") == len(ended.stderr.splitlines()) == 1
    assert seconds(ended.stdout, "ended") < 3


def test_delivery_that_works_again_is_told_once() -> None:
    port = free_port()
    program = """
    import logging, sys, time
    logging.basicConfig(format="%(message)s")
    from opentelemetry import trace
    import llm_tracing
    telemetry = llm_tracing.configure("patient")
    for name in ("lost", "found", "later"):
        trace.get_tracer("t").start_span(name).end()
        print(telemetry.force_flush(), flush=True)
        if name == "lost":
            sys.stdin.readline()
    """
    settings = environment(f"http://127.0.0.1:{port}", OTEL_EXPORTER_OTLP_TIMEOUT="0.5")
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program)],
        cwd=ROOT, env=settings, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "False\n"
        with http_sink(port) as sink:
            out, err = process.communicate("go\n", timeout=20)
            assert [span.name for span in sink.spans] == ["found", "later"]
    assert out == "True\nTrue\n"
    first, second = err.splitlines()
    assert first.startswith(f"Telemetry cannot be delivered to http://127.0.0.1:{port} (")
    assert second == f"Telemetry is delivered to http://127.0.0.1:{port} again; lost meanwhile: 1 spans."


def test_no_secret_of_the_address_or_the_headers_is_logged() -> None:
    endpoint = f"http://user:sesame@127.0.0.1:{free_port()}/in"
    ended = run_program(
        SPAN, endpoint + "?token=sesame", OTEL_EXPORTER_OTLP_HEADERS="authorization=sesame", PYTHONFAULTHANDLER="1"
    )
    assert "Telemetry cannot be delivered to http://127.0.0.1" in ended.stderr
    assert "sesame" not in ended.stderr + ended.stdout


SPAN = """
    import logging
    logging.basicConfig(level=logging.INFO)
    from opentelemetry import trace
    import llm_tracing
    llm_tracing.configure("s")
    trace.get_tracer("t").start_span("s").end()
"""


@pytest.mark.parametrize(
    ("endpoint", "shown"),
    [
        ("http://localhost:4318", "http://localhost:4318"),
        ("https://u:p@host:1/a?k=v#f", "https://host:1/a"),
        ("u:p@host:4317?k=v", "host:4317"),
    ],
)
def test_an_address_is_shown_without_its_secrets(endpoint: str, shown: str) -> None:
    assert public_address(endpoint) == shown


def test_an_endpoint_that_refuses_one_signal_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    watch = DeliveryWatch("http://host:4318")
    for _ in range(3):
        watch.failed("metrics", "404")
        watch.delivered("spans")
    assert [record.getMessage() for record in caplog.records] == [
        "Telemetry cannot be delivered to http://host:4318 (404). The service goes on; this is said once."
    ]
    assert watch.failing


def test_the_reason_is_the_innermost_cause_in_one_line() -> None:
    outer = OSError("http://host/?key=secret")
    outer.__cause__ = ConnectionRefusedError(111, "Connection refused")
    record = logging.LogRecord(
        "x", logging.WARNING, "", 0, "Transient error %s while exporting %s batch, retrying in %.2fs.",
        (outer, "spans", 1.0), None,
    )  # fmt: skip
    assert short_reason(record) == (
        "Transient error ConnectionRefusedError: Connection refused while exporting spans batch"
    )
