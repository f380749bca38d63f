"""What a page asks for before its script runs is what its script then uses; and the page of no page."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser

from tests.api.history import everything
from tests.running import Running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("early")) as running:
        running.export(*everything())
        yield running


@pytest.mark.parametrize("address", ["/", "/?q=kind%3Allm%20-%22a%20b%22~*%C3%A9", "/traces/{trace}"])
def test_the_page_uses_the_answer_that_was_asked_for_early(server: Running, browser: Browser, address: str) -> None:
    """The same address to the letter: otherwise the browser would ask twice, and say so."""
    trace = httpx.get(f"{server.addresses.http}/api/v1/traces").json()["traces"][0]["trace_id"]
    page = browser.new_page()
    asked: list[str] = []
    unused: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: unused.append(message.text) if "preload" in message.text else None)
    page.route("**/api/v1/live", lambda route: route.abort())  # it asks for the list once more
    page.goto(server.addresses.http + address.format(trace=trace))
    page.locator("main h1, main [role=treegrid]").first.wait_for()
    page.wait_for_load_state("networkidle")
    early = httpx.head(server.addresses.http + address.format(trace=trace), headers={"Accept": "text/html"}).headers[
        "link"
    ]
    wanted = server.addresses.http + early[1 : early.index(">")]
    assert asked.count(wanted) == 1, asked
    assert unused == []
    page.close()


@pytest.mark.parametrize("address", ["/", "/dashboard", "/logs", "/metrics-explorer", "/sessions", "/models"])
def test_a_page_uses_the_scripts_and_styles_that_its_headers_name(
    server: Running, browser: Browser, address: str
) -> None:
    page = browser.new_page()
    unused: list[str] = []
    page.on("console", lambda message: unused.append(message.text) if "preload" in message.text else None)
    page.goto(server.addresses.http + address)
    page.get_by_role("main").first.wait_for()
    page.wait_for_timeout(1_000)  # the styles of the part come with its script
    assert unused == []
    page.close()


_FIRST_DRAWN = """() => new MutationObserver((_, observer) => {
  const rows = document.querySelectorAll("[data-testid=trace-row]").length;
  if (rows === 0) return;
  window.firstDrawn = rows;
  observer.disconnect();
}).observe(document, { childList: true, subtree: true })"""


@pytest.mark.parametrize(("width", "height", "rows"), [(1440, 500, 7), (390, 500, 5)])
def test_the_list_draws_at_first_what_the_window_shows(
    server: Running, browser: Browser, width: int, height: int, rows: int
) -> None:
    """More would keep the first ones waiting; those beyond the window come when these stand."""
    page = browser.new_page(viewport={"width": width, "height": height})
    page.add_init_script(f"({_FIRST_DRAWN})()")
    page.goto(server.addresses.http)
    page.wait_for_function("rows => document.querySelectorAll('[data-testid=trace-row]').length > rows", arg=rows)
    assert page.evaluate("firstDrawn") == rows
    page.close()


def test_an_unknown_address_is_said_in_words_with_ways_on(server: Running, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{server.addresses.http}/nonsense/here")
    page.get_by_role("heading", name="There is no such page").wait_for()
    page.get_by_role("main").get_by_role("link", name="Traces").click()
    page.wait_for_url(f"{server.addresses.http}/")
    page.close()
