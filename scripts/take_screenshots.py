"""Take the pictures in docs/screenshots/ of a running demo.

    make screenshots

Asks some questions first, then opens each page in a real Chromium, in both themes and at two widths.
"""

import argparse
import json
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, sync_playwright
from tests.chromium import ARGUMENTS, chromium_program

TARGET = Path(__file__).parent.parent / "docs" / "screenshots"
QUESTIONS = (
    "Total sales per year",
    "Which artist has the most albums?",
    "customers without invoices",
    "Which employee is the tallest?",
    "Average track length per genre",
    "How many employees are there?",
    "list the most popular albums",
)
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
Theme = Literal["light", "dark"]


def ask(service: str, question: str) -> Any:
    url = f"{service}/ask?{urllib.parse.urlencode({'question': question})}"
    with urllib.request.urlopen(url, timeout=60) as response:
        return json.load(response)


def shoot_trace(page: Page, address: str, wide: bool) -> None:
    page.goto(address)
    page.get_by_test_id("fold-badge").first.wait_for()
    if wide:
        page.get_by_role("row").filter(has_text="chat offline-sql").first.click()
        page.get_by_test_id("message").first.wait_for()


def shoot_boards(page: Page, server: str, suffix: str) -> None:
    for name, seen in (("dashboard", "tile-traces"), ("models", "models"), ("settings", "stored")):
        page.goto(f"{server}/{name}")
        page.get_by_test_id(seen).wait_for()
        page.wait_for_timeout(500)
        page.screenshot(path=TARGET / f"{name}-{suffix}.png")


def shoot_service(page: Page, service: str) -> None:
    page.goto(service)
    page.get_by_label("Your question").fill(QUESTIONS[-1])
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("link", name="what happened?").wait_for()


def shoot(browser: Browser, theme: Theme, size: str, server: str, service: str, trace_id: str) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
    page = context.new_page()
    suffix = theme if size == "wide" else f"{theme}-narrow"
    page.goto(server)
    page.get_by_test_id("trace-row").first.wait_for()
    page.wait_for_timeout(500)
    page.screenshot(path=TARGET / f"traces-{suffix}.png")
    shoot_trace(page, f"{server}/traces/{trace_id}", size == "wide")
    page.wait_for_timeout(500)
    page.screenshot(path=TARGET / f"trace-{suffix}.png")
    shoot_boards(page, server, suffix)
    page.goto(f"{server}/doctor")
    page.get_by_role("heading", name="Senders").wait_for()
    page.wait_for_timeout(300)
    page.screenshot(path=TARGET / f"doctor-{suffix}.png")
    shoot_service(page, service)
    page.wait_for_timeout(300)
    page.screenshot(path=TARGET / f"ask-{suffix}.png")
    page.goto(f"{server}/progress?cell=otel.prompt" if size == "wide" else f"{server}/progress?cell=otel")
    page.get_by_test_id("progress-cell").first.wait_for()
    page.wait_for_timeout(300)
    page.screenshot(path=TARGET / f"progress-{suffix}.png")
    context.close()


def compare(server: str) -> None:
    """The table of the Progress page, kept by the running server; about a minute."""
    port = str(urllib.parse.urlsplit(server).port or 4318)
    command = [sys.executable, "-c", "from llm_tracing.cli import main; main()"]
    subprocess.run([*command, "compare", QUESTIONS[-1], "--port", port], check=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--server", default="http://127.0.0.1:4318")
    options.add_argument("--service", default="http://127.0.0.1:8080")
    given = options.parse_args()
    TARGET.mkdir(parents=True, exist_ok=True)
    compare(given.server)
    answers = [ask(given.service, question) for question in QUESTIONS]
    program = chromium_program()
    if program is None:
        raise SystemExit("No Chromium is installed (Debian: apt-get install chromium).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        for theme in ("light", "dark"):
            for size in SIZES:
                shoot(browser, theme, size, given.server, given.service, answers[-1]["trace_id"])
        browser.close()
    print(f"Pictures are in {TARGET.name}.")


if __name__ == "__main__":
    main()
