"""One coverage for all figures of a page, and the filling of the window up to the range that the page asks for.

A page asks a dozen questions about one range within seconds. While the range is not wholly read, each would rest on a
little more of it than the one before. So what the first one reached is held for a short time: all of them are of the
same stretch, and agree. Meanwhile the rest is read in the background, as long as somebody asks.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Lock, Thread

from llm_tracing.lgtm.bringing import Brought

HOLD_S = 10.0
_ALIKE_NS = 60 * 1_000_000_000  # ranges that begin or end so near to each other are one
_ASKED_S = 60.0  # after the last question nobody looks any more
_MOST = 200  # slices of one range that are read without a question that goes on
_PAUSE_S = 0.05  # between two slices, for questions that wait


@dataclass(frozen=True, slots=True)
class Rest:
    """What figures rest on: every trace from `since` on; the range from `asked` on was asked for."""

    brought: Brought
    since: int
    asked: int
    until: int
    at: float


class Steady:
    """Safe for many threads."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = Lock()
        self._held: dict[str, Rest] = {}

    def rest(self, query: str, since: int, until: int, bring: Callable[[], tuple[Brought, int]]) -> Rest:
        """What is held for such a range; else `bring` says what was brought and since when all is there."""
        with self._lock:
            held = self._held.get(query)
            if held is not None and self._is_for(held, since, until):
                return held
            brought, reached = bring()
            found = Rest(brought, since if brought.whole else max(since, reached), since, until, self._now())
            self._held = {key: one for key, one in self._held.items() if self._is_fresh(one)}
            if not brought.whole and brought.trouble is None:
                self._held[query] = found
            return found

    def since(self, query: str) -> int | None:
        """Since when what is held for a query is whole."""
        held = self._held.get(query)
        return held.since if held is not None and self._is_fresh(held) else None

    def forget(self) -> None:
        """There is more now than is held."""
        self._held = {}

    def _is_for(self, held: Rest, since: int, until: int) -> bool:
        return self._is_fresh(held) and since >= held.asked - _ALIKE_NS and abs(until - held.until) <= _ALIKE_NS

    def _is_fresh(self, held: Rest) -> bool:
        return self._now() - held.at < HOLD_S


class Filling:
    """Reads a range on in slices. `read` reads one of a range; `done` is called when a range is whole."""

    def __init__(self, read: Callable[[int, int], Brought], done: Callable[[], None]) -> None:
        self._read = read
        self._done = done
        self._lock = Lock()
        self._stop = Event()
        self._thread: Thread | None = None
        self._range = (0, 0)
        self._slices = 0
        self._asked_at = 0.0

    def want(self, since: int, until: int) -> None:
        """Somebody asks for figures of a range that is not whole."""
        with self._lock:
            if since < self._range[0] - _ALIKE_NS or until > self._range[1] + _ALIKE_NS or not self._runs():
                self._slices = 0
                self._range = (since, until)
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
            brought = self._read(*self._range)
            if brought.trouble is not None:
                return
            if brought.whole:
                self._done()
                return
