"""What the LGTM store answers: each read brings into the window what it needs, then the window answers.

A list brings the traces that its filters may mean, the newest first, until its page is full; figures over a range bring
all of it, up to a budget. A backend that fails is not told as an empty answer: what the window has is given, and where
it has nothing the error is raised.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

from llm_tracing.errors import BackendError
from llm_tracing.lgtm import logql, traceql
from llm_tracing.lgtm.backend import Patience, State
from llm_tracing.lgtm.bringing import Brought, TraceBringer
from llm_tracing.lgtm.bringing_logs import LogBringer
from llm_tracing.lgtm.bringing_metrics import MetricBringer
from llm_tracing.lgtm.figures import early_figures
from llm_tracing.lgtm.incoming import Objects
from llm_tracing.lgtm.loki import MAX_LIMIT, Loki
from llm_tracing.lgtm.prometheus import Prometheus
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
from llm_tracing.store.contract_groups import CalledModel, GroupKey, TopBy, Totals, TraceGroup

T = TypeVar("T")
_SECOND = 1_000_000_000
_STEP = 200  # traces of one search for figures
_LINKS_S, _LINKED_WITHIN_NS = 2.0, 24 * 3_600 * _SECOND
_EVENTS_S = 2.0  # for log records that traces can do without
_LEFT_ALONE_S = 30.0  # after Loki failed, nobody waits for it who can do without
_AROUND_NS = 5 * 60 * _SECOND
_EARLY_S = 4.0  # for the figures of the time that was not reached
_FEWEST = 20  # traces of one search for a list


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """`patience_s` is how long one question may wait for the backends; `lag_s` how far Tempo's search is behind.

    `budget` are the traces, and `log_budget` the log records, that one question may bring in for figures over a range;
    `reach_s` how far back is searched where no start is given.
    """

    patience_s: float = 10.0
    lag_s: float = 30.0
    budget: int = 2_000
    log_budget: int = 20_000
    reach_s: float = 7 * 24 * 3_600


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
    """The read protocols of store/contract.py. Raises BackendError where neither a backend nor the window answers."""

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
        self._tempo = tempo
        self._backends = (tempo.backend, loki.backend, prometheus.backend)
        shared = SharedRows()
        self._traces = TraceBringer(window, tempo, objects, shared, self._limits.lag_s)
        self._logs = LogBringer(window, loki, objects, SharedRows())
        self._metrics = MetricBringer(window, prometheus, SharedRows())
        self._store.changes.watch(self._changed)

    def state(self) -> ReadState:
        tempo, loki, prometheus = (backend.state for backend in self._backends)
        partial = {trace_id.hex(): said for trace_id, said in list(self._traces.partial.items())}
        return ReadState(tempo, loki, prometheus, self._traces.covered_since(), self._logs.covered_since(), partial)

    def _changed(self, trace_ids: Collection[bytes] | None) -> None:
        """Nothing is named when rows were deleted."""
        if trace_ids is None:
            for bringer in (self._traces, self._logs, self._metrics):
                bringer.forget()

    def close(self) -> None:
        self._traces.close()
        for backend in self._backends:
            backend.close()

    # Traces

    def trace(
        self, trace_id: bytes, *, content: bool = True, span_ids: Sequence[int] | None = None
    ) -> StoredTrace | None:
        patience = self._patience()
        trouble = self._traces.one(trace_id, patience)
        found = self._store.trace(trace_id, content=content, span_ids=span_ids)
        if found is None:
            if trouble is not None:
                raise trouble
            return None
        if content and self._loki_does():  # what was asked and answered may have come as log records
            times = (found.trace.start_time_unix_nano, found.trace.end_time_unix_nano)
            brought = self._logs.of_trace(trace_id, *times, patience.at_most(_EVENTS_S))
            if brought.seen:
                found = self._store.trace(trace_id, content=content, span_ids=span_ids)
        return found

    def traces(self, page: Page) -> list[TraceRow]:
        return self._list("traces", page, self._store.traces)

    def spans(self, page: Page) -> list[SpanRecord]:
        return self._list("spans", page, self._store.spans)

    def linking_spans(self, trace_id: bytes, limit: int) -> list[SpanRecord]:
        """Those of the last day; a page does not wait long for them, and does without."""
        query, until = f'{{ link:traceID = "{trace_id.hex()}" }}', time.time_ns() + _SECOND
        self._stretch(query, until - _LINKED_WITHIN_NS, until, self._patience().at_most(_LINKS_S))
        return self._store.linking_spans(trace_id, limit)

    def whole_spans(
        self, page: Page, after: SpanPlace | None = None, *, traces: Sequence[bytes] | None = None
    ) -> StoredSpans:
        trouble: BackendError | None = None
        if traces is not None:
            patience = self._patience()
            for trace_id in traces:
                trouble = self._traces.one(trace_id, patience) or trouble
        elif after is None:  # a walk goes on over what its first page brought
            trouble = self._figures(page, "spans").trouble
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
        brought = self._figures(page, "traces" if of_traces or over != "calls" else "calls")
        found = self._store.aggregate(
            page, over=over, group=group, step_ns=step_ns, of_traces=of_traces, by=by, limit=limit
        )
        if step_ns is not None and not brought.whole and brought.trouble is None:
            found = self._with_early(found, page, over, group, step_ns)[:limit]
        if brought.trouble is not None and not any(one.count for one in found):
            raise brought.trouble
        return found

    def trace_groups(self, key: GroupKey, page: Page) -> list[TraceGroup]:
        brought = self._figures(page, "traces")
        found = self._store.trace_groups(key, page)
        if key == "session" and found:  # each is told whole: what of them lies before the range is brought too
            self._around(traceql.of_sessions([one.key for one in found]))
            found = self._store.trace_groups(key, page)
        return self._told(brought, found)

    def trace_group(self, key: GroupKey, value: str) -> TraceGroup | None:
        brought = self._around(traceql.query([Filter(key, "=", value)]))
        return self._told(brought, self._store.trace_group(key, value))

    def session_traces(self, session_id: str, after: tuple[int, str] | None, limit: int) -> list[TraceRow]:
        brought = self._around(traceql.query([Filter("session", "=", session_id)]))
        return self._told(brought, self._store.session_traces(session_id, after, limit))

    def called_models(self, page: Page) -> list[CalledModel]:
        return self._told(self._figures(page, "traces"), self._store.called_models(page))

    def top_traces(self, page: Page, by: TopBy) -> list[TraceRow]:
        return self._told(self._figures(page, "traces"), self._store.top_traces(page, by))

    def runs(self, page: RunPage) -> StoredRuns:
        trouble: BackendError | None
        if page.trace_id is not None:
            trouble = self._traces.one(page.trace_id, self._patience())
        else:
            since, until = self._range(page.since, page.until)
            trouble = self._stretch(traceql.RUNS, since, until, self._patience()).trouble
        found = self._store.runs(page)
        if trouble is not None and not found.spans:
            raise trouble
        return found

    def run_projects(self) -> list[RunProject]:
        return self._told(self._around(traceql.RUNS), self._store.run_projects())

    def recent(self, since: int, max_spans: int) -> Recent:
        brought = self._stretch(traceql.ALL, *self._range(since, None), self._patience())
        found = self._store.recent(since, max_spans)
        if brought.trouble is not None and not found.sources:
            raise brought.trouble
        return found

    # What surrounds a list

    def extent(self, table: Table, since: int | None, until: int | None) -> tuple[int, int] | None:
        page = Page(since=since, until=until)
        return self._told(self._figures(page, table), self._store.extent(table, since, until))

    def histogram(self, table: Table, page: Page, step_ns: int) -> list[HistogramBucket]:
        return self._told(self._figures(page, table), self._store.histogram(table, page, step_ns))

    def facets(self, table: Table, keys: Sequence[str], page: Page) -> list[list[ValueCount]]:
        brought = self._figures(page, table)
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
        patience = self._patience()
        found: StoredLogs | None = None

        def enough(reached: int) -> bool:
            nonlocal found
            found = self._store.logs(page)
            return len(found.logs) >= page.limit and found.logs[-1].time_unix_nano >= reached

        since, until = self._around_trace(page) or self._range(page.since, _end(page))
        step, budget = min(MAX_LIMIT, max(100, page.limit)), self._limits.log_budget
        brought = Brought()
        for query in self._log_queries(page):
            brought = self._logs.stretch(query, since, until, patience, step=step, budget=budget, enough=enough)
            if found is not None and len(found.logs) >= page.limit:
                return found
        found = self._store.logs(page)
        if brought.trouble is not None and not found.logs:
            raise brought.trouble
        return found

    def log_counts(self, page: Page, buckets: int) -> LogCounts:
        brought = self._log_figures(page)
        found = self._store.log_counts(page, buckets)
        if brought.trouble is not None and not found.counts:
            raise brought.trouble
        return found

    # Metrics

    def metrics(self) -> list[MetricOverview]:
        trouble = self._metrics.overview(int(self._limits.reach_s), self._patience())
        found = self._store.metrics()
        if trouble is not None and not found:
            raise trouble
        return found

    def points(self, page: PointPage) -> StoredPoints:
        trouble = self._metrics.points(page, self._patience())
        found = self._store.points(page)
        if trouble is not None and not found.points:
            raise trouble
        return found

    def sparks(self, since: int, until: int, buckets: int) -> list[Spark]:
        trouble = self._metrics.sparks(since, until, buckets, self._patience())
        found = self._store.sparks(since, until, buckets)
        if trouble is not None and not found:
            raise trouble
        return found

    # How they bring in

    def _with_early(
        self, found: list[Aggregate], page: Page, over: AggregateOver, group: str | None, step_ns: int
    ) -> list[Aggregate]:
        """Figures with those of the time that was not reached from TraceQL metrics, bucket by bucket."""
        since, until = self._range(page.since, page.until)
        first = since - since % step_ns
        reached = min(until, self._traces.covered_since())
        reached += -reached % step_ns
        try:
            early = early_figures(
                self._tempo, page.filters, over, group, step_ns, first, reached, self._patience().at_most(_EARLY_S)
            )
        except BackendError:
            return found  # those of the part that was read; the state says since when
        if early is None:
            return found
        return [*early, *(one for one in found if (one.time_unix_nano or 0) >= reached)]

    def _patience(self) -> Patience:
        return Patience(self._limits.patience_s)

    def _range(self, since: int | None, until: int | None) -> tuple[int, int]:
        end = time.time_ns() + _SECOND if until is None else until
        return (max(0, end - int(self._limits.reach_s * _SECOND)) if since is None else since), end

    def _list(self, table: Table, page: Page, read: Callable[[Page], list[T]]) -> list[T]:
        """Rows that have a start time. First those that the filters name, then all, until the page is full."""
        patience = self._patience()
        trace_id = _one_trace(page)
        if trace_id is not None:
            return self._told(Brought(trouble=self._traces.one(trace_id, patience)), read(page))
        rows: list[T] = []

        def enough(reached: int) -> bool:
            nonlocal rows
            rows = read(page)
            return len(rows) >= page.limit and rows[-1].start_time_unix_nano >= reached  # type: ignore[attr-defined]

        since, until = self._range(page.since, _end(page))
        step = min(_STEP, max(_FEWEST, page.limit))
        self._events(since, until, page.limit, patience)
        brought = Brought()
        for query in dict.fromkeys((traceql.query(page.filters, of_spans=table != "traces"), traceql.ALL)):
            brought = self._traces.stretch(
                query, since, until, patience, step=step, budget=self._limits.budget, enough=enough
            )
            if len(rows) >= page.limit:
                return rows
        return self._told(brought, read(page))

    def _events(self, since: int, until: int, limit: int, patience: Patience) -> None:
        """The newest GenAI events, for the few words that a list shows; without Loki it shows none."""
        if not self._loki_does():
            return
        patience, budget = patience.at_most(_EVENTS_S), min(MAX_LIMIT, 10 * max(_FEWEST, limit))
        self._logs.stretch(logql.EVENTS, since, until, patience, step=budget, budget=budget)

    def _figures(self, page: Page, table: Table) -> Brought:
        """All of a range, or as much as the budget allows; then what the filters name of the rest."""
        if table == "logs":
            return self._log_figures(page)
        patience = self._patience()
        since, until = self._range(page.since, page.until)
        brought = self._stretch(traceql.ALL, since, until, patience)
        query = traceql.query(page.filters, of_spans=table != "traces")
        if brought.whole or brought.trouble is not None or query == traceql.ALL:
            return brought
        return self._stretch(query, since, until, patience)

    def _log_figures(self, page: Page) -> Brought:
        patience = self._patience()
        since, until = self._around_trace(page) or self._range(page.since, page.until)
        budget = self._limits.log_budget
        brought = Brought()
        for query in self._log_queries(page):
            brought = self._logs.stretch(query, since, until, patience, step=MAX_LIMIT, budget=budget)
            if brought.trouble is not None:
                break
        return brought

    @staticmethod
    def _log_queries(page: Page) -> list[str]:
        """What to ask Loki for: what the filters name, then all, unless that says the same."""
        query = logql.query(page.filters)
        return [query] if query == logql.ALL or (page.filters and logql.is_exact(page.filters)) else [query, logql.ALL]

    def _around_trace(self, page: Page) -> tuple[int, int] | None:
        """When the records of a trace may have been written, where a list is of one that the window knows."""
        trace_id = _one_trace(page)
        if trace_id is None or page.since is not None:
            return None
        rows = self._store.traces(Page(limit=1, filters=[Filter("trace", "=", trace_id.hex())]))
        if not rows:
            return None
        until = rows[0].end_time_unix_nano + _AROUND_NS
        end = _end(page)
        return max(0, rows[0].start_time_unix_nano - _AROUND_NS), until if end is None else min(until, end)

    def _loki_does(self) -> bool:
        """Whether it is worth asking Loki for what traces can do without."""
        state = self._backends[1].state
        return state.trouble is None or time.time() - state.failed_at > _LEFT_ALONE_S

    def _around(self, query: str) -> Brought:
        """Whatever meets a query, as far back as is searched."""
        return self._stretch(query, *self._range(None, None), self._patience())

    def _stretch(self, query: str, since: int, until: int, patience: Patience) -> Brought:
        return self._traces.stretch(query, since, until, patience, step=_STEP, budget=self._limits.budget)

    @staticmethod
    def _told(brought: Brought, answer: T) -> T:
        """The window's answer; nothing is no answer if a backend failed."""
        if brought.trouble is not None and not answer:
            raise brought.trouble
        return answer


def _end(page: Page) -> int | None:
    """Where a list goes on: rows of the very time of the last one may come after it."""
    if page.after is None:
        return page.until
    after = page.after[0] + 1
    return after if page.until is None else min(page.until, after)


def _one_trace(page: Page) -> bytes | None:
    """The trace that a list is restricted to."""
    named = [one for one in page.filters if one.field == "trace" and one.comparison == "=" and not one.negated]
    try:
        found = bytes.fromhex(str(named[0].value).replace("-", "")) if named else b""
    except ValueError:
        return None
    return found if len(found) == 16 else None
