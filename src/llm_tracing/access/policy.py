"""Which scope a request needs, as a table over method and path. What the table does not know needs `admin`.

`read` may also say something about what it sees: annotations and saved views are kept for the next who looks.
"""

import re
from typing import Literal

from llm_tracing.access.keys import Scope

OPEN: Literal["open"] = "open"  # nobody is asked for a key: health, the login, the pages' own files
ANY: Literal["any"] = "any"  # any key will do
Needed = Scope | Literal["open", "any"]
CHOSEN_PROJECT = "x-llm-tracing-project"  # header or metadata: the project that somebody with a key of the server means

_SAFE = "GET|HEAD|OPTIONS"
_LANGSMITH = "/langsmith(?:/api/v1)?"
# The first line that fits counts.
_TABLE: tuple[tuple[str, str, Needed], ...] = (
    ("POST", r".*/v1/(?:traces|logs|metrics)", "ingest"),
    (_SAFE, r"/healthz|/readyz", OPEN),
    ("GET|HEAD|POST|DELETE", r"/api/v1/login", OPEN),
    (_SAFE, r"/api/openapi\.json", OPEN),
    (_SAFE, r"/metrics", "read"),
    (_SAFE, f"{_LANGSMITH}/info", ANY),
    ("POST", f"{_LANGSMITH}/runs(?:/batch|/multipart)?", "ingest"),
    ("PATCH", f"{_LANGSMITH}/runs/[^/]+", "ingest"),
    ("POST|PATCH", f"{_LANGSMITH}/(?:feedback|sessions)(?:/[^/]+)?", "ingest"),
    ("POST", f"{_LANGSMITH}/runs/query", "read"),
    (_SAFE, f"{_LANGSMITH}(?:/.*)?", "read"),
    (_SAFE, r"/o/.*", "read"),
    (_SAFE, r"/api/v1/(?:audit|keys|projects)", "admin"),
    (_SAFE, r"/api/v1/.*", "read"),
    ("POST|PUT|PATCH|DELETE", r"/api/v1/(?:traces/[^/]+/(?:spans/[^/]+/)?annotations|annotations/[^/]+)", "read"),
    ("POST|PUT|PATCH|DELETE", r"/api/v1/views(?:/.*)?", "read"),
    ("POST", r"/api/v1/(?:traces/[^/]+/)?(?:sql|lens)/.*", "read"),
    ("POST", r"/api/v1/(?:import(?:/.*)?|progress)", "ingest"),
    (_SAFE, r"/.*", OPEN),  # the pages; what they show comes from the API
)
_RULES = tuple((re.compile(f"(?:{methods}) (?:{paths})"), needed) for methods, paths, needed in _TABLE)


def needed(method: str, path: str) -> Needed:
    """The scope that a request needs."""
    asked = f"{method.upper()} {path}"
    return next((needed for rule, needed in _RULES if rule.fullmatch(asked)), "admin")


_OF_THE_SERVER = re.compile(r"/metrics|/api/v1/(?:audit|keys|projects|login)")


def of_the_server(path: str) -> bool:
    """Whether a request is answered to somebody who named no project: about the server, not what is stored."""
    return _OF_THE_SERVER.fullmatch(path) is not None
