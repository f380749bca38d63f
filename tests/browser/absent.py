"""What a store cannot do is not offered, and the settings say why."""

from playwright.sync_api import Locator, Page, expect

from tests.running import Running


def expect_absent(page: Page, server: Running, offered: Locator, reason: str) -> None:
    """`offered` is what the page that is open would show."""
    expect(offered).to_have_count(0)
    page.goto(f"{server.addresses.http}/settings")
    page.get_by_text("What this store cannot do").click()
    expect(page.get_by_test_id("store")).to_contain_text(reason)
