"""What the Pythons below the command tell of themselves: lines of JSON in a file that they all append to.

Written by `telemetry/bootstrap/`. A line that cannot be read is passed over: a process may die in the middle of one.
"""

import json
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import Any

VARIABLE = "LLM_TRACING_RUN_NOTES"


@dataclass(frozen=True, slots=True)
class ExceptionNote:
    """An exception that nothing caught, and the span it came out of."""

    type: str
    message: str
    stacktrace: str
    time_ns: int
    trace_id: int
    span_id: int


@dataclass(slots=True)
class Notes:
    """Everything noted so far. `read` is quick and may be called often, from any thread."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="llm-tracing-run-")))
    instrumented: dict[str, None] = field(default_factory=dict)
    """Names of libraries that are observed, in the order in which they came."""
    bare: dict[str, str] = field(default_factory=dict)
    """Libraries in use that nothing observes: package -> what to install."""
    missing: dict[str, str] = field(default_factory=dict)
    """Interpreters that lack a module of the app side: path -> module, or the reason in words."""
    warnings: dict[str, None] = field(default_factory=dict)
    bridged: bool = False
    """Whether a process sends its records of `logging`, so that printed lines may be there as records too."""
    _retold: Counter[tuple[str, str]] = field(default_factory=Counter)
    _exceptions: list[ExceptionNote] = field(default_factory=list)
    _read: int = 0
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.path.touch()

    @property
    def path(self) -> Path:
        return self.folder / "notes"

    def read(self) -> None:
        with self._lock:
            try:
                with self.path.open("rb") as file:
                    file.seek(self._read)
                    data = file.read()
            except OSError:
                return
            whole = data[: data.rfind(b"\n") + 1]
            self._read += len(whole)
            for line in whole.splitlines():
                self._take(line)

    def exception(self, type_name: str, message: str) -> ExceptionNote | None:
        """The note of an exception that was printed; taken away, so that it is not told twice."""
        self.read()
        with self._lock:
            for note in self._exceptions:
                same = note.type.rpartition(".")[2] == type_name.rpartition(".")[2]
                if same and note.message.partition("\n")[0] == message:
                    self._exceptions.remove(note)
                    return note
        return None

    def untold(self) -> list[ExceptionNote]:
        """Exceptions that were noted and not printed, as by a program with a way of its own to show them."""
        with self._lock:
            found, self._exceptions = self._exceptions, []
            return found

    def is_retold(self, stream: str, raw: bytes) -> bool:
        """Whether a stored record says this printed line; each record takes one, so the next needs one of its own."""
        with self._lock:
            if not self._retold:
                return False
            key = (stream, blake2b(raw, digest_size=8).hexdigest())
            if not self._retold[key]:
                del self._retold[key]
                return False
            self._retold[key] -= 1
            return True

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _take(self, line: bytes) -> None:
        try:
            note = json.loads(line)
            kind, value = note["kind"], note["value"]
            if kind == "instrumented":
                self.instrumented[str(value)] = None
            elif kind == "bare":
                self.bare[str(value["package"])] = str(value["install"])
            elif kind == "missing":
                self.missing[str(note["python"])] = str(value)
            elif kind == "warning":
                self.warnings[str(value)] = None
            elif kind == "bridged":
                self.bridged = True
            elif kind == "printed":
                self._retold.update((str(stream), str(digest)) for stream, digest in value)
            elif kind == "exception":
                self._exceptions.append(_exception(value))
        except (ValueError, KeyError, TypeError):
            return


def _exception(value: dict[str, Any]) -> ExceptionNote:
    return ExceptionNote(
        str(value["type"]),
        str(value["message"]),
        str(value["stacktrace"]),
        int(value["time_ns"]),
        int(value["trace_id"], 16),
        int(value["span_id"], 16),
    )
