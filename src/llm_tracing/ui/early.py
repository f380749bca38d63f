"""What a page needs at once, told with its first bytes: the scripts of its part, and the request for its first rows.

Both start while the browser still reads the page, instead of after the whole script has run. They are `Link` headers,
so the page itself stays one file without inline scripts.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote_plus

_LONGEST_QUERY = 1_500  # of a header; a longer one is asked for when the script runs
_ROWS = 50  # frontend: traces/tracesQuery.ts, PAGE
_TRACE_ID = re.compile("[0-9a-f]{32}")


def page_links(dist: Path, part: str, early: str | None, next_part: str | None = None) -> dict[str, str]:
    """The headers of a page: the scripts and styles of `part` (a module of the sources), and a request of the API.

    The script of `next_part`, where people mostly go from here, is fetched when there is nothing else to do.
    Source: HTML, "Processing Link headers"; `crossorigin` says how the page will ask, or the answer would not be used.
    """
    manifest = dist / "manifest.json"
    try:
        changed = manifest.stat().st_mtime_ns
        links = list(_part_links(manifest, changed, part))
        if next_part is not None:
            links.extend(f"<{address}>; rel=prefetch; as=script" for address in _scripts(manifest, changed, next_part))
    except OSError:
        links = []
    if early is not None:
        links.insert(0, f"<{early}>; rel=preload; as=fetch; crossorigin=anonymous")
    return {"Link": ", ".join(links)} if links else {}


def _part_links(manifest: Path, changed: int, part: str) -> tuple[str, ...]:
    scripts = (f"<{address}>; rel=modulepreload" for address in _scripts(manifest, changed, part))
    preload = "rel=preload; as=style; crossorigin=anonymous"
    styles = (f"<{address}>; {preload}" for address in _styles(manifest, changed, part))
    return (*scripts, *styles)


def _scripts(manifest: Path, changed: int, part: str) -> tuple[str, ...]:
    return tuple(f"/{chunk['file']}" for chunk in _own_chunks(manifest, changed, part))


def _styles(manifest: Path, changed: int, part: str) -> tuple[str, ...]:
    return tuple(f"/{css}" for chunk in _own_chunks(manifest, changed, part) for css in chunk.get("css", ()))


@lru_cache(maxsize=64)
def _own_chunks(manifest: Path, _changed: int, part: str) -> tuple[Mapping[str, Any], ...]:
    """What a part needs beyond that which the page itself names."""
    known: dict[str, dict[str, Any]] = json.loads(manifest.read_bytes())
    first = next((name for name, chunk in known.items() if chunk.get("isEntry")), None)
    named = _with_imports(known, first) if first else {}
    return tuple(known[name] for name in _with_imports(known, part) if name not in named)


def _with_imports(known: Mapping[str, Mapping[str, Any]], name: str) -> dict[str, None]:
    """A chunk and all that it imports at once, in order, each once."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        one = waiting.pop(0)
        if one in found or one not in known:
            continue
        found[one] = None
        waiting.extend(known[one].get("imports", ()))
    return found


First = Callable[[str, Mapping[str, str]], str | None]


def first_traces(query: str, _: Mapping[str, str]) -> str | None:
    """The list's first rows, as frontend/src/api/client.ts asks for them; not within a time, which it counts itself."""
    asked = dict(parse_qsl(query))
    q = asked.get("q", "")
    if "since" in asked or "until" in asked or len(query) > _LONGEST_QUERY:
        return None
    return f"/api/v1/traces?{f'q={_as_browsers_do(q)}&' if q else ''}limit={_ROWS}"


def first_tree(_: str, params: Mapping[str, str]) -> str | None:
    """The light tree of a trace; the page itself says so if it is no id."""
    trace_id = params["trace_id"].lower()
    return f"/api/v1/traces/{trace_id}/tree" if _TRACE_ID.fullmatch(trace_id) else None


def _as_browsers_do(text: str) -> str:
    """As URLSearchParams writes a value: the addresses must be the same to the letter (URL standard, 5.2)."""
    return quote_plus(text, safe="*").replace("~", "%7E")
