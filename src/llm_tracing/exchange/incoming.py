"""A file as it arrives, in parts of any size, as its lines: plain, gzip or zstd, told by its first bytes.

A document over many lines (indented, or one of our exports of a trace) comes whole, as line 1. Never more is held than
one line or one document may have.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import orjson
import zstandard

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_MAGIC = 4
_STEP = 1_024  # bytes of compressed input at a time: what they become is bounded too
_GZIP_WINDOW = zlib.MAX_WBITS | 16


@dataclass(frozen=True, slots=True)
class Line:
    """`text` is None if the line was longer than is taken."""

    number: int
    text: bytes | None


class BrokenFile(ValueError):
    """The compressed stream is not whole."""


class _Plain:
    def feed(self, part: bytes) -> Iterator[bytes]:
        yield part

    def end(self) -> None: ...


class _Gzip:
    """One member or several, as concatenated files have."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(_GZIP_WINDOW)
        self._fresh = True

    def feed(self, part: bytes) -> Iterator[bytes]:
        for at in range(0, len(part), _STEP):
            left = part[at : at + _STEP]
            while left:
                try:
                    plain = self._stream.decompress(left)
                except zlib.error as error:
                    raise BrokenFile(f"not valid gzip: {error}") from error
                self._fresh = False
                left = b""
                if self._stream.eof:
                    left = self._stream.unused_data
                    self._stream = zlib.decompressobj(_GZIP_WINDOW)
                    self._fresh = True
                yield plain

    def end(self) -> None:
        if not self._fresh:
            raise BrokenFile("the gzip stream ends early")


class _Zstd:
    """One frame or several."""

    def __init__(self) -> None:
        self._frame: zstandard.ZstdDecompressionObj | None = None

    def feed(self, part: bytes) -> Iterator[bytes]:
        for at in range(0, len(part), _STEP):
            left = part[at : at + _STEP]
            while left:
                self._frame = self._frame or zstandard.ZstdDecompressor().decompressobj()
                try:
                    plain = self._frame.decompress(left)
                except zstandard.ZstdError as error:
                    raise BrokenFile(f"not valid zstd: {error}") from error
                left = b""
                if self._frame.eof:
                    left = self._frame.unused_data
                    self._frame = None
                yield plain

    def end(self) -> None:
        if self._frame is not None:
            raise BrokenFile("the zstd stream ends early")


def _reader(start: bytes) -> _Plain | _Gzip | _Zstd:
    if start.startswith(_GZIP):
        return _Gzip()
    return _Zstd() if start.startswith(_ZSTD) else _Plain()


class Lines:
    """Feed it the parts of a file, then `end` it; each gives the lines that are whole by then."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._start = b""
        self._reader: _Plain | _Gzip | _Zstd | None = None
        self._parts: list[bytes] = []  # of the line that is not whole
        self._size = 0
        self._number = 1
        self._too_long = False
        self._document: list[bytes] | None = None  # lines that may be one document; None once that is settled
        self._document_size = 0
        self._first = True

    def feed(self, part: bytes) -> Iterator[Line]:
        """Raises BrokenFile."""
        if self._reader is None:
            self._start += part
            if len(self._start) < _MAGIC:
                return
            part, self._start = self._start, b""
            self._reader = _reader(part)
        for plain in self._reader.feed(part):
            yield from self._split(plain)

    def end(self) -> Iterator[Line]:
        """The last line. Raises BrokenFile."""
        if self._reader is None:
            self._reader = _Plain()
            yield from self._split(self._start)
        self._reader.end()
        if self._size or self._too_long:
            yield from self._whole()
        if self._document is not None:
            whole = b"\n".join(self._document)
            if _is_json(whole):
                yield Line(1, whole)
            else:
                yield from self._give_up_document()

    def _split(self, plain: bytes) -> Iterator[Line]:
        *whole, rest = plain.split(b"\n")
        for end in whole:
            self._add(end)
            yield from self._whole()
        self._add(rest)

    def _add(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._longest:
            self._parts, self._too_long = [], True
        elif part:
            self._parts.append(part)

    def _whole(self) -> Iterator[Line]:
        line = Line(self._number, None if self._too_long else b"".join(self._parts))
        self._parts, self._size, self._too_long = [], 0, False
        self._number += 1
        if line.text is not None and not line.text.strip() and self._document is None:
            return
        yield from self._told(line)

    def _told(self, line: Line) -> Iterator[Line]:
        """Whether the first line is JSON tells a document over many lines from a line of its own."""
        if self._first:
            self._first = False
            if line.text is not None and line.text.lstrip()[:1] in (b"{", b"[") and not _is_json(line.text):
                self._document = [*[b""] * (line.number - 1), line.text]
                return
        if self._document is None:
            yield line
            return
        self._document.append(line.text or b"")
        self._document_size += len(self._document[-1])
        if line.text is None or self._document_size > self._longest:
            yield from self._give_up_document()
            if line.text is None:
                yield line

    def _give_up_document(self) -> Iterator[Line]:
        lines, self._document = self._document or [], None
        for place, text in enumerate(lines):
            if text.strip():
                yield Line(place + 1, text)


def _is_json(text: bytes) -> bool:
    try:
        orjson.loads(text)
    except ValueError:
        return False
    return True
