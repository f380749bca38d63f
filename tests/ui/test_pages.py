"""What the server hands a browser before any script of the page runs."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from llm_tracing.ui import DIST, PAGES
from llm_tracing.ui.early import first_traces, first_tree, page_links
from tests.api.history import everything
from tests.running import Running

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
pytestmark = pytest.mark.skipif(not (DIST / "manifest.json").is_file(), reason="the web UI is not built (make ui)")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("pages")) as running:
        running.export(*everything())
        yield running


def _get(server: Running, path: str, **headers: str) -> httpx.Response:
    return httpx.get(server.addresses.http + path, headers={"Accept-Encoding": "identity", **headers})


def test_the_module_of_each_page_is_in_the_build() -> None:
    manifest = json.loads((DIST / "manifest.json").read_bytes())
    assert [part for part in PAGES.values() if part not in manifest] == []


def test_a_page_names_its_part_and_its_first_request(server: Running) -> None:
    links = _get(server, "/?q=a%20b~c", **BROWSER).headers["link"].split(", ")
    assert links[0] == "</api/v1/traces?q=a+b%7Ec&limit=50>; rel=preload; as=fetch; crossorigin=anonymous"
    part = json.loads((DIST / "manifest.json").read_bytes())[PAGES["/"]]["file"]
    assert f"</{part}>; rel=modulepreload" in links
    assert any(link.endswith("rel=prefetch; as=script") for link in links)


@pytest.mark.parametrize("query", ["since=1h", "since=1&until=2", "q=" + "x" * 2_000])
def test_a_list_whose_address_only_the_page_knows_is_left_to_it(query: str) -> None:
    assert first_traces(query, {}) is None


def test_a_hostile_filter_cannot_leave_its_link() -> None:
    found = first_traces("q=%3E;rel=preload,%3Chttp://evil%3E%0D%0AX:1%22", {})
    assert found is not None
    assert not set(found) & set('<>"\r\n,; ')


def test_only_an_id_is_asked_for_as_a_trace() -> None:
    assert first_tree("", {"trace_id": TRACE_ID.upper()}) == f"/api/v1/traces/{TRACE_ID}/tree"
    assert first_tree("", {"trace_id": "<script>"}) is None


def test_without_a_build_a_page_has_no_links(tmp_path: Path) -> None:
    assert page_links(tmp_path, "src/traces/TracesPage.tsx", None) == {}


def test_scripts_are_packed_for_who_takes_it_and_kept_for_good(server: Running) -> None:
    script = max((DIST / "assets").glob("*.js"), key=lambda path: path.stat().st_size)
    plain = _get(server, f"/assets/{script.name}")
    packed = httpx.get(f"{server.addresses.http}/assets/{script.name}", headers={"Accept-Encoding": "gzip"})
    assert plain.content == packed.content == script.read_bytes()
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert "immutable" in plain.headers["cache-control"]
    assert plain.headers["content-type"].startswith("text/javascript")
    assert _get(server, f"/assets/{script.name}", **{"Accept-Encoding": "gzip;q=0"}).content == script.read_bytes()


def test_what_is_packed_is_what_is_built() -> None:
    for packed in (DIST / "assets").glob("*.gz"):
        assert gzip.decompress(packed.read_bytes()) == packed.with_suffix("").read_bytes(), packed.name


def test_a_page_that_did_not_change_is_not_sent_again(server: Running) -> None:
    first = _get(server, "/", **BROWSER)
    again = _get(server, "/", **BROWSER, **{"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert again.headers["link"] == first.headers["link"]


@pytest.mark.parametrize("path", ["/assets/none.js", "/assets/..%2findex.html", "/assets/%2e%2e/index.html"])
def test_nothing_but_what_was_built_is_an_asset(server: Running, path: str) -> None:
    assert _get(server, path).status_code == 404


@pytest.mark.parametrize("path", ["/nonsense", "/traces", "/favicon.ico"])
def test_a_person_at_an_unknown_address_gets_the_page_that_says_so(server: Running, path: str) -> None:
    found = _get(server, path, **BROWSER)
    assert found.status_code == 404
    assert found.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in found.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/api/v1/nonsense", "/api", "/v1/nonsense", "/langsmith/nonsense", "/o/x", "/assets/x.js"]
)
def test_an_unknown_address_of_the_api_stays_an_error_in_json(server: Running, path: str) -> None:
    found = _get(server, path, **BROWSER)
    assert (found.status_code, found.json()["error"]["code"]) == (404, "not_found")


def test_a_program_at_an_unknown_address_gets_json_and_a_wrong_method_its_own_error(server: Running) -> None:
    assert _get(server, "/nonsense", Accept="application/json").json()["error"]["code"] == "not_found"
    assert httpx.post(f"{server.addresses.http}/nonsense", headers=BROWSER).status_code == 404
    assert _get(server, "/v1/traces", **BROWSER).json()["error"]["code"] == "method_not_allowed"


def test_chromium_compiles_what_runs_before_the_first_rows_while_it_comes(server: Running) -> None:
    """Without its `//#` comment on top a script is compiled function by function, on the thread that draws."""
    page = _get(server, "/")
    named = re.findall(r"/assets/[\w-]+\.js", page.text + page.headers["link"].partition("rel=prefetch")[0])
    scripts = [name for name in named if "rolldown-runtime" not in name and "TracePage" not in name]
    assert len(scripts) == 4, named
    for script in scripts:
        assert _get(server, script).text.startswith("//# allFunctionsCalledOnLoad\n"), script


def test_no_page_holds_react() -> None:
    """docs/adr/0016: whatever asks for React gets Preact; both in one page would share nothing."""
    for script in (DIST / "assets").glob("*.js"):
        assert "react.dev/errors" not in script.read_text(encoding="utf-8"), script.name
