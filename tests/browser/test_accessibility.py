"""No page breaks a serious rule of accessibility, in either theme."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import Demo
from tests.browser.test_story import QUESTION, ask, get, open_trace
from tests.chosen_store import LGTM
from tests.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.long]

TABS = ("Conversation", "Changes", "Ledger", "Attributes", "Logs", "Raw")
SESSION, USER = "a conversation", "ada"
PAGES = {
    "traces": ("/", "[data-testid=trace-row]"),
    "nothing matches": ("/?q=nothing-has-this-word", ".blank"),
    "a refused filter": ("/?q=status%3A", ".filter-error"),
    "lens": ("/traces/{trace}?view=lens", "[data-testid=episode]"),
    "no such trace": (f"/traces/{'ab' * 16}", ".blank"),
    "compare": ("/compare?a={trace}&b={other}", "[data-testid=pair]"),
    "what to compare": ("/compare", "h1"),
    "sessions": ("/sessions", "[data-testid=sessions]"),
    "one session": (f"/sessions/{SESSION}", "[data-testid=turn]"),
    "dashboard": ("/dashboard", "[data-testid=tile-traces]"),
    "users": ("/users", "[data-testid=users]"),
    "one user": (f"/users/{USER}", "[data-testid=tile-traces]"),
    "models": ("/models", "[data-testid=models]"),
    "logs": ("/logs", "[data-testid=log-row]"),
    "one log record": ("/logs?open={log}", ".log-details"),
    "metrics": ("/metrics-explorer", "[data-testid=metrics]"),
    "one metric": ("/metrics-explorer?name={metric}", "[data-testid=exemplars]"),
    "a metric as a table": ("/metrics-explorer?name={metric}&view=table", "[data-testid=metric-values]"),
    "progress": ("/progress", "h1"),
    "doctor": ("/doctor", "h2"),
    "settings": ("/settings", "[data-testid=stored]"),
    "folding rules": ("/settings?rules=open", "[data-testid=fold-rules] input"),
}
METRIC = "gen_ai.client.operation.duration"


@pytest.fixture(scope="module", params=["light", "dark"])
def themed(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """One page in one theme for all that is looked at."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=request.param)
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()


@pytest.fixture(scope="module")
def places(demo: Demo) -> dict[str, str]:
    """Ids to look at, when logs and metrics of what was asked are there."""
    trace, other = (ask(demo, QUESTION, session_id=SESSION, user_id=USER)["trace_id"] for _ in range(2))
    until = time.monotonic() + 60
    while not (logs := get(f"{demo.server}/api/v1/logs", q="has:trace")["logs"]) or not _has_metric(demo):
        assert time.monotonic() < until, "logs and metrics did not arrive"
        time.sleep(0.2)
    return {"trace": trace, "other": other, "log": logs[0]["id"], "metric": METRIC}


def _has_metric(demo: Demo) -> bool:
    return any(metric["name"] == METRIC for metric in get(f"{demo.server}/api/v1/metrics")["metrics"])


def test_axe_sees_what_is_wrong(themed: Page) -> None:
    themed.set_content("<html lang=en><title>x</title><main><h1>x</h1><button></button></main></html>")
    assert [line for line in violations(themed) if line.startswith("button-name")] != []


@pytest.mark.parametrize("name", PAGES)
def test_the_page(themed: Page, demo: Demo, places: dict[str, str], name: str) -> None:
    path, seen = PAGES[name]
    themed.goto(demo.server + path.format(**places))
    expect(themed.locator(seen).first).to_be_visible()
    assert violations(themed) == []


def test_the_trace_with_each_tab(themed: Page, demo: Demo, places: dict[str, str]) -> None:
    open_trace(themed, demo, places["trace"])
    panel = themed.get_by_test_id("span-panel")
    for name in TABS:
        _show_tab(panel, name)
        assert violations(themed) == [], name
    themed.get_by_role("row", name="run_sql").first.click()
    for name in ("SQL", "Input / output"):
        _show_tab(panel, name)
        assert violations(themed) == [], name
    themed.get_by_test_id("fold-badge").filter(has_text="SELECT").click()
    expect(themed.get_by_test_id("fold-panel")).to_be_visible()
    assert violations(themed) == []


def _show_tab(panel: Any, name: str) -> None:
    tab = panel.get_by_role("tab", name=name)
    tab.click()
    expect(tab).to_have_attribute("aria-selected", "true")
    panel.page.wait_for_timeout(200)


def test_the_trace_zoomed_with_its_path_and_what_was_found(themed: Page, demo: Demo, places: dict[str, str]) -> None:
    themed.goto(f"{demo.server}/traces/{places['trace']}?path=on&find=select&zoom=1000000-40000000")
    expect(themed.get_by_test_id("find-count")).to_contain_text("of")
    assert violations(themed) == []


def test_what_opens_over_a_trace(themed: Page, demo: Demo, places: dict[str, str]) -> None:
    themed.goto(f"{demo.server}/traces/{places['trace']}?rules=open")
    rules = themed.get_by_test_id("fold-rules")
    expect(rules.get_by_role("checkbox").first).to_be_visible()
    assert violations(themed) == []
    rules.get_by_role("button", name="Edit as JSON").click()
    assert violations(themed) == []
    themed.keyboard.press("Escape")
    themed.keyboard.press("?")
    expect(themed.get_by_role("dialog", name="Keys")).to_be_visible()
    assert violations(themed) == []
    themed.keyboard.press("Escape")
    if not LGTM:
        themed.get_by_role("button", name="Erase").click()
        expect(themed.get_by_role("dialog", name="Erase this trace?")).to_be_visible()
        assert violations(themed) == []
        themed.keyboard.press("Escape")
    themed.get_by_role("button", name="Export").click()
    assert violations(themed) == []


def test_what_opens_over_the_list(themed: Page, demo: Demo, places: dict[str, str]) -> None:
    themed.goto(demo.server)
    expect(themed.get_by_test_id("trace-row").first).to_be_visible()
    for key, name in (("v", "Views"), ("r", "Time range")):
        themed.keyboard.press(key)
        expect(themed.get_by_role("dialog", name=name)).to_be_visible()
        assert violations(themed) == [], name
        themed.keyboard.press("Escape")
    themed.keyboard.press("/")
    themed.keyboard.type("st")
    expect(themed.get_by_role("option").first).to_be_visible()
    expect(themed.locator("[data-old=true]")).to_have_count(0)  # dimmed while the next rows are on their way
    assert violations(themed) == []
    themed.get_by_role("button", name="Export").click()
    themed.get_by_role("button", name="Import a file").click()
    expect(themed.get_by_role("dialog", name="Import")).to_be_visible()
    assert violations(themed) == []


def test_the_login(themed: Page, tmp_path: Path) -> None:
    with Running(tmp_path, require_keys=True, read_key="a-read-key-of-the-browser-test") as server:
        themed.goto(server.addresses.http)
        expect(themed.get_by_label("Key")).to_be_visible()
        assert violations(themed) == []


def test_the_first_steps(themed: Page, server: Running) -> None:
    themed.goto(server.addresses.http)
    expect(themed.get_by_role("tab").first).to_be_visible()
    assert violations(themed) == []
