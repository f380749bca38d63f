"""A query that nobody waits for any more is stopped: whoever starts one may hold the means to end it.

The means travel in a context variable, which asyncio carries into the thread that runs the query.
"""

from contextvars import ContextVar
from threading import Lock
from typing import Protocol


class Interruptible(Protocol):
    def interrupt(self) -> None: ...


class Cancellation:
    """`cancel` ends the queries that run under it, and those that start after it."""

    def __init__(self) -> None:
        self.cancelled = False
        self._lock = Lock()
        self._running: set[Interruptible] = set()

    def cancel(self) -> None:
        with self._lock:
            self.cancelled = True
            for query in self._running:
                query.interrupt()

    def started(self, query: Interruptible) -> None:
        with self._lock:
            self._running.add(query)

    def ended(self, query: Interruptible) -> None:
        with self._lock:
            self._running.discard(query)


current: ContextVar[Cancellation | None] = ContextVar("cancellation", default=None)
