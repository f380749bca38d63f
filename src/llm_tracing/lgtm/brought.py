"""How a stretch of time is brought into the window, whichever backend it comes from, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from llm_tracing.errors import BackendError
from llm_tracing.lgtm.backend import Backend, Patience
from llm_tracing.lgtm.coverage import Stretch


@dataclass(slots=True)
class Brought:
    """Whether all of a stretch of time is in the window now, and what stood in the way."""

    whole: bool = True
    trouble: BackendError | None = None
    seen: int = 0  # traces or log records that were found


def never(_: int) -> bool:
    """The `enough` of who wants all of a stretch."""
    return False


def bring(
    backend: Backend,
    gaps: Iterable[Stretch],
    steps: Callable[[int, int], Iterator[tuple[int, int]]],
    since: int,
    budget: int,
    enough: Callable[[int], bool],
    patience: Patience,
) -> Brought:
    """Bring gap after gap of a range that begins at `since`; `steps` gives what was reached and how many were found.

    It ends when all are there, when `budget` were found, or when `enough` says so, which is asked after each step with
    the time that has been reached. Never raises BackendError.
    """
    brought = Brought()
    try:
        for start, end in gaps:
            for reached, seen in steps(start, end):
                brought.seen += seen
                if reached > start and (enough(reached) or brought.seen >= budget or patience.over):
                    brought.whole = False
                    return brought
            if enough(start):
                brought.whole = start <= since
                return brought
    except BackendError as error:
        brought.whole = False
        brought.trouble = None if backend.ran_out(error, patience) else error
    return brought
