"""The dashboard and the pages of users, models and settings, in a real Chromium."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.builders import MS, NOON, SECOND, chat, span, trace_hex, trace_request
from tests.running import Running

pytestmark = pytest.mark.browser

TRACES = 12
MINUTE = 60 * SECOND


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Twelve traces, one every ten minutes, each with a call and a tool; every fourth fails; one model has no price."""
    with Running(tmp_path_factory.mktemp("busy")) as server:
        for number in range(1, TRACES + 1):
            start = NOON + number * 10 * MINUTE
            failed = number % 4 == 0
            model = "our-own-7b" if number == 5 else "gpt-4o-mini"
            call = chat(
                f"question {number}",
                "an answer",
                model=model,
                provider="acme" if number == 5 else "openai",
                tokens=(1_000 * number, 100),
                user__id=f"user-{number % 2}",
                session__id=f"talk-{number % 3}",
                gen_ai__response__time_to_first_chunk=0.2,
                gen_ai__request__stream=True,
            )
            tool = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "run_sql"}
            status = 2 if failed else 0
            at = trace_hex(number)
            server.export(
                trace_request(
                    span("GET /ask", 1, trace=at, start=start, duration=number * SECOND, status=status),
                    span("chat", 2, 1, trace=at, start=start + MS, duration=SECOND, attributes=call),
                    span("execute_tool run_sql", 3, 1, trace=at, start=start + 2 * MS, status=status, attributes=tool),
                    service="qa",
                )
            )
        yield server


def _listed(page: Page) -> set[str]:
    """The ids of the traces that the list shows."""
    page.get_by_test_id("trace-row").first.wait_for()
    links = page.get_by_test_id("trace-row").locator("a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    return {link.removeprefix("/traces/").partition("?")[0] for link in links}


def _behind(server: Running, page: Page) -> set[str]:
    """The ids that the API gives for the filter and the time of the list's address."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items() if name != "sel"}
    return {trace.trace_id for trace in server.traces(**query)}


def test_a_server_that_got_nothing_says_so_and_fills_by_itself(page: Page, server: Running) -> None:
    page.goto(f"{server.addresses.http}/dashboard")
    expect(page.get_by_role("heading", name="No traces yet")).to_be_visible()
    server.export(trace_request(span("GET /ask", 1)))
    expect(page.get_by_test_id("tile-traces")).to_contain_text("1")


def test_the_figures_are_those_of_the_traces(page: Page, busy: Running) -> None:
    page.goto(f"{busy.addresses.http}/dashboard")
    expect(page.get_by_test_id("tile-traces")).to_contain_text("12")
    expect(page.get_by_test_id("tile-failed")).to_contain_text("3 25 %")
    expect(page.get_by_test_id("tile-first-token-p50")).to_contain_text("200 ms")
    expect(page.get_by_test_id("tile-tokens")).to_contain_text("79,200 tok")
    expect(page.get_by_test_id("tile-cost")).to_contain_text("1 unpriced")
    tools = page.get_by_test_id("tools").get_by_role("row").filter(has_text="run_sql")
    expect(tools).to_contain_text("3 (25 %)")
    expect(page.get_by_test_id("chart-cost")).to_contain_text("1 call without a known price is not in it.")


def test_a_chosen_point_stays_chosen_while_new_figures_come(page: Page, server: Running) -> None:
    server.export(trace_request(span("GET /ask", 1)))
    page.goto(f"{server.addresses.http}/dashboard")
    chart = page.get_by_test_id("chart-requests").get_by_role("slider")
    chart.focus()
    page.keyboard.press("End")
    expect(chart).to_have_attribute("aria-valuetext", re.compile("ended well 1$"))
    server.export(trace_request(span("GET /ask", 2, trace=trace_hex(2))))
    expect(page.get_by_test_id("tile-traces")).to_contain_text("2")
    expect(chart).to_have_attribute("aria-valuetext", re.compile("ended well 2$"))


def test_a_click_on_a_chart_leads_to_the_traces_behind_the_point(page: Page, busy: Running) -> None:
    page.goto(f"{busy.addresses.http}/dashboard?q=service%3Aqa")
    over = page.get_by_test_id("chart-requests").locator(".u-over")
    over.wait_for()
    box = over.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 3, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"/\?q=service%3Aqa&since=.+&until=.+"))
    assert _listed(page) == _behind(busy, page) == {trace_hex(1)}


def test_keys_move_one_crosshair_over_all_charts_and_open_a_point(page: Page, busy: Running) -> None:
    page.goto(f"{busy.addresses.http}/dashboard")
    chart = page.get_by_test_id("chart-requests").get_by_role("slider")
    chart.focus()
    page.keyboard.press("End")
    for other in ("chart-latency", "chart-tokens"):
        expect(page.get_by_test_id(other).get_by_role("slider")).to_have_attribute(
            "aria-valuenow", chart.get_attribute("aria-valuenow") or "none"
        )
    expect(page.get_by_test_id("chart-latency").get_by_role("slider")).to_have_attribute(
        "aria-valuetext", re.compile(r"p95 12\.0 s")
    )
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"since="))
    assert _listed(page) == {trace_hex(12)}


def test_a_chart_is_a_table_too_whose_times_lead_to_their_traces(page: Page, busy: Running) -> None:
    page.goto(f"{busy.addresses.http}/dashboard")
    chart = page.get_by_test_id("chart-requests")
    chart.get_by_role("button", name="table").click()
    rows = chart.locator("tbody tr")
    expect(rows).to_have_count(TRACES)
    rows.nth(3).get_by_role("button").click()
    expect(page).to_have_url(re.compile(r"since="))
    assert _listed(page) == _behind(busy, page) == {trace_hex(4)}


def test_a_drag_narrows_the_range_and_back_undoes_it(page: Page, busy: Running) -> None:
    page.goto(f"{busy.addresses.http}/dashboard")
    over = page.get_by_test_id("chart-requests").locator(".u-over")
    over.wait_for()
    box = over.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.5, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, y, steps=4)
    page.mouse.move(box["x"] + box["width"] - 2, y, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"/dashboard\?since=.+&until="))
    query = {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}
    count = len(busy.traces(**query))
    assert 0 < count < TRACES
    expect(page.get_by_test_id("tile-traces")).to_contain_text(str(count))
    page.go_back()
    expect(page.get_by_test_id("tile-traces")).to_contain_text("12")


def test_names_lead_to_their_traces(page: Page, busy: Running) -> None:
    page.goto(f"{busy.addresses.http}/dashboard")
    cost = page.get_by_test_id("cost-by")
    cost.get_by_role("button", name="user").click()
    cost.get_by_role("link", name="user-1").click()
    assert _listed(page) == {trace_hex(n) for n in range(1, TRACES + 1, 2)}
    page.go_back()
    page.get_by_test_id("tools").get_by_role("link", name="run_sql").click()
    assert len(_listed(page)) == TRACES
    page.go_back()
    page.get_by_test_id("top-duration").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(trace_hex(12)))


def test_a_refused_filter_is_told_at_the_filter(page: Page, busy: Running) -> None:
    page.goto(f"{busy.addresses.http}/dashboard?q=nope%3A1")
    expect(page.get_by_role("alert")).to_contain_text("No filter is called nope")


def test_models_say_their_price_or_that_nobody_knows_it(page: Page, busy: Running) -> None:
    page.goto(f"{busy.addresses.http}/models")
    rows = page.get_by_test_id("models").locator("tbody tr")
    expect(rows.filter(has_text="gpt-4o-mini")).to_contain_text("$0.15 in")
    unknown = rows.filter(has_text="our-own-7b")
    expect(unknown).to_contain_text("No price known for our-own-7b.")
    expect(unknown).to_contain_text("–1 unpriced")
    unknown.get_by_role("link").click()
    assert _listed(page) == {trace_hex(5)}


def test_one_user_has_models_sessions_and_traces(page: Page, busy: Running) -> None:
    page.goto(f"{busy.addresses.http}/users")
    page.get_by_role("link", name="user-1").click()
    expect(page).to_have_url(re.compile(r"/users/user-1$"))
    expect(page.get_by_test_id("tile-traces")).to_contain_text("6")
    expect(page.get_by_test_id("models")).to_contain_text("our-own-7b")
    page.get_by_role("link", name="as a list of traces").click()
    assert _listed(page) == {trace_hex(n) for n in range(1, TRACES + 1, 2)}


def test_settings_name_what_has_no_price_and_how_to_give_it_one(page: Page, busy: Running) -> None:
    page.goto(f"{busy.addresses.http}/settings")
    expect(page.get_by_test_id("prices").locator("pre")).to_contain_text('- model: "our-own-7b"')
    expect(page.get_by_test_id("stored")).to_contain_text(str(busy.data))
    expect(page.get_by_role("row").filter(has_text="LLM_TRACING_QUERY_TIMEOUT")).to_contain_text("15.0")


@pytest.mark.parametrize("path", ["/dashboard", "/models", "/users", "/users/user-1", "/sessions", "/settings"])
def test_nothing_is_wider_than_a_phone(page: Page, busy: Running, path: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(busy.addresses.http + path)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_on_a_phone_the_other_pages_are_behind_more(page: Page, busy: Running) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{busy.addresses.http}/dashboard")
    page.get_by_role("button", name="More").click()
    page.get_by_role("dialog", name="More pages").get_by_role("link", name="Settings").click()
    expect(page).to_have_url(f"{busy.addresses.http}/settings")
    expect(page.get_by_role("dialog", name="More pages")).to_be_hidden()
