"""Finds the traces of a stretch of time by Tempo's search, the newest first, and has them brought into the window.

The last minutes are searched each time: a trace that a search names may still grow, and Tempo's search is some seconds
behind. What is older is searched twice or a little more often, see looks.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Lock

from llm_tracing.errors import BackendError
from llm_tracing.lgtm.backend import Patience
from llm_tracing.lgtm.bringing_traces import TraceBringer
from llm_tracing.lgtm.brought import Brought, bring, never
from llm_tracing.lgtm.coverage import Coverage, Stretch
from llm_tracing.lgtm.known import SETTLE_NS
from llm_tracing.lgtm.searched import Searched
from llm_tracing.lgtm.tempo import LONGEST_RANGE_S, MAX_LIMIT, SECOND_NS, Tempo
from llm_tracing.lgtm.traceql import ALL

_TOO_LONG = re.compile(r"exceeds (\d+)h")  # what Tempo says of a range, with what it allows


class TraceSearch:
    """Safe for many threads. Never raises BackendError; DuckDB's errors pass."""

    def __init__(self, tempo: Tempo, traces: TraceBringer, lag_s: float) -> None:
        self._tempo = tempo
        self._traces = traces
        self._searching = Lock()
        self._searched = Searched(ALL, int(lag_s * SECOND_NS) + SETTLE_NS)
        self._longest_s = LONGEST_RANGE_S

    def forget(self) -> None:
        """Something was deleted from the window: what is asked for is to be searched again."""
        self._searched.forget()

    def read_since(self) -> int:
        """As that of Searched."""
        return self._searched.read_since()

    def whole_since(self, query: str, since: int, until: int) -> int:
        """Since when every trace of a range that Tempo's search names is in the window, but for the newest minutes.

        That is `since` itself where nothing of the range was searched in time: then what the window has is all there is
        to tell.
        """
        return self._searched.whole_since(query, since, until)

    def stretch(
        self,
        query: str,
        since: int,
        until: int,
        patience: Patience,
        *,
        step: int,
        budget: int,
        enough: Callable[[int], bool] = never,
    ) -> Brought:
        """Bring the traces of a time that meet a query, the newest first, `step` of them with a search; see bring()."""
        with self._turn(patience) as mine:
            if not mine:
                return Brought(whole=False)
            gaps = self._gaps(query, since, until, all_of_it=enough is never)
            steps = partial(self._steps, query, step, patience)
            return bring(self._tempo.backend, gaps, steps, since, budget, enough, patience)

    def _gaps(self, query: str, since: int, until: int, *, all_of_it: bool) -> list[Stretch]:
        """What is to be searched; where all of it is wanted, what was searched before comes last."""
        gaps = self._searched.gaps(query, since, until)
        if not all_of_it:
            return gaps
        first, never = self._searched.never(query, since, until), Coverage()
        for gap in first:
            never.add(*gap)
        again = [part for gap in gaps for part in never.gaps(*gap)]
        newest = [gap for gap in again if gap[1] > self._searched.settled_until()]
        return [*newest, *first, *(gap for gap in again if gap not in newest)]

    @contextmanager
    def _turn(self, patience: Patience) -> Iterator[bool]:
        """One search at a time: what the next one wants is often what this one brings."""
        mine = self._searching.acquire(timeout=patience.left())
        try:
            yield mine
        finally:
            if mine:
                self._searching.release()

    def _steps(self, query: str, limit: int, patience: Patience, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Search a stretch from its end to its start; each time what has been reached and how many were found."""
        since, at = start // SECOND_NS, -(-end // SECOND_NS)
        while at > since:
            low = max(since, at - self._longest_s)
            settled_until = self._searched.settled_until()
            try:
                found = self._tempo.search(query, self._traces.before_cutoff(low), at, limit, patience)
            except BackendError as error:
                if self._learns(error):
                    continue
                raise
            self._traces.found(found, patience)
            # Of the last second of a full answer there may be more.
            reached = max(low, found[-1].start_time_unix_nano // SECOND_NS + 1) if len(found) >= limit else low
            if reached >= at and limit < MAX_LIMIT:
                limit = min(MAX_LIMIT, limit * 4)
                continue
            reached = min(reached, at - 1)
            self._searched.cover(query, reached * SECOND_NS, at * SECOND_NS, settled_until)
            at = reached
            yield max(start, at * SECOND_NS), len(found)

    def _learns(self, error: BackendError) -> bool:
        """Whether Tempo refused a range as too long, and said which it allows."""
        said = _TOO_LONG.search(error.said) if error.reason == "refused" else None
        hours = int(said[1]) if said else 0
        if not 0 < hours * 3_600 < self._longest_s:
            return False
        self._longest_s = hours * 3_600
        return True
