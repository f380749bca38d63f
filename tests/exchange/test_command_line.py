"""`llm-tracing export` and `import` as a person runs them, against a real server."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from llm_tracing.cli import app
from tests.builders import TRACE, chat, span, trace_request
from tests.running import Running


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path / "data") as running:
        running.export(trace_request(span("ask", 1), span("chat", 2, 1, attributes=chat("hello", "hi"))))
        yield running


def _run(*arguments: str) -> tuple[int, str, bytes]:
    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, done.stderr, done.stdout_bytes


def test_an_export_is_written_to_stdout_or_to_a_file_and_comes_in_elsewhere(server: Running, tmp_path: Path) -> None:
    code, _, out = _run("export", "--q", "hello", "--from", server.addresses.http)
    assert (code, {orjson.loads(line)["name"] for line in out.splitlines()}) == (0, {"ask", "chat"})
    file = tmp_path / "trace.json"
    code, told, _ = _run("export", TRACE, "--format", "otlp", "-o", str(file), "--from", server.addresses.http)
    assert (code, told.startswith(str(file))) == (0, True)
    with Running(tmp_path / "other") as other:
        code, _, out = _run("import", str(file), "--to", other.addresses.http)
        assert code == 0
        assert b"2 spans of 1 lines" in out.replace(b"\n", b" ")
        assert other.traces()[0].span_count == 2


def test_bad_lines_end_with_code_1_and_name_their_place(server: Running, tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text('{"resourceSpans": []}\nnope\n')
    code, told, _ = _run("import", str(file), "--to", server.addresses.http)
    assert code == 1
    assert f"{file}:2: not JSON" in told.replace("\n", "")


def test_what_cannot_be_is_one_line_that_says_what_to_do(server: Running, tmp_path: Path) -> None:
    code, told, _ = _run("export", "--q", "nope:1", "--from", server.addresses.http)
    assert code == 1
    assert "No filter is called nope" in told
    code, told, _ = _run("export", "--since", "yesterday", "--from", server.addresses.http)
    assert (code, "30m, 24h, 7d" in told) == (1, True)
    code, told, _ = _run("import", str(tmp_path / "missing"), "--to", server.addresses.http)
    assert (code, "cannot be read" in told) == (1, True)
    code, told, _ = _run("export", "--from", "http://127.0.0.1:9")
    assert (code, "llm-tracing serve" in told) == (1, True)
