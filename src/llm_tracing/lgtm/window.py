"""The window: a DuckDB store that holds what was read from the backends or written through this server.

It may be deleted at any time: annotations, views, pins and projects, which no backend holds, are in the object place.
A DuckDB store has one writer. Here threads that read bring rows in too, so all that writes takes turns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import RLock
from typing import NamedTuple, ParamSpec, TypeVar
from uuid import UUID

from llm_tracing.model import Batch
from llm_tracing.store.database import sql
from llm_tracing.store.duck import DuckDBStore

P = ParamSpec("P")
T = TypeVar("T")


class Held(NamedTuple):
    """What is in the window of one trace."""

    span_count: int
    end_time_unix_nano: int


class Window:
    def __init__(self, store: DuckDBStore) -> None:
        self.store = store
        self.turn = RLock()  # held by whoever writes

    def write(self, batch: Batch) -> set[bytes]:
        """As contract.Writer; a span that is there already is not stored again."""
        with self.turn:
            return self.store.write(batch)

    def in_turn(self, method: Callable[P, T]) -> Callable[P, T]:
        """A method of the store that writes, for use beside threads that bring rows in."""

        def one_at_a_time(*args: P.args, **kwargs: P.kwargs) -> T:
            with self.turn:
                return method(*args, **kwargs)

        return one_at_a_time

    def held(self, trace_ids: Sequence[bytes], since: int, until: int) -> dict[bytes, Held]:
        """Of these traces those that have spans in the window which start in this time."""
        values = [[UUID(bytes=trace_id) for trace_id in trace_ids], max(0, since), until]
        with self.store.database.reading() as db:
            rows = db.execute(sql("span_counts"), values).fetchall()
        return {trace_id.bytes: Held(count, end) for trace_id, count, end in rows}
