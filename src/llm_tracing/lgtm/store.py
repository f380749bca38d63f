"""The LGTM store: what is written goes to Tempo, Loki and Prometheus first, what is read comes through the window.

    write:  batch ─▶ whole runs ─▶ objects ─▶ OTLP to the three, side by side ─▶ window ─▶ acknowledged

Only what all of them took goes into the window. What no backend can hold lies in the object place: annotations, views,
pins, projects, and runs that have not ended. See shared/.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Literal, NoReturn, Protocol

from llm_tracing.errors import BackendError, NotAvailable, StoreClosed
from llm_tracing.lgtm.objects import ObjectStore
from llm_tracing.lgtm.outgoing import Outgoing, outgoing
from llm_tracing.lgtm.sending import Sending
from llm_tracing.lgtm.shared.doing import SideDoing
from llm_tracing.lgtm.shared.folds import share_folds
from llm_tracing.lgtm.shared.pending import PendingRuns
from llm_tracing.lgtm.shared.side import SideData
from llm_tracing.lgtm.told import Told
from llm_tracing.lgtm.whole_runs import Whole, is_late, whole_spans
from llm_tracing.lgtm.window import Window
from llm_tracing.model import Batch, TurnedAway
from llm_tracing.query.fold_book import FoldBook
from llm_tracing.receive.decode import Signal
from llm_tracing.store.contract import (
    Aggregator,
    Examiner,
    LogReader,
    MetricReader,
    RunReader,
    Searcher,
    SpanWalker,
    TraceReader,
)
from llm_tracing.store.contract.groups import Grouping

_LATE = 20  # traces of a batch that are asked for before more is added to them


class Reads(
    TraceReader, LogReader, MetricReader, SpanWalker, Aggregator, Grouping, Examiner, Searcher, RunReader, Protocol
):
    """Everything that is read: lgtm/reading.py."""

    def bring(self, trace_ids: Sequence[bytes]) -> None:
        """What Tempo has of these traces, into the window, if it answers soon."""
        ...

    def forget(self) -> None:
        """Something was deleted from the window."""
        ...

    def close(self) -> None: ...


class LgtmStore:
    """Every protocol of store/contract/ over three backends and a window; it closes the window and the objects."""

    def __init__(
        self,
        window: Window,
        reads: Reads,
        sendings: Mapping[Signal, Sending],
        objects: ObjectStore,
        side_data: SideData,
        pending: PendingRuns,
        inline_bytes: int,
        told: Callable[[], Told],
    ) -> None:
        self._window = window
        self._reads = reads
        self._objects = objects
        self._side_data = side_data
        self._pending = pending
        self._doing = doing = SideDoing(side_data, window)
        self._inline_bytes = inline_bytes
        self._closed = False
        self.told = told
        self._sendings = sendings
        self._threads = ThreadPoolExecutor(len(sendings), thread_name_prefix="sending")
        side, turn = window.store, window.in_turn
        self.database = side.database
        self.changes = side.changes

        self.traces = reads.traces
        self.trace = reads.trace
        self.spans = reads.spans
        self.linking_spans = reads.linking_spans
        self.logs = reads.logs
        self.log_counts = reads.log_counts
        self.metrics = reads.metrics
        self.points = reads.points
        self.sparks = reads.sparks
        self.whole_spans = reads.whole_spans
        self.aggregate = reads.aggregate
        self.trace_groups = reads.trace_groups
        self.trace_group = reads.trace_group
        self.session_traces = reads.session_traces
        self.called_models = reads.called_models
        self.top_traces = reads.top_traces
        self.totals = reads.totals
        self.recent = reads.recent
        self.extent = reads.extent
        self.histogram = reads.histogram
        self.facets = reads.facets
        self.words = reads.words
        self.runs = reads.runs
        self.run_projects = reads.run_projects

        self.views = side.views
        self.annotations = side.annotations
        self.annotation_words = side.annotation_words
        self.annotations_by_id = side.annotations_by_id
        self.projects = side.projects
        self.pins = side.pins
        self.size = side.size
        self.time_at_share = side.time_at_share
        self.priced_with = side.priced_with
        self.copy_to = side.copy_to

        self.set_priced_with = turn(side.set_priced_with)
        self.reprice = turn(side.reprice)
        self.put_view = doing.put_view
        self.delete_view = doing.delete_view
        self.delete_annotations = doing.delete_annotations
        self.put_project = doing.put_project
        self.delete_project = doing.delete_project
        self.pin = doing.pin
        self.unpin = doing.unpin
        # What goes by age or size goes from the window: a read brings it back.
        self.delete_traces_before = turn(side.delete_traces_before)
        self.tidy = turn(side.tidy)
        self.rewrite = turn(side.rewrite)
        self.give_space_back = turn(side.give_space_back)

    def write(self, batch: Batch) -> set[bytes]:
        """As contract.Writer; raises BackendError or ObjectsError when not all of it is safe, then it comes again."""
        if self._closed:
            raise StoreClosed
        whole = self._whole(batch)
        touched = self._doing.write(batch, lambda: self._sent(batch, whole))
        self._pending.drop(whole.grown)
        return touched

    def _whole(self, batch: Batch) -> Whole:
        """The spans of a batch with what came before, here or at another server."""
        whole = whole_spans(batch, self._window.store)
        keep = self._pending.keep
        found = keep(batch, whole.parts, _texts(batch, whole), anew=False)
        # What comes after a run was sent whole: the rest of it is in Tempo.
        late = {one.trace_id for _, one in whole.parts if is_late(one) and (one.trace_id, one.span_id) not in found}
        if not found and not late:
            return whole
        self._reads.bring(sorted(late)[:_LATE])
        kept = {(one.trace_id, one.span_id) for _, one in whole.parts}
        whole = whole_spans(batch, self._window.store)
        still = {(one.trace_id, one.span_id): (place, one) for place, one in whole.parts}
        keep(batch, [part for key, part in still.items() if key in found], _texts(batch, whole), anew=True)
        whole.grown |= kept - still.keys()
        return whole

    def _sent(self, batch: Batch, whole: Whole) -> Batch:
        """Send a batch to the backends; what of it they took."""
        ready = outgoing(batch, whole.ended, _texts(batch, whole), self._inline_bytes)
        self._objects.put_many(ready.objects)
        refused = self._send(ready)
        batch.turned_away += refused
        return without(batch, refused) if refused else batch

    def delete_rows_before(self, table: Literal["logs", "metric_points"], time_unix_nano: int) -> bool:
        """As contract.Deleter, from the window."""
        with self._window.turn:
            more = self._window.store.delete_rows_before(table, time_unix_nano)
            self._reads.forget()
        return more

    def listen(self, listener: Callable[[set[bytes]], None]) -> None:
        """`listener` gets the traces of which another server was told something."""
        self._side_data.listen(listener)

    def share_folds(self, book: FoldBook) -> None:
        """The folding rules lie beside this store, and are to be those of all servers."""
        share_folds(self._side_data, book)

    def erase(self, what: Literal["trace", "session", "user"], name: str) -> NoReturn:
        raise NotAvailable(
            f"The {what} lies in Tempo and Loki, and neither can erase one.",
            "Let it go by their retention, or by a deletion request of Loki; see docs/lgtm.md.",
        )

    def check_reading(self) -> None:
        """The window alone: a server without its backends is alive, and says which one is missing."""
        self._window.store.check_reading()

    def check_writing(self) -> None:
        self._window.store.check_writing()

    def close(self) -> None:
        self._closed = True
        self._side_data.close()
        self._threads.shutdown()
        self._pending.close()
        self._reads.close()
        for sending in self._sendings.values():
            sending.close()
        self._objects.close()
        self._window.store.close()

    def _send(self, ready: Outgoing) -> list[TurnedAway]:
        """To all side by side. Raises the first BackendError once every one has answered."""
        running = [
            self._threads.submit(self._sendings[signal].send, parcels)
            for signal, parcels in ready.parcels.items()
            if parcels
        ]
        failed = [error for one in running if isinstance(error := one.exception(), Exception)]
        for error in sorted(failed, key=lambda error: not isinstance(error, BackendError)):
            raise error
        return [refused for one in running for refused in one.result()]


def _texts(batch: Batch, whole: Whole) -> dict[bytes, str]:
    """What the spans of a batch refer to."""
    return whole.texts | {identifier: row.content for identifier, row in batch.payloads.items()}


def without(batch: Batch, refused: Sequence[TurnedAway]) -> Batch:
    """A batch without the rows that a backend refused; those of which it does not say which stay."""
    gone: dict[Signal, set[int]] = {"traces": set(), "logs": set(), "metrics": set()}
    for one in refused:
        if one.lost == len(one.places):
            gone[one.signal].update(one.places)
    spans = {(batch.spans[place].trace_id, batch.spans[place].span_id) for place in gone["traces"]}
    points = [row for place, row in enumerate(batch.metric_points) if place not in gone["metrics"]]
    told = {row.metric_id for row in points}
    return replace(
        batch,
        spans=[row for place, row in enumerate(batch.spans) if place not in gone["traces"]],
        logs=[row for place, row in enumerate(batch.logs) if place not in gone["logs"]],
        metrics={key: row for key, row in batch.metrics.items() if key in told},
        metric_points=points,
        payload_refs=[ref for ref in batch.payload_refs if (ref.trace_id, ref.span_id) not in spans],
        marks=[mark for mark in batch.marks if (mark.trace_id, mark.span_id) not in spans],
    )
