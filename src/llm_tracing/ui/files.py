"""The built files, ready to send: read once more only when they change, packed where the browser takes gzip.

The build writes `NAME.gz` beside what is worth packing, so nothing is packed while a page waits.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ASK_AGAIN = "no-cache"
# Vite puts a hash of the content in each name, so such a file never changes.
FOR_GOOD = "public, max-age=31536000, immutable"
# Said here: the machine's own table of types may call a script text/plain, which `nosniff` then refuses to run.
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".png": "image/png",
    ".json": "application/json",
}


def takes_gzip(headers: Headers) -> bool:
    """Whether Accept-Encoding names gzip, and not with a weight of 0 (RFC 9110, 12.5.3)."""
    for one in headers.get("accept-encoding", "").lower().split(","):
        name, _, weight = one.replace(" ", "").partition(";q=")
        if name == "gzip":
            return weight.strip("0.") != "" or weight == ""
    return False


def file_response(
    path: Path, asked: Headers, cache: str, more: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    """A file of the build, or 304 where the browser has it. Raises OSError if there is none."""
    packed = path.with_name(f"{path.name}.gz") if takes_gzip(asked) else None
    use = packed if packed is not None and packed.is_file() else path
    known = use.stat()
    tag = f'"{known.st_mtime_ns:x}-{known.st_size:x}"'
    headers = {**SECURITY_HEADERS, "Cache-Control": cache, "ETag": tag, "Vary": "Accept-Encoding", **(more or {})}
    if status == 200 and tag in asked.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if use is packed:
        headers["Content-Encoding"] = "gzip"
    kind = _TYPES.get(path.suffix, "application/octet-stream")
    return Response(_content(use, known.st_mtime_ns), status, headers, media_type=kind)


@lru_cache(maxsize=64)
def _content(path: Path, _changed: int) -> bytes:
    """A few hundred kB in all: sent in one piece from memory, where a file is sent in many, a thread for each."""
    return path.read_bytes()
