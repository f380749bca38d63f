"""Samples of the command's processes -> OTLP metrics, once a second by a thread of its own.

Names and units: OpenTelemetry semantic conventions, process metrics.
"""

import os
import threading
import time
from collections.abc import Callable
from resource import struct_rusage

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import Resource

from llm_tracing.runner.outbox import SCOPE
from llm_tracing.runner.sampling import Sample, sample
from llm_tracing.telemetry.exporters import WatchedMetricExporter

EVERY_S = 1.0


class Meter:
    """Samples until `finish`. `each_second` is called after each sample."""

    def __init__(
        self, pid: int, resource: Resource, exporter: WatchedMetricExporter | None, each_second: Callable[[], None]
    ) -> None:
        self._pid = pid
        self._resource = resource
        self._exporter = exporter
        self._each_second = each_second
        self._began_ns = time.time_ns()
        self._cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._last: tuple[int, float, float] = (self._began_ns, 0.0, 0.0)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._work, name="meter", daemon=True)
        self._thread.start()

    def finish(self, used: struct_rusage) -> None:
        """Send the last numbers: what the kernel counted for the whole of the command."""
        self._end.set()
        self._thread.join(5)
        # ru_maxrss is the largest single process, in KiB on Linux: the peak of a command that ended before a sample.
        peak = Sample(used.ru_utime, used.ru_stime, used.ru_maxrss * 1024, 0, 0)
        self._send(peak, last=True)

    def _work(self) -> None:
        wait = 0.1  # the first one soon: many commands are short
        while not self._end.wait(wait):
            wait = EVERY_S
            found = sample(self._pid)
            if found:
                self._send(found, last=False)
            self._each_second()

    def _send(self, found: Sample, *, last: bool) -> None:
        if self._exporter is None:
            return
        now = time.time_ns()
        metrics = self._metrics(found, now, last=last)
        scope = ScopeMetrics(SCOPE, metrics, "")
        self._exporter.export(MetricsData([ResourceMetrics(self._resource, [scope], "")]))

    def _metrics(self, found: Sample, now: int, *, last: bool) -> list[Metric]:
        then, user, system = self._last
        # Never less than before: a process that left the tree took its CPU time along.
        used = {"user": max(found.user_s, user), "system": max(found.system_s, system)}
        elapsed = max(1, now - then) / 1e9 * self._cpus
        share = {"user": (used["user"] - user) / elapsed, "system": (used["system"] - system) / elapsed}
        self._last = (now, used["user"], used["system"])
        metrics = [
            self._sum("process.cpu.time", "s", "CPU seconds by mode", now, used),
            self._gauge("process.cpu.utilization", "1", "Share of the CPUs by mode", now, share),
        ]
        if last:  # its processes are gone: the highest resident memory is what is left to tell
            return [*metrics, self._level("llm_tracing.process.memory.peak", "By", found.resident_bytes, now)]
        return [
            *metrics,
            self._level("process.memory.usage", "By", found.resident_bytes, now),
            self._level("process.thread.count", "{thread}", found.threads, now),
            self._level("llm_tracing.process.count", "{process}", found.processes, now),
        ]

    def _sum(self, name: str, unit: str, description: str, now: int, values: dict[str, float]) -> Metric:
        points = [NumberDataPoint({"cpu.mode": mode}, self._began_ns, now, value) for mode, value in values.items()]
        return Metric(name, description, unit, Sum(points, AggregationTemporality.CUMULATIVE, is_monotonic=True))

    def _gauge(self, name: str, unit: str, description: str, now: int, values: dict[str, float]) -> Metric:
        points = [
            NumberDataPoint({"cpu.mode": mode}, self._began_ns, now, min(1.0, value)) for mode, value in values.items()
        ]
        return Metric(name, description, unit, Gauge(points))

    def _level(self, name: str, unit: str, value: int, now: int) -> Metric:
        """A sum that goes up and down, as the conventions have it."""
        points = [NumberDataPoint({}, self._began_ns, now, value)]
        return Metric(name, "", unit, Sum(points, AggregationTemporality.CUMULATIVE, is_monotonic=False))
