"""What stops the server from starting is one line that says what to do, and exit code 1."""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import httpx
import pytest
from typer.testing import CliRunner

from llm_tracing.cli import app
from llm_tracing.store.database import FILE_NAME, SCHEMA_VERSION
from llm_tracing.store.duck import DuckDBStore
from tests.server.process import run, serving


def _refused(*arguments: str) -> str:
    """The one line of a `serve` that must not start, in a process of its own."""
    ended = run("serve", *arguments)
    assert (ended.returncode, ended.stdout) == (1, ""), ended.stderr
    [line] = ended.stderr.splitlines()
    return line


@pytest.fixture
def refused_here() -> Iterator[Callable[..., str]]:
    """The same without a process, a second quicker each."""

    def refused(*arguments: str, **environment: str) -> str:
        clean: dict[str, str | None] = {name: None for name in os.environ if name.startswith("LLM_TRACING_")}
        ports = [] if "LLM_TRACING_PORT" in environment else ["--port", "0", "--grpc-port", "0"]
        ended = CliRunner().invoke(app, ["serve", *ports, *arguments], env={**clean, **environment})
        assert (ended.exit_code, ended.stdout) == (1, ""), ended.stderr
        [line] = ended.stderr.splitlines()
        return line

    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield refused
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that is in use."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_port_in_use_is_named_with_its_setting(refused_here: Callable[..., str], taken: int, tmp_path: Path) -> None:
    line = refused_here("--port", str(taken), "--data", str(tmp_path))
    assert f"Port {taken} on 127.0.0.1 is in use." in line
    assert "--port or LLM_TRACING_PORT" in line


def test_so_is_that_of_grpc_without_a_word_from_grpc_itself(taken: int, tmp_path: Path) -> None:
    line = _refused("--port", "0", "--grpc-port", str(taken), "--data", str(tmp_path))
    assert f"Port {taken} on 127.0.0.1 is in use." in line
    assert "--grpc-port or LLM_TRACING_GRPC_PORT" in line


@pytest.mark.parametrize("below", ["a file", "proc"])
def test_a_data_folder_that_cannot_be_written(refused_here: Callable[..., str], below: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    folder = tmp_path / "file" / "data" if below == "a file" else Path("/proc/llm-tracing")
    line = refused_here("--data", str(folder))
    assert f"The data folder {folder} can't be written" in line
    assert "LLM_TRACING_DATA" in line


def test_a_data_file_of_a_newer_version(refused_here: Callable[..., str], tmp_path: Path) -> None:
    DuckDBStore(tmp_path).close()
    with duckdb.connect(str(tmp_path / FILE_NAME)) as db:
        db.execute("UPDATE schema_version SET version = ?", [SCHEMA_VERSION + 1])
    line = refused_here(LLM_TRACING_DATA=str(tmp_path))
    assert f"has schema {SCHEMA_VERSION + 1}; this version knows {SCHEMA_VERSION}." in line
    assert "Upgrade llm-tracing" in line


def test_a_data_file_that_is_none(refused_here: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"not a database " * 1000)
    line = refused_here("--data", str(tmp_path))
    assert "can't be read as a data file" in line
    assert "restore a backup" in line


def test_a_folder_in_use_by_another_process(tmp_path: Path) -> None:
    with serving(tmp_path):
        line = _refused("--port", "0", "--grpc-port", "0", "--data", str(tmp_path))
    assert f"The data folder {tmp_path} is open in another process." in line


def test_an_address_beyond_loopback_is_refused(refused_here: Callable[..., str], tmp_path: Path) -> None:
    line = refused_here("--host", "0.0.0.0", "--data", str(tmp_path))
    assert "LLM_TRACING_ALLOW_UNAUTHENTICATED" in line


def test_an_address_that_is_not_ours(refused_here: Callable[..., str], tmp_path: Path) -> None:
    allowed = {"LLM_TRACING_ALLOW_UNAUTHENTICATED": "true"}
    line = refused_here("--host", "192.0.2.1", "--data", str(tmp_path), **allowed)
    assert "Can't listen on 192.0.2.1" in line
    assert "in use" not in line


def test_a_setting_that_is_no_number_is_named(refused_here: Callable[..., str], tmp_path: Path) -> None:
    line = refused_here("--data", str(tmp_path / "[bold]"), LLM_TRACING_PORT="many")
    assert "LLM_TRACING_PORT" in line
    assert "'many'" in line


def test_a_folder_name_with_brackets_is_shown_as_it_is(refused_here: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "/file/[bold]x can't" in refused_here("--data", str(tmp_path / "file" / "[bold]x"))


def test_sigterm_ends_a_server_that_serves_cleanly(tmp_path: Path) -> None:
    with serving(tmp_path) as server, httpx.stream("GET", f"{server.http}/api/v1/live", trust_env=False) as live:
        assert next(live.iter_lines()).startswith("retry")
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(10) == 0
        assert server.process.stderr is not None
        assert server.process.stderr.read() == ""
    assert not (tmp_path / f"{FILE_NAME}.wal").exists()
