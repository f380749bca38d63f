"""A multipart/form-data body, whole in memory, to its parts.

Our own, because nothing in the lock files reads one: the parsers on PyPI are made for streams and uploads to disk,
while here the body is decompressed and bounded already and only cut at its delimiters.
Source: RFC 7578 (form-data), RFC 2046 section 5.1.1 (delimiters), RFC 9110 section 5.6 (quoted strings, parameters).
"""

import re
from typing import NamedTuple

_MAX_HEADER = 16 * 1024  # bytes of the header of one part
_BOUNDARY = re.compile(r';\s*boundary=(?:"((?:[^"\\]|\\.){1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_NAME = re.compile(r';\s*name=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))', re.IGNORECASE)
_ESCAPED = re.compile(r"\\(.)")
# The header as LangSmith's clients write it, which a reader of headers in general takes ten times as long for.
_USUAL = re.compile(
    rb'Content-Disposition: form-data; name="([\w.-]{1,200})"\r\nContent-Type: ([\w/;= .+-]{1,200})\r\n'
    rb"(?:Content-Length: \d{1,12}\r\n)?\r\n"
)
_USUAL_AFTER = re.compile(rb"\r\n" + _USUAL.pattern)
_PADDED = re.compile(rb"[ \t]+\r\n")


class Part(NamedTuple):
    """One part; `content_type` as sent, with its parameters, empty if there is none."""

    name: str
    content_type: str
    data: bytes


def boundary_of(content_type: str) -> bytes:
    """The boundary in a Content-Type; ValueError if it has none."""
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise ValueError("the Content-Type names no boundary")
    return _unquoted(found).encode()


def parts_of(body: bytes, boundary: bytes) -> list[Part]:
    """The parts in order; ValueError where the body is not cut as its boundary says, or ends early."""
    delimiter = b"\r\n--" + boundary
    if (usual := _usual_parts(body, delimiter)) is not None:
        return usual
    if body.startswith(delimiter[2:]):
        at = len(delimiter) - 2
    else:  # what stands before the first delimiter means nothing
        at = body.find(delimiter) + len(delimiter)
        if at < len(delimiter):
            raise ValueError("the boundary is not in the body")
    found: list[Part] = []
    while (start := _after_delimiter(body, at)) is not None:
        stop = _next_delimiter(body, delimiter, start)
        found.append(_part(body, start, stop))
        at = stop + len(delimiter)
    return found


def _usual_parts(body: bytes, delimiter: bytes) -> list[Part] | None:
    """The parts of a body that is cut in the plainest way, nothing around its delimiters; None of any other."""
    before, *chunks = body.split(delimiter)
    if body.startswith(delimiter[2:]):
        chunks.insert(0, before[len(delimiter) - 2 :])
    if not chunks or not chunks.pop().startswith(b"--"):
        return None
    found: list[Part] = []
    for chunk in chunks:
        if not (usual := _USUAL_AFTER.match(chunk)):
            return None
        found.append(Part(usual[1].decode(), usual[2].decode().strip(), chunk[usual.end() :]))
    return found


def _after_delimiter(body: bytes, at: int) -> int | None:
    """Where the part after a delimiter starts; None after the last."""
    if body.startswith(b"--", at):
        return None
    end = body.find(b"\r\n", at)
    if end < 0 or body[at:end].strip(b" \t"):
        raise ValueError("the body ends early")
    return end + 2


def _next_delimiter(body: bytes, delimiter: bytes, start: int) -> int:
    """Where the next delimiter stands: a line of its own, so that a longer line which begins like it is content."""
    at = start - 2  # a part without a header and content is followed by its delimiter at once
    while (at := body.find(delimiter, at)) >= 0:
        after = at + len(delimiter)
        if body.startswith(b"--", after) or body.startswith(b"\r\n", after):
            return at
        if _PADDED.match(body, after):
            return at
        at = after
    raise ValueError("the body ends early")


def _part(body: bytes, start: int, stop: int) -> Part:
    if (usual := _USUAL.match(body, start)) and usual.end() <= stop:
        return Part(usual[1].decode(), usual[2].decode().strip(), body[usual.end() : stop])
    end = body.find(b"\r\n\r\n", start - 2, min(stop, start + _MAX_HEADER))
    if end < 0:
        raise ValueError("a part has no header, or one that does not end")
    headers: dict[str, str] = {}
    for line in body[start:end].decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    named = _NAME.search(headers.get("content-disposition", ""))
    if named is None:
        raise ValueError("a part has no name")
    return Part(_unquoted(named), headers.get("content-type", ""), body[end + 4 : stop])


def _unquoted(found: "re.Match[str]") -> str:
    return _ESCAPED.sub(r"\1", found[1]) if found[1] is not None else found[2]
