"""Each approach around the reference service as a process, with its real library, against a real server.

A question is asked and the die is rolled; what the server then shows is what the approach is said to let you see.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from llm_tracing.api import schema
from tests.running import Running
from tests.telemetry.program import environment
from tests.telemetry.test_delivery import free_port

QUESTION = "How many employees are there?"
SQL = "SELECT COUNT(*) AS count FROM Employee"
COMMAND = (sys.executable, "-c", "from llm_tracing.cli import main; main()")


@dataclass
class Ended:
    answers: list[Any]
    lines: list[str]
    code: int
    stop_seconds: float


@contextmanager
def service(command: list[str], **settings: str) -> Iterator["tuple[str, subprocess.Popen[str]]"]:
    """A command of ours that says `ready ADDRESS`; killed if it is still there at the end."""
    process = subprocess.Popen(
        [*COMMAND, *command],
        env=environment("http://127.0.0.1:9", LANGSMITH_TRACING="", NO_COLOR="1", **settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        ready = process.stdout.readline()
        assert ready.startswith("ready "), process.communicate(timeout=10)[1]
        yield ready.split()[1], process
    finally:
        process.kill()
        process.communicate(timeout=10)


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)


class Said:
    """The lines that a process writes to stderr, as they come."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stderr is not None
        self.lines: list[str] = []
        self._reader = Thread(target=self.lines.extend, args=(process.stderr,), daemon=True)
        self._reader.start()

    def with_words(self, words: str) -> list[str]:
        return [line for line in self.lines if words in line]

    def wait_for(self, words: str, again: Callable[[], object]) -> None:
        """Until some line has these words, with something done `again` and again."""
        deadline = time.monotonic() + 60
        while not self.with_words(words):
            assert time.monotonic() < deadline, self.lines
            again()
            time.sleep(0.3)

    def all(self) -> None:
        self._reader.join(30)
        assert not self._reader.is_alive()


def asked(approach: str, data: Path, endpoint: str, *, questions: int = 1, **settings: str) -> Ended:
    """The service under an approach: some questions, a roll of the die, SIGTERM."""
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "LLM_TRACING_UI_URL": endpoint, **settings}
    command = ["qa", "--approach", approach, "--qa-port", "0", "--data", str(data)]
    with service(command, **settings) as (url, process):
        address = f"{url}/ask?{urllib.parse.urlencode({'question': QUESTION})}"
        answers = [get(address) for _ in range(questions)]
        get(f"{url}/rolldice?player=Ada")
        begin = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
        return Ended(answers, err.splitlines(), process.returncode, time.monotonic() - begin)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SQLite file is built once."""
    return tmp_path_factory.mktemp("steps")


def question_trace(server: Running) -> list[schema.Span]:
    [trace] = [trace for trace in server.traces() if trace.name in ("GET /ask", "answer question")]
    return server.trace(trace.trace_id).spans


def sees(spans: list[schema.Span]) -> set[str]:
    text = json.dumps([span.model_dump(mode="json") for span in spans])
    calls = [span for span in spans if span.kind == "llm"]
    return {
        what
        for what, there in {
            "request": any(span.kind == "server" for span in spans),
            "prompt": any(call.input_messages for call in calls),
            "answer": any(call.output_messages for call in calls),
            "sql": SQL in text,
            "tokens": any(call.usage and call.usage.input_tokens for call in calls),
            "step names": "write SQL" in text and "word answer" in text,
        }.items()
        if there
    }


EVERYTHING = {"request", "prompt", "answer", "sql", "tokens", "step names"}


@pytest.mark.parametrize(
    ("approach", "seen"),
    [
        ("langsmith", EVERYTHING - {"request"}),
        ("auto", {"request", "sql", "tokens"}),
        ("otel", EVERYTHING),
        ("openllmetry", EVERYTHING),
        ("openinference", EVERYTHING),
    ],
)
def test_what_an_approach_lets_you_see(server: Running, data: Path, approach: str, seen: set[str]) -> None:
    ended = asked(approach, data, server.addresses.http)
    assert ended.code == 0
    assert ended.answers[0]["answer"] == "There are 8 employees."
    assert sees(question_trace(server)) == seen
    assert not [line for line in ended.lines if "cannot be delivered" in line]
    if approach != "langsmith":
        assert "Ada rolled" in str([record.body for record in server.logs()])
        assert "dice.rolls" in {metric.name for metric in server.metrics()}


@pytest.mark.parametrize("approach", ["none", "logging", "json"])
def test_what_sends_nothing_leaves_lines_at_most(server: Running, data: Path, approach: str) -> None:
    ended = asked(approach, data, server.addresses.http)
    assert (ended.code, server.traces(), server.logs(), server.metrics()) == (0, [], [], [])
    if approach == "none":
        assert ended.lines == []
        return
    assert len([line for line in ended.lines if "GET /ask" in line]) == 1
    assert len([line for line in ended.lines if "Ada rolled" in line]) == 1
    assert "prompt" not in "".join(ended.lines)
    if approach == "json":
        assert all(json.loads(line)["service.name"] == "qa" for line in ended.lines)


def test_the_environment_names_the_approach_and_the_flag_wins(server: Running, data: Path) -> None:
    ended = asked("json", data, server.addresses.http, LLM_TRACING_APPROACH="logging")
    assert ended.lines[0].startswith("{")
    with service(
        ["qa", "--qa-port", "0", "--data", str(data)],
        LLM_TRACING_APPROACH="json",
    ) as (_, process):
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=20)[1].startswith("{")


@pytest.mark.parametrize("approach", ["langsmith", "auto", "otel", "openllmetry", "openinference"])
def test_without_a_server_it_answers_as_fast_and_says_so_once(data: Path, approach: str) -> None:
    ended = asked(approach, data, f"http://127.0.0.1:{free_port()}", questions=5)
    assert ended.code == 0
    assert len([line for line in ended.lines if "cannot be delivered" in line]) == 1
    told = [line for line in ended.lines if "opentelemetry.exporter" in line or "langsmith" in line.lower()]
    assert len(told) == (1 if approach == "langsmith" else 0), told  # the one line names the endpoint
    assert "Traceback" not in "".join(ended.lines)
    assert max(answer["duration_ms"] for answer in ended.answers) < 3000
    assert ended.stop_seconds < 8


@pytest.mark.parametrize("approach", ["otel", "auto"])
def test_a_server_that_goes_and_comes_back_gets_the_rest(tmp_path: Path, data: Path, approach: str) -> None:
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    command = ["qa", "--approach", approach, "--qa-port", "0", "--data", str(data)]
    settings = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "OTEL_BSP_SCHEDULE_DELAY": "200",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "1",
    }
    first = Running(tmp_path / "data", port=port)
    with service(command, **settings) as (url, process):
        said = Said(process)
        with first:
            get(f"{url}/rolldice?player=first")
            time.sleep(1)
        get(f"{url}/rolldice?player=lost")
        time.sleep(2.5)
        with Running(tmp_path / "data", port=port) as server:
            said.wait_for("is delivered to", lambda: get(f"{url}/rolldice?player=back"))
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)
            said.all()
            bodies = str([record.body for record in server.logs()])
            assert len([t for t in server.traces() if t.name == "GET /rolldice"]) >= 2
    assert "first rolled" in bodies
    assert "back rolled" in bodies
    assert len(said.with_words("cannot be delivered")) == 1
    assert len(said.with_words("is delivered to")) == 1


@pytest.mark.parametrize(
    ("command", "environ", "words"),
    [
        (["qa", "--approach", "magic"], {}, ("'magic'", "openllmetry")),
        (["dice", "--approach", "magic"], {}, ("'magic'", "openllmetry")),
        (["qa"], {"LLM_TRACING_APPROACH": "magic"}, ("LLM_TRACING_APPROACH", "'magic'")),
    ],
)
def test_an_unknown_approach_is_one_line_and_exit_code_1(
    command: list[str], environ: dict[str, str], words: tuple[str, ...]
) -> None:
    ended = subprocess.run(
        [*COMMAND, *command],
        env={**environment("", NO_COLOR="1"), "LLM_TRACING_QA_PORT": "0", "LLM_TRACING_DICE_PORT": "0", **environ},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert all(word in ended.stderr for word in words)


@pytest.mark.parametrize("way", ["dice --approach auto", "opentelemetry-instrument flask"])
def test_a_flask_service_under_stock_instrumentation_is_seen(server: Running, way: str) -> None:
    port = free_port()
    settings = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": server.addresses.http,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_SERVICE_NAME": "dice",
        "OTEL_PYTHON_LOGGING_AUTO_INSTRUMENTATION_ENABLED": "true",
    }
    folder = Path(sys.executable).parent
    command = (
        [*COMMAND, "dice", "--approach", "auto", "--port", str(port)]
        if way.startswith("dice")
        else [str(folder / "opentelemetry-instrument"), "flask", "--app", "llm_tracing.qa.flask_dice", "run"]
    )
    environ = {**environment("", **settings), "FLASK_RUN_PORT": str(port), "PATH": f"{folder}:{os.environ['PATH']}"}
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                value = get(f"http://127.0.0.1:{port}/rolldice?player=Ada")
                break
            except OSError:
                assert time.monotonic() < deadline
                assert process.poll() is None, process.communicate()[1]
                time.sleep(0.2)
        assert value in range(1, 7)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    finally:
        process.kill()
        process.communicate()
    [trace] = [trace for trace in server.traces() if trace.name == "GET /rolldice"]
    assert trace.service == "dice"
    [root] = server.trace(trace.trace_id).spans
    assert (root.kind, root.scope.name) == ("server", "opentelemetry.instrumentation.flask")
    [record] = server.logs(trace_id=trace.trace_id)
    assert record.body == f"Ada is rolling the dice: {value}"
    assert server.metrics()
