"""Two traces beside each other in a real Chromium."""

import re
import urllib.request

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.test_story import QUESTION, ask, wait_for_whole
from tests.builders import MS, NOON, chat, span, trace_hex, trace_request

pytestmark = pytest.mark.browser

OTHER = "list the most popular artists"


def open_both(page: Page, demo: Demo) -> tuple[str, str]:
    a, b = ask(demo, QUESTION)["trace_id"], ask(demo, OTHER)["trace_id"]
    for trace_id in (a, b):
        wait_for_whole(demo, trace_id)
    page.goto(f"{demo.server}/compare?a={a}&b={b}")
    expect(page.get_by_test_id("pair").first).to_be_visible()
    return a, b


def test_the_steps_of_two_questions_are_aligned(page: Page, demo: Demo) -> None:
    open_both(page, demo)
    pair = page.get_by_test_id("pair").filter(has_text="run_sql")
    expect(pair).to_have_count(1)
    assert pair.inner_text().count("run_sql") == 2
    expect(page.get_by_role("region", name="Trace A")).to_contain_text(QUESTION)
    expect(page.get_by_role("region", name="Trace B")).to_contain_text(OTHER)


def test_keys_lead_from_difference_to_difference_and_texts_are_marked(page: Page, demo: Demo) -> None:
    open_both(page, demo)
    page.keyboard.press("n")
    expect(page.get_by_test_id("pair-panel")).to_be_visible()
    expect(page).to_have_url(re.compile("row="))
    page.get_by_test_id("pair").filter(has_text="run_sql").click()
    panel = page.get_by_test_id("pair-panel")
    expect(panel.get_by_role("region", name="SQL of A")).to_contain_text("Album.Title")
    expect(panel.get_by_role("region", name="SQL of A").locator("del").first).to_be_visible()
    expect(panel.get_by_role("region", name="SQL of B").locator("ins").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)


def test_swapping_turns_the_two_round(page: Page, demo: Demo) -> None:
    a, b = open_both(page, demo)
    page.keyboard.press("x")
    expect(page).to_have_url(re.compile(f"a={b}&b={a}"))
    expect(page.get_by_role("region", name="Trace A")).to_contain_text(OTHER)


def test_one_trace_asks_for_the_other_and_offers_the_same_question_first(page: Page, demo: Demo) -> None:
    ask(demo, QUESTION)
    ask(demo, OTHER)
    trace_id = ask(demo, QUESTION)["trace_id"]
    page.goto(f"{demo.server}/traces/{trace_id}")
    page.get_by_role("link", name="Compare").click()
    first = page.get_by_test_id("candidate").first
    expect(first).to_contain_text("same question")
    first.click()
    expect(page).to_have_url(re.compile(f"a={trace_id}&b=[0-9a-f]{{32}}"))
    expect(page.get_by_test_id("pair").first).to_be_visible()


def test_a_trace_that_is_not_here_can_be_replaced(page: Page, demo: Demo) -> None:
    trace_id, other = ask(demo, QUESTION)["trace_id"], ask(demo, OTHER)["trace_id"]
    wait_for_whole(demo, other)
    page.goto(f"{demo.server}/compare?a={trace_id}&b={'ab' * 16}")
    page.get_by_role("button", name="Choose another trace").click()
    expect(page.get_by_test_id("candidate").first).to_be_visible()


def test_thousands_of_steps_on_both_sides_are_aligned(page: Page, demo: Demo) -> None:
    ids = [trace_hex(0xC0FFEE), trace_hex(0xC0FFEF)]
    for number, trace in enumerate(ids):
        made = [
            span("agent", 1, trace=trace, duration=4_000 * MS, attributes={"gen_ai.operation.name": "invoke_agent"})
        ]
        for at in range(3_000):
            attributes = chat(model=f"m{at % 7 + (number if at % 50 == 0 else 0)}")
            made.append(span(f"chat {at % 7}", at + 2, 1, trace=trace, start=NOON + at * MS, attributes=attributes))
        if number:
            extra = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "extra"}
            made.insert(2, span("execute_tool extra", 9_999, 1, trace=trace, start=NOON + 1, attributes=extra))
        body = trace_request(*made).SerializeToString()
        headers = {"Content-Type": "application/x-protobuf"}
        with urllib.request.urlopen(
            urllib.request.Request(f"{demo.server}/v1/traces", body, headers), timeout=30
        ) as got:
            assert got.status == 200
    page.goto(f"{demo.server}/compare?a={ids[0]}&b={ids[1]}")
    expect(page.get_by_test_id("pair").first).to_be_visible()
    expect(page.get_by_role("status").first).to_contain_text("1 only in B")
    page.keyboard.press("n")
    expect(page.get_by_role("option", selected=True)).to_contain_text("extra")


def test_the_comparison_fits_a_phone(page: Page, demo: Demo) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_both(page, demo)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
