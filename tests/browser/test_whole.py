"""What holds over all pages: their time, their keys, and what is done to a trace from its own page."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.absent import expect_absent
from tests.builders import TRACE, chat, log, log_request, span, trace_hex, trace_request
from tests.chosen_store import LGTM
from tests.running import Running

pytestmark = pytest.mark.browser
ADMIN, READ = "an-admin-key-of-the-browser-test", "a-read-key-of-the-browser-test"


def _one_trace(server: Running) -> None:
    server.export(trace_request(span("ask", 1), span("chat", 2, 1, attributes=chat("hello", "hi"))))


def test_the_time_goes_along_from_page_to_page(page: Page, server: Running) -> None:
    _one_trace(server)
    page.goto(f"{server.addresses.http}/dashboard?since=7d&q=status:ok")
    rail = page.get_by_role("navigation", name="Pages")
    for name, path in (("Logs", "/logs"), ("Metrics", "/metrics-explorer"), ("Models", "/models"), ("Traces", "/")):
        rail.get_by_role("link", name=name).click()
        expect(page).to_have_url(re.compile(rf"{re.escape(path)}\?since=7d$"))
        expect(page.get_by_role("button", name="Time range")).to_contain_text("Last 7 days")
    rail.get_by_role("link", name="Doctor").click()
    expect(page).to_have_url(f"{server.addresses.http}/doctor")


def test_two_keys_lead_to_each_page(page: Page, server: Running) -> None:
    _one_trace(server)
    page.goto(server.addresses.http)
    expect(page.get_by_test_id("trace-row")).to_be_visible()
    pages = {"b": "dashboard", "l": "logs", "m": "metrics-explorer", "s": "sessions", "u": "users", "o": "models"}
    for key, path in {**pages, "p": "progress", "d": "doctor", ",": "settings", "t": ""}.items():
        page.keyboard.press("g")
        page.keyboard.press(key)
        expect(page).to_have_url(f"{server.addresses.http}/{path}")
    page.get_by_role("combobox", name="Filter").fill("g")
    page.keyboard.press("b")
    expect(page.get_by_role("combobox", name="Filter")).to_have_value("gb")


def test_a_board_and_the_logs_offer_what_a_filter_could_go_on_with(page: Page, server: Running) -> None:
    _one_trace(server)
    server.export(log_request(log("it broke", severity=17)))
    for path in ("dashboard", "logs"):
        page.goto(f"{server.addresses.http}/{path}")
        page.get_by_role("combobox", name="Filter").click()
        page.keyboard.type("serv")
        expect(page.get_by_role("option", name=re.compile("^service")).first).to_be_visible()


def test_a_filter_of_logs_is_saved_with_its_severity(page: Page, server: Running) -> None:
    server.export(log_request(log("it broke", severity=17)))
    page.goto(f"{server.addresses.http}/logs?severity=warn")
    expect(page.get_by_test_id("log-row")).to_be_visible()
    page.keyboard.press("v")
    page.get_by_label("Name of the view").fill("What is wrong")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Views: What is wrong")).to_be_visible()
    page.goto(f"{server.addresses.http}/logs")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("button", name=re.compile("^What is wrong")).click()
    expect(page.get_by_role("combobox", name="Filter")).to_have_value("severity:>=warn")
    expect(page.get_by_test_id("log-row")).to_be_visible()


def test_a_trace_is_pinned_and_erased_from_its_page(page: Page, server: Running) -> None:
    _one_trace(server)
    other = trace_hex(9)
    server.export(trace_request(span("another", 9, trace=other)))
    page.goto(server.addresses.http)
    page.get_by_test_id("trace-row").filter(has_text="hello").get_by_role("link").first.click()
    pin = page.get_by_role("button", name="Pin")
    pin.click()
    expect(pin).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(pin).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("P")
    expect(pin).to_have_attribute("aria-pressed", "false")
    if LGTM:
        expect_absent(page, server, page.get_by_role("button", name="Erase"), "cannot erase one trace")
        return

    page.get_by_role("button", name="Erase").click()
    dialog = page.get_by_role("dialog", name="Erase this trace?")
    dialog.get_by_role("button", name="Keep it").click()
    expect(dialog).to_have_count(0)
    assert len(server.traces()) == 2
    page.get_by_role("button", name="Erase").click()
    dialog.get_by_role("button", name="Erase").click()
    expect(page.get_by_test_id("trace-row")).to_have_count(1)
    assert [trace.trace_id for trace in server.traces()] == [other]


def test_who_may_only_read_is_offered_neither(page: Page, tmp_path: Path) -> None:
    with Running(tmp_path, require_keys=True, read_key=READ, admin_key=ADMIN) as server:
        body = trace_request(span(name="chat")).SerializeToString()
        assert server.post("/v1/traces", body, authorization=f"Bearer {ADMIN}").status_code == 200
        for key, count in ((READ, 0), (ADMIN, 1)):
            page.goto(f"{server.addresses.http}/traces/{TRACE}")
            page.get_by_label("Key").fill(key)
            page.keyboard.press("Enter")
            expect(page.get_by_role("button", name="Export")).to_be_visible()
            expect(page.get_by_role("button", name="Pin")).to_have_count(count)
            expect(page.get_by_role("button", name="Erase")).to_have_count(0 if LGTM else count)
            page.get_by_role("button", name="Log out").click()


def test_a_value_that_was_cut_says_how_long_it_was(page: Page, tmp_path: Path) -> None:
    with Running(tmp_path, max_attribute_bytes=1_000) as server:
        body = trace_request(span("long", 1, attributes={"text": "x" * 12_000})).SerializeToString()
        assert server.post("/v1/traces", body).status_code == 200
        page.goto(f"{server.addresses.http}/traces/{TRACE}?tab=attributes")
        page.get_by_role("row", name="long").click()
        page.get_by_role("tab", name="Attributes").click()
        expect(page.get_by_test_id("span-panel")).to_contain_text("cut: 12 kB, first 1.0 kB kept")


def test_the_settings_lead_to_the_folding_rules(page: Page, server: Running) -> None:
    page.goto(f"{server.addresses.http}/settings")
    page.get_by_role("link", name="See and change them").click()
    expect(page.get_by_test_id("fold-rules").get_by_role("checkbox").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{server.addresses.http}/settings")
