"""What became of a stretch of time that was to be brought into the window, whichever backend it came from."""

from __future__ import annotations

from dataclasses import dataclass

from llm_tracing.errors import BackendError


@dataclass(slots=True)
class Brought:
    """Whether all of a stretch of time is in the window now, and what stood in the way."""

    whole: bool = True
    trouble: BackendError | None = None
    seen: int = 0  # traces or log records that were found


def never(_: int) -> bool:
    """The `enough` of who wants all of a stretch."""
    return False
