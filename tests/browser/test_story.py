"""From the question to what happened: the way a person goes, in a real Chromium."""

import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo

pytestmark = pytest.mark.browser

QUESTION = "list the most popular albums"
ALBUMS = ["Minha Historia", "Greatest Hits", "Unplugged", "Acústico", "Greatest Kiss"]


def get(url: str, **query: str) -> Any:
    with urllib.request.urlopen(f"{url}?{urllib.parse.urlencode(query)}", timeout=30) as response:
        return json.load(response)


def ask(demo: Demo, question: str, **more: str) -> Any:
    return get(f"{demo.service}/ask", question=question, **more)


def _arrived(demo: Demo, trace_id: str) -> bool:
    """The root ends last and is sent last."""
    try:
        spans = get(f"{demo.server}/api/v1/traces/{trace_id}", content="false")["spans"]
    except urllib.error.HTTPError:
        return False
    return any(span["parent_span_id"] is None for span in spans)


def wait_for_whole(demo: Demo, trace_id: str) -> None:
    """A trace that still arrives gets rows while a test counts them."""
    until = time.monotonic() + 60
    while not _arrived(demo, trace_id):
        assert time.monotonic() < until, "the trace did not arrive"
        time.sleep(0.1)


def open_trace(page: Page, demo: Demo, trace_id: str) -> None:
    wait_for_whole(demo, trace_id)
    page.goto(f"{demo.server}/traces/{trace_id}")
    expect(page.get_by_test_id("fold-badge").first).to_be_visible()


def test_a_question_on_the_chat_page_leads_to_the_prompt_that_was_sent(page: Page, demo: Demo) -> None:
    page.goto(demo.service)
    page.get_by_label("Your question").fill(QUESTION)
    page.get_by_role("button", name="Ask", exact=True).click()
    answer = page.locator("article.card")
    for album in ALBUMS:
        expect(answer.get_by_role("cell", name=album, exact=True)).to_be_visible()

    with page.context.expect_page() as opened:
        answer.get_by_role("link", name="what happened?").click()
    trace = opened.value
    expect(trace).to_have_url(re.compile(re.escape(demo.server) + "/traces/[0-9a-f]{32}"))
    expect(trace.get_by_role("heading", name=QUESTION)).to_be_visible()
    expect(trace.get_by_text("2 LLM calls")).to_be_visible()

    trace.get_by_role("row", name=re.compile("chat offline-sql")).first.click()
    panel = trace.get_by_test_id("span-panel")
    panel.get_by_role("button", name="system").click()
    expect(panel.get_by_test_id("message").filter(has_text="CREATE TABLE")).to_be_visible()
    expect(panel.get_by_test_id("message").filter(has_text=QUESTION).first).to_be_visible()
    expect(panel.get_by_test_id("message").filter(has_text="SELECT Album.Title")).to_be_visible()


def test_a_badge_opens_to_the_spans_it_folds(page: Page, demo: Demo) -> None:
    open_trace(page, demo, ask(demo, QUESTION)["trace_id"])
    spans = page.locator("[role=row]")
    before = spans.count()
    badge = page.get_by_test_id("fold-badge").filter(has_text="connect")
    expect(badge).to_contain_text("SELECT")
    badge.get_by_role("button", name="Unfold").click()
    expect(page.get_by_role("row", name=re.compile("^SELECT|SELECT chinook"))).to_be_visible()
    assert spans.count() == before + 2


def test_all_spans_shows_every_span_of_the_trace(page: Page, demo: Demo) -> None:
    trace_id = ask(demo, QUESTION)["trace_id"]
    open_trace(page, demo, trace_id)
    page.get_by_role("radio", name="All spans").or_(page.get_by_role("button", name="All spans")).first.click()
    expect(page.get_by_test_id("fold-badge")).to_have_count(0)
    stored = get(f"{demo.server}/api/v1/traces/{trace_id}", content="false")["spans"]
    expect(page.locator("[role=row][aria-level]")).to_have_count(len(stored))


def test_the_list_is_filtered_and_the_address_holds_the_filter(page: Page, demo: Demo) -> None:
    ask(demo, QUESTION)
    ask(demo, "How many employees are there?")
    page.goto(demo.server)
    rows = page.get_by_test_id("trace-row")
    expect(rows.filter(has_text=QUESTION).first).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("employees kind:llm")
    page.keyboard.press("Enter")
    expect(rows.filter(has_text=QUESTION)).to_have_count(0)
    expect(rows.filter(has_text="How many employees are there?").first).to_contain_text("There are 8 employees.")
    expect(page).to_have_url(re.compile(r"q=employees"))
    page.reload()
    expect(rows.filter(has_text="How many employees").first).to_be_visible()
    expect(rows.filter(has_text=QUESTION)).to_have_count(0)


def test_a_filter_that_cannot_be_read_says_where(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.server}/?q=" + urllib.parse.quote("nonsense:1"))
    expect(page.get_by_text("No filter is called nonsense")).to_be_visible()


def test_a_new_trace_arrives_while_one_looks(page: Page, demo: Demo) -> None:
    page.goto(demo.server)
    question = "How many genres are there?"
    ask(demo, "How many artists are there?")
    expect(page.get_by_test_id("trace-row").first).to_be_visible()
    page.mouse.move(5, 5)
    ask(demo, question)
    expect(page.get_by_test_id("trace-row").filter(has_text=question).first).to_be_visible()


def test_the_sql_of_a_step_and_its_rows_are_shown(page: Page, demo: Demo) -> None:
    open_trace(page, demo, ask(demo, QUESTION)["trace_id"])
    page.get_by_role("row", name=re.compile("run_sql")).first.click()
    panel = page.get_by_test_id("span-panel")
    panel.get_by_role("tab", name="SQL").click()
    expect(panel.get_by_text("Minha Historia").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"tab=sql"))


def test_the_logs_of_a_step_are_beside_it(page: Page, demo: Demo) -> None:
    open_trace(page, demo, ask(demo, QUESTION)["trace_id"])
    page.get_by_role("row", name=re.compile("answer question")).first.click()
    panel = page.get_by_test_id("span-panel")
    panel.get_by_role("tab", name=re.compile("Logs")).click()
    expect(panel.get_by_text(re.compile("the statement gave 5 rows")).first).to_be_visible()


def test_an_unknown_trace_says_so(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.server}/traces/{'ab' * 16}")
    expect(page.get_by_text(re.compile("not (here|stored)", re.IGNORECASE)).first).to_be_visible()


def test_an_integer_of_64_bits_is_shown_to_its_last_digit(page: Page, demo: Demo) -> None:
    span = {
        "traceId": "5b" * 16,
        "spanId": "5b" * 8,
        "name": "count",
        "startTimeUnixNano": "1700000000000000000",
        "endTimeUnixNano": "1700000000000000001",
        "attributes": [{"key": "big", "value": {"intValue": "9223372036854775807"}}],
    }
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode()
    request = urllib.request.Request(f"{demo.server}/v1/traces", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.status == 200
    page.goto(f"{demo.server}/traces/{'5b' * 16}?span={'5b' * 8}&tab=attributes")
    expect(page.get_by_test_id("span-panel").get_by_text("9223372036854775807")).to_be_visible()
