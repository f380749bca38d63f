"""Who may write: programs, and pages of this very server. A browser sends Origin with every write of a page."""

from urllib.parse import urlsplit

from starlette.requests import Request

from llm_tracing.errors import CrossOrigin, NotJson


def check_origin(request: Request) -> None:
    """Raises CrossOrigin for a write by a page of somebody else."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower():
        raise CrossOrigin(origin)


def check_json_write(request: Request) -> None:
    """Raises NotJson or CrossOrigin."""
    check_origin(request)
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json" and request.method != "DELETE":
        raise NotJson
