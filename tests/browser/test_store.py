"""What the pages say of where the data lies: Tempo, Loki and Prometheus, or a folder that can only be read."""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from llm_tracing.lgtm import opening, steady
from llm_tracing.lgtm.reading import ReadLimits
from tests.builders import SECOND, TRACE, chat, log, log_request, span, trace_hex, trace_request
from tests.lgtm.fakes import DOWN, NO_ORG, Asked, Stack, serving_stack
from tests.lgtm.opened import settings_over
from tests.running import Running
from tests.torture.only_read import mounted
from tests.torture.small_disk import can_mount

pytestmark = pytest.mark.browser


@pytest.fixture
def stack() -> Iterator[Stack]:
    with serving_stack() as running:
        yield running


@pytest.fixture
def over(stack: Stack, tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path / "data", **settings_over(stack)) as server:
        server.export(trace_request(span("ask", attributes=chat("Which albums?"))), log_request(log()))
        yield server


def test_a_backend_that_fails_is_named_with_what_to_set_until_it_answers(
    page: Page, over: Running, stack: Stack
) -> None:
    stack.loki.reads_trouble = NO_ORG
    over.http.get("/api/v1/logs")
    page.goto(over.addresses.http)
    bar = page.get_by_test_id("store-bar")
    expect(bar).to_contain_text(f"Loki at {stack.loki.url}")
    expect(bar).to_contain_text("no org id")
    expect(bar).to_contain_text("LLM_TRACING_LOKI_TENANT")
    expect(page.get_by_text("Which albums?")).to_be_visible()
    expect(page.get_by_text("The server does not answer")).to_have_count(0)
    stack.loki.reads_trouble = None
    over.http.get("/api/v1/logs")
    bar.get_by_role("button", name="Look again").click()
    expect(bar).to_have_count(0)


@pytest.mark.skipif(not can_mount(), reason="only root can mount a folder read-only")
def test_a_folder_that_can_only_be_read_is_said_until_it_can_be_written(page: Page, tmp_path: Path) -> None:
    with Running(tmp_path, store="embedded") as server, mounted(tmp_path) as remount:
        server.export(trace_request(span("ask", attributes=chat("Which albums?"))))
        remount(True)
        page.goto(f"{server.addresses.http}/traces/{TRACE}")
        bar = page.get_by_test_id("store-bar")
        expect(bar).to_contain_text(f"The data folder {tmp_path} can't be written (Read-only file system).")
        expect(bar).to_contain_text("Nothing new is kept; senders come again. What is stored can be read.")
        page.get_by_role("button", name="Pin", exact=True).click()
        expect(page.locator(".toast")).to_contain_text("can't be written")
        remount(False)
        bar.get_by_role("button", name="Look again").click()
        expect(bar).to_have_count(0)


def test_a_page_that_needs_a_backend_says_which_one_is_away(page: Page, over: Running, stack: Stack) -> None:
    stack.tempo.reads_trouble = DOWN
    page.goto(f"{over.addresses.http}/traces/{'0' * 31}9")
    expect(page.locator("main")).to_contain_text(f"Tempo at {stack.tempo.url}")
    expect(page.get_by_text("The server does not answer")).to_have_count(0)


def test_what_cannot_be_done_is_absent_with_a_reason_on_the_settings_page(page: Page, over: Running) -> None:
    page.goto(f"{over.addresses.http}/traces/{TRACE}")
    page.get_by_role("button", name="Pin", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Tempo lets it go by its own retention")
    expect(page.get_by_role("button", name="Erase", exact=True)).to_have_count(0)
    page.goto(f"{over.addresses.http}/settings")
    section = page.get_by_test_id("store")
    expect(section.get_by_role("row")).to_have_count(4)
    kept = page.get_by_role("region", name="Project")
    for backend in ("Tempo", "Loki", "Prometheus"):
        expect(kept).to_contain_text(f"as long as {backend} keeps them")
    expect(kept).not_to_contain_text("for good")
    section.get_by_text("What this store cannot do").click()
    expect(section).to_contain_text("Tempo and Loki cannot erase one trace")


@pytest.fixture
def part(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A server that reads only a part of what others sent within the last hour."""
    monkeypatch.setattr(steady, "_MOST", 0)
    monkeypatch.setattr(opening, "ReadLimits", partial(ReadLimits, log_budget=20))
    start = time.time_ns() - 1_800 * SECOND
    for number in range(60):
        at, who = start + number * SECOND, {"session.id": f"talk {number}", "user.id": "ann"}
        asked = trace_request(span("ask", trace=trace_hex(number + 1), start=at, attributes=chat("Why?") | who))
        stack.tempo.take(Asked("POST", "/v1/traces", {}, {}, asked.SerializeToString()))
        told = log_request(log(f"line {number}", time=at))
        stack.loki.take(Asked("POST", "/otlp/v1/logs", {}, {}, told.SerializeToString()))
    with Running(tmp_path / "data", **settings_over(stack), lgtm_budget=20) as server:
        yield server


OF_TRACES = "These figures are of the traces since"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("logs", "The bars are of the log records since"),
        *((path, OF_TRACES) for path in ("sessions", "users", "models", "dashboard")),
    ],
)
def test_figures_of_a_part_say_since_when(page: Page, part: Running, path: str, said: str) -> None:
    page.goto(f"{part.addresses.http}/{path}?since=1h")
    note = page.get_by_test_id("reach")
    expect(note).to_contain_text(said)
    expect(note).to_contain_text("What came before is being read")
