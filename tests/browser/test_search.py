"""The list of traces searched in a real Chromium: offers, the place of an error, facets, time, views, live."""

import re
import urllib.parse
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.api.history import ASK, FAILED, everything
from tests.builders import NOON, SECOND, span, trace_hex, trace_request
from tests.running import Running

pytestmark = pytest.mark.browser


@pytest.fixture
def searched(server: Running) -> Running:
    server.export(*everything())
    return server


def rows(page: Page) -> Locator:
    return page.get_by_test_id("trace-row")


def parameter(page: Page, name: str) -> str | None:
    found = urllib.parse.parse_qs(urllib.parse.urlparse(page.url).query).get(name)
    return found[0] if found else None


def local(page: Page, time: int) -> str:
    """A time as a field of the browser's own zone takes it."""
    minutes = page.evaluate("ms => new Date(ms).getTimezoneOffset()", time // 1_000_000)
    moment = datetime.fromtimestamp(time / SECOND - minutes * 60, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def test_keys_and_values_are_offered_and_taken_with_the_keyboard(page: Page, searched: Running) -> None:
    page.goto(searched.addresses.http)
    expect(rows(page)).to_have_count(10)
    page.keyboard.press("/")
    page.keyboard.type("mod")
    box = page.get_by_role("combobox", name="Filter")
    offer = page.get_by_role("option")
    expect(offer.first).to_contain_text("model:")
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", re.compile("offer-0"))
    page.keyboard.press("Enter")
    expect(box).to_have_value("model:")
    expect(offer.filter(has_text="our-own-7b")).to_be_visible()
    page.keyboard.type("our")
    expect(offer).to_have_count(1)
    page.keyboard.press("Tab")
    expect(box).to_have_value("model:our-own-7b ")
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(1)
    assert parameter(page, "q") == "model:our-own-7b"


def test_the_part_that_cannot_be_read_is_underlined(page: Page, searched: Running) -> None:
    page.goto(f"{searched.addresses.http}/?q=" + urllib.parse.quote("albums kind:banana x"))
    expect(page.get_by_test_id("wrong-part")).to_have_text("kind:banana")
    expect(page.get_by_role("alert")).to_contain_text("banana is none of")
    expect(page.get_by_role("combobox")).to_have_attribute("aria-invalid", "true")
    box = page.get_by_role("combobox")
    box.fill("severity:warn")
    page.keyboard.press("Escape")
    expect(page.get_by_role("alert")).to_contain_text("Traces can't be filtered by severity")
    box.fill("attr.db.system.name:sqlite")
    expect(rows(page)).to_have_count(1)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_half_typed_key_is_not_refused(page: Page, searched: Running) -> None:
    page.goto(searched.addresses.http)
    with page.expect_response(lambda response: "suggest" in response.url and "kind" in response.url):
        page.get_by_role("combobox").press_sequentially("kind:")
    page.wait_for_timeout(600)  # longer than the pause after which typing is followed
    expect(page.get_by_role("alert")).to_have_count(0)
    assert parameter(page, "q") is None


def test_facets_count_all_traces_and_can_be_exchanged(page: Page, searched: Running) -> None:
    many = [span("more", 1, trace=trace_hex(0xE000 + n), start=NOON + n * SECOND) for n in range(120)]
    searched.export(trace_request(*many, service="crowd"))
    page.goto(searched.addresses.http)
    facets = page.get_by_role("complementary", name="Filters")
    crowd = facets.get_by_role("button", name=re.compile("crowd"))
    expect(crowd).to_contain_text("120")  # more than the page of the list holds
    facets.get_by_role("button", name=re.compile("^error")).click()
    expect(rows(page)).to_have_count(1)
    expect(facets.get_by_role("button", name=re.compile("^ok"))).to_contain_text("129")
    facets.get_by_role("button", name=re.compile("^ok")).click()
    expect(page.get_by_role("combobox")).to_have_value("status:ok")
    facets.get_by_role("button", name=re.compile("run_sql")).click()
    expect(rows(page)).to_have_count(1)
    assert parameter(page, "q") == "status:ok tool:run_sql"


def test_a_time_is_selected_on_the_histogram_by_mouse_and_by_keys(page: Page, searched: Running) -> None:
    page.goto(searched.addresses.http)
    bars = page.get_by_test_id("histogram")
    expect(bars.locator(".bar-error")).to_have_count(1)
    box = bars.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 2, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.2, middle, steps=4)
    page.mouse.up()
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("list the most popular albums")
    since, until = parameter(page, "since"), parameter(page, "until")
    assert since is not None
    assert until is not None
    assert int(since) <= NOON + 10 * SECOND < int(until) < NOON + 20 * SECOND
    page.go_back()
    expect(rows(page)).to_have_count(10)

    page.keyboard.press("b")
    page.keyboard.press("End")
    page.keyboard.press("Shift+ArrowLeft")
    expect(bars).to_have_attribute("aria-valuetext", re.compile("7 traces"))
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(7)


def test_any_range_is_chosen_and_stays_in_the_address(page: Page, searched: Running) -> None:
    page.goto(searched.addresses.http)
    expect(rows(page)).to_have_count(10)
    page.keyboard.press("r")
    panel = page.get_by_role("dialog", name="Time range")
    panel.get_by_label("From").fill(local(page, NOON + 15 * SECOND))
    panel.get_by_label("To").fill(local(page, NOON + 35 * SECOND))
    panel.get_by_role("button", name="Show this time").click()
    expect(rows(page)).to_have_count(2)
    page.reload()
    expect(rows(page)).to_have_count(2)
    assert (parameter(page, "since"), parameter(page, "until")) == (str(NOON + 15 * SECOND), str(NOON + 35 * SECOND))
    page.keyboard.press("r")
    page.get_by_role("dialog").get_by_role("button", name="Any time").click()
    expect(rows(page)).to_have_count(10)


def test_a_view_is_saved_shown_renamed_and_deleted(page: Page, searched: Running) -> None:
    page.goto(f"{searched.addresses.http}/?q=" + urllib.parse.quote("kind:tool"))
    expect(rows(page)).to_have_count(1)
    page.keyboard.press("v")
    panel = page.get_by_role("dialog", name="Views")
    panel.get_by_label("Name of the view").fill("With tools")
    panel.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name=re.compile("Views: With tools"))).to_be_visible()
    panel.get_by_role("button", name=re.compile("^Errors status:error")).click()
    expect(page.get_by_role("combobox")).to_have_value("status:error")
    page.keyboard.press("v")
    panel.get_by_role("button", name="Rename With tools").click()
    panel.get_by_label("New name").fill("Tools")
    page.keyboard.press("Enter")
    panel.get_by_role("button", name=re.compile("^Tools kind:tool")).click()
    expect(rows(page)).to_have_count(1)
    page.keyboard.press("v")
    panel.get_by_role("button", name="Delete Tools").click()
    expect(panel.get_by_role("button", name=re.compile("^Tools"))).to_have_count(0)
    assert all(view["built_in"] for view in searched.http.get("/api/v1/views").json()["views"])


def test_two_traces_are_selected_and_compared(page: Page, searched: Running) -> None:
    page.goto(f"{searched.addresses.http}/?q=kind:llm")
    expect(rows(page)).to_have_count(2)
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_text(re.compile("^Compare what is 100% of it"))).to_be_visible()
    assert parameter(page, "pick") == FAILED
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.wait_for_url(f"**/compare?a={FAILED}&b={ASK}")


def test_what_matches_nothing_can_be_loosened(page: Page, searched: Running) -> None:
    page.goto(f"{searched.addresses.http}/?q=" + urllib.parse.quote("kind:llm nowhere_at_all"))
    expect(page.get_by_role("heading", name="No trace matches")).to_be_visible()
    page.get_by_role("button", name="nowhere_at_all").click()
    expect(rows(page)).to_have_count(2)


def test_new_traces_wait_while_the_pointer_is_on_the_list(page: Page, searched: Running) -> None:
    page.goto(searched.addresses.http)
    expect(rows(page)).to_have_count(10)
    expect(page.get_by_role("button", name="Live", exact=True)).to_have_attribute("title", re.compile("as they arrive"))
    rows(page).nth(3).hover()
    searched.export(trace_request(span("brand new", 1, trace=trace_hex(0xF00), start=NOON + 50 * SECOND)))
    pill = page.get_by_role("button", name=re.compile("1 new"))
    expect(pill).to_be_visible()
    expect(rows(page).filter(has_text="brand new")).to_have_count(0)
    pill.click()
    expect(rows(page).first).to_contain_text("brand new")
    expect(page.locator(".histogram-words")).to_contain_text("11 traces")


def test_the_first_trace_turns_the_first_steps_into_the_list(page: Page, server: Running) -> None:
    page.goto(server.addresses.http)
    expect(page.get_by_role("heading", name="No traces yet")).to_be_visible()
    page.get_by_role("tab", name="Python").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="OpenTelemetry")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tabpanel")).to_contain_text(f"OTEL_EXPORTER_OTLP_ENDPOINT={server.addresses.http}")
    server.export(trace_request(span("hello", 1)))
    expect(rows(page)).to_have_count(1)
