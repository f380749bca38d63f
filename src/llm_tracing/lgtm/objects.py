"""Long texts, whole, in a folder or a bucket: content-addressed, so that what comes again is there already.

    refer:    a text ─▶ object ─▶ a short reference in its place
    get_many: references' hashes ─▶ texts

An object is the text, compressed with zstd, under the hash of its bytes. A long JSON array (the messages of a
conversation) is a list object: its elements are objects of their own, so that a tenth call shares nine messages with
the ninth. Nothing is ever changed or deleted here; age is the bucket's own rule.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from threading import Lock
from typing import Any

import orjson
import zstandard

from llm_tracing.lgtm.bucket import Bucket
from llm_tracing.lgtm.incoming import REFERENCE
from llm_tracing.normalize.payloads import payload, split
from llm_tracing.store.known import RecentIds

PREVIEW = 200  # characters of a text that its reference shows
_PART = 1_024  # characters: a shorter element stays in the list object
_LIST = "list-"  # how the name of a list object begins
_LARGEST = 256 * 1024 * 1024  # bytes of one text: an object says how long it is, and may lie
_AT_ONCE = 16
_KNOWN = 100_000  # objects remembered as stored


class ObjectStore:
    """Texts by their hash; safe for many threads."""

    def __init__(self, bucket: Bucket) -> None:
        self.place = bucket.place
        self._bucket = bucket
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="objects")
        self._known = RecentIds(_KNOWN)
        self._lock = Lock()

    def put_many(self, texts: Mapping[str, str]) -> None:
        """Store texts durably under their names; those stored of late are not sent again. Raises ObjectsError."""
        with self._lock:
            new = {name: text for name, text in texts.items() if _key(name) not in self._known}
        for _ in self._threads.map(self._put, new.items()):
            pass
        with self._lock:
            self._known.add(_key(name) for name in new)

    def get_many(self, hashes: Collection[str]) -> Mapping[str, str]:
        """See incoming.Objects."""
        found = self._get(hashes)
        lists = {name: parts for name, text in found.items() if name.startswith(_LIST) and (parts := _parts(text))}
        elements = self._get({part[1:] for parts in lists.values() for part in parts if part[0] == "#"})
        texts = {name: text for name, text in found.items() if not name.startswith(_LIST)}
        for name, parts in lists.items():
            whole = [elements.get(part[1:]) if part[0] == "#" else part[1:] for part in parts]
            if None not in whole:
                texts[name] = "".join(part for part in whole if part is not None)
        return texts

    def close(self) -> None:
        self._threads.shutdown()

    def _put(self, named: tuple[str, str]) -> None:
        name, text = named
        self._bucket.put(_path(name), zstandard.ZstdCompressor().compress(text.encode("utf-8", "surrogatepass")))

    def _get(self, names: Collection[str]) -> dict[str, str]:
        wanted = [name for name in names if _is_name(name)]
        found = self._threads.map(self._one, wanted)
        return {name: text for name, text in zip(wanted, found, strict=True) if text is not None}

    def _one(self, name: str) -> str | None:
        try:
            content = self._bucket.get(_path(name))
            if content is None or zstandard.frame_content_size(content) > _LARGEST:
                return None
            return zstandard.ZstdDecompressor().decompress(content).decode("utf-8", "surrogatepass")
        except Exception:  # unreachable or broken: the reference stays, with the text's beginning in it
            return None


def hash_of(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def objects_of(text: str) -> tuple[str, dict[str, str]]:
    """The name of the object that holds a text, and the objects to store for it: itself, or a list and its elements."""
    elements = split(text, {})["$parts"] if text[:1] == "[" else []
    if sum(part[0] == "#" for part in elements) < 2:
        name = hash_of(text)
        return name, {name: text}
    objects: dict[str, str] = {}
    parts: list[str] = []
    for part in _with_texts(text, elements):
        if len(part) < _PART:
            parts.append("'" + part)
        else:
            objects[hash_of(part)] = part
            parts.append("#" + hash_of(part))
    listed = orjson.dumps(parts).decode()
    name = _LIST + hash_of(listed)
    return name, {**objects, name: listed}


def reference(name: str, text: str, form: str | None = None) -> str:
    """What stands in a span in place of a text; incoming.py reads it."""
    said: dict[str, Any] = {REFERENCE: name, "bytes": len(text.encode("utf-8", "surrogatepass"))}
    if form:
        said["form"] = form
    beginning = text[:PREVIEW].encode("utf-8", "replace").decode()
    return orjson.dumps({**said, "preview": beginning}).decode()


def _with_texts(text: str, parts: Iterable[str]) -> Iterable[str]:
    """The texts that the parts of a split stand for, in order."""
    found: dict[bytes, Any] = {}
    split(text, found)
    for part in parts:
        yield part[1:] if part[0] == "'" else found[bytes.fromhex(part[1:])].content


def _parts(text: str) -> list[str]:
    """The parts of a list object; none if it is not one."""
    try:
        parts = orjson.loads(text)
    except ValueError:
        return []
    if isinstance(parts, list) and all(isinstance(part, str) and part[:1] in ("#", "'") for part in parts):
        return parts
    return []


def _is_name(name: str) -> bool:
    """A reference comes from a backend: what it names must not lead anywhere else."""
    digits = name.removeprefix(_LIST)
    return len(digits) == 32 and all(digit in "0123456789abcdef" for digit in digits)


def _path(name: str) -> str:
    digits = name.removeprefix(_LIST)
    return f"payloads/{digits[:2]}/{name}.zst"


def _key(name: str) -> bytes:
    return payload(name).payload_id if name.startswith(_LIST) else bytes.fromhex(name)
