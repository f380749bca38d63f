"""Who may write: programs, and pages of this very server. A browser sends Origin with every write of a page."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.requests import Request

from llm_tracing.errors import CrossOrigin, NotJson


def same_origin(headers: Mapping[str, str], *, must_say: bool = False) -> bool:
    """Whether a request comes from a page of this server, or, unless it `must_say` so, from a program."""
    origin = headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
    return not must_say or headers.get("sec-fetch-site") == "same-origin"


def check_origin(request: Request) -> None:
    """Raises CrossOrigin for a write by a page of somebody else."""
    if not same_origin(request.headers):
        raise CrossOrigin(request.headers.get("origin", ""))


def check_json_write(request: Request) -> None:
    """Raises NotJson or CrossOrigin."""
    check_origin(request)
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json" and request.method != "DELETE":
        raise NotJson
