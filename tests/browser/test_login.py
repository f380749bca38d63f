"""A server that asks for keys, as a person meets it."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from llm_tracing.access.projects import ProjectSettings
from tests.browser.absent import expect_absent
from tests.builders import TRACE, span, trace_request
from tests.chosen_store import LGTM
from tests.projects.place import Walled
from tests.running import PROTOBUF, Running

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


def test_the_key_decides_which_project_is_shown(page: Page, tmp_path: Path) -> None:
    with Walled(tmp_path, "search") as server:
        server.keyring.create_project("shop", ProjectSettings(keep_days=30), 8)
        if LGTM:
            answer = server.of("shop").http.post("/v1/traces", content=b"", headers={"Content-Type": PROTOBUF})
            assert (answer.status_code, "a tenant of its own" in answer.text) == (503, True)
            page.goto(f"{server.addresses.http}/settings")
            expect(page.get_by_role("region", name="Project")).to_contain_text("default")
            expect_absent(page, server, page.get_by_role("button", name="Show another project"), "a tenant each")
            return
        server.of("shop").send("traces", trace_request(span(name="of the shop")))
        server.export(trace_request(span(name="of nobody", trace="ab" * 16)))
        rows = page.get_by_test_id("trace-row")
        name = page.get_by_role("link", name="Project shop")

        page.goto(f"{server.addresses.http}/settings")
        page.get_by_role("button", name="Show another project").click()
        page.get_by_role("button", name="Back, without a key").click()
        page.get_by_role("button", name="Show another project").click()
        page.get_by_label("Key").fill(server.make("shop", "read"))
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("region", name="Project")).to_contain_text("30 days")
        name.wait_for()
        page.get_by_role("link", name="Traces", exact=True).click()
        expect(rows).to_have_count(1)
        expect(rows).to_contain_text("of the shop")
        page.get_by_role("button", name="Log out").click()
        page.reload()
        expect(rows).to_contain_text("of nobody")
        expect(name).to_have_count(0)

        page.goto(f"{server.addresses.http}/settings")
        page.get_by_role("button", name="Show another project").click()
        page.get_by_label("Key").fill(server.make(None))  # a key of the server: the project must be named
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_label("Project")).to_be_focused()
        page.get_by_label("Project").fill("search")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("link", name="Project search")).to_be_visible()
        page.get_by_role("link", name="Traces", exact=True).click()
        expect(page.get_by_text("--scope ingest --project search")).to_be_visible()
