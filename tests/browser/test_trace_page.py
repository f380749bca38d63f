"""The trace page: find, zoom, critical path, folding rules, links, panes; all of it by keys and in the address."""

import re
import time
from collections.abc import Iterator

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Demo
from tests.browser.test_story import QUESTION, ask, open_trace
from tests.builders import MS, NOON, SECOND, chat, messages, span, trace_hex, trace_request
from tests.running import Running

pytestmark = pytest.mark.browser

SLOW, LINKING, RUNNING = trace_hex(0x51), trace_hex(0x52), trace_hex(0x53)
DB = {"db.system.name": "sqlite", "db.query.text": "SELECT 1"}


def _select(number: int, at: int, duration: int = MS) -> Span:
    start = NOON + at * MS
    return span("SELECT", number, 2, trace=SLOW, start=start, duration=duration, attributes=DB)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("page")) as started:
        tool = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "run_sql"}
        call = chat("first?", "one", gen_ai__response__time_to_first_chunk=0.2)
        linking = span("worker", 9, trace=LINKING)
        linking.links.add(trace_id=bytes.fromhex(SLOW), span_id=(3).to_bytes(8, "big"))
        started.export(
            trace_request(
                span("ask", 1, trace=SLOW, duration=4 * SECOND, kind=Span.SPAN_KIND_SERVER),
                span("run_sql", 2, 1, trace=SLOW, duration=2 * SECOND, attributes=tool),
                span("chat", 3, 1, trace=SLOW, start=NOON + 2 * SECOND, duration=SECOND, attributes=call),
                *(_select(number, number * 10) for number in range(10, 20)),
                _select(20, 500, 900 * MS),
            ),
            trace_request(linking),
        )
        yield started


def _selected(page: Page) -> Locator:
    return page.locator("[role=row][aria-selected=true]")


def test_find_opens_the_fold_that_holds_the_text(page: Page, demo: Demo) -> None:
    open_trace(page, demo, ask(demo, QUESTION)["trace_id"])
    page.keyboard.press("/")
    page.keyboard.type("sqlite")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("find-count")).to_contain_text(" of ")
    page.get_by_label("Find in the trace").last.blur()
    for _ in range(12):
        if _selected(page).filter(has_text=re.compile("connect|SELECT")).count():
            break
        before = page.url
        page.keyboard.press("n")
        expect(page).not_to_have_url(before)
    expect(_selected(page)).to_have_text(re.compile("connect|SELECT"))
    expect(page).to_have_url(re.compile("find=sqlite"))
    expect(page.get_by_test_id("fold-reason")).to_contain_text("Folded by the rule")


def test_zoom_is_in_the_address_and_back(page: Page, server: Running) -> None:
    page.goto(f"{server.addresses.http}/traces/{SLOW}")
    expect(page.get_by_test_id("span-row").first).to_be_visible()
    expect(page.get_by_test_id("minimap-window")).to_have_count(0)
    page.keyboard.press("+")
    expect(page).to_have_url(re.compile(r"zoom=\d+-\d+"))
    expect(page.get_by_test_id("minimap-window")).to_be_visible()
    zoomed = page.url
    page.keyboard.press(".")
    expect(page).not_to_have_url(zoomed)
    page.goto(zoomed)
    expect(page.get_by_test_id("minimap-window")).to_be_visible()
    page.keyboard.press("0")
    expect(page).not_to_have_url(re.compile("zoom="))
    expect(page.get_by_test_id("minimap-window")).to_have_count(0)


def test_a_stretch_of_the_minimap_is_looked_at_and_the_wheel_goes_closer(page: Page, server: Running) -> None:
    page.goto(f"{server.addresses.http}/traces/{SLOW}")
    box = page.get_by_test_id("minimap").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 10, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"zoom=\d+-\d+"))
    found = re.search(r"zoom=(\d+)-(\d+)", page.url)
    assert found is not None
    assert int(found[1]) == pytest.approx(SECOND, rel=0.05)
    assert int(found[2]) == pytest.approx(2 * SECOND, rel=0.05)
    before = page.url
    page.locator(".tree-axis .axis").hover()
    page.mouse.wheel(0, -300)
    expect(page).not_to_have_url(before)


def test_the_critical_path_is_marked(page: Page, server: Running) -> None:
    page.goto(f"{server.addresses.http}/traces/{SLOW}")
    expect(page.get_by_test_id("span-row").first).to_be_visible()
    expect(page.get_by_test_id("path-mark")).to_have_count(0)
    page.keyboard.press("p")
    expect(page.get_by_test_id("path-mark").first).to_be_attached()
    expect(page).to_have_url(re.compile("path=on"))
    expect(page.locator(".first-token")).to_have_count(1)


def test_a_slow_span_stays_out_of_its_badge(page: Page, server: Running) -> None:
    page.goto(f"{server.addresses.http}/traces/{SLOW}")
    slow = page.get_by_test_id("span-row").filter(has_text="slow")
    expect(slow).to_contain_text("900 ms")
    expect(page.get_by_test_id("fold-badge")).to_contain_text("10 folded: SELECT")
    expect(page.get_by_test_id("fold-badge")).to_contain_text("1 distinct · sum 10 ms · p95 1.0 ms · 0 errors")
    slow.click()
    expect(page.get_by_test_id("fold-reason")).to_contain_text("too long for the rule statements")


def test_a_rule_is_switched_off_and_set_back(page: Page, server: Running) -> None:
    page.goto(f"{server.addresses.http}/traces/{SLOW}")
    expect(page.get_by_test_id("fold-badge")).to_be_visible()
    page.keyboard.press("r")
    rules = page.get_by_test_id("fold-rules")
    expect(page).to_have_url(re.compile("rules=open"))
    rules.get_by_role("checkbox", name="Statements").uncheck()
    rules.get_by_role("button", name="Save").click()
    expect(page.get_by_test_id("fold-badge")).to_have_count(0)
    rules.get_by_role("button", name="Edit as JSON").click()
    rules.get_by_role("textbox").fill('[{"id": "a", "kinds": ["llm"]}]')
    rules.get_by_role("button", name="Save").click()
    expect(rules.get_by_role("alert")).to_contain_text("kinds: llm is none of")
    rules.get_by_role("button", name="Back to the default rules").click()
    expect(page.get_by_test_id("fold-badge")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("rules="))


def test_links_lead_from_one_trace_to_the_other_and_back(page: Page, server: Running) -> None:
    page.goto(f"{server.addresses.http}/traces/{LINKING}?tab=links")
    panel = page.get_by_test_id("span-panel")
    panel.get_by_role("link", name="a span of another trace").click()
    expect(page).to_have_url(re.compile(f"{SLOW}.*span=0000000000000003"))
    panel.get_by_role("tab", name=re.compile("Links")).click()
    panel.get_by_role("link", name="worker").click()
    expect(page).to_have_url(re.compile(LINKING))


def test_all_steps_fold_and_open_with_a_key(page: Page, server: Running) -> None:
    page.goto(f"{server.addresses.http}/traces/{SLOW}")
    rows = page.locator("[role=row][aria-level]")
    expect(rows).to_have_count(5)
    page.keyboard.press("x")
    expect(rows).to_have_count(3)
    page.keyboard.press("x")
    expect(rows).to_have_count(5)


def test_panes_are_resized_with_keys_and_remembered(page: Page, demo: Demo) -> None:
    open_trace(page, demo, ask(demo, QUESTION)["trace_id"])
    line = page.get_by_role("separator", name="Width of the tree")
    before = int(line.get_attribute("aria-valuenow") or 0)
    page.keyboard.press("<")
    expect(line).to_have_attribute("aria-valuenow", str(before - 4))
    page.reload()
    expect(line).to_have_attribute("aria-valuenow", str(before - 4))


def test_a_running_trace_grows_while_one_looks(page: Page, server: Running) -> None:
    started = span("ask", 1, trace=RUNNING, duration=0)
    started.end_time_unix_nano = 0
    server.export(trace_request(started))
    page.goto(f"{server.addresses.http}/traces/{RUNNING}")
    rows = page.get_by_test_id("span-row")
    expect(rows).to_have_count(1)
    expect(page.locator(".bar-mark.open-end")).to_have_count(1)
    server.export(trace_request(span("chat", 2, 1, trace=RUNNING, attributes={**chat(), "x": messages("user", "a")})))
    expect(rows).to_have_count(2)
    server.export(trace_request(span("ask", 1, trace=RUNNING, duration=SECOND)))
    expect(page.locator(".bar-mark.open-end")).to_have_count(0)


def test_the_header_leads_to_files_and_to_a_comparison(page: Page, demo: Demo) -> None:
    trace_id = ask(demo, QUESTION)["trace_id"]
    open_trace(page, demo, trace_id)
    expect(page.get_by_role("link", name="Compare")).to_have_attribute("href", f"/compare?a={trace_id}")
    page.get_by_role("button", name="Export").click()
    for name in ("jsonl", "parquet", "otlp"):
        address = f"/api/v1/traces/{trace_id}/export?format={name}"
        expect(page.locator(f"a[href='{address}']")).to_be_visible()


def test_what_arrives_while_the_page_is_read_is_shown_too(server: Running, page: Page) -> None:
    trace = trace_hex(0x54)
    server.export(trace_request(span("ask", 1, trace=trace)))
    held = iter([True])

    def hold(route: Route) -> None:
        answer = route.fetch()
        if next(held, False):
            time.sleep(1)  # until the page listens
            server.export(trace_request(span("came later", 2, 1, trace=trace)))
            time.sleep(1)  # until it has heard
        route.fulfill(response=answer)

    page.route(f"**/api/v1/traces/{trace}/tree**", hold)
    page.goto(f"{server.addresses.http}/traces/{trace}")
    expect(page.get_by_test_id("span-row").filter(has_text="came later")).to_be_visible()
    page.unroute_all()
