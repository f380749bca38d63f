"""The commands of docs/steps run as they stand there, and give the output that stands there (see reader.py)."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.docs.reader import DOCS, Reader, blocks, not_printed, reading

pytestmark = pytest.mark.long
PAGES = DOCS / "steps"

# What the server must have seen when the page is done: names of traces.
TRACES: dict[str, set[str]] = {
    "0.1-logging.md": set(),
    "0.2-json.md": set(),
    "0.3-untraced.md": set(),
    "0.4-langsmith.md": {"answer question"},
    "0.5a-auto.md": {"GET /rolldice", "GET /ask"},
    "0.5b-otel.md": {"GET /ask"},
    "0.5c-camps.md": {"GET /ask"},
}
WITHOUT_COMMANDS = {"README.md", "0.5d-collector.md", "0.6-kubernetes.md", "0.7-kubernetes.md"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("steps-data")


@pytest.fixture
def reader(tmp_path: Path, data: Path) -> Iterator[Reader]:
    with reading(tmp_path, data) as started:
        yield started


@pytest.mark.parametrize("name", TRACES)
def test_the_commands_of_a_page_do_what_the_page_says(name: str, reader: Reader, tmp_path: Path) -> None:
    # The server's folder is the page's own; the database is built once for all pages.
    page = blocks(PAGES / name)
    assert [block for block in page if block.kind.startswith("sh")]
    database = reader.environ["LLM_TRACING_DATA"]
    serves = any("llm-tracing serve" in block.body for block in page)
    for block in page:
        if block.kind == "sh service" and "llm-tracing serve" in block.body:
            reader.environ["LLM_TRACING_DATA"] = str(tmp_path / "server")
        reader.types(block)
        reader.environ["LLM_TRACING_DATA"] = database
    reader.stops(but=1 if serves else 0)  # the server last, as somebody who wants to see the rest would
    assert serves == bool(TRACES[name])
    if serves:
        address = f"http://127.0.0.1:{reader.environ['LLM_TRACING_PORT']}/api/v1/traces"
        traces = httpx.get(address, trust_env=False, timeout=10).json()["traces"]
        assert {trace["name"] for trace in traces} >= TRACES[name]
    reader.stops()
    assert not_printed(page, reader.printed) == [], "\n".join(sorted(reader.printed))


def test_every_page_is_linked_and_tested_or_says_that_it_comes_later() -> None:
    names = {page.name for page in PAGES.glob("*.md")}
    assert names == set(TRACES) | WITHOUT_COMMANDS
    index = (PAGES / "README.md").read_text(encoding="utf-8")
    assert all(f"]({name})" in index for name in names - {"README.md"})
    for name in WITHOUT_COMMANDS - {"README.md"}:
        assert not [block for block in blocks(PAGES / name) if block.kind.startswith("sh")]


def test_pictures_that_are_shown_are_there() -> None:
    for page in PAGES.glob("*.md"):
        for link in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).is_file(), f"{page.name}: {link}"
