"""What cannot be run, or not be recorded, is one line that says so, with the exit code that shells use."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runner.harness import at, observe, python, said
from tests.running import Running
from tests.telemetry.model_endpoint import model_endpoint

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def stranger() -> Iterator[int]:
    """A port where something listens that never answers HTTP."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_without_a_command_an_example_is_given() -> None:
    ended = observe([])
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert b"llm-tracing run -- python app.py" in ended.stderr


def test_a_command_that_is_not_there_is_127_before_anything_is_started(tmp_path: Path) -> None:
    ended = observe(["--port", "0", "--data", str(tmp_path / "data")], "no-such-command")
    assert (ended.returncode, said(ended)) == (127, ["no-such-command: command not found"])
    assert not (tmp_path / "data").exists()


def test_a_script_whose_interpreter_is_gone_is_127_too(tmp_path: Path) -> None:
    script = tmp_path / "old"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    assert observe(["--endpoint", NOWHERE], str(script)).returncode == 127


def test_a_script_without_a_first_line_is_the_shells(tmp_path: Path) -> None:
    script = tmp_path / "plain"
    script.write_text("echo from the shell $1\n")
    script.chmod(0o755)
    assert observe(["--endpoint", NOWHERE], str(script), "yes").stdout == b"from the shell yes\n"


def test_a_port_that_something_else_holds_is_named(tmp_path: Path) -> None:
    with model_endpoint() as model:
        address = model.removesuffix("/v1")
        ended = observe(["--port", address.rpartition(":")[2], "--data", str(tmp_path)], "echo", "never")
    assert (ended.returncode, ended.stdout) == (125, b"")
    [line] = said(ended)
    assert line.startswith(f"{address} is taken by something that is not LLM Tracing (it answers HTTP 501)")
    assert "--port or LLM_TRACING_PORT" in line
    assert f"--endpoint {address}" in line


def test_so_is_that_of_grpc(stranger: int, tmp_path: Path) -> None:
    ended = observe(["--port", "0", "--grpc-port", str(stranger), "--data", str(tmp_path)], "echo", "never")
    assert (ended.returncode, ended.stdout) == (125, b"")
    assert f"Port {stranger} on 127.0.0.1 is in use." in said(ended)[0]


def test_an_endpoint_that_cannot_be_reached_is_said_once_and_the_command_runs() -> None:
    source = """
    import sqlite3, logging
    logging.warning("not lost")
    sqlite3.connect(":memory:").cursor().execute("SELECT 1")
    print("all the same")
    """
    for flags, named in ((["--endpoint", NOWHERE], ""), ([], NOWHERE)):
        ended = observe(flags, *python(source), OTEL_EXPORTER_OTLP_ENDPOINT=named)
        assert (ended.returncode, ended.stdout) == (0, b"all the same\n")
        first, last = said(ended)
        assert first.startswith(f"Telemetry cannot be delivered to {NOWHERE} (")
        assert "runs all the same" in first
        assert last.startswith("app: exit code 0 after ")
        assert ended.stderr.count(b"delivered") == 1


def test_a_disabled_sdk_runs_the_command_and_nothing_else() -> None:
    ended = observe([], "sh", "-c", "exit 4", OTEL_SDK_DISABLED="true")
    assert (ended.returncode, said(ended)) == (4, ["OTEL_SDK_DISABLED is true: nothing is recorded."])


def test_a_protocol_that_is_none_is_refused(server: Running) -> None:
    ended = observe([*at(server), "--protocol", "carrier-pigeon"], "echo", "never")
    assert (ended.returncode, ended.stdout) == (125, b"")
    assert "Choose http/protobuf or grpc." in said(ended)[0]


def test_quiet_says_nothing_when_all_is_well(server: Running) -> None:
    assert observe([*at(server), "-q"], "true").stderr == b""
