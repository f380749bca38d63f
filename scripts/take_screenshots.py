"""Take the pictures in docs/screenshots/ of a running demo.

    make screenshots

Asks some questions first, then opens each page in a real Chromium, in both themes and at two widths.
"""

import argparse
import json
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass
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
METRIC = "gen_ai.client.operation.duration"
SESSION, USER = "monday-report", "ada"
ARRIVAL_SECONDS = 60  # logs and metrics are sent in batches
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
Theme = Literal["light", "dark"]


def ask(service: str, question: str) -> Any:
    url = f"{service}/ask?{urllib.parse.urlencode({'question': question, 'session_id': SESSION, 'user_id': USER})}"
    with urllib.request.urlopen(url, timeout=60) as response:
        return json.load(response)


@dataclass(frozen=True, slots=True)
class Shot:
    """A page at an address of the server, and the element that tells that it is drawn."""

    name: str
    path: str
    seen: str
    press: str | None = None


def shots(ids: list[str], session: str, user: str) -> list[Shot]:
    a, b = ids[-1], ids[-2]
    return [
        Shot("traces", "/", "[data-testid=trace-row]"),
        Shot("trace", f"/traces/{a}", "[data-testid=fold-badge]", "role=row >> text=chat offline-sql"),
        Shot("lens", f"/traces/{a}?view=lens", "[data-testid=episode]"),
        Shot("compare", f"/compare?a={a}&b={b}", "[data-testid=pair]"),
        Shot("sessions", "/sessions", "[data-testid=sessions]"),
        Shot("session", f"/sessions/{session}", "[data-testid=turn]"),
        Shot("dashboard", "/dashboard?since=1h", "[data-testid=tile-traces]"),
        Shot("users", "/users", "[data-testid=users]"),
        Shot("user", f"/users/{user}", "[data-testid=tile-traces]"),
        Shot("models", "/models", "[data-testid=models]"),
        Shot("logs", "/logs", "[data-testid=log-row]"),
        Shot("metrics", "/metrics-explorer", "[data-testid=metrics]"),
        Shot("metric", f"/metrics-explorer?name={METRIC}", ".metric-facts"),
        Shot("progress", "/progress?cell=otel.prompt", "[data-testid=progress-cell]"),
        Shot("doctor", "/doctor", "role=heading[name='Senders']"),
        Shot("settings", "/settings", "[data-testid=stored]"),
    ]


def take(page: Page, shot: Shot, server: str, suffix: str, wide: bool) -> None:
    page.goto(server + shot.path)
    page.locator(shot.seen).first.wait_for()
    if shot.press and wide:
        page.locator(shot.press).first.click()
        page.get_by_test_id("message").first.wait_for()
    page.wait_for_timeout(700)
    page.screenshot(path=TARGET / f"{shot.name}-{suffix}.png")


def shoot_service(page: Page, service: str) -> None:
    page.goto(service)
    page.get_by_label("Your question").fill(QUESTIONS[-1])
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("link", name="what happened?").wait_for()
    page.wait_for_timeout(300)


def shoot(browser: Browser, theme: Theme, size: str, given: argparse.Namespace, pages: list[Shot]) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
    page = context.new_page()
    suffix = theme if size == "wide" else f"{theme}-narrow"
    for shot in pages:
        take(page, shot, given.server, suffix, size == "wide")
    if not given.only:
        shoot_service(page, given.service)
        page.screenshot(path=TARGET / f"ask-{suffix}.png")
    context.close()


def read(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=60) as response:
        return json.load(response)


def wait_for_the_rest(server: str) -> None:
    """Until logs and metrics of what was asked have arrived."""
    until = time.monotonic() + ARRIVAL_SECONDS
    while time.monotonic() < until:
        logs = read(f"{server}/api/v1/logs?limit=1&q=has:trace")["logs"]
        if logs and any(one["name"] == METRIC for one in read(f"{server}/api/v1/metrics")["metrics"]):
            return
        time.sleep(1)
    raise SystemExit("No logs and metrics of the questions arrived.")


def compare(server: str) -> None:
    """The table of the Progress page, kept by the running server; about a minute."""
    port = str(urllib.parse.urlsplit(server).port or 4318)
    command = [sys.executable, "-c", "from llm_tracing.cli import main; main()"]
    subprocess.run([*command, "compare", QUESTIONS[-1], "--port", port], check=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--server", default="http://127.0.0.1:4318")
    options.add_argument("--service", default="http://127.0.0.1:8080")
    options.add_argument("--again", action="store_true", help="keep the table of the Progress page as it is")
    options.add_argument("--only", action="append", metavar="PAGE", help="take this page alone; may be repeated")
    given = options.parse_args()
    TARGET.mkdir(parents=True, exist_ok=True)
    if not given.again:
        compare(given.server)
    ids = [ask(given.service, question)["trace_id"] for question in QUESTIONS]
    wait_for_the_rest(given.server)
    pages = [shot for shot in shots(ids, SESSION, USER) if not given.only or shot.name in given.only]
    program = chromium_program()
    if program is None:
        raise SystemExit("No Chromium is installed (Debian: apt-get install chromium).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        for theme in ("light", "dark"):
            for size in SIZES:
                shoot(browser, theme, size, given, pages)
        browser.close()
    print(f"Pictures are in {TARGET.name}.")


if __name__ == "__main__":
    main()
