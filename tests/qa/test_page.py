"""The chat page in a real browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from playwright.sync_api import Browser, Page, expect

from llm_tracing.qa.app import create_app
from llm_tracing.qa.local_server import serving
from llm_tracing.qa.settings import QaSettings
from tests.qa.scripted import Failure, Scripted, scripted_endpoint
from tests.qa.test_app import Traced

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=\"document.title='taken over'\">"


@pytest.fixture
def model() -> Iterator[Scripted]:
    with scripted_endpoint("x") as script:
        yield script


@pytest.fixture
def page(browser: Browser, settings: QaSettings, model: Scripted) -> Iterator[Page]:
    used = settings.model_copy(update={"model": "scripted", "base_url": model.base_url})
    with serving(Traced(create_app(used), TracerProvider())) as address:
        page = browser.new_page()
        page.set_default_timeout(15_000)
        page.goto(address)
        yield page
        page.close()


def test_an_example_is_asked_with_one_click_and_shows_answer_sql_rows_and_trace(page: Page, model: Scripted) -> None:
    model.replies = ["SELECT Name, ArtistId FROM Artist ORDER BY ArtistId LIMIT 25", "Twenty-five artists."]
    page.get_by_role("button", name="list the most popular albums").click()
    answer = page.get_by_role("article")
    expect(answer).to_contain_text("Twenty-five artists.")
    expect(answer.locator("pre")).to_contain_text("SELECT Name, ArtistId")
    expect(answer.locator("tbody tr")).to_have_count(10)
    answer.get_by_role("button", name="Show 15 more").click()
    expect(answer.locator("tbody tr")).to_have_count(25)
    expect(answer.locator("footer")).to_contain_text("220 tokens")
    link = answer.get_by_role("link", name="What happened?")
    assert "/traces/" in str(link.get_attribute("href"))
    assert link.get_attribute("target") == "_blank"


def test_a_conversation_goes_by_keyboard_and_keeps_its_session(page: Page, model: Scripted) -> None:
    model.replies = ["SELECT 1 AS one", "One.", "SELECT 2 AS two", "Two."]
    sent: list[Any] = []
    page.on("request", lambda request: sent.append(request.post_data_json) if request.url.endswith("/ask") else None)
    page.keyboard.type("first question")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article").nth(0)).to_contain_text("One.")
    page.keyboard.type("second question")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article").nth(1)).to_contain_text("Two.")
    assert [model.messages(call)[1][1] for call in (0, 2)] == ["first question", "second question"]
    [(session, user)] = {(body["session_id"], body["user_id"]) for body in sent}
    assert len(session) == 16
    assert user.startswith("guest-")
    page.get_by_role("button", name="New conversation").click()
    expect(page.get_by_role("article")).to_have_count(0)
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()


def test_hostile_text_stays_text_wherever_it_comes_from(page: Page, model: Scripted) -> None:
    quoted = HOSTILE.replace("'", "''")
    model.replies = [f"SELECT '{quoted}' AS \"<b>bold</b>\"", f"The answer is {HOSTILE}", Failure(400, HOSTILE)]
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    for index in range(2):
        page.fill("#question", f"What is {HOSTILE}?")
        page.keyboard.press("Enter")
        expect(page.get_by_role("article").nth(index)).to_contain_text("onerror")
    assert page.locator("main img, main b").count() == 0
    assert page.title() == "Ask the database"
    assert problems == []


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_sticks_out_at_the_sides(page: Page, model: Scripted, width: int) -> None:
    model.replies = ["SELECT * FROM Customer", "x" * 300]
    page.set_viewport_size({"width": width, "height": 800})
    page.fill("#question", "y" * 300)
    page.keyboard.press("Enter")
    expect(page.get_by_role("article")).to_contain_text("59 rows")
    assert page.evaluate("() => document.documentElement.scrollWidth") == width
