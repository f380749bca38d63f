"""A thumb and a note on a span, given in a real Chromium by mouse and by keys."""

import pytest
from playwright.sync_api import Locator, Page, expect

from llm_tracing.api import schema
from tests.builders import TRACE, chat, hex_id, span, trace_request
from tests.running import Running

pytestmark = pytest.mark.browser


@pytest.fixture
def panel(page: Page, server: Running) -> Page:
    server.export(trace_request(span("ask", 1), span("chat", 2, 1, attributes=chat("hello", "hi", tokens=(10, 5)))))
    said = {"key": "correctness", "score": 0.25, "comment": "misses the point", "source": "model"}
    server.http.post(f"/api/v1/traces/{TRACE}/spans/{hex_id(2)}/annotations", json=said).raise_for_status()
    page.goto(f"{server.addresses.http}/traces/{TRACE}?span={hex_id(2)}")
    expect(page.get_by_test_id("annotation")).to_have_text(["correctness 0.25misses the point\nby model"])
    return page


def _of_span(panel: Page) -> Locator:
    """The whole trace has the same buttons."""
    return panel.get_by_role("group", name="Annotations", exact=True)


def _stored(server: Running) -> list[tuple[str, float | None, str | None]]:
    rows = server.get("/annotations", schema.AnnotationList).annotations
    return [(row.key, row.score, row.comment) for row in rows if row.source == {"type": "app"}]


def test_a_thumb_is_given_turned_and_taken_back(panel: Page, server: Running) -> None:
    good, bad = (_of_span(panel).get_by_role("button", name=name, exact=True) for name in ("Good", "Bad"))
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    assert _stored(server) == [("user_score", 1.0, None)]
    bad.click()
    expect(bad).to_have_attribute("aria-pressed", "true")
    expect(good).to_have_attribute("aria-pressed", "false")
    assert _stored(server) == [("user_score", 0.0, None)]
    bad.click()
    expect(bad).to_have_attribute("aria-pressed", "false")
    assert _stored(server) == []


def test_a_note_is_written_with_the_keyboard_alone(panel: Page, server: Running) -> None:
    _of_span(panel).get_by_role("button", name="Write a note").focus()
    panel.keyboard.press("Enter")
    panel.keyboard.type("too long, jk")
    panel.keyboard.press("Escape")
    expect(panel.get_by_label("Note", exact=True)).to_have_count(0)
    expect(panel.get_by_test_id("span-panel")).to_be_visible()
    _of_span(panel).get_by_role("button", name="Write a note").focus()
    panel.keyboard.press("Enter")
    panel.keyboard.type("too long")
    panel.keyboard.press("Enter")
    expect(panel.get_by_test_id("annotation").last).to_contain_text("note too long")
    assert _stored(server) == [("note", None, "too long")]


def test_a_tag_and_a_score_are_added_changed_and_deleted_and_seen_in_the_list(panel: Page, server: Running) -> None:
    for words in ("beta", "quality=0.8"):
        panel.get_by_role("group", name="Annotations", exact=True).get_by_role("button", name="Add a tag").click()
        panel.get_by_label("Tag or score").fill(words)
        panel.keyboard.press("Enter")
        expect(panel.get_by_test_id("annotation").filter(has_text=words.partition("=")[0])).to_have_count(1)
    assert {(key, score) for key, score, _ in _stored(server)} == {("tag", None), ("quality", 0.8)}
    words_known = server.get("/annotations/words", schema.AnnotationWords).words
    assert {(word.key, word.tag) for word in words_known} == {("tag", "beta"), ("quality", None), ("correctness", None)}
    panel.get_by_test_id("annotation").filter(has_text="quality").click()
    panel.get_by_label("Remark of quality").fill("nearly")
    panel.keyboard.press("Enter")
    expect(panel.get_by_test_id("annotation").filter(has_text="quality")).to_contain_text("nearly")
    panel.get_by_test_id("annotation").filter(has_text="correctness").click()
    panel.get_by_role("button", name="Delete").click()
    expect(panel.get_by_test_id("annotation")).to_have_count(2)
    panel.get_by_role("group", name="Annotations of the trace").get_by_role("button", name="Bad").click()
    panel.goto(server.addresses.http)
    said = panel.get_by_test_id("said")
    expect(said).to_contain_text("beta")
    expect(said).to_contain_text("quality 0.8")
    expect(said.get_by_title("1 thumb down")).to_be_visible()
