"""What the LGTM store answers: each read brings into the window what it needs, then the window answers.

A backend that fails is not told as an empty answer: what the window has is given, and where it has nothing the error is
raised.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from llm_tracing.errors import BackendError
from llm_tracing.lgtm import traceql
from llm_tracing.lgtm.backend import State
from llm_tracing.lgtm.bringing_logs import LogBringer
from llm_tracing.lgtm.bringing_metrics import MetricBringer
from llm_tracing.lgtm.bringing_traces import TraceBringer
from llm_tracing.lgtm.incoming import Objects
from llm_tracing.lgtm.loki import Loki
from llm_tracing.lgtm.missing import MissingTexts
from llm_tracing.lgtm.pages import EVENTS_S, Pages, told
from llm_tracing.lgtm.pages import ReadLimits as ReadLimits
from llm_tracing.lgtm.prometheus import Prometheus
from llm_tracing.lgtm.searching_traces import TraceSearch
from llm_tracing.lgtm.tempo import Tempo
from llm_tracing.lgtm.window import Window
from llm_tracing.model import SpanRecord, TraceRow
from llm_tracing.normalize.shared import SharedRows
from llm_tracing.store.contract import (
    MAX_GROUPS,
    Aggregate,
    AggregateBy,
    AggregateOver,
    Filter,
    HistogramBucket,
    LogCounts,
    MetricOverview,
    Page,
    PointPage,
    Recent,
    RunPage,
    RunProject,
    SpanPlace,
    Spark,
    StoredLogs,
    StoredPoints,
    StoredRuns,
    StoredSpans,
    StoredTrace,
    Table,
    ValueCount,
    Words,
)
from llm_tracing.store.contract.groups import CalledModel, GroupKey, TopBy, Totals, TraceGroup

_SECOND = 1_000_000_000
_LATE_S = 2.0  # that a sender waits for what Tempo has of its trace
_LINKS_S, _LINKED_WITHIN_NS = 2.0, 24 * 3_600 * _SECOND


@dataclass(frozen=True, slots=True)
class ReadState:
    """How reading does, for people: the state of each backend, and since when figures rest on everything.

    `partial` are traces of which Tempo gives a part only, by hex id, with what it says. Times are nanoseconds.
    """

    tempo: State
    loki: State
    prometheus: State
    traces_since: int
    logs_since: int
    partial: dict[str, str]


class LgtmReads:
    """The read protocols of store/contract/. Raises BackendError where neither a backend nor the window answers."""

    def __init__(
        self,
        window: Window,
        tempo: Tempo,
        loki: Loki,
        prometheus: Prometheus,
        objects: Objects,
        limits: ReadLimits | None = None,
    ) -> None:
        self._limits = limits or ReadLimits()
        self._store = window.store
        self._backends = (tempo.backend, loki.backend, prometheus.backend)
        shared = SharedRows()
        self._traces = TraceBringer(window, tempo, objects, shared, self._limits.lag_s)
        self._search = TraceSearch(tempo, self._traces, self._limits.lag_s)
        self._missing = MissingTexts(objects, lambda spans: self._traces.anew(spans, self._pages.patience()))
        self._logs = LogBringer(window, loki, objects, SharedRows())
        self._metrics = MetricBringer(window, prometheus, SharedRows())
        self._pages = Pages(window, tempo, loki, self._traces, self._search, self._logs, self._limits)
        self._store.changes.watch(self._changed)

    def state(self) -> ReadState:
        tempo, loki, prometheus = (backend.state for backend in self._backends)
        partial = {trace_id.hex(): said for trace_id, said in list(self._traces.partial.items())}
        return ReadState(tempo, loki, prometheus, self._pages.traces_since(), self._pages.logs_since(), partial)

    def _changed(self, trace_ids: Collection[bytes] | None) -> None:
        """Nothing is named when traces were deleted."""
        if trace_ids is None:
            self.forget()

    def forget(self) -> None:
        """Something was deleted from the window: it is brought again when it is asked for."""
        for one in (self._traces, self._search, self._logs, self._metrics, self._pages):
            one.forget()

    def close(self) -> None:
        self._pages.close()
        self._traces.close()
        for backend in self._backends:
            backend.close()

    # Traces

    def bring(self, trace_ids: Sequence[bytes]) -> None:
        """What Tempo has of these traces, into the window, if it answers soon."""
        patience = self._pages.patience().at_most(_LATE_S)
        for trace_id in trace_ids:
            self._traces.one(trace_id, patience)

    def trace(
        self, trace_id: bytes, *, content: bool = True, span_ids: Sequence[int] | None = None
    ) -> StoredTrace | None:
        patience = self._pages.patience()
        trouble = self._traces.one(trace_id, patience)
        found = self._store.trace(trace_id, content=content, span_ids=span_ids)
        if found is None:
            if trouble is not None:
                raise trouble
            return None
        if content and span_ids is None and self._missing.fill(found):
            found = self._store.trace(trace_id, content=content) or found
        if content and self._pages.loki_does():  # what was asked and answered may have come as log records
            times = (found.trace.start_time_unix_nano, found.trace.end_time_unix_nano)
            brought = self._logs.of_trace(trace_id, *times, patience.at_most(EVENTS_S))
            if brought.seen:
                found = self._store.trace(trace_id, content=content, span_ids=span_ids)
        return found

    def traces(self, page: Page) -> list[TraceRow]:
        return self._pages.rows("traces", page, self._store.traces)

    def spans(self, page: Page) -> list[SpanRecord]:
        return self._pages.rows("spans", page, self._store.spans)

    def linking_spans(self, trace_id: bytes, limit: int) -> list[SpanRecord]:
        """Those of the last day; a page does not wait long for them, and does without."""
        query, until = f'{{ link:traceID = "{trace_id.hex()}" }}', time.time_ns() + _SECOND
        self._pages.stretch(query, until - _LINKED_WITHIN_NS, until, self._pages.patience().at_most(_LINKS_S))
        return self._store.linking_spans(trace_id, limit)

    def whole_spans(
        self, page: Page, after: SpanPlace | None = None, *, traces: Sequence[bytes] | None = None
    ) -> StoredSpans:
        trouble: BackendError | None = None
        if traces is not None:
            patience = self._pages.patience()
            for trace_id in traces:
                trouble = self._traces.one(trace_id, patience) or trouble
        elif after is None:  # a walk goes on over what its first page brought
            trouble = self._pages.figures(page, "spans")[0].trouble
        found = self._store.whole_spans(page, after, traces=traces)
        if trouble is not None and not found.spans:
            raise trouble
        return found

    def aggregate(
        self,
        page: Page,
        *,
        over: AggregateOver,
        group: str | None,
        step_ns: int | None,
        of_traces: bool = False,
        by: AggregateBy = "count",
        limit: int = MAX_GROUPS,
    ) -> list[Aggregate]:
        asked = page
        brought, page = self._pages.figures(page, "traces" if of_traces or over != "calls" else "calls")
        found = self._store.aggregate(
            page, over=over, group=group, step_ns=step_ns, of_traces=of_traces, by=by, limit=limit
        )
        if step_ns is not None and not brought.whole and brought.trouble is None:
            found = self._pages.with_early(found, asked, over, group, step_ns, page.since or 0)[:limit]
        if brought.trouble is not None and not any(one.count for one in found):
            raise brought.trouble
        return found

    def trace_groups(self, key: GroupKey, page: Page) -> list[TraceGroup]:
        brought, page = self._pages.figures(page, "traces")
        found = self._store.trace_groups(key, page)
        if key == "session" and found:  # each is told whole: what of them lies before the range is brought too
            self._pages.around(traceql.of_sessions([one.key for one in found]))
            found = self._store.trace_groups(key, page)
        return told(brought, found)

    def trace_group(self, key: GroupKey, value: str) -> TraceGroup | None:
        brought = self._pages.around(traceql.query([Filter(key, "=", value)]))
        return told(brought, self._store.trace_group(key, value))

    def session_traces(self, session_id: str, after: tuple[int, str] | None, limit: int) -> list[TraceRow]:
        brought = self._pages.around(traceql.query([Filter("session", "=", session_id)]))
        return told(brought, self._store.session_traces(session_id, after, limit))

    def called_models(self, page: Page) -> list[CalledModel]:
        brought, page = self._pages.figures(page, "traces")
        return told(brought, self._store.called_models(page))

    def top_traces(self, page: Page, by: TopBy) -> list[TraceRow]:
        brought, page = self._pages.figures(page, "traces")
        return told(brought, self._store.top_traces(page, by))

    def runs(self, page: RunPage) -> StoredRuns:
        trouble: BackendError | None
        if page.trace_id is not None:
            trouble = self._traces.one(page.trace_id, self._pages.patience())
        else:
            since, until = self._pages.range(page.since, page.until)
            trouble = self._pages.stretch(traceql.RUNS, since, until, self._pages.patience()).trouble
        found = self._store.runs(page)
        if trouble is not None and not found.spans:
            raise trouble
        return found

    def run_projects(self) -> list[RunProject]:
        return told(self._pages.around(traceql.RUNS), self._store.run_projects())

    def recent(self, since: int, max_spans: int) -> Recent:
        brought = self._pages.stretch(traceql.ALL, *self._pages.range(since, None), self._pages.patience())
        found = self._store.recent(since, max_spans)
        if brought.trouble is not None and not found.sources:
            raise brought.trouble
        return found

    # What surrounds a list

    def extent(self, table: Table, since: int | None, until: int | None) -> tuple[int, int] | None:
        brought, page = self._pages.figures(Page(since=since, until=until), table)
        return told(brought, self._store.extent(table, page.since, until))

    def histogram(self, table: Table, page: Page, step_ns: int) -> list[HistogramBucket]:
        brought, page = self._pages.figures(page, table)
        return told(brought, self._store.histogram(table, page, step_ns))

    def facets(self, table: Table, keys: Sequence[str], page: Page) -> list[list[ValueCount]]:
        brought, page = self._pages.figures(page, table)
        found = self._store.facets(table, keys, page)
        if brought.trouble is not None and not any(found):
            raise brought.trouble
        return found

    def totals(self) -> Totals:
        """Of the window: no backend says how much it holds."""
        return self._store.totals()

    def words(self, table: Table, wanted: Words) -> list[ValueCount]:
        """Of what the window has: one who types does not wait for a cluster."""
        return self._store.words(table, wanted)

    # Log records

    def logs(self, page: Page) -> StoredLogs:
        return self._pages.logs(page)

    def log_counts(self, page: Page, buckets: int) -> LogCounts:
        brought, part = self._pages.figures(page, "logs")
        found = self._store.log_counts(part, buckets)
        if brought.trouble is not None and not found.counts:
            raise brought.trouble
        return found if part.since == page.since else replace(found, since=part.since)

    # Metrics

    def metrics(self) -> list[MetricOverview]:
        trouble = self._metrics.overview(int(self._limits.reach_s), self._pages.patience(self._backends[2]))
        found = self._store.metrics()
        if trouble is not None and not found:
            raise trouble
        return found

    def points(self, page: PointPage) -> StoredPoints:
        trouble = self._metrics.points(page, self._pages.patience(self._backends[2]))
        found = self._store.points(page)
        if trouble is not None and not found.points:
            raise trouble
        return found

    def sparks(self, since: int, until: int, buckets: int) -> list[Spark]:
        trouble = self._metrics.sparks(since, until, buckets, self._pages.patience(self._backends[2]))
        found = self._store.sparks(since, until, buckets)
        if trouble is not None and not found:
            raise trouble
        return found
