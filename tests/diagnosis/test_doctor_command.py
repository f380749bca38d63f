"""`llm-tracing doctor` as a person runs it: what it prints, how wide, and its exit code."""

import json
import sys
import time
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.text import Text

from llm_tracing.diagnosis import show
from llm_tracing.diagnosis.check import Check
from llm_tracing.diagnosis.server import ServerApi
from tests.builders import SECOND, chat, span, trace_request
from tests.running import Running
from tests.server.process import run

PROGRAM = str(Path(__file__).with_name("programs.py"))
NAMED = {"OTEL_SERVICE_NAME": "shop", "NO_PROXY": "*"}


def doctor(server: Running, *arguments: str, **environment: str) -> tuple[int, str]:
    ended = run("doctor", "--endpoint", server.addresses.http, *arguments, **NAMED, **environment)
    assert ended.stderr == ""
    return ended.returncode, ended.stdout


def test_all_is_well_is_exit_code_0(server: Running) -> None:
    code, printed = doctor(server)
    assert code == 0, printed
    assert printed.endswith("All is well.\n")
    assert "A trace sent there is on the server after" in printed
    assert "Nobody has sent anything yet." in printed
    assert "\x1b" not in printed, "a pipe gets no colours"
    assert all(line == line.rstrip() for line in printed.splitlines())


def test_something_wrong_is_exit_code_1_and_says_what_to_do(server: Running, free_port: int) -> None:
    ended = run("doctor", "--endpoint", f"http://127.0.0.1:{free_port}", "--server", server.addresses.http, **NAMED)
    assert ended.returncode == 1
    assert f"✕ wrong  Nothing listens on 127.0.0.1:{free_port}" in ended.stdout
    assert "→ Start `llm-tracing serve`" in ended.stdout
    assert ended.stdout.endswith("1 wrong. What to do stands after each →.\n")


def test_the_right_server_is_found_beside_a_wrong_port(server: Running) -> None:
    code, printed = doctor(server, "--server", server.addresses.http, OTEL_EXPORTER_OTLP_PROTOCOL="grpc")
    assert code == 1
    assert "OTLP/gRPC is sent to" in printed
    assert "is ready." in printed


def test_an_address_that_is_none_is_a_finding(server: Running) -> None:
    ended = run("doctor", "--endpoint", "localhost:4318", "--server", server.addresses.http, **NAMED)
    assert ended.returncode == 1
    assert "write http://localhost:4318" in ended.stdout


def test_json_has_every_check_and_the_senders(server: Running) -> None:
    server.export(trace_request(span("chat", 1, start=time.time_ns(), attributes=chat(tokens=(1, 1))), service="mute"))
    code, printed = doctor(server, "--json")
    said = json.loads(printed)
    assert (code, said["ok"]) == (1, False)
    [finding] = [check for check in said["checks"] if check["level"] == "warning"]
    assert (finding["section"], finding["sender"]) == ("senders", "mute")
    assert {sender["sender"] for sender in said["senders"]} == {"mute", "llm-tracing-doctor"}


def test_the_output_of_a_program_does_not_get_into_the_json(server: Running) -> None:
    endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": server.addresses.http}
    ended = run("doctor", "--json", "--", sys.executable, "-c", "print('hello')", **NAMED, **endpoint)
    assert ended.stderr == "hello\n"
    assert json.loads(ended.stdout)["ok"] is False


def test_a_program_is_run_and_told_of(server: Running) -> None:
    endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": server.addresses.http}
    ended = run("doctor", "--", sys.executable, PROGRAM, "os._exit", **NAMED, **endpoint)
    assert ended.returncode == 1
    assert "All 2 spans were still waiting" in ended.stdout


def _report(server: Running) -> dict[str, Any]:
    spans = [span(f"s{n}", n, 1 if n > 1 else 77, start=time.time_ns() - 300 * SECOND) for n in range(1, 1_235)]
    server.export(trace_request(*spans, service="a-service-with-quite-a-long-name"))
    return ServerApi(server.addresses.http).doctor()


@pytest.mark.parametrize("width", [40, 60, 80, 109, 110, 140, 200])
def test_it_fits_any_terminal(server: Running, width: int) -> None:
    written = StringIO()
    out = Console(file=written, width=width, force_terminal=True, highlight=False, color_system="standard")
    checks = [Check("environment", "warning", "A finding. " * 20, "Do something. " * 20, "shop")]
    show.show(out, checks, _report(server))
    text = Text.from_ansi(written.getvalue()).plain
    assert max(map(len, text.splitlines())) <= width
    assert "\x1b[" in written.getvalue()
    assert "1,234" in text
    assert ("unmapped" in text) == (width >= 110)
    assert "…" not in text
