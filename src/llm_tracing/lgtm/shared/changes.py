"""Changes of side data, as they lie in the object place: one object for each commit, never changed once it is there.

    side/<time, 20 digits>-<server>.zst   JSON: {"changes": [{"kind", "key", "at", "by", "row": {...} or null}]}

Of the changes of one thing the latest holds, whichever is read first. `at` is the clock of who wrote it, but always
later than what that server knew of the thing: who saw a change and makes another one is not undone by a slow clock.
A row of null is a deletion. It stays for good, so that a copy that was away for long cannot bring the thing back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson
import zstandard

FOLDER = "side"
_LARGEST = 64 * 1024 * 1024  # bytes: an object says how long it is, and may lie
_MOST = 2**64

Row = dict[str, Any]
Thing = tuple[str, bytes]  # kind and key


class Version(NamedTuple):
    """Of two changes the one with the larger version holds."""

    at: int
    by: str


class Change(NamedTuple):
    kind: str
    key: bytes
    at: int  # nanoseconds since the epoch
    by: str
    row: Row | None

    @property
    def thing(self) -> Thing:
        return self.kind, self.key

    @property
    def version(self) -> Version:
        return Version(self.at, self.by)


def encode(changes: Iterable[Change]) -> bytes:
    rows = [{"kind": one.kind, "key": one.key.hex(), "at": one.at, "by": one.by, "row": one.row} for one in changes]
    return zstandard.ZstdCompressor().compress(orjson.dumps({"changes": rows}))


def decode(content: bytes) -> list[Change]:
    """Raises ValueError for what is no such object."""
    try:
        size = zstandard.frame_content_size(content)
        if not 0 <= size <= _LARGEST:
            raise ValueError(f"{size:,} bytes are no changes")
        tree = orjson.loads(zstandard.ZstdDecompressor().decompress(content))
        return [_change(one) for one in tree["changes"]]
    except (zstandard.ZstdError, KeyError, TypeError) as error:
        raise ValueError(str(error) or type(error).__name__) from error


def _change(one: Any) -> Change:
    kind, key, at, by, row = one["kind"], bytes.fromhex(one["key"]), one["at"], one["by"], one["row"]
    if not (isinstance(kind, str) and isinstance(by, str) and isinstance(at, int) and 0 <= at < _MOST):
        raise ValueError("a change without kind, time or server")
    if row is not None and not isinstance(row, dict):
        raise ValueError("a row that is none")
    return Change(kind, key, at, by, row)


def newest(changes: Iterable[Change]) -> dict[Thing, Change]:
    """Of each thing the change that holds."""
    found: dict[Thing, Change] = {}
    for one in changes:
        known = found.get(one.thing)
        if known is None or known.version < one.version:
            found[one.thing] = one
    return found


def path_of(at: int, by: str) -> str:
    return f"{FOLDER}/{at:020d}-{by}.zst"


def merged_path(paths: Sequence[str]) -> str:
    """Of an object that takes the place of others: after the last of them, and the same whoever merges the same."""
    last = max(path.removeprefix(f"{FOLDER}/")[:20] for path in paths)
    name = blake2b("\n".join(sorted(paths)).encode(), digest_size=8).hexdigest()
    return f"{FOLDER}/{last}-merged-{name}.zst"
