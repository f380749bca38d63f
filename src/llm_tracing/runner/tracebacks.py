"""The lines of a Python traceback -> one exception. What it was caused by stays in its text, as Python prints it."""

import re
from dataclasses import dataclass

from llm_tracing.runner.lines import Line

_HEAD = re.compile(
    r"^(?:Traceback \(most recent call last\):|  \+ Exception Group Traceback \(most recent call last\):)"
)
_SYNTAX_HEAD = re.compile(r'^  File ".*", line \d+$')  # a SyntaxError of the script itself has no first line
_GO_ON = ("During handling of the above exception", "The above exception was the direct cause")
_RAISED = re.compile(r"^(?:  \| )?([A-Za-z_][\w.]*)(?:: (.*))?$", re.S)
_LONGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception with its traceback as it was printed."""

    text: str
    time_ns: int
    type: str
    message: str


class Tracebacks:
    """Takes the lines of one stream; gives them back, those of a traceback as one."""

    def __init__(self) -> None:
        self._block: list[Line] = []
        self._ended_by: str | None = None  # the line that names the exception, once it came
        self._size = 0

    def feed(self, line: Line) -> "list[Line | Raised]":
        if not self._block:
            if _HEAD.match(line.text) or _SYNTAX_HEAD.match(line.text):
                self._begin(line)
                return []
            return [line]
        if self._belongs(line) and self._size < _LONGEST:
            self._add(line)
            return []
        return [*self.flush(), *self.feed(line)]

    def flush(self) -> "list[Line | Raised]":
        """What waits for more lines, given up as it is."""
        block, ended_by = self._block, self._ended_by
        self._block, self._ended_by, self._size = [], None, 0
        while block and not block[-1].text:
            block.pop()
        raised = _RAISED.match(ended_by) if ended_by else None
        if not raised:
            return list(block)
        text = "\n".join(line.text for line in block)
        return [Raised(text, block[0].time_ns, raised[1], raised[2] or "")]

    def _begin(self, line: Line) -> None:
        self._block, self._ended_by, self._size = [], None, 0
        self._add(line)

    def _add(self, line: Line) -> None:
        self._block.append(line)
        self._size += len(line.text)

    def _belongs(self, line: Line) -> bool:
        text = line.text
        if self._block[0].text.startswith("  +"):  # a group: every line is indented, its own name after two blanks
            if self._ended_by is None and _RAISED.match(text) and text.startswith("  | "):
                self._ended_by = text
            return text.startswith(" ")
        if not text or text.startswith(_GO_ON):
            return self._ended_by is not None
        if _HEAD.match(text):  # the next of a chain
            joined = any(before.text.startswith(_GO_ON) for before in self._block[-3:])
            self._ended_by = None if joined else self._ended_by
            return joined
        if self._ended_by is None:
            if not text.startswith((" ", "\t")):
                self._ended_by = text
            return True
        return False
