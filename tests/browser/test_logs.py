"""The page of logs in a real Chromium: search, details, the way to the span and back, the tail that does not jump."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.builders import SECOND, TRACE, hex_id, log, log_request, span, trace_request
from tests.running import Running

pytestmark = pytest.mark.browser
NOW = 1_795_435_200_000_000_000


@pytest.fixture
def logs(page: Page, server: Running) -> Page:
    raised = {
        "exception.type": "OperationalError",
        "exception.message": "no such column",
        "exception.stacktrace": 'Traceback\n  File "app.py", line 1\nOperationalError: no such column',
    }
    records = [
        *(log(f"line {n}", time=NOW + n * SECOND) for n in range(400)),
        log("\x1b[31mred\x1b[0m words", time=NOW + 500 * SECOND, severity=13),
        log("<img src=x onerror=alert(1)>", time=NOW + 501 * SECOND, severity=9),
        log("query failed", time=NOW + 502 * SECOND, severity=17, trace=TRACE, span_id=2, attributes=raised),
    ]
    server.export(trace_request(span("ask", 1), span("run", 2, 1)), log_request(*records))
    page.goto(f"{server.addresses.http}/logs")
    expect(page.get_by_test_id("log-row").first).to_contain_text("query failed")
    return page


def test_a_record_opens_to_all_its_fields_and_leads_to_its_span(logs: Page) -> None:
    row = logs.get_by_test_id("log-row").first
    expect(row).to_have_class(re.compile("level-error"))
    row.locator(".log-open").click()
    expect(row).to_contain_text('File "app.py", line 1')
    expect(row).to_contain_text("service.name")
    row.get_by_role("link", name="trace", exact=True).click()
    expect(logs).to_have_url(re.compile(f"/traces/{TRACE}\\?span={hex_id(2)}&tab=logs"))
    logs.get_by_role("link", name="In all logs").click()
    expect(logs).to_have_url(re.compile("/logs"))
    expect(logs.get_by_test_id("log-row")).to_have_count(1)


def test_terminal_codes_and_markup_are_text(logs: Page) -> None:
    rows = logs.get_by_test_id("log-row")
    expect(rows.nth(2).locator(".log-message")).to_have_text("red words")
    rows.nth(2).locator(".log-open").click()
    rows.nth(2).get_by_role("button", name="As sent").click()
    expect(rows.nth(2)).to_contain_text("\\x1b[31mred")
    expect(rows.nth(1).locator(".log-message")).to_have_text("<img src=x onerror=alert(1)>")


def test_severity_and_words_narrow_the_list_and_a_bad_filter_is_told(logs: Page) -> None:
    logs.get_by_label("Least severity").select_option("warn")
    expect(logs.get_by_test_id("log-row")).to_have_count(2)
    logs.get_by_role("combobox", name="Filter").fill("severity:loud")
    expect(logs.get_by_role("alert")).to_contain_text("no severity")
    logs.get_by_role("combobox", name="Filter").fill("red")
    expect(logs.get_by_test_id("log-row")).to_have_count(1)
    expect(logs).to_have_url(re.compile("q=red"))
    expect(logs).to_have_url(re.compile("severity=warn"))


def test_keys_walk_along_the_records(logs: Page) -> None:
    logs.keyboard.press("j")
    expect(logs.get_by_test_id("log-row").first).to_have_attribute("data-open", "true")
    logs.keyboard.press("j")
    expect(logs.get_by_test_id("log-row").nth(1)).to_have_attribute("data-open", "true")
    logs.keyboard.press("Escape")
    expect(logs.locator("[data-open='true']")).to_have_count(0)


def test_new_records_come_on_top_but_wait_while_the_list_is_read(logs: Page, server: Running) -> None:
    server.export(log_request(log("just now", time=NOW + 600 * SECOND)))
    expect(logs.get_by_test_id("log-row").first).to_contain_text("just now")
    logs.locator(".log-scroll").evaluate("list => list.scrollTo({ top: 300 })")
    shown = logs.get_by_test_id("log-row").filter(has_text="line 390")
    place = shown.bounding_box()
    server.export(log_request(*(log(f"later {n}", time=NOW + (700 + n) * SECOND) for n in range(3))))
    pill = logs.get_by_role("button", name="3 new")
    expect(pill).to_be_visible()
    assert shown.bounding_box() == place
    pill.click()
    expect(logs.get_by_test_id("log-row").first).to_contain_text("later 2")


def test_a_bar_of_the_histogram_narrows_the_time(logs: Page) -> None:
    bars = logs.get_by_test_id("log-histogram").get_by_role("button")
    expect(bars.first).to_have_attribute("title", re.compile(r"info"))
    bars.last.click()
    expect(logs).to_have_url(re.compile(r"since=\d+&until=\d+"))
    expect(logs.get_by_test_id("log-row")).to_have_count(3)


def test_the_list_goes_on_when_it_is_scrolled(logs: Page) -> None:
    for _ in range(8):
        logs.locator(".log-scroll").evaluate("list => list.scrollTo({ top: list.scrollHeight })")
        logs.wait_for_timeout(150)
    expect(logs.get_by_test_id("log-row").last).to_contain_text("line 0")
