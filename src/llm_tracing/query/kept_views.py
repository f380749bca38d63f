"""The views of the traces that were opened last: clicking around in a big one must not build it anew each time.

Only light views are kept (no content, no logs), so what they show changes with the spans of their trace and with the
folding rules alone. A view that was being read while its trace changed is given, and not kept.
"""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from threading import Lock
from typing import NamedTuple

from llm_tracing.query.fold_book import FoldBook
from llm_tracing.query.fold_rules import FoldRules
from llm_tracing.query.view import SpanView, trace_view
from llm_tracing.store.contract import Store, StoredTrace

MAX_SPANS = 60_000  # of all views together: 1.2 to 1.6 kB a span, so up to 95 MB


class KeptView(NamedTuple):
    """A trace without content, its views, and where the span of each id is among them."""

    stored: StoredTrace
    views: Sequence[SpanView]
    places: dict[int, int]

    def place_of(self, span_id: int) -> SpanView | None:
        """The view of a span by an id that one of its reports has."""
        place = self.places.get(span_id)
        return None if place is None else self.views[place]


class KeptViews:
    """Any thread may ask. `max_spans` bounds what all kept views hold; a bigger one is built each time."""

    def __init__(self, store: Store, book: FoldBook, max_spans: int = MAX_SPANS) -> None:
        self._store = store
        self._book = book
        self._max_spans = max_spans
        self._lock = Lock()
        self._kept: OrderedDict[bytes, tuple[FoldRules, KeptView]] = OrderedDict()
        self._spans = 0
        self._reading: dict[object, bytes] = {}  # each reader's own mark -> the trace, until it changes
        store.changes.watch(self._forget)

    def limit(self, max_spans: int) -> None:
        """Another bound from now on."""
        with self._lock:
            self._max_spans = max_spans
            while self._spans > max_spans:
                self._drop(next(iter(self._kept)))

    def view(self, trace_id: bytes) -> KeptView | None:
        """The light view of a trace under any of its ids, or None if it is not stored."""
        rules, mark = self._book.rules, object()
        with self._lock:
            known = self._kept.get(trace_id)
            if known is not None and known[0] is rules:
                self._kept.move_to_end(trace_id)
                return known[1]
            self._reading[mark] = trace_id
        found: KeptView | None = None
        try:
            found = self._read(trace_id, rules)
        finally:
            with self._lock:
                unchanged = self._reading.pop(mark, None) is not None
                if unchanged and found is not None:
                    self._keep(trace_id, rules, found)
        return found

    def _read(self, trace_id: bytes, rules: FoldRules) -> KeptView | None:
        stored = self._store.trace(trace_id, content=False)
        if stored is None:
            return None
        views = trace_view(stored, rules)
        places: dict[int, int] = {}
        for place, view in enumerate(views):
            for span_id in view.reported_as:
                places.setdefault(span_id, place)
        return KeptView(stored, views, places)

    def _keep(self, trace_id: bytes, rules: FoldRules, view: KeptView) -> None:
        self._drop(trace_id)
        if len(view.views) > self._max_spans:
            return
        self._kept[trace_id] = (rules, view)
        self._spans += len(view.views)
        while self._spans > self._max_spans:
            self._drop(next(iter(self._kept)))

    def _drop(self, trace_id: bytes) -> None:
        gone = self._kept.pop(trace_id, None)
        if gone is not None:
            self._spans -= len(gone[1].views)

    def _forget(self, trace_ids: Collection[bytes] | None) -> None:
        with self._lock:
            if not self._kept and not self._reading:
                return
            changed = {*self._kept, *self._reading.values()}
            if trace_ids is not None:
                changed.intersection_update(trace_ids)
            for trace_id in changed:
                self._drop(trace_id)
            self._reading = {mark: read for mark, read in self._reading.items() if read not in changed}
