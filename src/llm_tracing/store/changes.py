"""Who wants to know that stored spans changed: what is kept of them in memory is let go before the change is told."""

from collections.abc import Callable, Collection

# Gets the ids of the traces that changed; None: any may have.
Told = Callable[[Collection[bytes] | None], None]


class Changes:
    """Told after a commit, before whoever wrote hears of it: a reader that comes after an acknowledgement sees it."""

    def __init__(self) -> None:
        self._told: list[Told] = []

    def watch(self, told: Told) -> None:
        """`told` is called from the thread that writes; it must be quick and raise nothing."""
        self._told.append(told)

    def tell(self, trace_ids: Collection[bytes] | None = None) -> None:
        for told in self._told:
            told(trace_ids)
