"""The commands of run.md, compare.md and doctor.md run as they stand there (see reader.py), beside a server.

`compare` itself, which takes a minute, runs once for tests/comparison, which holds its page to it.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.docs.reader import DOCS, Block, Reader, blocks, not_printed, reading
from tests.telemetry.model_endpoint import model_endpoint
from tests.telemetry.program import environment

pytestmark = pytest.mark.long

APP = """
from openai import OpenAI

said = OpenAI(max_retries=0).chat.completions.create(
    model="gpt-4o-mini", messages=[{"role": "user", "content": "What sells best?"}]
)
print(said.choices[0].message.content)
"""
SHOP = """
from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def home() -> str:
    return "open"
"""
SERVE = Block("sh service", "llm-tracing serve\n")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages-data")


@pytest.fixture
def reader(tmp_path: Path, data: Path) -> Iterator[Reader]:
    """A reader with the programs that the pages name, and a server in a terminal of its own."""
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "main.py").write_text(SHOP)
    (tmp_path / "job.sh").write_text("#!/bin/sh\necho nightly job done\n")
    (tmp_path / "job.sh").chmod(0o755)
    with model_endpoint() as model, reading(tmp_path, data) as started:
        started.environ |= {"OPENAI_BASE_URL": model, "OPENAI_API_KEY": "none", "TMPDIR": str(tmp_path)}
        database = started.environ["LLM_TRACING_DATA"]
        started.environ["LLM_TRACING_DATA"] = str(tmp_path / "server")
        started.types(SERVE)
        started.environ["LLM_TRACING_DATA"] = database
        yield started


def page_of(name: str) -> list[Block]:
    return blocks(DOCS / name)


def services(reader: Reader) -> set[str]:
    address = f"http://127.0.0.1:{reader.environ['LLM_TRACING_PORT']}/api/v1"
    logs = httpx.get(f"{address}/logs", params={"limit": 1000}, trust_env=False, timeout=10).json()["logs"]
    return {log["service"] for log in logs}


def test_the_commands_of_run_md_record_what_they_run(reader: Reader) -> None:
    # The endpoint would name another receiver; on the page the server is where it is by default.
    del reader.environ["OTEL_EXPORTER_OTLP_ENDPOINT"]
    page = page_of("run.md")
    assert [block.kind for block in page if block.kind.startswith("sh")] == ["sh", "sh service"]
    for block in page:
        reader.types(block)
    reader.stops(but=1)
    assert services(reader) == {"app", "nightly", "shop"}
    assert not_printed(page, reader.printed) == [], "\n".join(reader.printed)


def test_a_question_from_the_shell_is_answered_as_compare_md_shows(reader: Reader) -> None:
    reader.types(Block("sh service", "llm-tracing qa\n"))
    page = page_of("compare.md")
    assert len([block for block in page if block.kind == "sh"]) == 1
    for block in page:
        reader.types(block)
    assert not_printed(page, reader.printed) == [], "\n".join(reader.printed)


def test_the_commands_of_doctor_md_find_the_server_and_the_program_well(reader: Reader) -> None:
    [block] = [block for block in page_of("doctor.md") if block.kind == "sh"]
    # The one address that stands in a command itself: it has to be where the server is here.
    moved = block.body.replace("localhost:4318", f"localhost:{reader.environ['LLM_TRACING_PORT']}")
    plain, named, program = moved.splitlines()
    reader.types(Block("sh", plain))
    reader.types(Block("sh", named))
    assert [line for line in reader.printed if line.strip().startswith("✓ The server at ")]
    ended = subprocess.run(
        ["bash", "-c", program], cwd=reader.folder, env=reader.environ, capture_output=True, text=True, timeout=60
    )
    # A program that nothing observes: the page says that this is found.
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "OpenTelemetry" in ended.stdout


def test_the_programs_of_configure_md_run(tmp_path: Path) -> None:
    sources = [block.body for block in page_of("configure.md") if block.kind == "python"]
    assert len(sources) == 2
    for source in sources:
        ast.parse(source)
        ended = subprocess.run(
            [sys.executable, "-W", "error", "-c", source],
            cwd=tmp_path,
            env={**environment("http://127.0.0.1:9"), "LLM_TRACING_APPROACH": "json"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ended.returncode == 0, ended.stderr


def test_the_comparison_of_the_page_is_the_one_that_is_tested() -> None:
    from tests.comparison import conftest

    asked = re.findall(r'^llm-tracing compare ("[^"]+")', (DOCS / "compare.md").read_text(encoding="utf-8"), re.M)
    assert asked
    source = Path(conftest.__file__).read_text(encoding="utf-8")
    assert all(f"run_compare({question}" in source for question in asked)
