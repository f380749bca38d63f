"""The Progress page in a real Chromium: by mouse, by keys, on a phone."""

import json
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.progress import progress
from tests.running import Running

pytestmark = pytest.mark.browser


def _post(server: Running) -> None:
    content = json.dumps(progress("list the albums").model_dump())
    server.http.post(
        "/api/v1/progress", content=content, headers={"Content-Type": "application/json"}
    ).raise_for_status()


def test_before_the_first_comparison_the_page_names_the_command_and_then_turns_into_the_table(
    page: Page, server: Running
) -> None:
    page.goto(server.addresses.http)
    page.get_by_role("link", name="Progress").click()
    expect(page).to_have_url(f"{server.addresses.http}/progress")
    expect(page.get_by_text("llm-tracing compare")).to_be_visible()
    _post(server)
    expect(page.get_by_role("heading", name="list the albums")).to_be_visible()
    expect(page.get_by_role("columnheader")).to_contain_text(["logging", "json", "otel"])


def test_a_cell_opens_its_evidence_and_the_address_holds_it(page: Page, server: Running) -> None:
    _post(server)
    page.goto(f"{server.addresses.http}/progress")
    page.get_by_role("button", name="SQL, logging: yes").click()
    expect(page).to_have_url(re.compile(r"cell=logging\.sql$"))
    panel = page.get_by_test_id("evidence")
    expect(panel.get_by_role("heading", name="SQL · logging")).to_be_visible()
    expect(panel.locator("pre")).to_have_text("the statement gave 5 rows: <b>'SELECT 1'</b>")
    page.reload()
    expect(panel.locator("pre")).to_be_visible()
    page.get_by_role("button", name="Tokens, otel: partly 1,103").click()
    expect(panel.locator("pre")).to_have_text(["1011 in", "92 out"])
    page.go_back()
    expect(panel.get_by_role("heading", name="SQL · logging")).to_be_visible()
    page.get_by_role("button", name="Tokens, logging: no").click()
    expect(panel.get_by_text("No evidence")).to_be_visible()


def test_an_approach_that_is_missing_says_what_to_install(page: Page, server: Running) -> None:
    _post(server)
    page.goto(f"{server.addresses.http}/progress")
    page.get_by_role("button", name="json not installed").click()
    expect(page.get_by_test_id("evidence").locator("pre")).to_have_text("pip install 'llm-tracing[json]'")


def test_the_keys_go_from_cell_to_cell_and_close_the_evidence(page: Page, server: Running) -> None:
    _post(server)
    page.goto(f"{server.addresses.http}/progress")
    expect(page.get_by_test_id("progress-cell")).to_have_count(6)
    for key in ("j", "l", "ArrowDown"):
        page.keyboard.press(key)
    expect(page).to_have_url(re.compile(r"cell=otel\.tokens$"))
    expect(page.get_by_role("button", name="Tokens, otel")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", name="Tokens · logging")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("evidence")).to_have_count(0)
    expect(page).to_have_url(re.compile("/progress$"))


def test_on_a_phone_there_is_one_approach_at_a_time(browser: Browser, server: Running) -> None:
    _post(server)
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{server.addresses.http}/progress")
    page.get_by_label("Approach").select_option("otel")
    expect(page.get_by_test_id("progress-cell")).to_have_count(3)
    page.get_by_role("button", name="Tokens: partly 1,103").click()
    expect(page.get_by_test_id("evidence").locator("pre")).to_have_text(["1011 in", "92 out"])
    page.get_by_role("button", name="Close the panel").click()
    expect(page.get_by_label("Approach")).to_have_value("otel")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
