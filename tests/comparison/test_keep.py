"""Where a comparison is kept, and how it looks in a terminal of any width."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from llm_tracing.api import schema
from llm_tracing.comparison.keep import Kept, keep
from llm_tracing.comparison.show import comparison_shown
from llm_tracing.config import ServerSettings
from llm_tracing.store.progress import FILE_NAME
from tests.progress import progress
from tests.running import Running


def _settings(port: int, data: Path) -> ServerSettings:
    return ServerSettings(host="127.0.0.1", port=port, data=data)


def test_a_server_that_runs_takes_it_and_shows_it(server: Running, tmp_path: Path) -> None:
    port = server.http.base_url.port or 0
    assert keep(progress("q"), _settings(port, tmp_path)) == Kept(f"{server.addresses.http}/progress", None)
    assert server.get("/progress", schema.ProgressReport).progress == progress("q")
    assert not (tmp_path / FILE_NAME).exists()


@pytest.mark.parametrize("port", [0, 1])
def test_without_one_it_goes_to_the_data_folder_and_the_next_server_shows_it(tmp_path: Path, port: int) -> None:
    kept = keep(progress("q"), _settings(port, tmp_path / "data"))
    assert kept == Kept(None, str(tmp_path / "data" / FILE_NAME))
    with Running(tmp_path / "data") as server:
        assert server.get("/progress", schema.ProgressReport).progress == progress("q")


def _written(width: int, *, terminal: bool = True) -> list[str]:
    file = io.StringIO()
    out = Console(file=file, width=width, force_terminal=terminal, no_color=True, highlight=False)
    comparison_shown(progress("list the albums"), Kept(None, "/data/progress.json"), out)
    return Console(file=io.StringIO()).render_str(file.getvalue()).plain.splitlines()


def test_a_wide_terminal_gets_a_table_and_a_narrow_one_an_approach_after_another() -> None:
    wide, narrow = "\n".join(_written(120)), "\n".join(_written(30))
    assert "logging" in wide.splitlines()[3]
    assert "otel" in wide.splitlines()[3]
    assert "logging  Lines." in narrow
    for shown in (wide, narrow):
        assert "pip install" in shown
        assert "/data/progress.json" in shown


def test_a_pipe_gets_the_table_without_spaces_at_the_ends_of_lines() -> None:
    lines = _written(40, terminal=False)
    assert any("logging" in line and "otel" in line for line in lines)
    assert all(line == line.rstrip() for line in lines)
