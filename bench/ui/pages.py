"""What a real Chromium needs for the web UI: first rows, frames, folding, memory, bytes of script.

`python -m bench.ui [--spans N] [--big N]`, or `make bench-ui`. `--big` is the size of the one trace that is opened,
`--spans` how many the list stands over (in traces of 40). A folder given by --data is filled once and used again.
"""

import argparse
import gzip
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright
from tests.chromium import ARGUMENTS, chromium_program

from bench.ingest import send_http
from bench.profiles import COLLECTOR_BATCH, trace_bodies
from bench.question import SPANS_PER_TRACE
from bench.server import Running, serving
from bench.table import show
from bench.ui.big_trace import TRACE_ID, bodies
from llm_tracing.ui import DIST, PAGES
from llm_tracing.ui.early import page_links

ROUNDS = 3
_REST_MS = 4_000
_VIEW = {"width": 1440, "height": 900}
_ROW = "[role=row][aria-level]"
# Milliseconds from the start of the page to the first frame in which a row of the kind stands.
_FIRST_ROW = """(row) => new Promise((done) => {
  const look = () => document.querySelector(row) ? requestAnimationFrame(() => done(performance.now()))
                                                  : requestAnimationFrame(look);
  look();
})"""
# The frames while the tree is scrolled from its top to its end: milliseconds between one and the next.
_SCROLL = """([steps]) => new Promise((done) => {
  const box = document.querySelector(".tree-scroll");
  const frames = [];
  let last = performance.now(), step = 0;
  const next = (now) => {
    frames.push(now - last);
    last = now;
    if (step++ >= steps) return done(frames.slice(1));
    box.scrollTop = (box.scrollHeight - box.clientHeight) * step / steps;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
})"""
# Milliseconds from the key to the frame after the rows changed.
_KEY = """([key]) => new Promise((done) => {
  const grid = document.querySelector("[role=treegrid]");
  const before = grid.getAttribute("aria-rowcount");
  const begun = performance.now();
  window.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const look = () => grid.getAttribute("aria-rowcount") === before ? requestAnimationFrame(look)
                                                                    : done(performance.now() - begun);
  look();
})"""


def script_bytes(page: str) -> tuple[int, int]:
    """Bytes of the scripts that a page runs before its first rows, as they are and gzipped: its own and its part's."""
    named = (DIST / "index.html").read_text(encoding="utf-8") + page_links(DIST, PAGES[page], None).get("Link", "")
    scripts = [path for path in sorted(DIST.rglob("*.js")) if path.name in named]
    return sum(path.stat().st_size for path in scripts), sum(len(gzip.compress(path.read_bytes())) for path in scripts)


@contextmanager
def opened(browser: Browser, url: str) -> Iterator[Page]:
    """A page with nothing in its cache, in a window that stands: a new one runs 0.3 s of the browser's own scripts."""
    context = browser.new_context(viewport=_VIEW)  # type: ignore[arg-type]
    try:
        page = context.new_page()
        page.wait_for_timeout(_REST_MS)
        page.goto(url, wait_until="commit")
        yield page
    finally:
        context.close()


def _first_rows(browser: Browser, url: str, row: str) -> tuple[str, str]:
    """Middle milliseconds over the rounds: with an empty cache of the browser, and opened again."""
    found = [_once_and_again(browser, url, row) for _ in range(ROUNDS)]
    return tuple(f"{statistics.median(took):.0f} ms" for took in zip(*found, strict=True))  # type: ignore[return-value]


def _once_and_again(browser: Browser, url: str, row: str) -> tuple[float, float]:
    with opened(browser, url) as page:
        first = _row_of(page, row)
        page.goto(url, wait_until="commit")
        return first, _row_of(page, row)


def _row_of(page: Page, row: str) -> float:
    took = float(page.evaluate(_FIRST_ROW, row))
    # What the page asks for after its first rows would slow the next one.
    page.wait_for_function("() => performance.getEntriesByType('resource').every((one) => one.responseEnd > 0)")
    page.wait_for_timeout(_REST_MS)
    return took


def _heap_mb(page: Page) -> float:
    """JavaScript's heap after a collection, in MB (10^6 bytes)."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 1e6


def big_trace(browser: Browser, server: Running) -> list[list[str]]:
    url = f"{server_url(server)}/traces/{TRACE_ID}"
    first, again = _first_rows(browser, url, _ROW)
    took = sorted(_answer_ms(server, f"/api/v1/traces/{TRACE_ID}/tree") for _ in range(ROUNDS))
    with opened(browser, f"{url}?view=all") as page:
        page.evaluate(_FIRST_ROW, _ROW)
        page.wait_for_timeout(2 * _REST_MS)
        frames = sorted(page.evaluate(_SCROLL, [300]))
        collapse = page.evaluate(_KEY, ["x"])
        expand = page.evaluate(_KEY, ["x"])
        heap = _heap_mb(page)
    return [
        ["first rows", first, "1,000 ms"],
        ["first rows, opened again", again, ""],
        ["of these the server's answer", f"{statistics.median(took):.0f} ms", ""],
        ["longest frame while scrolling", f"{frames[-1]:.0f} ms", "100 ms"],
        ["middle frame while scrolling", f"{statistics.median(frames):.0f} ms", ""],
        ["collapse all", f"{collapse:.0f} ms", "100 ms"],
        ["open all again", f"{expand:.0f} ms", ""],
        ["JavaScript heap", f"{heap:.0f} MB", "300 MB"],
    ]


def server_url(server: Running) -> str:
    return f"http://{server.host}:{server.port}"


def _answer_ms(server: Running, path: str) -> float:
    begun = time.perf_counter()
    server.get(path)
    return (time.perf_counter() - begun) * 1000


def _list_ms(server: Running) -> str:
    return f"{statistics.median(_answer_ms(server, '/api/v1/traces?limit=50') for _ in range(ROUNDS)):.0f} ms"


def _fill(server: Running, spans: int, big: int) -> None:
    print(f"Loading {spans:,} spans and one trace of {big:,}", flush=True)
    send_http(server, list(bodies(big)))
    held: list[bytes] = []
    for body in trace_bodies(spans // SPANS_PER_TRACE, COLLECTOR_BATCH):
        held.append(body)
        if len(held) == 8:
            send_http(server, held)
            held.clear()
    send_http(server, held)


@contextmanager
def _filled(data: Path | None, spans: int, big: int) -> Iterator[Running]:
    with TemporaryDirectory(prefix="llm-tracing-bench-") as empty:
        folder = data or Path(empty)
        new = not (folder / "llm-tracing.duckdb").exists()
        with serving(folder) as server:
            if new:
                _fill(server, spans, big)
            yield server


def main(spans: int, big: int, data: Path | None) -> None:
    program = chromium_program()
    if program is None:
        raise SystemExit("No Chromium is installed (Debian: apt-get install chromium).")
    scripts = {page: script_bytes(page) for page in ("/", "/traces/{trace_id}")}
    with sync_playwright() as playwright, _filled(data, spans, big) as server:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        first, again = _first_rows(browser, server_url(server), "[data-testid=trace-row]")
        rows = [
            *big_trace(browser, server),
            [f"list of traces, first rows at {spans:,} spans", first, "300 ms"],
            ["the same, opened again", again, ""],
            ["its own request in the server", _list_ms(server), ""],
            *(
                [f"script of {page}, gzipped", f"{packed / 1000:.0f} kB (of {size / 1000:.0f})", "200 kB"]
                for page, (size, packed) in scripts.items()
            ),
        ]
        show(f"The web UI in Chromium {browser.version}, a trace of {big:,} spans", ["", "measured", "budget"], rows)
        browser.close()


def run() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=1_000_000)
    parser.add_argument("--big", type=int, default=50_000)
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    main(given.spans, given.big, given.data)
