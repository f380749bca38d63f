"""Which stretches of time are wholly in the window: intervals that grow together. Times are nanoseconds."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

Stretch = tuple[int, int]  # from the first on, before the second


class Coverage:
    def __init__(self) -> None:
        self._stretches: list[Stretch] = []  # in order, none touches the next

    def add(self, since: int, until: int) -> None:
        if since >= until:
            return
        first = bisect_left(self._stretches, since, key=lambda stretch: stretch[1])
        last = bisect_right(self._stretches, until, key=lambda stretch: stretch[0])
        joined = self._stretches[first:last]
        if joined:
            since, until = min(since, joined[0][0]), max(until, joined[-1][1])
        self._stretches[first:last] = [(since, until)]

    def gaps(self, since: int, until: int) -> list[Stretch]:
        """What of a stretch is not covered, the newest first."""
        found: list[Stretch] = []
        at = until
        for start, end in reversed(self._stretches):
            if end <= since or at <= since:
                break
            if start >= at:
                continue
            if end < at:
                found.append((max(end, since), at))
            at = start
        if at > since:
            found.append((since, at))
        return found

    def within(self, since: int, until: int) -> list[Stretch]:
        """What of a stretch is covered, in order."""
        found = ((max(start, since), min(end, until)) for start, end in self._stretches)
        return [(start, end) for start, end in found if start < end]

    def newest(self) -> Stretch | None:
        return self._stretches[-1] if self._stretches else None

    def forget(self) -> None:
        self._stretches.clear()
