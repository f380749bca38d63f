"""Bytes of output -> lines of text, each with the time when its first byte came.

A line is what a terminal would show of it: what a carriage return overwrote is gone, and so are colours.
Bytes that are no UTF-8, and control characters, are spelt out as `\\xff`.
"""

import re
from dataclasses import dataclass, field

LONGEST = 4 * 1024 * 1024
"""Bytes of a line after which it is cut into parts."""

# CSI sequences (colours, cursor), OSC sequences (titles, links), and the two-byte ones: ECMA-48, section 5.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-Z\\^-~])")
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), 127) if chr(code) not in "\t\r\n"}


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    time_ns: int
    cut: bool = False
    """True for a part of a line that goes on in the next one."""
    raw: bytes = field(default=b"", compare=False, repr=False)
    """Its bytes as they came."""


def shown(raw: bytes) -> str:
    """What a terminal shows of a line."""
    text = raw.decode("utf-8", "backslashreplace")
    if "\x1b" in text:
        text = _ESCAPES.sub("", text)
    if "\r" in text:
        text = next((part for part in reversed(text.split("\r")) if part), "")
    return text if text.isprintable() else text.translate(_CONTROLS)


class Lines:
    """The lines of one stream, as their bytes come in."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._since_ns = 0

    def feed(self, data: bytes, now_ns: int) -> list[Line]:
        """The lines that `data` ends."""
        found: list[Line] = []
        *ended, rest = data.split(b"\n")
        for piece in ended:
            raw, since = (bytes(self._held) + piece, self._since_ns) if self._held else (piece, now_ns)
            self._held.clear()
            found.append(Line(shown(raw), since, raw=raw))
        if rest:
            self._hold(rest, now_ns)
        if len(self._held) > LONGEST:
            found += self._cut()
        return found

    def rest(self) -> list[Line]:
        """What waits for the end of its line, given up as it is."""
        raw = bytes(self._held)
        self._held.clear()
        return [Line(shown(raw), self._since_ns, raw=raw)] if raw else []

    def _hold(self, data: bytes, now_ns: int) -> None:
        if not self._held:
            self._since_ns = now_ns
        self._held += data

    def _cut(self) -> list[Line]:
        """A progress bar that is drawn again and again keeps its last picture; another long line becomes two."""
        drawn = self._held.rfind(b"\r", 0, -1)
        if drawn > 0:
            del self._held[:drawn]
            if len(self._held) <= LONGEST:
                return []
        raw = bytes(self._held)
        # Not within a character: the bytes of one after its first are 10xxxxxx.
        end = next((len(raw) - back for back in range(1, 5) if raw[-back] & 0xC0 != 0x80), len(raw))
        end = end if 0 < end < len(raw) and raw[end] >= 0xC0 else len(raw)
        self._held = bytearray(raw[end:])
        return [Line(shown(raw[:end]), self._since_ns, cut=True, raw=raw[:end])]
