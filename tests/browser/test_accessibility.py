"""No page breaks a serious rule of accessibility, in either theme."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import Demo
from tests.browser.test_story import QUESTION, ask, open_trace

pytestmark = pytest.mark.browser

TABS = ("Conversation", "Ledger", "Attributes", "Logs", "Raw")


@pytest.fixture(params=["light", "dark"])
def themed(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=request.param)
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()


@pytest.fixture(scope="module")
def asked(demo: Demo) -> Any:
    return ask(demo, QUESTION)


def test_axe_sees_what_is_wrong(themed: Page) -> None:
    themed.set_content("<html lang=en><title>x</title><main><h1>x</h1><button></button></main></html>")
    assert [line for line in violations(themed) if line.startswith("button-name")] != []


def test_the_list_of_traces(themed: Page, demo: Demo, asked: Any) -> None:
    themed.goto(demo.server)
    expect(themed.get_by_test_id("trace-row").first).to_be_visible()
    assert violations(themed) == []


def test_the_trace_with_each_tab(themed: Page, demo: Demo, asked: Any) -> None:
    open_trace(themed, demo, asked["trace_id"])
    panel = themed.get_by_test_id("span-panel")
    for name in TABS:
        panel.get_by_role("tab", name=name).click()
        expect(panel.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
        themed.wait_for_timeout(200)
        assert violations(themed) == [], name


def test_the_sql_of_a_step_and_the_badge(themed: Page, demo: Demo, asked: Any) -> None:
    open_trace(themed, demo, asked["trace_id"])
    themed.get_by_role("row", name="run_sql").first.click()
    panel = themed.get_by_test_id("span-panel")
    for name in ("SQL", "Input / output"):
        panel.get_by_role("tab", name=name).click()
        assert violations(themed) == [], name
    themed.get_by_test_id("fold-badge").filter(has_text="SELECT").click()
    expect(themed.get_by_test_id("fold-panel")).to_be_visible()
    assert violations(themed) == []


def test_the_trace_zoomed_with_its_path_and_what_was_found(themed: Page, demo: Demo, asked: Any) -> None:
    themed.goto(f"{demo.server}/traces/{asked['trace_id']}?path=on&find=select&zoom=1000000-40000000")
    expect(themed.get_by_test_id("find-count")).to_contain_text("of")
    assert violations(themed) == []


def test_the_folding_rules_and_the_keys(themed: Page, demo: Demo, asked: Any) -> None:
    themed.goto(f"{demo.server}/traces/{asked['trace_id']}?rules=open")
    rules = themed.get_by_test_id("fold-rules")
    expect(rules.get_by_role("checkbox").first).to_be_visible()
    assert violations(themed) == []
    rules.get_by_role("button", name="Edit as JSON").click()
    assert violations(themed) == []
    themed.keyboard.press("Escape")
    themed.keyboard.press("?")
    expect(themed.get_by_role("dialog")).to_be_visible()
    assert violations(themed) == []


@pytest.mark.parametrize("page_name", ["progress", "doctor"])
def test_the_other_pages(themed: Page, demo: Demo, asked: Any, page_name: str) -> None:
    themed.goto(f"{demo.server}/{page_name}")
    expect(themed.get_by_role("heading").first).to_be_visible()
    themed.wait_for_timeout(500)
    assert violations(themed) == []
