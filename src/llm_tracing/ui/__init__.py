"""Serves the built web UI: its files, and its one page for every address of a page.

The build lands in `dist/` (make ui). The Content-Security-Policy lets nothing in but our own files: prompts and
answers are hostile input.
"""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from llm_tracing.ui.early import First, first_traces, first_tree, page_links
from llm_tracing.ui.files import ASK_AGAIN, FOR_GOOD, SECURITY_HEADERS, file_response

DIST = Path(__file__).parent / "dist"
# The page at an address: the module of frontend/ that shows it.
PAGES = {
    "/": "src/traces/TracesPage.tsx",
    "/traces/{trace_id}": "src/trace/TracePage.tsx",
    "/compare": "src/compare/ComparePage.tsx",
    "/sessions": "src/sessions/SessionsPage.tsx",
    "/sessions/{session_id:path}": "src/sessions/SessionPage.tsx",
    "/dashboard": "src/dashboard/DashboardPage.tsx",
    "/models": "src/models/ModelsPage.tsx",
    "/users": "src/users/UsersPage.tsx",
    "/users/{user_id:path}": "src/users/UserPage.tsx",
    "/progress": "src/progress/ProgressPage.tsx",
    "/doctor": "src/doctor/DoctorPage.tsx",
    "/logs": "src/logs/LogsPage.tsx",
    "/metrics-explorer": "src/metrics/MetricsPage.tsx",
    "/settings": "src/settings/SettingsPage.tsx",
}
# Of the pages whose first rows are asked for before their script runs: that request.
FIRST: dict[str, First] = {"/": first_traces, "/traces/{trace_id}": first_tree}
# Where people mostly go from a page.
NEXT = {"/": PAGES["/traces/{trace_id}"], "/traces/{trace_id}": PAGES["/"]}
_NOT_BUILT = "<!doctype html><title>LLM Tracing</title><p>The web UI is not built. Run <code>make ui</code>.</p>"
# Who asks here is a program, whatever it says it accepts.
_FOR_PROGRAMS = re.compile(r"/(?:api|v1|langsmith|o|assets)(?:/|$)|.*/v1/(?:traces|logs|metrics)$")

Endpoint = Callable[[Request], Awaitable[Response]]


def _index(asked: Headers, links: dict[str, str], status: int = 200) -> Response:
    try:
        return file_response(DIST / "index.html", asked, ASK_AGAIN, links, status)
    except OSError:
        return HTMLResponse(_NOT_BUILT, 503, SECURITY_HEADERS)


def _page(page: str) -> Endpoint:
    part, first, next_part = PAGES[page], FIRST.get(page), NEXT.get(page)

    async def serve(request: Request) -> Response:
        early = first(request.url.query, request.path_params) if first else None
        return _index(request.headers, page_links(DIST, part, early, next_part))

    return serve


async def _asset(request: Request) -> Response:
    try:
        return file_response(DIST / "assets" / request.path_params["name"], request.headers, FOR_GOOD)
    except OSError:
        raise HTTPException(404) from None


def _top_file(path: Path) -> Endpoint:
    async def serve(request: Request) -> Response:
        return file_response(path, request.headers, ASK_AGAIN)

    return serve


def _top_files() -> list[str]:
    """What the build puts beside its page: the icon, the script that sets the theme before anything shows."""
    return sorted(path.name for path in DIST.glob("*.*") if path.suffix in (".js", ".svg", ".png"))


def ui_routes() -> list[Route]:
    return [
        *(Route(page, _page(page), methods=["GET"]) for page in PAGES),
        *(Route(f"/{name}", _top_file(DIST / name), methods=["GET"]) for name in _top_files()),
        Route("/assets/{name}", _asset, methods=["GET"]),
    ]


def page_or(otherwise: ASGIApp) -> ASGIApp:
    """What answers where nothing else does: a person's browser gets the page that says so, anything else an error."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        asked = Headers(scope=scope) if scope["type"] == "http" else Headers()
        by_a_person = scope.get("method") in ("GET", "HEAD") and "text/html" in asked.get("accept", "")
        if by_a_person and not _FOR_PROGRAMS.match(scope["path"]):
            await _index(asked, {}, 404)(scope, receive, send)
        else:
            await otherwise(scope, receive, send)

    return answer
