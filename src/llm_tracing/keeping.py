"""Keeps no more than is asked for: deletes by age and by size on the writer's thread, a slice between two commits."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from threading import Event, Thread
from typing import Protocol, get_args

from llm_tracing.config import ServerSettings
from llm_tracing.errors import FolderNotWritable, StoreError
from llm_tracing.ingest.thread import Ingest
from llm_tracing.store.contract import Deleter, Signal

logger = logging.getLogger(__name__)

LOOK_S = 60.0
_DAY_NS = 86_400 * 1_000_000_000
_ROOM = 0.85  # of the largest size is left after it was too large: so that not every look finds a little too much
_TRIES = 3  # shares of the rows, before the next look tries again: rows differ in size
SIGNALS: tuple[Signal, ...] = get_args(Signal)


class _Store(Deleter, Protocol):
    def check_writing(self) -> None: ...


class Keeper:
    """Looks once a minute whether something must go. `gone` is told when something went, on the writer's thread."""

    def __init__(
        self, settings: ServerSettings, store: _Store, ingest: Ingest, gone: Callable[[], None], look_s: float = LOOK_S
    ) -> None:
        self._settings = settings
        self._store = store
        self._ingest = ingest
        self._waits = False  # because nothing can be deleted now
        self._gone = gone
        self._look_s = look_s
        self._stopping = Event()
        self._idle = Event()
        self._idle.set()
        self._began: float | None = None  # when the current look began, in seconds of time.monotonic()
        self.deleted: Counter[str] = Counter()  # slices by signal
        self.rounds: Counter[str] = Counter()  # looks that ended, by how
        self.failures = 0  # looks that failed since the last one that did not
        self._thread = Thread(target=self._watch, name="keeper", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether it looks, or has nothing to look for."""
        return self._thread.is_alive() or self._thread.ident is None

    def running_s(self) -> float:
        """For how many seconds the current look runs, or waits to; 0 between two."""
        began = self._began
        return 0.0 if began is None else time.monotonic() - began

    def start(self) -> None:
        found = self._settings
        if found.keep_days or found.keep_days_logs or found.keep_days_metrics or found.max_size:
            self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> None:
        """Begin a look, unless one is under way or nothing could be written."""
        if self._idle.is_set() and self._can_delete():
            self._idle.clear()
            self._began = time.monotonic()
            self._ingest.run_between_commits(Round(self._settings, self._store, self._end, self.deleted))

    def _watch(self) -> None:
        while True:
            self.look()
            if self._stopping.wait(self._look_s):
                return

    def _can_delete(self) -> bool:
        """Whether the data folder can be written. A full disk is no reason to wait: deleting may help."""
        try:
            self._store.check_writing()
        except FolderNotWritable as error:
            if not self._waits:
                logger.warning("Nothing is deleted by age or size for now: %s", error.line())
            self._waits = True
            return False
        except StoreError:
            pass
        self._waits = False
        return True

    def _end(self, changed: bool, failed: bool) -> None:
        self._began = None
        self.rounds["failed" if failed else "done"] += 1
        self.failures = self.failures + 1 if failed else 0
        self._idle.set()
        if changed:
            self._gone()


class Round:
    """One look: a slice a call, False when nothing more must go."""

    def __init__(
        self, settings: ServerSettings, store: Deleter, end: Callable[[bool, bool], None], deleted: Counter[str]
    ) -> None:
        """`end` is told whether something changed and whether the look failed; `deleted` counts slices by signal."""
        self._store = store
        self._deleted = deleted
        self._end = end
        self._max_size = settings.max_size
        now = time.time_ns()
        days: dict[Signal, float] = {
            "traces": settings.keep_days,
            "logs": settings.keep_days_logs,
            "metric_points": settings.keep_days_metrics,
        }
        self._before = {table: max(0, int(now - kept * _DAY_NS)) for table, kept in days.items() if kept}
        self._changed = False
        self._slices = self._work()

    def __call__(self) -> bool:
        try:
            next(self._slices)
        except StopIteration:
            self._end(self._changed, False)
            return False
        except Exception:
            self._end(self._changed, True)
            raise
        return True

    def _work(self) -> Iterator[None]:
        for table, before in self._before.items():
            yield from self._delete(table, before)
        if self._max_size:
            yield from self._shrink()
        if self._changed:
            self._store.give_space_back()

    def _delete(self, table: Signal, before: int) -> Iterator[None]:
        def some() -> int | bool:
            if table == "traces":
                return self._store.delete_traces_before(before)
            return self._store.delete_rows_before(table, before)

        while some():
            self._changed = True
            self._deleted[table] += 1
            yield

    def _shrink(self) -> Iterator[None]:
        """Delete the oldest share of each signal. Its room is free only where all rows of a block went.

        So the share is worked out and not felt for: going on until the size falls could delete everything.
        """
        for _ in range(_TRIES):
            used = self._store.size().used
            if used <= self._max_size:
                return
            share = 1 - _ROOM * self._max_size / used
            for table in SIGNALS:
                before = self._store.time_at_share(table, share)
                if before is not None:
                    yield from self._delete(table, before + 1)
            self._store.tidy()
            if self._store.size().used > self._max_size:
                self._store.rewrite()
            yield
