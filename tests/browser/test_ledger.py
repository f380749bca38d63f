"""The bill of a trace, in a real Chromium."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.builders import TRACE, chat, hex_id, span, trace_request
from tests.running import Running

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def bill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the ledger of an agent with two calls."""
    cached = {"gen_ai.usage.cache_read.input_tokens": 400_000}
    with Running(tmp_path_factory.mktemp("bill") / "data") as running:
        running.export(
            trace_request(
                span("agent", 1, attributes={"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 9}),
                span("chat gpt-4o-mini", 2, 1, attributes=chat(tokens=(1_000_000, 0)) | cached),
                span("ours", 3, 1, attributes=chat(model="our-own", provider="acme", tokens=(5, 5))),
            )
        )
        yield f"{running.addresses.http}/traces/{TRACE}?span={hex_id(1)}&tab=ledger"


def test_the_ledger_reads_like_a_bill(page: Page, bill: str) -> None:
    page.goto(bill)
    ledger = page.get_by_role("region", name="The bill")
    call = ledger.get_by_role("row").filter(has_text="gpt-4o-mini")
    expect(call).to_contain_text(re.compile(r"600,000\s*× \$0.15.*400,000\s*× \$0.075.*\$0.12"))
    expect(ledger.get_by_text("Not counted: repeats the usage of its 2 calls below.")).to_be_visible()
    expect(ledger.get_by_role("row").filter(has_text="Total of 2 calls")).to_contain_text("$0.12")
    expect(ledger.get_by_text("The total is without 1 unpriced call.")).to_be_visible()

    call.get_by_role("button", name="Where the numbers came from").click()
    expect(ledger.get_by_text("gen_ai.usage.cache_read.input_tokens")).to_be_visible()
    expect(ledger.get_by_text(re.compile("Prices: genai-prices .*, openai/gpt-4o-mini"))).to_be_visible()


def test_another_model_can_be_asked_for(page: Page, bill: str) -> None:
    page.goto(bill)
    table = page.get_by_role("region", name="On another model")
    expect(table.get_by_role("row").filter(has_text="As it was")).to_contain_text("$0.12")
    expect(table.get_by_role("row")).not_to_have_count(1)
    table.get_by_label("Another model", exact=True).fill("gpt-4o")
    expect(table.locator("option[value='openai/gpt-4o']")).to_have_count(1)
    table.get_by_role("button", name="Add").click()
    expect(table.get_by_role("row").filter(has=page.get_by_text("gpt-4o", exact=True))).to_contain_text("×17")
    table.get_by_label("Another model", exact=True).fill("no-such-model")
    table.get_by_role("button", name="Add").click()
    expect(table.get_by_role("row").filter(has_text="no-such-model")).to_contain_text("No price known.")
    table.get_by_role("button", name="Remove no-such-model").click()
    expect(table.get_by_role("row").filter(has_text="no-such-model")).to_have_count(0)
