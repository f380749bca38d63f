"""Real commands under `llm-tracing run`, against a real server."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.receive import flask_app
from tests.runner.harness import PROGRAMS, ROOT, RUN, at, environment, observe, printed, python, records, said
from tests.runner.tool_model import tool_model
from tests.running import Running
from tests.telemetry.model_endpoint import model_endpoint


def test_a_script_that_only_prints_is_seen_line_by_line(server: Running) -> None:
    source = """
    import sys
    print("one"); print("ERROR two"); print("\\x1b[32mgreen\\x1b[0m"); print("10%\\r99%")
    sys.stdout.flush()
    sys.stderr.write("careful\\n"); sys.stdout.buffer.write(b"\\xff\\x00 junk\\nno end")
    """
    ended = observe(at(server), *python(source))
    assert ended.returncode == 0
    assert ended.stdout == b"one\nERROR two\n\x1b[32mgreen\x1b[0m\n10%\r99%\n\xff\x00 junk\nno end"
    assert sorted(printed(server)) == sorted(
        [
            ("stdout", "one", "INFO"),
            ("stdout", "ERROR two", "ERROR"),
            ("stdout", "green", "INFO"),
            ("stdout", "99%", "INFO"),
            ("stdout", "\\xff\\x00 junk", "INFO"),
            ("stdout", "no end", "INFO"),
            ("stderr", "careful", "WARN"),
        ]
    )
    first, last = said(ended)
    assert first == f"app is recorded at {server.addresses.http}"
    assert last.startswith("app: exit code 0 after ")
    assert last.endswith(f"0 traces: {server.addresses.http}/?q=service:app")
    end = records(server)[-1]
    assert (end.event_name, end.severity_text, end.attributes["process.exit.code"]) == ("process.exit", "INFO", 0)
    assert end.resource.attributes["process.executable.name"] == Path(sys.executable).name
    metrics = {metric.name: metric.unit for metric in server.metrics() if metric.service == "app"}
    assert metrics["process.cpu.time"] == "s"
    if sys.platform.startswith("linux"):
        assert {"process.memory.usage", "process.thread.count", "process.cpu.utilization"} <= set(metrics)


def test_a_shell_command_needs_no_python(server: Running) -> None:
    ended = observe(at(server), "sh", "-c", "echo $0 out; echo err >&2; exit 7", service=None)
    assert (ended.returncode, ended.stdout) == (7, b"sh out\n")
    assert {(log.body, log.severity_text) for log in server.logs(service="sh")} >= {("sh out", "INFO"), ("err", "WARN")}


def test_a_line_of_a_megabyte_is_one_record(server: Running) -> None:
    ended = observe(at(server), *python("print('a' * (1 << 20)); print('after')"))
    assert len(ended.stdout) == (1 << 20) + 7
    long, after = printed(server)
    assert (len(str(long[1])), after[1]) == (1 << 20, "after")


def test_a_flask_app_is_seen_with_its_statements(server: Running) -> None:
    ended = observe(at(server), sys.executable, str(flask_app.__file__), service=None)
    assert json.loads(ended.stdout) == {"count": 1}, ended.stderr
    [summary] = server.traces()
    assert (summary.name, summary.service) == ("GET /albums/<int:least>", "flask_app")
    root, *statements = server.trace(summary.trace_id).spans
    assert root.kind == "server"
    assert {span.kind for span in statements} == {"db"}
    [record] = server.logs(trace_id=summary.trace_id)
    assert (record.body, record.span_id) == ("counted albums over 26", root.span_id)
    assert said(ended)[-1].endswith(f"1 trace: {server.addresses.http}/traces/{summary.trace_id}")


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_a_fastapi_app_with_the_openai_client_shows_prompt_and_answer(server: Running, protocol: str) -> None:
    with model_endpoint() as model:
        flags = [*at(server), "--protocol", protocol]
        ended = observe(flags, sys.executable, str(PROGRAMS / "fastapi_shop.py"), model)
    assert json.loads(ended.stdout)["answer"] == "The rows are: hello", ended.stderr
    [summary] = server.traces()
    assert (summary.name, summary.service, summary.llm_call_count) == ("GET /ask", "app", 1)
    [call] = [span for span in server.trace(summary.trace_id).spans if span.kind == "llm"]
    assert (call.input, call.output) == ("hello", "The rows are: hello")
    assert call.usage is not None
    assert call.usage.input_tokens == 1


def test_a_langchain_agent_shows_its_tool(server: Running) -> None:
    with tool_model() as model:
        ended = observe(at(server), sys.executable, str(PROGRAMS / "agent.py"), model)
    assert ended.stdout == b"Queen has 5.\n", ended.stderr
    [summary] = server.traces()
    spans = server.trace(summary.trace_id).spans
    assert [span.name for span in spans if span.kind == "tool"] == ["execute_tool count_albums"]
    assert summary.llm_call_count == 2
    assert (summary.input, summary.output) == ("How many albums has Queen?", "Queen has 5.")
    assert (summary.usage.input_tokens, summary.usage.output_tokens) == (20, 6)
    assert "observed" in said(ended)[-1]
    assert {"langchain", "openai"} <= set(re.split(r"[ ,;]+", said(ended)[-1]))


def test_langsmith_is_pointed_here_when_it_is_on_and_then_tells_the_calls_alone(server: Running) -> None:
    with tool_model() as model:
        program = (sys.executable, str(PROGRAMS / "agent.py"), model)
        ended = observe(at(server), *program, LANGSMITH_TRACING="true")
    assert ended.returncode == 0, ended.stderr
    traces = server.traces()
    assert {trace.service for trace in traces} == {"app"}
    assert sum(trace.llm_call_count for trace in traces) == 2


def test_a_script_that_raises_shows_its_exception_in_its_trace(server: Running) -> None:
    source = """
    from opentelemetry import trace
    with trace.get_tracer("shop").start_as_current_span("bake"):
        try:
            {}["flour"]
        except KeyError as error:
            raise ValueError("burnt") from error
    """
    ended = observe(at(server), *python(source))
    assert ended.returncode == 1
    assert ended.stderr.decode().count("Traceback (most recent call last)") == 2
    [summary] = server.traces()
    [span] = server.trace(summary.trace_id).spans
    assert (span.status, span.error.message if span.error else None) == ("error", "ValueError: burnt")
    [record] = server.logs(trace_id=summary.trace_id)
    assert (record.span_id, record.severity_text) == (span.span_id, "ERROR")
    assert (record.attributes["exception.type"], record.attributes["exception.message"]) == ("ValueError", "burnt")
    assert "direct cause" in str(record.attributes["exception.stacktrace"])


def test_a_script_that_is_killed_leaves_what_it_printed_and_how_it_died(server: Running) -> None:
    source = """
    import os, signal
    print("before"); os.kill(os.getpid(), signal.SIGKILL); print("after")
    """
    ended = observe(at(server), *python(source))
    assert (ended.returncode, ended.stdout) == (137, b"before\n")
    assert printed(server) == [("stdout", "before", "INFO")]
    end = records(server)[-1]
    assert (end.event_name, end.severity_text) == ("process.exit", "FATAL")
    assert (end.attributes["process.exit.signal"], end.attributes["process.exit.code"]) == ("SIGKILL", 137)
    assert "killed by SIGKILL" in said(ended)[-1]


def test_what_is_open_when_sigterm_comes_is_sent_as_unfinished(server: Running) -> None:
    source = """
    import os, signal
    from opentelemetry import trace
    trace.get_tracer("shop").start_span("serve")
    os.kill(os.getpid(), signal.SIGTERM)
    """
    assert observe(at(server), *python(source)).returncode == 143
    [summary] = server.traces()
    [span] = server.trace(summary.trace_id).spans
    assert (span.name, span.status, span.attributes["llm_tracing.span.unfinished"]) == ("serve", "error", True)


def test_processes_that_are_forked_and_spawned_are_seen_too(server: Running, tmp_path: Path) -> None:
    script = tmp_path / "many.py"
    script.write_text("""
import multiprocessing, os
from opentelemetry import trace

def work(name):
    with trace.get_tracer("shop").start_as_current_span(name):
        print(name)

if __name__ == "__main__":
    for way in ("fork", "spawn"):
        one = multiprocessing.get_context(way).Process(target=work, args=[way])
        one.start(); one.join(); assert one.exitcode == 0
    if os.fork() == 0:
        work("plain")
        os._exit(0)
    os.wait()
""")
    ended = observe(at(server), sys.executable, str(script))
    assert ended.stdout == b"fork\nspawn\nplain\n", ended.stderr
    assert {trace.name for trace in server.traces()} == {"fork", "spawn", "plain"}


def test_a_program_with_its_own_opentelemetry_keeps_it(server: Running) -> None:
    source = """
    import sqlite3
    from opentelemetry import trace
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
    early, mine = trace.get_tracer("early"), InMemorySpanExporter()
    provider = TracerProvider(resource=Resource.create({"service.name": "mine"}))
    provider.add_span_processor(SimpleSpanProcessor(mine))
    trace.set_tracer_provider(provider)
    assert trace.get_tracer_provider() is provider
    with trace.get_tracer("shop").start_as_current_span("bake"):
        sqlite3.connect(":memory:").cursor().execute("SELECT 1")
    early.start_span("first").end()
    print([span.name for span in mine.get_finished_spans()])
    """
    ended = observe(at(server), *python(source))
    assert ended.stdout == b"['SELECT', 'bake']\n", ended.stderr
    assert {(trace.name, trace.service) for trace in server.traces()} == {("bake", "mine"), ("first", "app")}


def test_an_existing_sitecustomize_still_runs(server: Running, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import builtins; builtins.MARK = 'theirs'")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    ended = observe(at(server), *python("import sys; print(MARK, 'llm_tracing' in sys.modules)"), PYTHONPATH=path)
    assert ended.stdout == b"theirs True\n", ended.stderr


def test_a_python_without_opentelemetry_is_told_and_still_recorded(server: Running, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True, timeout=60)
    other = tmp_path / "bare" / "bin" / "python"
    ended = observe(at(server), str(other), "-c", "print('bare')")
    assert (ended.returncode, ended.stdout) == (0, b"bare\n")
    assert printed(server) == [("stdout", "bare", "INFO")]
    [told] = [line for line in said(ended) if "has no" in line]
    assert "opentelemetry" in told
    assert f"{other} -m pip install -U llm-tracing" in told


def _signalled(server: Running, source: str, act: Callable[["subprocess.Popen[bytes]"], None]) -> tuple[int, bytes]:
    """Exit code and stdout of a program that got a signal once it had printed a line."""
    with subprocess.Popen(
        [*RUN, *at(server), "-q", "--", *python(source)], cwd=ROOT, env=environment(), stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        act(process)
        rest, _ = process.communicate(timeout=30)
    return process.returncode, rest


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGUSR1, 138)]
)
def test_a_signal_reaches_the_command_and_its_death_is_the_exit_code(
    server: Running, number: signal.Signals, code: int
) -> None:
    source = f"""
    import signal, time
    signal.signal({int(number)}, signal.SIG_DFL)
    print("ready", flush=True)
    time.sleep(30)
    """
    assert _signalled(server, source, lambda process: process.send_signal(number)) == (code, b"")


def test_a_command_that_handles_a_signal_ends_as_it_likes(server: Running) -> None:
    source = """
    import signal, sys, time
    signal.signal(signal.SIGTERM, lambda *_: (print("bye", flush=True), sys.exit(5)))
    print("ready", flush=True)
    time.sleep(30)
    """
    assert _signalled(server, source, lambda process: process.terminate()) == (5, b"bye\n")


def test_stdin_is_the_commands_own(server: Running) -> None:
    assert observe(at(server), "cat", input=b"a\nb").stdout == b"a\nb"


def _reads(terminal: int, expected: bytes) -> bytes:
    """What a terminal showed up to the expected bytes."""
    seen = b""
    deadline = time.monotonic() + 30
    while expected not in seen:
        assert time.monotonic() < deadline, seen
        if select.select([terminal], [], [], 0.5)[0]:
            seen += os.read(terminal, 65536)
    return seen


def test_at_a_terminal_the_command_has_one_too_with_prompts_and_ctrl_c(server: Running) -> None:
    source = """
    import os, sys, time
    print([os.isatty(fd) for fd in range(3)], os.get_terminal_size().columns)
    name = input("name? ")
    print(f"\\x1b[31mhello {name}\\x1b[0m")
    time.sleep(30)
    """
    begin = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
    terminal, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 91))
    with subprocess.Popen(
        [sys.executable, "-c", begin, *RUN, *at(server), "--service", "app", "--", *python(source)],
        env=environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        assert b"[True, True, True] 91\r\n" in _reads(terminal, b"name? ")
        os.write(terminal, b"Ada\n")
        _reads(terminal, b"\x1b[31mhello Ada\x1b[0m\r\n")
        os.write(terminal, b"\x03")
        assert b"KeyboardInterrupt" in _reads(terminal, b" after ")
        assert process.wait(30) == 130
    os.close(terminal)
    assert ("stdout", "hello Ada", "INFO") in printed(server)


def test_a_server_is_started_when_none_is_there_and_stops_after(tmp_path: Path) -> None:
    data = tmp_path / "data"
    ended = observe(["--port", "0", "--grpc-port", "0", "--data", str(data)], "echo", "hi")
    assert (ended.returncode, ended.stdout) == (0, b"hi\n")
    first, last = said(ended)
    assert f"(started, data in {data})" in first
    assert f"llm-tracing serve --data {data} shows it" in last
    with Running(data) as again:  # the folder is free, and what was recorded is in it
        assert ("stdout", "hi", "INFO") in printed(again)


def test_two_runs_share_the_server_that_one_of_them_started(tmp_path: Path) -> None:
    with Running(tmp_path / "scratch") as free:
        flags = [*at(free), "--data", str(tmp_path / "data")]
    short = subprocess.Popen([*RUN, *flags, "--", "true"], env=environment(), stderr=subprocess.PIPE)
    long = observe(flags, "sh", "-c", "sleep 4; echo late")
    assert short.communicate(timeout=30)
    assert (short.returncode, long.returncode) == (0, 0), long.stderr
    with Running(tmp_path / "data") as again:
        assert ("stdout", "late", "INFO") in printed(again)


def test_keep_leaves_the_server_on(tmp_path: Path) -> None:
    ended = observe(["--port", "0", "--grpc-port", "0", "--data", str(tmp_path / "data"), "--keep"], "true")
    address = re.search(r"http://\S+", said(ended)[0])
    assert address
    [pid] = [
        int(folder.name)
        for folder in Path("/proc").glob("[0-9]*")
        if str(tmp_path / "data").encode() in _arguments(folder)
    ]
    try:
        assert observe(["--endpoint", address[0]], "echo", "again").returncode == 0
    finally:
        os.kill(pid, signal.SIGTERM)


def _arguments(folder: Path) -> bytes:
    try:
        return (folder / "cmdline").read_bytes()
    except OSError:
        return b""
