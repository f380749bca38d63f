"""Many small objects become one, so that a list of them stays short and a start reads few.

What a merged object says is what the others said, so it does not matter who merges, or that two do at once: the merged
one is put before the others go. Its name tells what went into it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from llm_tracing.lgtm.bucket import Bucket, Listed
from llm_tracing.lgtm.shared.changes import Change, decode, encode, merged_path, newest

MANY = 600  # small objects
_SMALL = 256 * 1024  # bytes
_STAY = 100  # of the newest, which others may be reading just now
_MOST_BYTES = 4 * 1024 * 1024  # that go into one
_MOST = 1_000


def merge(
    bucket: Bucket,
    listed: Sequence[Listed],
    read: Callable[[Sequence[str]], Sequence[bytes | None]],
    many: int = MANY,
) -> bool:
    """Merge the oldest small objects of a list that is sorted by path, if there are many. Raises ObjectsError."""
    small = [one for one in listed if one.size < _SMALL]
    if len(small) <= many:
        return False
    chosen: list[Listed] = []
    size = 0
    for one in small[: -min(_STAY, many // 2)][:_MOST]:
        size += one.size
        if size > _MOST_BYTES:
            break
        chosen.append(one)
    changes: list[Change] = []
    merged: list[str] = []
    paths = [one.path for one in chosen]
    for path, content in zip(paths, read(paths), strict=True):
        if content is None:  # somebody else is merging
            return False
        try:
            changes += decode(content)
        except ValueError:
            continue  # it stays, for people to look at
        merged.append(path)
    if len(merged) < 2:
        return False
    bucket.put(merged_path(merged), encode(newest(changes).values()))
    bucket.delete(merged)
    return True
