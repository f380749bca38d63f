"""Take the pictures in docs/screenshots/steps/: one question to the reference service under each approach that sends.

python -m scripts.take_step_screenshots
"""

import os
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from tests.chromium import ARGUMENTS, chromium_program
from tests.running import Running

TARGET = Path(__file__).parent.parent / "docs" / "screenshots" / "steps"
QUESTION = "list the most popular albums"
APPROACHES = ("langsmith", "auto", "otel", "openllmetry", "openinference")
COMMAND = (sys.executable, "-c", "from llm_tracing.cli import main; main()")


@contextmanager
def service(command: list[str], server: str, data: Path) -> Iterator[str]:
    """A command of ours that says `ready ADDRESS`; what it has seen is sent when this is left."""
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "LANGSMITH_"))},
        "OTEL_EXPORTER_OTLP_ENDPOINT": server,
        "LLM_TRACING_UI_URL": server,
        "LLM_TRACING_DATA": str(data),
    }
    process = subprocess.Popen([*COMMAND, *command], env=environ, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()[1]
    finally:
        process.terminate()
        process.wait(30)


def read(url: str) -> None:
    with urllib.request.urlopen(url, timeout=60) as answer:
        answer.read()


def shoot(page: Page, server: Running, approach: str, trace_name: str, picture: str) -> None:
    [trace] = [trace for trace in server.traces() if trace.name == trace_name]
    page.goto(f"{server.addresses.http}/traces/{trace.trace_id}")
    page.get_by_role("row").first.wait_for()
    calls = (
        page.get_by_role("row")
        .filter(has_text="offline-sql")
        .or_(page.get_by_role("row").filter(has_text="ChatOpenAI"))
    )
    if trace_name != "GET /rolldice" and calls.count():
        calls.first.click()
    page.wait_for_timeout(700)
    page.screenshot(path=TARGET / f"{picture}.png")


def take(browser: Browser, approach: str, data: Path) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 760}, color_scheme="light")
    page = context.new_page()
    with tempfile.TemporaryDirectory() as folder, Running(Path(folder)) as server:
        address = server.addresses.http
        with service(["qa", "--approach", approach, "--qa-port", "0"], address, data) as url:
            read(f"{url}/ask?{urllib.parse.urlencode({'question': QUESTION})}")
            if approach == "otel":
                page.goto(url)
                page.get_by_label("Your question").fill(QUESTION)
                page.get_by_role("button", name="Ask", exact=True).click()
                page.get_by_role("link", name="what happened?").wait_for()
                page.wait_for_timeout(300)
                page.screenshot(path=TARGET / "ask.png")
        if approach == "auto":
            with service(["dice", "--approach", "auto", "--port", "0"], address, data) as url:
                read(f"{url}/rolldice?player=Ada")
            shoot(page, server, approach, "GET /rolldice", "auto-dice")
        name = "answer question" if approach == "langsmith" else "GET /ask"
        if approach != "otel":
            shoot(page, server, approach, name, approach)
            return
        newest = max(server.traces(), key=lambda trace: int(trace.start_time_unix_nano))
        page.goto(f"{address}/traces/{newest.trace_id}")
        page.get_by_role("row").filter(has_text="chat offline-sql").first.click()
        page.get_by_test_id("message").first.wait_for()
        page.wait_for_timeout(500)
        page.screenshot(path=TARGET / "otel.png")
    context.close()


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    program = chromium_program()
    if program is None:
        raise SystemExit("No Chromium is installed (Debian: apt-get install chromium).")
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        for approach in APPROACHES:
            take(browser, approach, Path(data))
        browser.close()
    print(f"Pictures are in {TARGET.name}.")


if __name__ == "__main__":
    main()
