"""`llm-tracing ask`: with a service that runs, without one, and with something else in its place."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from llm_tracing.comparison.reference_service import ReferenceService
from tests.running import Running
from tests.server.process import COMMAND

QUESTION = "list the most popular albums"


def _ask(*arguments: str, qa: int, port: int, data: Path) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LLM_TRACING_", "OTEL_"))}
    ports = {"LLM_TRACING_QA_PORT": str(qa), "LLM_TRACING_PORT": str(port), "LLM_TRACING_DATA": str(data)}
    return subprocess.run(
        [sys.executable, *COMMAND[3:], "ask", *arguments],
        env={**kept, **ports, "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def _port(address: str) -> int:
    return httpx.URL(address).port or 0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("ask")) as started:
        yield started


def test_without_a_service_one_is_started_for_the_question(server: Running) -> None:
    ended = _ask(QUESTION, "--json", qa=1, port=_port(server.addresses.http), data=server.data)
    assert ended.returncode == 0, ended.stderr
    assert "Nothing answers at http://127.0.0.1:1: starting the service" in ended.stderr
    assert "INFO" not in ended.stderr
    told = json.loads(ended.stdout)
    assert told["started_service"]
    assert told["rows"][0] == ["Minha Historia", 27]
    _is_shown(told, server)


def test_a_service_that_runs_is_asked(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("LLM_TRACING_", "OTEL_"))]:
        monkeypatch.delenv(name)
    service = ReferenceService(server.addresses.http, server.data, 0, quiet=True)
    try:
        qa, port = _port(service.wait_ready()), _port(server.addresses.http)
        told = json.loads(_ask(QUESTION, "--json", qa=qa, port=port, data=server.data).stdout)
        assert not told["started_service"]
        _is_shown(told, server)
        shown = _ask("How many employees are there?", qa=qa, port=port, data=server.data).stdout
        assert "8 employees" in shown
        assert "SELECT COUNT(*)" in shown
        assert f"{server.addresses.http}/traces/" in shown
        refused = _ask(" ", qa=qa, port=port, data=server.data)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "The question is empty. Ask something about the data." in refused.stderr
    finally:
        service.stop()


def test_without_a_server_the_answer_is_there_and_the_rest_says_why_not(tmp_path: Path) -> None:
    ended = _ask(QUESTION, qa=1, port=1, data=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "Minha Historia" in ended.stdout
    assert "No trace is shown: no server answers at http://127.0.0.1:1; `llm-tracing serve` starts one." in ended.stdout


def test_what_is_not_the_service_is_told_so(tmp_path: Path) -> None:
    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *_: object) -> None:
            pass

    other = HTTPServer(("127.0.0.1", 0), Other)
    Thread(target=other.serve_forever, daemon=True).start()
    try:
        ended = _ask(QUESTION, qa=other.server_port, port=1, data=tmp_path)
    finally:
        other.shutdown()
        other.server_close()
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "is not the reference service. Name the service's port with --qa-port" in ended.stderr


def _is_shown(told: dict[str, Any], server: Running) -> None:
    trace = server.trace(told["trace_id"]).trace
    assert told["trace_url"] == f"{server.addresses.http}/traces/{told['trace_id']}"
    assert told["tokens"] == trace.usage.total_tokens == 1_103
    assert told["cost_usd"] == trace.cost.total_usd
