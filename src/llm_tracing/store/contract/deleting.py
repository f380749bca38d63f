"""Deleting by age, by size and on request, and copying all."""

from hashlib import blake2b
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from llm_tracing.model import PinRow


class Erased(NamedTuple):
    """How many rows of each are gone."""

    traces: int
    spans: int
    logs: int
    payloads: int


def subject_of(what: Literal["trace", "session", "user"], name: str) -> str:
    """How the record of an erasure names what is gone: a trace by its id, a session or a user by a hash."""
    return name if what == "trace" else blake2b(name.encode(), digest_size=16).hexdigest()


class Size(NamedTuple):
    """Bytes of the data file: with rows in them, and free."""

    used: int
    free: int


Signal = Literal["traces", "logs", "metric_points"]


class Deleter(Protocol):
    """For the thread that writes, but for what only reads: pins, size."""

    def delete_traces_before(self, time_unix_nano: int, limit: int = 1_000) -> int:
        """Delete the oldest traces that began before, pinned ones not; how many went, 0 if none is left."""
        ...

    def delete_rows_before(self, table: Literal["logs", "metric_points"], time_unix_nano: int) -> bool:
        """Delete some hours of the oldest rows before a time, those of pinned traces not; whether any may be left."""
        ...

    def erase(self, what: Literal["trace", "session", "user"], name: str) -> Erased:
        """Delete all that is stored of one, pinned or not, from the files too."""
        ...

    def pin(self, trace_id: bytes) -> None:
        """Keep a trace whatever its age."""
        ...

    def unpin(self, trace_id: bytes) -> bool:
        """Whether it was pinned."""
        ...

    def pins(self) -> list[PinRow]:
        """Pinned traces, the last pinned first."""
        ...

    def size(self) -> Size: ...

    def tidy(self) -> None:
        """Make the room of what was deleted free for others, so that `size` says what is left."""
        ...

    def time_at_share(self, table: Signal, share: float) -> int | None:
        """Before which time the oldest share (0 to 1) of a signal lies, pinned traces left out; None if it has none."""
        ...

    def rewrite(self) -> None:
        """Write the file anew without free blocks and deleted bytes. Raises DiskFull without room for a second one."""
        ...

    def give_space_back(self) -> bool:
        """Make the file smaller if much of it is free; whether it was written anew."""
        ...


class Copier(Protocol):
    def copy_to(self, target: Path) -> None:
        """Everything as it is now into a new file, while others read and write; raises StoreError."""
        ...
