"""Serves the built web UI: its files, and its one page for every address of a page.

The build lands in `dist/` (make ui). The Content-Security-Policy lets nothing in but our own files: prompts and
answers are hostile input.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

DIST = Path(__file__).parent / "dist"
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PAGES = (
    "/",
    "/traces/{trace_id}",
    "/compare",
    "/sessions",
    "/sessions/{session_id:path}",
    "/dashboard",
    "/models",
    "/users",
    "/users/{user_id:path}",
    "/progress",
    "/doctor",
    "/logs",
    "/metrics-explorer",
    "/settings",
)
_NOT_BUILT = "<!doctype html><title>LLM Tracing</title><p>The web UI is not built. Run <code>make ui</code>.</p>"


async def _page(request: Request) -> Response:
    index = DIST / "index.html"
    if not index.is_file():
        return HTMLResponse(_NOT_BUILT, 503, SECURITY_HEADERS)
    return FileResponse(index, headers={**SECURITY_HEADERS, "Cache-Control": "no-cache"})


class _Assets(StaticFiles):
    """Vite puts a hash of the content in each name, so a file never changes."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers.update({**SECURITY_HEADERS, "Cache-Control": "public, max-age=31536000, immutable"})
        return response


def _file(path: Path) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        return FileResponse(path, headers={**SECURITY_HEADERS, "Cache-Control": "no-cache"})

    return serve


def _top_files() -> list[Path]:
    """What the build puts beside its page: the icon, the script that sets the theme before anything shows."""
    return sorted(path for path in DIST.glob("*.*") if path.is_file() and path.name != "index.html")


def ui_routes() -> list[Route | Mount]:
    return [
        *(Route(page, _page, methods=["GET"]) for page in PAGES),
        *(Route(f"/{path.name}", _file(path), methods=["GET"]) for path in _top_files()),
        Mount("/assets", _Assets(directory=DIST / "assets", check_dir=False)),
    ]
