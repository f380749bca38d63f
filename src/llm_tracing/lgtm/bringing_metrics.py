"""Brings data points from Prometheus into the window: of one metric over a time, or a few of every metric.

What a resource sends through this server is in the window as it was sent; of it Prometheus is asked only for what came
before, else everything would be told twice. Samples of a short time come as they are, those of a long one at steps.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from threading import Lock
from typing import NamedTuple
from uuid import UUID

from llm_tracing.errors import BackendError
from llm_tracing.lgtm.backend import Patience
from llm_tracing.lgtm.incoming import to_batch
from llm_tracing.lgtm.metric_names import NOT_SENT, Family, Shape, prometheus_name, selector_of, split_name
from llm_tracing.lgtm.metric_points import FROM, service_of, to_otlp
from llm_tracing.lgtm.prometheus import Exemplar, Labels, Prometheus, Series, text
from llm_tracing.lgtm.searched import Searched
from llm_tracing.lgtm.window import Window
from llm_tracing.model import Batch
from llm_tracing.normalize.shared import SharedRows
from llm_tracing.store.contract import PointPage
from llm_tracing.store.database import sql

_SECOND = 1_000_000_000
_SETTLE_NS = 2 * 60 * _SECOND
_RAW_S = 3 * 3_600  # a longer time is read at steps
_STEPS = 400
_SPARKS = 40  # points of a series in an hour, where it is one of many
_LATEST_S = 360  # Prometheus shows a series that was told within five minutes
_TARGETS_S = 30.0  # for how long the list of resources holds
_HOUR_NS = 3_600 * _SECOND
_JUST_NOW_NS = 5 * _SECOND  # what is sent through this server is in Prometheus a moment before it is in the window
_MS = 1_000_000


class _SentHere(NamedTuple):
    """What is sent through this server: since when, by (family in Prometheus, service, instance); and its families."""

    since: dict[tuple[str, str, str], int]
    families: dict[str, Family]


class _NoObjects:
    def get_many(self, hashes: object) -> dict[str, str]:
        return {}


class MetricBringer:
    """Safe for many threads. Never raises BackendError; DuckDB's errors pass."""

    def __init__(self, window: Window, prometheus: Prometheus, shared: SharedRows) -> None:
        self._window = window
        self._prometheus = prometheus
        self._shared = shared
        self._turn = Lock()
        self._searched = Searched("", _SETTLE_NS, once=True)
        self._targets: tuple[float, list[Labels]] = (float("-inf"), [])

    def forget(self) -> None:
        """Something was deleted from the window: what is asked for is to be brought again."""
        self._searched.forget()

    def overview(self, reach_s: int, patience: Patience) -> BackendError | None:
        """Bring the newest points of every metric that came by OTLP, and some of the last hour: one may have ended."""
        now = time.time_ns()
        newest = now - _LATEST_S * _SECOND
        trouble = self._bring(lambda: self._of_all(reach_s, patience), newest, now, 0, patience)
        return trouble or self.sparks(now - _HOUR_NS, now, _SPARKS, patience)

    def sparks(self, since: int, until: int, buckets: int, patience: Patience) -> BackendError | None:
        step_s = max(15, -(-(until - since) // (buckets * _SECOND)))
        start = (since // _SECOND // step_s - 1) * step_s * _SECOND
        reach_s = (time.time_ns() - since) // _SECOND + 1
        return self._bring(lambda: self._of_all(reach_s, patience), start, until, step_s, patience)

    def points(self, page: PointPage, patience: Patience) -> BackendError | None:
        if page.name is None or page.after is not None:  # a walk goes on over what its first page brought
            return None
        until = min(page.until or time.time_ns(), time.time_ns())
        since = until - _HOUR_NS if page.since is None else page.since
        length_s = (until - since) // _SECOND
        step_s = 0 if length_s <= _RAW_S else max(15, length_s // _STEPS)
        matchers = [f"__name__=~{text(selector_of(page.name, self._sent_here().families))}"]
        if page.service:
            matchers.append(f"job=~{text('(.+/)?' + re.escape(page.service))}")
        selector = f"{{{','.join(matchers)}}}"
        return self._bring(lambda: selector, since, until, step_s, patience, exemplars=True)

    def _of_all(self, reach_s: int, patience: Patience) -> str:
        jobs = sorted({one["job"] for one in self._known_targets(reach_s, patience) if one.get("job")})
        names = f"__name__=~{text('(gen_ai_.+|traces_.*)' if not jobs else '.+')},__name__!~{text(NOT_SENT)}"
        return f"{{job=~{text('|'.join(map(re.escape, jobs)))},{names}}}" if jobs else f"{{{names}}}"

    def _known_targets(self, reach_s: int, patience: Patience) -> list[Labels]:
        at, targets = self._targets
        if time.monotonic() - at > _TARGETS_S:
            now = int(time.time()) + 1
            targets = self._prometheus.targets(now - reach_s, now, patience)
            self._targets = (time.monotonic(), targets)
        return targets

    def _bring(
        self,
        selector_of_it: Callable[[], str],
        since: int,
        until: int,
        step_s: int,
        patience: Patience,
        *,
        exemplars: bool = False,
    ) -> BackendError | None:
        if not self._turn.acquire(timeout=patience.left()):
            return None
        try:
            selector = selector_of_it()
            until = min(until, time.time_ns() - _JUST_NOW_NS)
            for start, end in self._searched.gaps(f"{selector}@{step_s}", since, until):
                settled_until = self._searched.settled_until()
                self._bring_gap(selector, start, end, step_s, patience, exemplars=exemplars)
                self._searched.cover(f"{selector}@{step_s}", start, end, settled_until)
        except BackendError as error:
            return error
        finally:
            self._turn.release()
        return None

    def _bring_gap(
        self, selector: str, start: int, end: int, step_s: int, patience: Patience, *, exemplars: bool
    ) -> None:
        since_s, until_s = start // _SECOND, -(-end // _SECOND)
        if step_s:
            since_s -= since_s % step_s
            series = self._prometheus.steps(selector, since_s, until_s, step_s, patience)
        else:
            series = self._prometheus.raw(selector, since_s, until_s, patience)
        found: Sequence[Exemplar] = ()
        if exemplars and series:
            found = self._prometheus.exemplars(selector, since_s, until_s, patience)
        targets = self._known_targets((time.time_ns() - start) // _SECOND + 1, patience)
        self._write(series, targets, found)

    def _write(self, series: Sequence[Series], targets: Sequence[Labels], exemplars: Sequence[Exemplar]) -> None:
        here = self._sent_here()
        rest = [cut for one in series if (cut := _before(one, here)).samples]
        if not rest:
            return
        batch = to_batch(_NoObjects(), self._shared, metrics=to_otlp(rest, targets, exemplars, here.families))
        with self._window.turn:
            self._leave_out(batch)
            if batch.metric_points:
                self._window.write(batch)

    def _sent_here(self) -> _SentHere:
        with self._window.store.database.reading() as db:
            rows = db.execute(sql("own_metrics"), [FROM]).fetchall()
        here = _SentHere({}, {})
        for name, unit, kind, is_monotonic, service, instance, since in rows:
            shape: Shape = kind if kind in ("histogram", "gauge") else "sum" if is_monotonic else "updown"
            family = prometheus_name(name, unit, shape)
            here.families[family] = Family(name, unit, shape)
            key = (family, service, instance or "")
            here.since[key] = min(since, here.since.get(key, since))
        return here

    def _leave_out(self, batch: Batch) -> None:
        """Take out the points that the window has already; one that has exemplars now is another one."""
        if not batch.metric_points:
            return
        times = [point.time_unix_nano for point in batch.metric_points]
        ids = [UUID(bytes=metric_id) for metric_id in batch.metrics]
        with self._window.store.database.reading() as db:
            rows = db.execute(sql("point_keys"), [ids, min(times), max(times)]).fetchall()
        held = {(metric_id.bytes, *others) for metric_id, *others in rows}
        batch.metric_points = [
            point
            for point in batch.metric_points
            if (*(key := (point.metric_id, point.attributes, point.time_unix_nano)), True) not in held
            and (*key, point.exemplars is not None) not in held
        ]


def _before(series: Series, here: _SentHere) -> Series:
    """The samples from before this server was sent the metric; all of them if it is not."""
    family, _ = split_name(series.labels.get("__name__", ""))
    since = here.since.get((family, service_of(series.labels), series.labels.get("instance", "")))
    if since is None:
        return series
    since -= since % _MS  # Prometheus keeps milliseconds
    return Series(series.labels, [one for one in series.samples if one[0] < since])
