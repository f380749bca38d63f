"""A program is run and looked into: for each reason why nothing shows, a real program that has it."""

import sys
from pathlib import Path

import pytest

from llm_tracing.diagnosis.check import Check
from llm_tracing.diagnosis.server import ServerApi
from llm_tracing.diagnosis.tapped import Tapped, read_tap, why
from llm_tracing.diagnosis.watched import watch
from tests.running import Running

PROGRAM = str(Path(__file__).with_name("programs.py"))
LANGSMITH = """
from langsmith import Client, traceable
client = Client()
@traceable(client=client)
def ask(): return "answer"
ask()
client.flush()
"""


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_SERVICE_NAME", "OTEL_TRACES_SAMPLER", "LANGSMITH_TRACING", "LANGSMITH_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "2")
    monkeypatch.setenv("NO_PROXY", "*")


def watched(server: Running, monkeypatch: pytest.MonkeyPatch, *command: str, seconds: float = 20) -> list[Check]:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.addresses.http)
    return watch(command, seconds, ServerApi(server.addresses.http), quiet=True)


def program(server: Running, monkeypatch: pytest.MonkeyPatch, reason: str, seconds: float = 20) -> list[Check]:
    return watched(server, monkeypatch, sys.executable, PROGRAM, reason, seconds=seconds)


def test_what_arrives_is_told_with_what_is_wrong_with_it(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    ending, arrived, mute = program(server, monkeypatch, "none")
    assert (ending.level, ending.title) == ("ok", "It ended by itself with exit code 0.")
    assert (arrived.level, arrived.title) == ("ok", "2 spans of watched arrived.")
    assert (mute.section, mute.sender) == ("senders", "watched")
    assert "without prompt and answer" in mute.title


@pytest.mark.parametrize(
    ("reason", "words", "todo"),
    [
        ("os._exit", "All 2 spans were still waiting when the program was killed, or left by os._exit.", "shutdown()"),
        ("killed", "still waiting", "SIGTERM"),
        ("no exporter", "without an exporter", "OTEL_TRACES_EXPORTER=otlp"),
        ("no spans", "no span was started", "No instrumentation is on"),
    ],
)
def test_a_program_of_which_nothing_shows_says_why(
    server: Running, monkeypatch: pytest.MonkeyPatch, reason: str, words: str, todo: str
) -> None:
    _, check = program(server, monkeypatch, reason)
    assert check.level == "error"
    assert words in check.title
    assert todo in check.todo
    assert server.traces() == []


def test_sampled_out_names_the_sampler(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0")
    _, check = program(server, monkeypatch, "none")
    assert "All 2 spans were sampled out by TraceIdRatioBased{0.0}" in check.title
    assert "OTEL_TRACES_SAMPLER" in check.todo


def test_an_endpoint_that_is_not_there_is_named(
    server: Running, monkeypatch: pytest.MonkeyPatch, free_port: int
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{free_port}")
    _, check = watch([sys.executable, PROGRAM, "none"], 20, ServerApi(server.addresses.http), quiet=True)
    assert check.title.startswith(f"2 spans could not be delivered to http://127.0.0.1:{free_port}/v1/traces: ")
    assert "refused" in check.title.lower()


def test_spans_that_go_to_another_server_are_told(
    server: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with Running(tmp_path / "other") as other:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", other.addresses.http)
        _, check = watch([sys.executable, PROGRAM, "none"], 20, ServerApi(server.addresses.http), quiet=True)
    assert f"none to the server at {server.addresses.http}" in check.title


def test_a_span_that_never_ends_is_told(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    _, check, *_ = program(server, monkeypatch, "never ended")
    assert check.title == "1 span of 3 never ended, and is not sent."


def test_two_instrumentations_that_are_on_are_told(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    _, check, *_ = program(server, monkeypatch, "twice")
    assert check.level == "warning"
    assert "2 instrumentations of openai are on at once" in check.title


def test_a_program_that_goes_on_is_stopped(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    ending, arrived, *_ = program(server, monkeypatch, "goes on", seconds=4)
    assert ending.title == "It ran for 4 s and was stopped (--seconds)."
    assert arrived.title == "2 spans of watched arrived."


def test_the_exit_code_of_a_program_is_told(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    assert program(server, monkeypatch, "fails")[0].title == "It ended with exit code 3."
    assert program(server, monkeypatch, "killed")[0].title == "It was ended by SIGKILL."


def test_a_program_that_only_prints_sends_nothing(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    _, check = watched(server, monkeypatch, sys.executable, "-c", "print('hello')")
    assert "no OpenTelemetry SDK, no LangSmith client" in check.title
    assert "opentelemetry-instrument" in check.todo


def test_what_is_no_python_is_known_by_what_arrives(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    _, note, check = watched(server, monkeypatch, "true")
    assert (note.level, check.level) == ("info", "error")


def test_a_program_that_is_not_there_is_told(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    [check] = watched(server, monkeypatch, "no-such-program")
    assert "no-such-program can't be started (No such file or directory)." in check.title


def test_one_under_opentelemetry_instrument_is_looked_into(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
    monkeypatch.setenv("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "langchain,openai")
    auto = str(Path(sys.executable).with_name("opentelemetry-instrument"))
    code = "from opentelemetry import trace; trace.get_tracer('x').start_span('hello').end()"
    _, check = watched(server, monkeypatch, auto, "--service_name", "auto", sys.executable, "-c", code)
    assert check.title == "1 span of auto arrived."


def test_the_sitecustomize_of_the_program_still_runs(
    server: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    watched(server, monkeypatch, sys.executable, "-c", "")
    assert (tmp_path / "ran").exists()


def test_runs_of_langsmith_are_looked_into(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGSMITH_ENDPOINT", f"{server.addresses.http}/langsmith")
    monkeypatch.setenv("LANGSMITH_API_KEY", "any")
    _, off = watched(server, monkeypatch, sys.executable, "-c", LANGSMITH)
    assert "no run was started" in off.title
    assert "LANGSMITH_TRACING=true" in off.todo
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    _, on = watched(server, monkeypatch, sys.executable, "-c", LANGSMITH)
    assert (on.level, on.title) == ("ok", "1 run of default arrived.")


def test_lines_that_were_cut_off_are_passed_over() -> None:
    tap = read_tap(['{"event": "python"}', '{"event": "start"}', "[]", '{"event": "st'])
    assert (tap.python, tap.started) == (True, 1)


def test_a_flush_that_was_left_out_is_told_apart_from_a_kill() -> None:
    tap = Tapped(python=True, ended_itself=True, samplers=["on"], exporters=["OTLPSpanExporter"], started=3, ended=3)
    [check] = why(tap, 0, "http://server")
    assert "All 3 spans were still waiting when the program ended without a flush." in check.title
