"""A server that asks for keys, as a person meets it."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.builders import TRACE, span, trace_request
from tests.running import Running

pytestmark = pytest.mark.browser
READ = "a-read-key-of-the-browser-test"
INGEST = "an-ingest-key-of-the-browser-test"


def test_a_key_opens_the_page_that_was_asked_for(page: Page, tmp_path: Path) -> None:
    with Running(tmp_path, require_keys=True, read_key=READ, ingest_key=INGEST) as server:
        body = trace_request(span(name="chat")).SerializeToString()
        assert server.post("/v1/traces", body, authorization=f"Bearer {INGEST}").status_code == 200
        page.goto(f"{server.addresses.http}/traces/{TRACE}")
        key = page.get_by_label("Key")
        expect(key).to_be_focused()
        expect(page.get_by_text("chat")).to_have_count(0)

        key.fill("wrong")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("alert")).to_contain_text("not known here")
        key.fill(INGEST)
        key.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("scope read")

        key.fill(READ)
        key.press("Enter")
        expect(page.get_by_test_id("span-row").first).to_contain_text("chat")
        assert page.url.endswith(f"/traces/{TRACE}")
        assert page.evaluate("document.cookie") == ""  # out of reach of scripts
        page.reload()
        expect(page.get_by_test_id("span-row").first).to_contain_text("chat")

        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_label("Key")).to_be_visible()
        page.reload()
        expect(page.get_by_label("Key")).to_be_visible()


def test_where_nobody_is_asked_nobody_can_log_out(page: Page, tmp_path: Path) -> None:
    with Running(tmp_path) as server:
        page.goto(server.addresses.http)
        expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
        expect(page.get_by_role("button", name="Log out")).to_have_count(0)
