"""Large texts and content leave the attributes and are stored once, under the hash of their bytes.

A JSON array of messages is cut at its top-level elements, byte for byte: a conversation's tenth call shares nine
payloads with the ninth. In place of the text stands {"$parts": [...]}: a part that starts with `#` is the hex hash of
a payload, one that starts with `'` a literal; joined in order they are the text as sent.
"""

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import orjson

from llm_tracing.model import PayloadRow

LARGE = 256  # characters; shorter values stay in the attributes unless they are content
# Keys of messages whose texts are words to read by, not content.
_WORDS = frozenset({"role", "type", "kind", "id", "tool_call_id", "toolUseId", "name", "finish_reason", "event.name"})
_scan = json.JSONDecoder().raw_decode
_SPACE = " \t\r\n"


def payload(content: str) -> PayloadRow:
    """A payload row for a text; 128 bits of BLAKE2b name it. The text to search is made of those that are stored."""
    return PayloadRow(blake2b(content.encode(), digest_size=16).digest(), content, None)


def search_text(content: str) -> str:
    """What a search reads of a payload: lower case, without JSON's escapes."""
    return ((plain_text(content) if "\\" in content else None) or content).lower()


def plain_text(content: str) -> str | None:
    """The strings inside JSON text, unescaped, one a line; None if it is not JSON."""
    tree = _from_json(content)
    if tree is None:
        return None
    found: list[str] = []
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            found.append(node)
        elif isinstance(node, dict):
            stack.extend(reversed(node.values()))
        elif isinstance(node, list):
            stack.extend(reversed(node))
    return "\n".join(found).encode("utf-8", "replace").decode()  # JSON can name half a surrogate pair


def _from_json(content: str) -> Any:
    """The object, array or text in JSON text; None for anything else."""
    if content.lstrip(_SPACE)[:1] not in ("{", "[", '"'):
        return None
    try:
        return orjson.loads(content)
    except ValueError:  # json reads some texts that orjson refuses: NaN, half a surrogate pair, deep nesting
        pass
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _elements(text: str) -> list[tuple[int, int]] | None:
    """Start and end of each top-level element of a JSON array; None if the text is no such array."""
    spans: list[tuple[int, int]] = []
    at, end = 1, len(text)
    try:
        while True:
            while at < end and text[at] in _SPACE:
                at += 1
            _, stop = _scan(text, at)
            spans.append((at, stop))
            at = stop
            while at < end and text[at] in _SPACE:
                at += 1
            if text[at] == "]":
                return spans if not text[at + 1 :].strip() else None
            if text[at] != ",":
                return None
            at += 1
    except (ValueError, IndexError, RecursionError):
        return None


def split(text: str, store: dict[bytes, PayloadRow]) -> dict[str, list[str]]:
    """The `$parts` of a text; its payloads are added to `store`."""
    spans = _elements(text) if text[:1] == "[" else None
    parts: list[str] = []
    at = 0
    for start, stop in spans or [(0, len(text))]:
        if start > at:
            parts.append("'" + text[at:start])
        row = payload(text[start:stop])
        store[row.payload_id] = row
        parts.append("#" + row.payload_id.hex())
        at = stop
    if at < len(text):
        parts.append("'" + text[at:])
    return {"$parts": parts}


def split_within(value: Any, store: dict[bytes, PayloadRow]) -> Any:
    """A structure with each text inside it as `$parts`, but for empty ones and short words such as a role or an id."""
    if isinstance(value, str):
        return split(value, store) if value else value
    if isinstance(value, dict):
        return {
            key: item if key in _WORDS and isinstance(item, str) and len(item) <= LARGE else split_within(item, store)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [split_within(item, store) for item in value]
    return value


def payload_ids(value: Any) -> list[bytes]:
    """The payload ids inside stored attributes, at any depth."""
    if isinstance(value, dict):
        parts = value.get("$parts")
        if parts is not None and len(value) == 1:
            return [bytes.fromhex(part[1:]) for part in parts if part[0] == "#"]
        return [found for item in value.values() for found in payload_ids(item)]
    if isinstance(value, list):
        return [found for item in value for found in payload_ids(item)]
    return []


def restore(value: Any, contents: Mapping[bytes, str]) -> Any:
    """Stored attributes with every `$parts` put together again. A payload that is gone reads as a note of that."""
    if isinstance(value, dict):
        parts = value.get("$parts")
        if parts is not None and len(value) == 1:
            return "".join(_part(part, contents) for part in parts)
        return {key: restore(item, contents) for key, item in value.items()}
    if isinstance(value, list):
        return [restore(item, contents) for item in value]
    return value


def _part(part: str, contents: Mapping[bytes, str]) -> str:
    if part[0] == "'":
        return part[1:]
    return contents.get(bytes.fromhex(part[1:]), f"[payload {part[1:]} is gone]")
