"""Every snippet of the first page, read off the page as a person copies it, run as it is, arrives."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.running import Running
from tests.telemetry.model_endpoint import model_endpoint

pytestmark = pytest.mark.browser

BIN = Path(sys.executable).parent
APP = """from opentelemetry import trace

with trace.get_tracer("app").start_as_current_span("of any SDK"):
    pass
"""
# Name of the tab -> the program that reads the snippet, and the question or the name that the list shows then.
WAYS = {
    "Python": (sys.executable, "first span"),
    "OpenTelemetry": ("bash", "of any SDK"),
    "LangSmith": (sys.executable, "Does this arrive?"),
    "LangChain": (sys.executable, "Does this arrive?"),
    "OpenAI": (sys.executable, "Does this arrive?"),
    "curl": ("bash", "first span"),
}


def _run(program: str, text: str, folder: Path, model: str) -> None:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "LANG", "LLM_", "OPENAI"))
    }
    environment = {
        **kept,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "OPENAI_BASE_URL": model,
        "OPENAI_API_KEY": "none",
        "NO_PROXY": "*",
    }
    (folder / "app.py").write_text(APP)
    done = subprocess.run(
        [program, "-c", text], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_way_has_a_tab_and_no_other(page: Page, server: Running) -> None:
    page.goto(server.addresses.http)
    expect(page.get_by_role("tab")).to_have_text(list(WAYS))


@pytest.mark.parametrize("way", WAYS)
def test_a_snippet_makes_the_first_trace(page: Page, server: Running, tmp_path: Path, way: str) -> None:
    page.goto(server.addresses.http)
    page.get_by_role("tab", name=way, exact=True).click()
    text = page.get_by_role("tabpanel").locator("pre").last.inner_text()
    assert server.addresses.http in text
    program, shown = WAYS[way]
    with model_endpoint() as model:
        _run(program, text, tmp_path, model)
    expect(page.get_by_test_id("trace-row")).to_have_count(1, timeout=20_000)
    expect(page.get_by_test_id("trace-row")).to_contain_text(shown)
