"""The doctor's page, in a real Chromium."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.builders import SECOND, chat, span, trace_request
from tests.running import PROTOBUF, Running

pytestmark = pytest.mark.browser


@pytest.fixture
def sick(tmp_path: Path) -> Iterator[Running]:
    """A server with a sender that sends no text, an attribute nobody reads, and a request over its limit."""
    with Running(tmp_path / "data", max_body=2_000) as running:
        now = time.time_ns() - SECOND
        attributes = {**chat(tokens=(5, 5)), "llm.their_model": "x", "gen_ai.mood": "good"}
        running.export(
            trace_request(span("chat", 1, start=now, attributes=attributes), service="mute", scope="openlit")
        )
        long = trace_request(span("a" * 3_000, 2, start=now), service="long")
        running.post("/v1/traces", long.SerializeToString(), PROTOBUF, user_agent="sender-of-much/1.0")
        yield running


def test_a_server_that_got_nothing_says_what_to_run(page: Page, server: Running) -> None:
    page.goto(server.addresses.http)
    page.get_by_role("heading", name="No traces yet").wait_for()
    page.keyboard.press("g")
    page.keyboard.press("d")
    expect(page).to_have_url(f"{server.addresses.http}/doctor")
    expect(page.get_by_role("heading", name="Nobody has sent anything yet")).to_be_visible()
    expect(page.get_by_text(f"llm-tracing doctor --endpoint {server.addresses.http}")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{server.addresses.http}/")


def test_all_is_well_where_nothing_is_wrong(page: Page, server: Running) -> None:
    server.export(trace_request(span("step", 1, start=time.time_ns()), service="healthy"))
    page.goto(f"{server.addresses.http}/doctor")
    expect(page.get_by_text("All is well")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="healthy")).to_be_visible()


def test_findings_say_what_to_do_and_can_be_walked_through_by_keys(page: Page, sick: Running) -> None:
    page.goto(f"{sick.addresses.http}/doctor")
    findings = page.get_by_role("region", name="What to look at").get_by_role("listitem")
    expect(findings.first).to_contain_text("sender-of-much/1.0: 1 refused: too large")
    expect(findings.filter(has_text="without prompt and answer")).to_contain_text("capture_message_content=True")
    page.keyboard.press("j")
    expect(findings.first).to_be_focused()
    page.keyboard.press("j")
    expect(findings.nth(1)).to_be_focused()


def test_a_sender_opens_to_how_it_sends(page: Page, sick: Running) -> None:
    page.goto(f"{sick.addresses.http}/doctor")
    page.get_by_role("button", name="How mute sends").click()
    details = page.get_by_role("row").filter(has_text="Scopes")
    expect(details).to_contain_text("openlit (1 span)")
    expect(details).to_contain_text("OTLP/HTTP protobuf (1 request)")
    expect(details).to_contain_text("1 call with tokens, 1 without prompt and answer")


def test_a_refused_request_can_be_downloaded_sent_again_and_forgotten(page: Page, sick: Running) -> None:
    page.goto(f"{sick.addresses.http}/doctor")
    refused = page.get_by_role("region", name="Refused requests")
    with page.expect_download() as started:
        refused.get_by_role("link", name=re.compile("kB")).click()
    assert re.fullmatch(r"v1-traces-[0-9a-f]{8}\.pb", started.value.suggested_filename)
    refused.get_by_role("button", name="Replay").click()
    expect(refused.get_by_text(re.compile("Sent again: .*over the limit of 2,000 bytes"))).to_be_visible()
    refused.get_by_role("button", name="Forget it").click()
    expect(refused).to_have_count(0)


def test_attributes_come_with_the_lines_that_map_them(page: Page, sick: Running) -> None:
    page.goto(f"{sick.addresses.http}/doctor")
    unmapped = page.get_by_role("region", name="Attributes that nobody reads")
    lines = unmapped.locator("pre")
    expect(lines).to_contain_text("attributes:\n")
    expect(lines).to_contain_text("  llm.their_model: request_model")
    expect(lines).to_contain_text("  # gen_ai.mood: FIELD  (1 span)")


def test_the_window_is_in_the_address(page: Page, sick: Running) -> None:
    page.goto(f"{sick.addresses.http}/doctor")
    page.get_by_role("heading", name="Senders").wait_for()
    page.keyboard.press("w")
    expect(page).to_have_url(re.compile(r"/doctor\?window=24h$"))
    expect(page.get_by_role("button", name="24h")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="1h", exact=True).click()
    expect(page).to_have_url(re.compile(r"/doctor$"))


def test_nothing_is_wider_than_a_phone(page: Page, sick: Running) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{sick.addresses.http}/doctor")
    page.get_by_role("heading", name="Senders").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
