"""Lines of output that are there as records of Python's `logging` too: dropped, once each.

A line waits a moment for the word that its record was stored. Only that word drops it, and each word drops one line: a
line that merely has the same text stays, and so does one whose record got lost.
"""

from collections import deque
from collections.abc import Iterator

from llm_tracing.runner.lines import Line
from llm_tracing.runner.notes import Notes

HOLD_NS = 1_500_000_000
"""A record is sent half a second after it was logged, and stored soon after that."""
_MOST_BYTES = 16 * 1024 * 1024


class Held:
    """The lines of one stream, until it is known whether a record says the same."""

    def __init__(self, stream: str, notes: Notes) -> None:
        self._stream = stream
        self._notes = notes
        self._lines: deque[Line] = deque()
        self._bytes = 0

    def add(self, line: Line) -> None:
        self._lines.append(line)
        self._bytes += len(line.raw)

    def released(self, now_ns: int | None) -> Iterator[Line]:
        """Those that have waited long enough and that no record says; all of them without `now_ns`."""
        self._notes.read()
        before = now_ns - HOLD_NS if now_ns is not None and self._notes.bridged else now_ns
        while self._lines and (before is None or self._lines[0].time_ns <= before or self._bytes > _MOST_BYTES):
            line = self._lines.popleft()
            self._bytes -= len(line.raw)
            if not self._notes.is_retold(self._stream, line.raw):
                yield line
