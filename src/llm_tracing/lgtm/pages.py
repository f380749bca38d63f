"""What a page needs, brought into the window: the rows of a list, or all of a range for figures.

A list brings the traces that its filters may mean, the newest first, until its page is full; figures over a range bring
all of it, up to a budget. Log records go the same way.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from llm_tracing.errors import BackendError
from llm_tracing.lgtm import logql, traceql
from llm_tracing.lgtm.backend import Backend, Patience
from llm_tracing.lgtm.bringing_logs import LogBringer
from llm_tracing.lgtm.bringing_traces import TraceBringer
from llm_tracing.lgtm.brought import Brought
from llm_tracing.lgtm.figures import early_figures
from llm_tracing.lgtm.loki import MAX_LIMIT, Loki
from llm_tracing.lgtm.resting import Portions, Resting
from llm_tracing.lgtm.searching_traces import TraceSearch
from llm_tracing.lgtm.tempo import Tempo
from llm_tracing.lgtm.window import Window
from llm_tracing.store.contract import Aggregate, AggregateOver, AnnotationPage, Filter, Page, StoredLogs, Table

T = TypeVar("T")
_SECOND = 1_000_000_000
_STEP = 200  # traces of one search for figures
# That are read at a time while nobody asks: a list that is asked for meanwhile waits for one slice.
_SLICE, _LOG_SLICE = 50, 1_000
EVENTS_S = 2.0  # for log records that traces can do without
_LEFT_ALONE_S = 30.0  # after a backend failed, nobody waits long for it who can do without
_SILENT_S = 2.0
_FIGURES_SHARE = 0.5  # of the patience: figures can be of a part, and the next question goes on from there
_AROUND_NS = 5 * 60 * _SECOND
_EARLY_S = 4.0  # for the figures of the time that was not reached
_ANNOTATED = 1_000  # annotations, the newest, whose traces are brought for a filter of them
_SAID = frozenset({"annotation", "note", "score"})
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


class Pages:
    """`traces` and `logs` bring in; what is asked here is asked of them."""

    def __init__(
        self,
        window: Window,
        tempo: Tempo,
        loki: Loki,
        traces: TraceBringer,
        search: TraceSearch,
        logs: LogBringer,
        limits: ReadLimits,
    ) -> None:
        self._store = window.store
        self._tempo = tempo
        self._loki = loki
        self._traces = traces
        self._search = search
        self._logs = logs
        self._limits = limits
        share_s = limits.patience_s * _FIGURES_SHARE
        self._trace_rest = Resting(
            search, traceql.ALL, Portions(_STEP, limits.budget, _SLICE), lambda: self.patience().at_most(share_s)
        )
        self._log_rest = Resting(
            logs,
            logql.ALL,
            Portions(MAX_LIMIT, limits.log_budget, _LOG_SLICE),
            lambda: self.patience(loki.backend).at_most(share_s),
        )

    def forget(self) -> None:
        """As that of Resting."""
        self._trace_rest.forget()
        self._log_rest.forget()

    def close(self) -> None:
        self._trace_rest.close()
        self._log_rest.close()

    def traces_since(self) -> int:
        """Since when figures rest on every trace."""
        self._trace_rest.still_asked()
        return self._trace_rest.whole_since()

    def logs_since(self) -> int:
        """Since when figures without a filter rest on every log record."""
        return self._log_rest.whole_since()

    def with_early(
        self, found: list[Aggregate], page: Page, over: AggregateOver, group: str | None, step_ns: int, whole_since: int
    ) -> list[Aggregate]:
        """Figures with those of the time that was not reached from TraceQL metrics, bucket by bucket."""
        since, until = self.range(page.since, page.until)
        first = since + -since % step_ns
        reached = min(until, whole_since)
        reached += -reached % step_ns
        try:
            early = early_figures(
                self._tempo, page.filters, over, group, step_ns, first, reached, self.patience().at_most(_EARLY_S)
            )
        except BackendError:
            return found  # those of the part that was read; the state says since when
        if early is None:
            return found
        begun = [one for one in found if (one.time_unix_nano or 0) < first]  # a bucket that the range cuts
        return [*begun, *early, *(one for one in found if (one.time_unix_nano or 0) >= max(first, reached))]

    def patience(self, backend: Backend | None = None) -> Patience:
        """For what a backend is asked, Tempo if none is named: one that was silent is not waited for as long again."""
        state, seconds = (backend or self._tempo.backend).state, self._limits.patience_s
        silent = state.trouble is not None and state.trouble.reason in ("slow", "down")
        if silent and time.time() - state.failed_at < _LEFT_ALONE_S:
            seconds = min(seconds, _SILENT_S)
        return Patience(seconds)

    def range(self, since: int | None, until: int | None) -> tuple[int, int]:
        end = time.time_ns() + _SECOND if until is None else until
        return (max(0, end - int(self._limits.reach_s * _SECOND)) if since is None else since), end

    def rows(self, table: Table, page: Page, read: Callable[[Page], list[T]]) -> list[T]:
        """Rows that have a start time. First those that the filters name, then all, until the page is full."""
        patience = self.patience()
        trace_id = _one_trace(page)
        if trace_id is not None:
            return told(Brought(trouble=self._traces.one(trace_id, patience)), read(page))
        rows: list[T] = []

        def enough(reached: int) -> bool:
            nonlocal rows
            rows = read(page)
            return len(rows) >= page.limit and rows[-1].start_time_unix_nano >= reached  # type: ignore[attr-defined]

        since, until = self.range(page.since, _end(page))
        step = min(_STEP, max(_FEWEST, page.limit))
        self._annotated(page, patience)
        self._events(since, until, page.limit, patience)
        brought = Brought()
        for query in dict.fromkeys((traceql.query(page.filters, of_spans=table != "traces"), traceql.ALL)):
            brought = self._search.stretch(
                query, since, until, patience, step=step, budget=self._limits.budget, enough=enough
            )
            if len(rows) >= page.limit:
                return rows
        return told(brought, read(page))

    def _annotated(self, page: Page, patience: Patience) -> None:
        """Tempo knows nothing of what was said of traces; it is known here, and those are brought by their id."""
        if any(_is_of_annotations(wanted) and not wanted.negated for wanted in page.filters):
            said = self._store.annotations(AnnotationPage(limit=_ANNOTATED))
            self._traces.some({row.trace_id for row in said if row.trace_id is not None}, patience)

    def _events(self, since: int, until: int, limit: int, patience: Patience) -> None:
        """The newest GenAI events, for the few words that a list shows; without Loki it shows none."""
        if not self.loki_does():
            return
        patience, budget = patience.at_most(EVENTS_S), min(MAX_LIMIT, 10 * max(_FEWEST, limit))
        self._logs.stretch(logql.EVENTS, since, until, patience, step=budget, budget=budget)

    def figures(self, page: Page, table: Table) -> tuple[Brought, Page]:
        """What was brought for figures, and the part of the page that they are of; see Resting."""
        if table == "logs":
            since, until = self._around_trace(page) or self.range(page.since, page.until)
            exact = logql.query(page.filters) if logql.is_exact(page.filters) else logql.ALL
            return self._log_rest.figures(page, [exact], since, until)
        since, until = self.range(page.since, page.until)
        queries = dict.fromkeys((traceql.ALL, traceql.query(page.filters, of_spans=table != "traces")))
        return self._trace_rest.figures(page, list(queries), since, until)

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

    def loki_does(self) -> bool:
        """Whether it is worth asking Loki for what traces can do without."""
        state = self._loki.backend.state
        return state.trouble is None or time.time() - state.failed_at > _LEFT_ALONE_S

    def around(self, query: str) -> Brought:
        """Whatever meets a query, as far back as is searched."""
        return self.stretch(query, *self.range(None, None), self.patience())

    def stretch(self, query: str, since: int, until: int, patience: Patience) -> Brought:
        return self._search.stretch(query, since, until, patience, step=_STEP, budget=self._limits.budget)

    def logs(self, page: Page) -> StoredLogs:
        patience = self.patience(self._loki.backend)
        found: StoredLogs | None = None

        def enough(reached: int) -> bool:
            nonlocal found
            found = self._store.logs(page)
            return len(found.logs) >= page.limit and found.logs[-1].time_unix_nano >= reached

        since, until = self._around_trace(page) or self.range(page.since, _end(page))
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


def told(brought: Brought, answer: T) -> T:
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


def _is_of_annotations(wanted: Filter) -> bool:
    return wanted.field in ("score", "tag", "thumb") or (wanted.field == "has" and wanted.value in _SAID)


def _one_trace(page: Page) -> bytes | None:
    """The trace that a list is restricted to."""
    named = [one for one in page.filters if one.field == "trace" and one.comparison == "=" and not one.negated]
    try:
        found = bytes.fromhex(str(named[0].value).replace("-", "")) if named else b""
    except ValueError:
        return None
    return found if len(found) == 16 else None
