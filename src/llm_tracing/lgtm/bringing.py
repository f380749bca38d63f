"""Brings traces from Tempo into the window: one by its id, or those of a stretch of time, the newest first.

The last minutes are searched each time: a trace that a search names may still grow, and Tempo's search is some seconds
behind. What is older is searched twice or a little more often, see looks.py. A search that finds what the window has
already costs no fetch: Tempo says how many spans each trace has.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass
from threading import Lock

from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from llm_tracing.errors import BackendError, StoreClosed
from llm_tracing.lgtm.backend import Patience
from llm_tracing.lgtm.coverage import Coverage, Stretch
from llm_tracing.lgtm.incoming import Objects, to_batch
from llm_tracing.lgtm.known import SETTLE_NS, KnownTraces, Read
from llm_tracing.lgtm.relatives import searches, wholes
from llm_tracing.lgtm.searched import Searched
from llm_tracing.lgtm.tempo import LONGEST_RANGE_S, MAX_LIMIT, SECOND_NS, Fetched, Found, Tempo
from llm_tracing.lgtm.traceql import ALL
from llm_tracing.lgtm.window import Window
from llm_tracing.model import Batch, SpanRecord
from llm_tracing.normalize.shared import SharedRows

_AT_ONCE = 8  # fetches that run beside each other
_OF_A_BATCH = 50  # traces that are written together
_MOST_PARTIAL = 1_000
_RELATIVES, _RELATIVES_S = 20, 3.0  # traces that are one with another, and how long may be looked for them
_TOO_LONG = re.compile(r"exceeds (\d+)h")  # what Tempo says of a range, with what it allows


@dataclass(slots=True)
class Brought:
    """What became of a stretch of time: whether all of it is in the window now, and what stood in the way."""

    whole: bool = True
    trouble: BackendError | None = None
    seen: int = 0  # traces that searches named


def _never(_: int) -> bool:
    return False


class TraceBringer:
    """Safe for many threads. Never raises BackendError; DuckDB's errors pass."""

    def __init__(self, window: Window, tempo: Tempo, objects: Objects, shared: SharedRows, lag_s: float) -> None:
        self._window = window
        self._tempo = tempo
        self._objects = objects
        self._shared = shared
        self._lag_ns = int(lag_s * SECOND_NS)
        self._known = KnownTraces()
        self._searching = Lock()
        self._normalizing = Lock()
        self._one_by_one = [Lock() for _ in range(16)]
        self._searched = Searched(ALL, self._lag_ns + SETTLE_NS)
        self._longest_s = LONGEST_RANGE_S
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="tempo")
        self.partial: dict[bytes, str] = {}  # traces of which Tempo gives a part only, with what it says

    def forget(self) -> None:
        """Something was deleted from the window: what is asked for is to be brought again."""
        self._known.forget()
        self._searched.forget()

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def read_since(self) -> int:
        """As that of Searched."""
        return self._searched.read_since()

    def whole_since(self, query: str, since: int, until: int) -> int:
        """Since when every trace of a range that Tempo's search names is in the window, but for the newest minutes.

        That is `since` itself where nothing of the range was searched in time: then what the window has is all there is
        to tell.
        """
        return self._searched.whole_since(query, since, until)

    def one(self, trace_id: bytes, patience: Patience) -> BackendError | None:
        """Bring one trace; what stood in the way."""
        with self._one_by_one[trace_id[-1] % len(self._one_by_one)]:
            read = self._known.get(trace_id)
            if read is not None and (read.is_settled or read.is_fresh):
                return None
            try:
                spans = self._bring([trace_id], patience)
            except BackendError as error:
                return error
            with suppress(BackendError):  # without it the trace is there all the same
                self._bring_relatives(trace_id, spans, patience.at_most(_RELATIVES_S))
        return None

    def some(self, trace_ids: Collection[bytes], patience: Patience) -> None:
        """Bring those of these traces that the window has nothing of, as far as that can be."""
        unknown = [one for one in trace_ids if self._known.get(one) is None]
        held = self._window.held(unknown, 0, 2**63) if unknown else {}
        with suppress(BackendError):
            self._bring([one for one in unknown if one not in held], patience)

    def anew(self, spans: Sequence[SpanRecord], patience: Patience) -> bool:
        """Fetch the traces of these spans, and put what comes in their place; whether something came."""
        data = TracesData()
        try:
            for trace_id in {span.trace_id for span in spans}:
                fetched = self._tempo.trace(trace_id, patience)
                if fetched is None:
                    return False
                data.MergeFrom(fetched.data)
        except BackendError:
            return False
        with self._normalizing:
            batch = to_batch(self._objects, self._shared, traces=data)
        there = {(span.trace_id, span.span_id) for span in batch.spans}
        with self._window.turn:
            gone = [span for span in spans if (span.trace_id, span.span_id) in there]
            if gone:
                self._window.store.let_go(gone)
                self._window.write(batch)
        return bool(gone)

    def _bring_relatives(self, trace_id: bytes, spans: Sequence[SpanRecord], patience: Patience) -> None:
        """The other halves of a trace that came; those that the window's links tell of are fetched with it."""
        found = [one for one in wholes(spans) if self._known.get(one) is None]
        for query, since, until in searches(trace_id, spans):
            start = self._before_cutoff(since // SECOND_NS)
            named = self._tempo.search(query, start, until // SECOND_NS + 1, _RELATIVES, patience)
            found += [one.trace_id for one in self._wanted(named) if one.trace_id != trace_id]
        self._bring(found, patience)

    def stretch(
        self,
        query: str,
        since: int,
        until: int,
        patience: Patience,
        *,
        step: int,
        budget: int,
        enough: Callable[[int], bool] = _never,
    ) -> Brought:
        """Bring the traces of a time that meet a query, the newest first, `step` of them with a search.

        It ends when all are there, when searches have named `budget` of them, or when `enough` says so, which is asked
        after each step with the time that has been reached.
        """
        brought = Brought()
        try:
            with self._turn(patience) as mine:
                if not mine:
                    brought.whole = False
                    return brought
                for start, end in self._gaps(query, since, until, all_of_it=enough is _never):
                    for reached, seen in self._steps(query, start, end, step, patience):
                        brought.seen += seen
                        if reached > start and (enough(reached) or brought.seen >= budget or patience.over):
                            brought.whole = False
                            return brought
                    if enough(start):
                        brought.whole = start <= since
                        return brought
        except BackendError as error:
            brought.whole = False
            brought.trouble = None if self._tempo.backend.ran_out(error, patience) else error
        return brought

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

    def _steps(self, query: str, start: int, end: int, limit: int, patience: Patience) -> Iterator[tuple[int, int]]:
        """Search a stretch from its end to its start; each time what has been reached and how many were found."""
        since, at = start // SECOND_NS, -(-end // SECOND_NS)
        while at > since:
            low = max(since, at - self._longest_s)
            settled_until = self._searched.settled_until()
            try:
                found = self._tempo.search(query, self._before_cutoff(low), at, limit, patience)
            except BackendError as error:
                if self._learns(error):
                    continue
                raise
            self._bring([one.trace_id for one in self._wanted(found)], patience)
            # Of the last second of a full answer there may be more.
            reached = max(low, found[-1].start_time_unix_nano // SECOND_NS + 1) if len(found) >= limit else low
            if reached >= at and limit < MAX_LIMIT:
                limit = min(MAX_LIMIT, limit * 4)
                continue
            reached = min(reached, at - 1)
            self._searched.cover(query, reached * SECOND_NS, at * SECOND_NS, settled_until)
            at = reached
            yield max(start, at * SECOND_NS), len(found)

    def _before_cutoff(self, low: int) -> int:
        """Tempo cuts the newest seconds off a range, and refuses one of which nothing is left."""
        return min(low, (time.time_ns() - self._lag_ns) // SECOND_NS - 60)

    def _learns(self, error: BackendError) -> bool:
        """Whether Tempo refused a range as too long, and said which it allows."""
        said = _TOO_LONG.search(error.said) if error.reason == "refused" else None
        hours = int(said[1]) if said else 0
        if not 0 < hours * 3_600 < self._longest_s:
            return False
        self._longest_s = hours * 3_600
        return True

    def _wanted(self, found: Sequence[Found]) -> list[Found]:
        """Those of which the window does not have all that Tempo has."""
        unknown = [one for one in found if not self._is_known(one)]
        if not unknown:
            return []
        since = min(one.start_time_unix_nano for one in unknown) - SECOND_NS
        until = max(one.start_time_unix_nano + one.duration_ns for one in unknown) + SECOND_NS
        held = self._window.held([one.trace_id for one in unknown], since, until)
        return [
            one
            for one in unknown
            if one.span_count is None or one.trace_id not in held or held[one.trace_id].span_count < one.span_count
        ]

    def _is_known(self, found: Found) -> bool:
        read = self._known.get(found.trace_id)
        if read is None:
            return False
        return read.is_fresh or read.has_all(found.span_count)

    def _bring(self, trace_ids: Sequence[bytes], patience: Patience) -> list[SpanRecord]:
        """Fetch, and write while more is fetched; what came is written even if some did not. Raises BackendError."""
        spans: list[SpanRecord] = []
        try:
            asked = [
                (one, self._pool.submit(copy_context().run, self._tempo.trace, one, patience)) for one in trace_ids
            ]
        except RuntimeError as error:  # the pool takes nothing any more
            raise StoreClosed from error
        try:
            for first in range(0, len(asked), _OF_A_BATCH):
                came, trouble = self._come(asked[first : first + _OF_A_BATCH])
                spans += self._write(came)
                if trouble is not None:
                    raise trouble
        finally:
            for _, future in asked:
                future.cancel()
        return spans

    def _come(
        self, asked: Sequence[tuple[bytes, Future[Fetched | None]]]
    ) -> tuple[dict[bytes, Fetched | None], BackendError | None]:
        came: dict[bytes, Fetched | None] = {}
        trouble: BackendError | None = None
        for trace_id, future in asked:
            try:
                came[trace_id] = future.result()
            except BackendError as error:
                if error.reason == "refused" and len(asked) > 1:  # this one only, such as one that is too large
                    self._note_partial(trace_id, error.said)
                    came[trace_id] = None
                else:
                    trouble = error
        return came, trouble

    def _note_partial(self, trace_id: bytes, said: str) -> None:
        self.partial[trace_id] = said
        if len(self.partial) > _MOST_PARTIAL:
            del self.partial[next(iter(self.partial))]

    def _write(self, came: dict[bytes, Fetched | None]) -> list[SpanRecord]:
        data = TracesData()
        for trace_id, fetched in came.items():
            if fetched is not None:
                data.MergeFrom(fetched.data)
                if fetched.partial:
                    self._note_partial(trace_id, fetched.partial)
        at = time.time_ns()
        batch = Batch.empty()
        if data.resource_spans:
            with self._normalizing:
                batch = to_batch(self._objects, self._shared, traces=data)
            self._window.write(batch)
        found = _reads(batch, at)
        for trace_id in came:
            self._known.put(trace_id, found.get(trace_id, Read(at, 0, 0)))
        return batch.spans


def _reads(batch: Batch, at: int) -> dict[bytes, Read]:
    found: dict[bytes, Read] = {}
    for span in batch.spans:
        before = found.get(span.trace_id, Read(at, 0, 0))
        end = max(before.end_time_unix_nano, span.end_time_unix_nano, span.start_time_unix_nano)
        found[span.trace_id] = Read(at, end, before.span_count + 1)
    return found
