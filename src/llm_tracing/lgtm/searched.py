"""Which stretches of time were searched for which query, and which are to be searched, for the first time or again."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from llm_tracing.lgtm.coverage import Coverage, Stretch
from llm_tracing.lgtm.looks import Looks

_AGAIN_S = 3.0  # the newest minutes; a page asks several questions about them at once
_QUERIES = 64  # whose coverage is remembered
_SECOND = 1_000_000_000
_SOON = 60 * _SECOND
_Gaps = Callable[[str, int, int], list[Stretch]]


class Searched:
    """`everything` is the query that finds all: what it covered needs no other search. For one thread at a time.

    What is newer than `settles_ns` may still grow, and is searched every few seconds. What is older is searched again
    as looks.py says, or with `once` no more. `now` gives nanoseconds since the epoch.
    """

    def __init__(
        self, everything: str, settles_ns: int, now: Callable[[], int] = time.time_ns, *, once: bool = False
    ) -> None:
        self._all = everything
        self._settles_ns = settles_ns
        self._now = now
        self._settled: OrderedDict[str, Coverage] = OrderedDict({everything: Coverage()})
        self._looks: dict[str, Looks] = {}
        self._once = once
        self._newest: dict[str, tuple[float, Coverage]] = {}
        self._is_void = False

    def settled_until(self) -> int:
        return self._now() - self._settles_ns

    def read_since(self) -> int:
        """Since when all was there when somebody looked last: what a page that is open now rests on."""
        newest = self._settled[self._all].newest()
        return self.settled_until() if newest is None else newest[0]

    def gaps(self, query: str, since: int, until: int) -> list[Stretch]:
        """What must be searched, the newest first; for a first time, or once more."""
        if self._is_void:
            self._is_void = False
            self._forget()
        border = max(since, min(until, self.settled_until()))
        return [
            *self._not_in(query, _gaps_of(self._lately), border, min(until, self._now() + _SECOND)),
            *self._not_in(query, self._due, since, border),
        ]

    def whole_since(self, query: str, since: int, until: int) -> int:
        """Since when a range was searched; `since` where its newest part was not.

        Asked soon after a search: what has settled since then is not missed.
        """
        border = min(until, self.settled_until() - _SOON)
        gaps = self._not_in(query, _gaps_of(self._coverage), since, border)
        return gaps[0][1] if gaps and gaps[0][1] < border else since

    def never(self, query: str, since: int, until: int) -> list[Stretch]:
        """What was never searched, but for the newest minutes; the newest first."""
        return self._not_in(query, _gaps_of(self._coverage), since, max(since, min(until, self.settled_until())))

    def cover(self, query: str, since: int, until: int, settled_until: int) -> None:
        """Note that a stretch was searched when everything before `settled_until` had settled."""
        border = max(since, min(until, settled_until))
        self._coverage(query).add(since, border)
        if since < border:
            self._looks.setdefault(query, Looks(self._now)).add(since, border)
        self._lately(query).add(border, until)

    def forget(self) -> None:
        """What was brought may be gone. From any thread: it takes effect before the next question."""
        self._is_void = True

    def _forget(self) -> None:
        for coverage in self._settled.values():
            coverage.forget()
        self._looks.clear()
        self._newest.clear()

    def _coverage(self, query: str) -> Coverage:
        found = self._settled.setdefault(query, Coverage())
        self._settled.move_to_end(query)
        self._settled.move_to_end(self._all)  # never the one that is forgotten
        while len(self._settled) > _QUERIES:
            query_gone, _ = self._settled.popitem(last=False)
            self._newest.pop(query_gone, None)
            self._looks.pop(query_gone, None)
        return found

    def _lately(self, query: str) -> Coverage:
        """What of the newest minutes was searched within the last seconds."""
        at, coverage = self._newest.get(query, (float("-inf"), Coverage()))
        if time.monotonic() - at > _AGAIN_S:
            coverage = Coverage()
            self._newest[query] = (time.monotonic(), coverage)
        return coverage

    def _due(self, query: str, since: int, until: int) -> list[Stretch]:
        looks = self._looks.get(query)
        if looks is None or self._once:
            return self._coverage(query).gaps(since, until)
        return looks.due(since, until)

    def _not_in(self, query: str, gaps_of: _Gaps, since: int, until: int) -> list[Stretch]:
        if since >= until:
            return []
        gaps = gaps_of(self._all, since, until)
        return gaps if query == self._all else [part for gap in gaps for part in gaps_of(query, *gap)]


def _gaps_of(of: Callable[[str], Coverage]) -> _Gaps:
    return lambda query, since, until: of(query).gaps(since, until)
