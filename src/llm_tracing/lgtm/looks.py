"""How often a stretch of time was looked at: once is not enough, since a search may miss traces for a while.

Spans come late, Tempo's blocks are flushed and compacted, one of its parts may not answer in time. So a stretch is
looked at a second time some minutes after the first, and again until a look came when it had long been over.
"""

from __future__ import annotations

from collections.abc import Callable

from llm_tracing.lgtm.coverage import Coverage, Stretch

AGAIN_NS = 10 * 60 * 1_000_000_000  # between two looks
OVER_NS = 30 * 60 * 1_000_000_000  # after its end nothing more is expected of a stretch
_SLOT_NS = 60 * 1_000_000_000  # looks within one count as one


class Looks:
    """For one query and one thread at a time. `now` gives nanoseconds since the epoch."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._done = Coverage()
        self._lately: dict[int, Coverage] = {}  # slot of time -> what was looked at in it, and is to be again
        self._once = Coverage()  # what was looked at and is due again, or will be

    def add(self, since: int, until: int) -> None:
        """A look at a stretch, now."""
        self._let_go()
        over = min(until, self._now() - OVER_NS)
        for stretch in self._not_lately(self._once.within(since, over)):
            self._done.add(*stretch)
        self._lately.setdefault(self._now() // _SLOT_NS, Coverage()).add(since, until)

    def due(self, since: int, until: int) -> list[Stretch]:
        """What of a stretch is to be looked at, the newest first."""
        self._let_go()
        return self._not_lately(self._done.gaps(since, until))

    def _not_lately(self, stretches: list[Stretch]) -> list[Stretch]:
        for one in self._lately.values():
            stretches = [part for stretch in stretches for part in one.gaps(*stretch)]
        return stretches

    def _let_go(self) -> None:
        for slot in [slot for slot in self._lately if (slot + 1) * _SLOT_NS <= self._now() - AGAIN_NS]:
            for stretch in self._lately.pop(slot).within(0, self._now()):
                self._once.add(*stretch)
