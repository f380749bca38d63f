"""Brings whole traces from Tempo into the window, by their ids: fetched beside each other, written together.

What the window has already costs no fetch: a search says how many spans each trace has. Which traces a stretch of time
has is found by searching_traces.py.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from threading import Lock

from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from llm_tracing.errors import BackendError, StoreClosed
from llm_tracing.lgtm.backend import Patience
from llm_tracing.lgtm.incoming import Objects, to_batch
from llm_tracing.lgtm.known import KnownTraces, Read
from llm_tracing.lgtm.relatives import searches, wholes
from llm_tracing.lgtm.tempo import SECOND_NS, Fetched, Found, Tempo
from llm_tracing.lgtm.window import Window
from llm_tracing.model import Batch, SpanRecord
from llm_tracing.normalize.shared import SharedRows

_AT_ONCE = 8  # fetches that run beside each other
_OF_A_BATCH = 50  # traces that are written together
_MOST_PARTIAL = 1_000
_RELATIVES, _RELATIVES_S = 20, 3.0  # traces that are one with another, and how long may be looked for them


class TraceBringer:
    """Safe for many threads. Raises BackendError only where it says so; DuckDB's errors pass."""

    def __init__(self, window: Window, tempo: Tempo, objects: Objects, shared: SharedRows, lag_s: float) -> None:
        self._window = window
        self._tempo = tempo
        self._objects = objects
        self._shared = shared
        self._lag_ns = int(lag_s * SECOND_NS)
        self._known = KnownTraces()
        self._normalizing = Lock()
        self._one_by_one = [Lock() for _ in range(16)]
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="tempo")
        self.partial: dict[bytes, str] = {}  # traces of which Tempo gives a part only, with what it says

    def forget(self) -> None:
        """Something was deleted from the window: what is asked for is to be brought again."""
        self._known.forget()

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

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

    def found(self, found: Sequence[Found], patience: Patience) -> None:
        """Bring what a search named, as far as the window does not have it already. Raises BackendError."""
        self._bring([one.trace_id for one in self._wanted(found)], patience)

    def before_cutoff(self, low: int) -> int:
        """Tempo cuts the newest seconds off a range, and refuses one of which nothing is left."""
        return min(low, (time.time_ns() - self._lag_ns) // SECOND_NS - 60)

    def _bring_relatives(self, trace_id: bytes, spans: Sequence[SpanRecord], patience: Patience) -> None:
        """The other halves of a trace that came; those that the window's links tell of are fetched with it."""
        found = [one for one in wholes(spans) if self._known.get(one) is None]
        for query, since, until in searches(trace_id, spans):
            start = self.before_cutoff(since // SECOND_NS)
            named = self._tempo.search(query, start, until // SECOND_NS + 1, _RELATIVES, patience)
            found += [one.trace_id for one in self._wanted(named) if one.trace_id != trace_id]
        self._bring(found, patience)

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
