"""One coverage for all figures of a page, and the filling of the window up to the range that the page asks for.

A page asks a dozen questions about one range within seconds. While the range is not wholly read, each would rest on a
little more of it than the one before. So what the first one reached is held for a short time: all of them are of the
same stretch, and agree. Meanwhile the rest is read in the background, as long as somebody asks.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock, Thread

from llm_tracing.lgtm.brought import Brought

HOLD_S = 10.0
_ALIKE_NS = 60 * 1_000_000_000  # ranges that begin or end so near to each other are one
_RANGES = 32  # that are held
_ASKED_S = 60.0  # after the last question nobody looks any more
_MOST = 800  # slices of one range that are read without a question that goes on
_PAUSE_S = 0.05  # between two slices, for questions that wait


@dataclass(frozen=True, slots=True)
class Rest:
    """What figures rest on: every trace from `since` on, as it was at a time of the clock."""

    brought: Brought
    since: int
    at: float


@dataclass(slots=True)
class _Asked:
    """A range that was asked for; its lock is held by who brings it."""

    query: str
    since: int
    until: int
    lock: Lock = field(default_factory=Lock)
    rest: Rest | None = None

    def is_for(self, query: str, since: int, until: int) -> bool:
        """Also for a part of a range that ends alike, once it is known what the range rests on."""
        begins_alike = abs(since - self.since) <= _ALIKE_NS or (self.rest is not None and since > self.since)
        return self.query == query and begins_alike and abs(until - self.until) <= _ALIKE_NS


class Steady:
    """Safe for many threads. What is asked of a range at a time is brought once; ranges do not wait for each other."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = Lock()
        self._asked: deque[_Asked] = deque(maxlen=_RANGES)

    def rest(self, query: str, since: int, until: int, bring: Callable[[], tuple[Brought, int]]) -> Rest:
        """What is held for such a range; else `bring` says what was brought and since when all is there."""
        asked = self._of(query, since, until)
        with asked.lock:
            if asked.rest is not None and self._is_fresh(asked.rest):
                return asked.rest
            brought, reached = bring()
            found = Rest(brought, since if brought.whole else max(since, reached), self._now())
            is_part = not brought.whole and brought.trouble is None
            asked.rest = found if is_part else None
            return found

    def since(self, query: str) -> int | None:
        """Since when what is held of the newest range of a query is whole."""
        held = [(one.until, one.rest.since) for one in self._fresh() if one.query == query and one.rest is not None]
        return max(held)[1] if held else None

    def forget(self) -> None:
        """There is more now than is held."""
        with self._lock:
            self._asked.clear()

    def _of(self, query: str, since: int, until: int) -> _Asked:
        with self._lock:
            found = next((one for one in self._asked if one.is_for(query, since, until)), None)
            if found is None or (found.rest is not None and not self._is_fresh(found.rest)):
                found = _Asked(query, since, until)
                self._asked.appendleft(found)
            return found

    def _fresh(self) -> list[_Asked]:
        with self._lock:
            return [one for one in self._asked if one.rest is not None and self._is_fresh(one.rest)]

    def _is_fresh(self, held: Rest) -> bool:
        return self._now() - held.at < HOLD_S


class Filling:
    """Reads a range on in slices. `read` reads one of what meets a query; `done` is called when a range is whole."""

    def __init__(self, read: Callable[[str, int, int], Brought], done: Callable[[], None]) -> None:
        self._read = read
        self._done = done
        self._lock = Lock()
        self._stop = Event()
        self._thread: Thread | None = None
        self._wanted = ("", 0, 0)
        self._slices = 0
        self._asked_at = 0.0

    def want(self, query: str, since: int, until: int) -> None:
        """Somebody asks for figures of a range that is not whole; of two queries the last one goes on."""
        with self._lock:
            before, first, last = self._wanted
            if not self._runs() or query != before:
                self._slices, self._wanted = 0, (query, since, until)
            elif since < first - _ALIKE_NS or until > last + _ALIKE_NS:
                # A page asks for the time before its range too, to compare: the newest part comes first.
                self._slices, self._wanted = 0, (query, min(since, first), max(until, last))
            self._asked_at = time.monotonic()
            if not self._runs() and not self._stop.is_set():
                self._thread = Thread(target=self._run, name="filling", daemon=True)
                self._thread.start()

    def still_asked(self) -> None:
        """Somebody still has such a page open."""
        self._asked_at = time.monotonic()

    def close(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=30)

    def _runs(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.wait(_PAUSE_S):
            self._slices += 1
            if self._slices > _MOST or time.monotonic() - self._asked_at > _ASKED_S:
                return
            brought = self._read(*self._wanted)
            if brought.trouble is not None:
                return
            if brought.whole:
                self._done()
                return
