"""The text-to-SQL lens in a real Chromium, on the demo and on questions that went wrong."""

import re
import urllib.request

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.test_story import QUESTION, ask
from tests.builders import trace_hex, trace_request
from tests.query.sql_questions import question, rows

pytestmark = pytest.mark.browser

CHANGED, UNFOUNDED, REFUSED = (trace_hex(0x1E45 + n) for n in range(3))
ALBUMS = "SELECT Title FROM Album WHERE ArtistId = 1 ORDER BY Title"


@pytest.fixture(scope="module")
def sent(demo: Demo) -> Demo:
    """The demo with three questions whose rows, answer or statement are amiss."""
    since = rows(["For Those About To Rock We Salute You"], ["Sold out"])
    refused = ("shop.StatementRefused", "Only a SELECT may run, this is DELETE.")
    spans = [
        *question(CHANGED, written=ALBUMS, executed=f"{ALBUMS} LIMIT 200", result=since, at=1),
        *question(UNFOUNDED, result=rows(), answer="It is by Aerosmith.", at=2),
        *question(REFUSED, asked="<img src=x onerror=alert(1)>", written="DELETE FROM Album", error=refused, at=3),
    ]
    body = trace_request(*spans).SerializeToString()
    request = urllib.request.Request(f"{demo.server}/v1/traces", body, {"Content-Type": "application/x-protobuf"})
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.status == 200
    return demo


def open_lens(page: Page, demo: Demo, trace_id: str) -> None:
    page.goto(f"{demo.server}/traces/{trace_id}?view=lens")
    expect(page.get_by_test_id("episode")).to_be_visible()


def test_question_sql_rows_and_answer_stand_beside_each_other(page: Page, demo: Demo) -> None:
    trace_id = ask(demo, QUESTION)["trace_id"]
    page.goto(f"{demo.server}/traces/{trace_id}")
    page.get_by_role("button", name="SQL lens").click()
    expect(page).to_have_url(re.compile("view=lens"))
    episode = page.get_by_test_id("episode")
    expect(episode.get_by_role("region", name="Question")).to_contain_text(QUESTION)
    expect(episode.get_by_role("region", name="Generated SQL")).to_contain_text("SELECT Album.Title")
    expect(episode.get_by_role("region", name="Executed statement")).to_contain_text("As it was written")
    expect(episode.get_by_role("cell", name="Minha Historia", exact=True)).to_be_visible()
    expect(episode.get_by_role("region", name="Answer")).to_contain_text("Greatest Kiss")
    places = [
        box["x"] if (box := episode.get_by_role("region", name=name).first.bounding_box()) else -1
        for name in ("Question", "Generated SQL", "Executed statement", "Rows", "Answer")
    ]
    assert places == sorted(places)
    assert len(set(places)) == 5
    page.keyboard.press("q")
    expect(page.get_by_test_id("fold-badge").first).to_be_visible()


def test_a_replay_finds_the_same_rows_and_a_plan_is_shown(page: Page, demo: Demo) -> None:
    open_lens(page, demo, ask(demo, QUESTION)["trace_id"])
    page.get_by_role("button", name="Replay").click()
    expect(page.get_by_test_id("replayed")).to_contain_text("The same rows as then")
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_text(re.compile("USING (COVERING )?INDEX|SCAN InvoiceLine")).first).to_be_visible()


def test_what_changed_on_the_way_and_since_is_marked_in_place(page: Page, sent: Demo) -> None:
    open_lens(page, sent, CHANGED)
    expect(page.locator("ins")).to_have_text(re.compile(r"LIMIT\s*200"))
    expect(page.get_by_text("LIMIT 200 was added.")).to_be_visible()
    page.get_by_role("button", name="Replay").click()
    expect(page.get_by_test_id("replayed")).to_contain_text("The data has changed since: 1 row new, 1 row gone.")
    expect(page.locator("tr[data-mark=gone]")).to_contain_text("Sold out")
    expect(page.locator("tr[data-mark=new]")).to_contain_text("Let There Be Rock")


def test_a_sure_answer_to_nothing_is_marked_and_found(page: Page, sent: Demo) -> None:
    open_lens(page, sent, UNFOUNDED)
    expect(page.get_by_role("region", name="Rows").first).to_contain_text("No rows")
    expect(page.get_by_role("note")).to_contain_text("the answer does not say so")
    page.goto(f"{sent.server}/?q=has:empty-sql-answer")
    expect(page.get_by_test_id("trace-row")).to_have_count(1)
    expect(page.get_by_test_id("trace-row")).to_contain_text("It is by Aerosmith.")


def test_a_refused_statement_has_its_reason_and_is_refused_again(page: Page, sent: Demo) -> None:
    open_lens(page, sent, REFUSED)
    cell = page.get_by_role("region", name="Rows").first
    expect(cell).to_contain_text("Refused")
    expect(cell).to_contain_text("Only a SELECT may run, this is DELETE.")
    expect(page.locator(".lens img")).to_have_count(0)
    cell.get_by_role("button", name="Replay").click()
    expect(cell.get_by_role("alert")).to_contain_text("Only a SELECT may run")


def test_a_text_leads_to_its_span(page: Page, sent: Demo) -> None:
    open_lens(page, sent, CHANGED)
    page.get_by_role("region", name="Executed statement").get_by_role("button", name="Show the span").click()
    expect(page).to_have_url(re.compile(f"span={5:016x}"))
    expect(page.get_by_test_id("span-panel")).to_contain_text("SELECT")


def test_a_trace_without_sql_says_so(page: Page, demo: Demo) -> None:
    trace_id = ask(demo, "Which employee is the tallest?")["trace_id"]
    page.goto(f"{demo.server}/traces/{trace_id}?view=lens")
    expect(page.get_by_text("No model wrote SQL here")).to_be_visible()


def test_the_lens_is_stacked_on_a_phone_without_a_sideways_scroll(page: Page, demo: Demo) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_lens(page, demo, ask(demo, QUESTION)["trace_id"])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_changes_of_a_call_are_against_the_last_of_its_session(page: Page, demo: Demo) -> None:
    address = f"{demo.service}/ask?session_id=s-lens&question="
    for words in ("How%20many%20artists%20are%20there%3F", "How%20many%20genres%20are%20there%3F"):
        with urllib.request.urlopen(address + words, timeout=60) as response:
            found = re.search(rb'"trace_id":"([0-9a-f]{32})"', response.read())
    assert found is not None
    page.goto(f"{demo.server}/traces/{found[1].decode()}")
    page.get_by_role("row", name=re.compile("chat offline-sql")).first.click()
    panel = page.get_by_test_id("span-panel")
    panel.get_by_role("tab", name="Changes").click()
    expect(panel).to_contain_text("of this prompt is shared")
    expect(panel.locator(".first-difference del")).to_contain_text("artists")
    expect(panel.locator(".first-difference ins")).to_contain_text("genres")
