"""Conversations over many traces, in a real Chromium."""

import re
from decimal import Decimal

import pytest
from playwright.sync_api import Dialog, Page, expect

from llm_tracing.api import schema
from tests.builders import NOON, SECOND, chat, messages, span, trace_hex, trace_request
from tests.running import Running

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)> [go](javascript:alert(2)) \u202egpj"
ASKED = ["hello", "how many albums?", HOSTILE, "and now?"]
ANSWERED = ["Hello.", "**347** albums", HOSTILE, None]


def _export(server: Running, number: int) -> None:
    answer = ANSWERED[number]
    attributes = {
        **chat(answered=answer, tokens=(1_000, 100)),
        "gen_ai.input.messages": messages("user", *ASKED[: number + 1]),
        "session.id": "talk/1",
        "user.id": "u7",
    }
    call = span(
        "chat",
        1,
        trace=trace_hex(number + 1),
        start=NOON + number * SECOND,
        duration=SECOND,
        status=0 if answer else 2,
        message="" if answer else "model is down",
        attributes=attributes,
    )
    server.export(trace_request(call))


@pytest.fixture
def talk(server: Running) -> Running:
    for number in (1, 0, 2):
        _export(server, number)
    return server


def test_a_session_opens_from_the_list_and_shows_its_turns_in_order(page: Page, talk: Running) -> None:
    page.goto(f"{talk.addresses.http}/sessions")
    row = page.get_by_test_id("sessions").locator("tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("hello")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{talk.addresses.http}/sessions/talk%2F1")
    questions = page.get_by_test_id("turn-question")
    expect(questions).to_have_count(3)
    assert questions.all_inner_texts()[:2] == ASKED[:2]
    expect(page.get_by_test_id("turn-answer").nth(1)).to_have_text("347 albums")


def test_totals_are_the_sum_of_the_traces(page: Page, talk: Running) -> None:
    page.goto(f"{talk.addresses.http}/sessions/talk%2F1")
    expect(page.get_by_test_id("fact-tokens")).to_contain_text("3,300 tok")
    traces = talk.traces(q="session:talk/1")
    total = talk.get("/sessions/talk%2F1", schema.SessionDetail).session.cost.total_usd
    assert Decimal(total or "0") == sum(Decimal(trace.cost.total_usd or "0") for trace in traces)
    expect(page.get_by_test_id("fact-cost")).to_contain_text("$0.00063")
    expect(page.get_by_test_id("fact-traces")).to_have_text("Traces3")


def test_a_new_turn_appears_by_itself_with_its_error_in_place(page: Page, talk: Running) -> None:
    page.goto(f"{talk.addresses.http}/sessions/talk%2F1")
    expect(page.get_by_test_id("turn")).to_have_count(3)
    _export(talk, 3)
    expect(page.get_by_test_id("turn")).to_have_count(4)
    expect(page.get_by_test_id("turn-answer").last).to_contain_text("model is down")
    expect(page.get_by_test_id("fact-traces")).to_contain_text("1 failed")


def test_steps_are_folded_and_each_answer_leads_to_its_trace(page: Page, talk: Running) -> None:
    page.goto(f"{talk.addresses.http}/sessions/talk%2F1")
    turn = page.get_by_test_id("turn").nth(1)
    turn.get_by_role("button", name="1 LLM call").click()
    step = turn.get_by_role("link", name=re.compile("chat"))
    expect(step).to_have_attribute("href", re.compile(f"/traces/{trace_hex(2)}\\?span="))
    turn.get_by_test_id("trace-chip").click()
    expect(page).to_have_url(re.compile(f"/traces/{trace_hex(2)}"))


def test_hostile_words_do_nothing(page: Page, talk: Running) -> None:
    asked: list[str] = []

    def told(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", told)
    page.goto(f"{talk.addresses.http}/sessions/talk%2F1")
    turn = page.get_by_test_id("turn").nth(2)
    expect(turn.get_by_test_id("turn-question")).to_contain_text("<img src=x onerror=alert(1)>")
    expect(turn.get_by_test_id("turn-question")).to_contain_text("[U+202E]")
    assert turn.locator("img").count() == 0
    assert turn.locator("a[href^='javascript']").count() == 0
    assert asked == []


def test_a_session_nobody_named_says_so(page: Page, talk: Running) -> None:
    page.goto(f"{talk.addresses.http}/sessions/nobody")
    expect(page.get_by_role("alert")).to_contain_text("No trace names the session nobody.")
    page.get_by_role("link", name="All sessions").click()
    expect(page.get_by_test_id("session-row")).to_have_count(1)
