"""The window: a DuckDB store that holds what was read from the backends or written through this server.

It may be deleted at any time; what is lost are annotations, views, pins and projects, which no backend can hold.
A DuckDB store has one writer. Here threads that read bring rows in too, so all that writes takes turns.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import ParamSpec, TypeVar

from llm_tracing.model import Batch
from llm_tracing.store.duck import DuckDBStore

P = ParamSpec("P")
T = TypeVar("T")


class Window:
    def __init__(self, store: DuckDBStore) -> None:
        self.store = store
        self._turn = RLock()

    def write(self, batch: Batch) -> set[bytes]:
        """As contract.Writer; a span that is there already is not stored again."""
        with self._turn:
            return self.store.write(batch)

    def in_turn(self, method: Callable[P, T]) -> Callable[P, T]:
        """A method of the store that writes, for use beside threads that bring rows in."""

        def one_at_a_time(*args: P.args, **kwargs: P.kwargs) -> T:
            with self._turn:
                return method(*args, **kwargs)

        return one_at_a_time
