"""Hostile content: whatever a client sends, nothing runs, the layout holds, the page stays responsive."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from playwright.sync_api import Page, expect

from tests.builders import SECOND, chat, span, trace_hex, trace_request
from tests.running import Running

pytestmark = pytest.mark.browser

TRACE = trace_hex(0xBAD)
SCRIPT = "<script>window.pwned=1</script><img src=x onerror='window.pwned=2'><svg onload='window.pwned=3'>"
MARKDOWN = (
    f"{SCRIPT}\n\n[click](javascript:window.pwned=4) <a href='javascript:window.pwned=5'>or here</a>\n\n"
    "![x](https://evil.example/track.png) [data](data:text/html,<script>window.pwned=6</script>)\n\n"
    "<iframe srcdoc='<script>parent.pwned=7</script>'></iframe><form action='https://evil.example'><button>go</button>"
)
ANSI = "\x1b[31mred\x1b[0m\x1b]0;title\x07 \x00 null"
BIDI = "user\u202etxt.exe \u2066isolate\u2069 \u200f"
UNBROKEN = "W" * 50_000
HUGE = "five megabytes of words " * 220_000


def _parts(role: str, *texts: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text} for text in texts]}


def _spans() -> list[Span]:
    asked = orjson.dumps(
        [
            _parts("system", SCRIPT, UNBROKEN),
            _parts("user", MARKDOWN, ANSI, BIDI),
            _parts(SCRIPT, "an odd role"),
            {"role": "tool", "parts": [{"type": "tool_call_response", "id": SCRIPT, "response": MARKDOWN}]},
            {"role": "user", "parts": [{"type": "blob", "mime_type": "image/svg+xml", "content": "PHN2Zz4="}]},
            {"role": "user", "parts": [{"type": "uri", "modality": "image", "uri": "javascript:window.pwned=8"}]},
        ]
    ).decode()
    answered = orjson.dumps([_parts("assistant", MARKDOWN, HUGE)]).decode()
    call = {
        **chat(model=SCRIPT, provider="openai", tokens=(1, 1)),
        "gen_ai.input.messages": asked,
        "gen_ai.output.messages": answered,
        SCRIPT: MARKDOWN,
        "unbroken." + "k" * 900: UNBROKEN,
        "ansi": ANSI,
        "bidi": BIDI,
    }
    db = {"db.system.name": SCRIPT, "db.query.text": f"SELECT '{SCRIPT}' -- {BIDI}{ANSI}\n{UNBROKEN}"}
    second = span("failed " + ANSI, 6, 1, trace=TRACE, status=2, message=MARKDOWN + UNBROKEN, start=_at(3))
    second.events.add(name=SCRIPT, time_unix_nano=_at(3)).attributes.add(key=SCRIPT).value.string_value = UNBROKEN
    second.links.add(trace_id=bytes.fromhex(TRACE), span_id=(2).to_bytes(8, "big"))
    return [
        span(UNBROKEN[:2_000], 1, trace=TRACE, start=_at(0), duration=5 * SECOND, kind=Span.SPAN_KIND_SERVER),
        span(SCRIPT + BIDI, 2, 1, trace=TRACE, start=_at(1), duration=SECOND, attributes=call),
        span(SCRIPT, 3, 2, trace=TRACE, start=_at(1), attributes=db),
        span(UNBROKEN[:3_000] + BIDI + ANSI, 4, 2, trace=TRACE, start=_at(2), attributes=db),
        second,
    ]


def _at(seconds: int) -> int:
    return 1_795_435_200_000_000_000 + seconds * SECOND


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data: Path = tmp_path_factory.mktemp("hostile")
    with Running(data) as server:
        server.export(trace_request(*_spans(), service=SCRIPT[:200] + BIDI))
        yield server.addresses.http


@pytest.fixture
def watched(page: Page, hostile: str) -> Iterator[Page]:
    """A page that may ask no other server for anything and on which nothing hostile has run at the end."""
    elsewhere: list[str] = []
    page.on(
        "request",
        lambda request: None if request.url.startswith((hostile, "data:", "blob:")) else elsewhere.append(request.url),
    )
    page.on("dialog", lambda dialog: elsewhere.append(f"dialog: {dialog.message}"))
    yield page
    assert page.evaluate("window.pwned") is None
    assert page.locator("iframe, object, embed, script:not([src]), a[href^='javascript:' i]").count() == 0
    assert elsewhere == []


def _holds(page: Page) -> None:
    """Nothing pushes the page wider than its window, and it answers within a second."""
    wide = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide[0] <= wide[1]
    assert page.locator("main").evaluate("main => main.scrollWidth <= main.clientWidth + 1")


def _open(page: Page, hostile: str, span_id: str, tab: str) -> None:
    page.goto(f"{hostile}/traces/{TRACE}?span={span_id}&tab={tab}")
    expect(page.get_by_test_id("span-panel").get_by_role("tabpanel")).to_be_visible()


def test_the_list_holds(watched: Page, hostile: str) -> None:
    watched.goto(hostile)
    expect(watched.get_by_test_id("trace-row").first).to_be_visible()
    _holds(watched)


@pytest.mark.parametrize("tab", ["conversation", "attributes", "raw", "ledger"])
def test_a_call_holds_in_every_tab(watched: Page, hostile: str, tab: str) -> None:
    _open(watched, hostile, "0000000000000002", tab)
    watched.wait_for_timeout(300)
    _holds(watched)


def test_every_view_of_the_messages_is_harmless(watched: Page, hostile: str) -> None:
    _open(watched, hostile, "0000000000000002", "conversation")
    panel = watched.get_by_test_id("span-panel")
    messages = panel.get_by_test_id("message")
    messages.first.get_by_role("button", name="system").click()
    for button in panel.get_by_role("button", name="md", exact=True).all():
        button.click()
    watched.wait_for_timeout(300)
    expect(panel.locator(".markdown").first).to_contain_text("<script>window.pwned=1</script>")
    assert panel.locator(".markdown img").count() == 0
    for link in panel.locator(".markdown a").all():
        assert (link.get_attribute("href") or "").startswith(("http:", "https:", "mailto:"))
    _holds(watched)


def test_five_megabytes_wait_until_they_are_asked_for(watched: Page, hostile: str) -> None:
    _open(watched, hostile, "0000000000000002", "conversation")
    panel = watched.get_by_test_id("span-panel")
    answer = panel.get_by_test_id("message").last
    assert len(answer.inner_text()) < 60_000
    answer.get_by_role("button", name="raw", exact=True).click()
    show = answer.get_by_role("button", name="Show all 5.3 MB")
    show.click()
    expect(show).to_have_count(0)
    # Still the same page: a key is obeyed and another row is shown.
    watched.keyboard.press("?")
    expect(watched.get_by_role("dialog")).to_be_visible()
    watched.keyboard.press("Escape")
    _holds(watched)


def test_acting_characters_are_made_visible(watched: Page, hostile: str) -> None:
    _open(watched, hostile, "0000000000000002", "attributes")
    panel = watched.get_by_test_id("span-panel")
    expect(panel.get_by_text("\\x1b[31mred").first).to_be_visible()
    expect(panel.get_by_text("[U+202E]txt.exe").first).to_be_visible()
    shown = watched.locator("main").inner_text()
    assert not set(shown) & set("\x1b\x07\x00\u202e\u2066\u2069")


@pytest.mark.parametrize("tab", ["sql", "attributes", "raw"])
def test_a_statement_holds(watched: Page, hostile: str, tab: str) -> None:
    _open(watched, hostile, "0000000000000004", tab)
    watched.wait_for_timeout(300)
    _holds(watched)


@pytest.mark.parametrize("tab", ["events", "links", "raw"])
def test_a_failure_holds(watched: Page, hostile: str, tab: str) -> None:
    _open(watched, hostile, "0000000000000006", tab)
    watched.wait_for_timeout(300)
    _holds(watched)


def test_the_badge_and_find_hold(watched: Page, hostile: str) -> None:
    watched.goto(f"{hostile}/traces/{TRACE}?span=fold:0000000000000002&find=%3Cscript%3E")
    expect(watched.get_by_test_id("fold-panel")).to_be_visible()
    expect(watched.get_by_test_id("find-count")).to_contain_text("of")
    _holds(watched)
    watched.set_viewport_size({"width": 390, "height": 844})
    watched.wait_for_timeout(300)
    _holds(watched)


def test_hostile_addresses_do_nothing(watched: Page, hostile: str) -> None:
    for address in (
        "traces/%3Cscript%3E",
        f"traces/{TRACE}?span=%3Cscript%3E&tab=javascript:1&zoom=9-1&view=x&rules=y",
    ):
        watched.goto(f"{hostile}/{address}")
        expect(watched.locator("main")).to_be_visible()
        _holds(watched)
