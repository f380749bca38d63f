"""Prometheus: OTLP in, series, samples and exemplars out, as far as lgtm/prometheus.py asks."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

from llm_tracing.lgtm.metric_names import prometheus_name
from tests.lgtm.fakes import Answer, Asked, Fake

_MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)("(?:[^"\\]|\\.)*")')
_DELTA = 1
_Labels = tuple[tuple[str, str], ...]


@dataclass
class FakePrometheus(Fake):
    """`takes_delta` is whether deltas are taken, which are refused by default with a 500 that is meant for good."""

    takes_delta: bool = False
    series: dict[_Labels, dict[int, float]] = field(default_factory=dict)  # labels -> milliseconds -> value
    exemplars: dict[_Labels, list[dict[str, Any]]] = field(default_factory=dict)

    def forget(self) -> None:
        self.series, self.exemplars, self.takes_delta = {}, {}, False

    def no_tenant(self, pushed: bool) -> Answer:
        return Answer.of_text(401, "no org id")

    def of_nobody(self, asked: Asked) -> Answer:
        if asked.method == "POST":
            return Answer(200, "application/x-protobuf")
        return _success([] if "series" in asked.path or "exemplars" in asked.path else _matrix([]))

    def take(self, asked: Asked) -> Answer:
        if asked.path != "/api/v1/otlp/v1/metrics":
            return Answer.of_text(404, "404 page not found")
        wrong = ""
        for resource_metrics in asked.message(ExportMetricsServiceRequest).resource_metrics:
            target = _target(resource_metrics.resource)
            for scope_metrics in resource_metrics.scope_metrics:
                scope = {"otel_scope_name": scope_metrics.scope.name, "otel_scope_version": scope_metrics.scope.version}
                for metric in scope_metrics.metrics:
                    if _temporality(metric) == _DELTA and not self.takes_delta:
                        wrong = f"invalid temporality and type combination for metric {metric.name!r}"
                        continue
                    self._keep(metric, {**target[0], **{name: text for name, text in scope.items() if text}})
            self._put("target_info", {**target[0], **target[1]}, time.time_ns() // 1_000_000, 1.0)
        if wrong:
            return Answer.of_text(500, wrong)
        return Answer(200, "application/x-protobuf", ExportMetricsServiceResponse().SerializeToString())

    def _keep(self, metric: Any, labels: dict[str, str]) -> None:
        kind = metric.WhichOneof("data")
        shape = "sum" if kind == "sum" and metric.sum.is_monotonic else kind
        name = prometheus_name(metric.name, metric.unit, shape)
        for point in getattr(metric, kind).data_points:
            at = point.time_unix_nano // 1_000_000
            of_point = {**labels, **{_name(one.key): _text(one.value) for one in point.attributes}}
            for part, more, value in _parts(kind, point):
                self._put(f"{name}{part}", {**of_point, **more}, at, value)
            for one in getattr(point, "exemplars", ()):
                self.exemplars.setdefault(_key(name, of_point), []).append(
                    {
                        "labels": {"trace_id": one.trace_id.hex(), "span_id": one.span_id.hex()},
                        "value": str(one.as_double or one.as_int),
                        "timestamp": one.time_unix_nano / 1e9,
                    }
                )

    def _put(self, name: str, labels: dict[str, str], at_ms: int, value: float) -> None:
        self.series.setdefault(_key(name, labels), {})[at_ms] = value

    def give(self, asked: Asked) -> Answer:
        found = asked.parameters
        if asked.path == "/api/v1/series":
            return _success([dict(one) for one in self._matching(found["match[]"])])
        if asked.path == "/api/v1/query":
            if found["query"].isdigit():
                return _success({"resultType": "scalar", "result": [time.time(), found["query"]]})
            return self._raw(found["query"], float(found["time"]))
        if asked.path == "/api/v1/query_range":
            return self._steps(found["query"], float(found["start"]), float(found["end"]), float(found["step"]))
        if asked.path == "/api/v1/query_exemplars":
            wanted = _matchers(found["query"])
            told = [(dict(key), many) for key, many in self.exemplars.items() if _meets(dict(key), wanted)]
            return _success([{"seriesLabels": labels, "exemplars": many} for labels, many in told])
        return Answer.of_text(404, "404 page not found")

    def _matching(self, query: str) -> Iterator[_Labels]:
        wanted = _matchers(query)
        return (key for key in self.series if _meets(dict(key), wanted))

    def _raw(self, query: str, until: float) -> Answer:
        selector, _, length = query.removesuffix("s]").rpartition("[")
        since = until - float(length)
        return self._given(
            (key, [(at, value) for at, value in sorted(self.series[key].items()) if since * 1000 < at <= until * 1000])
            for key in self._matching(selector)
        )

    def _steps(self, query: str, start: float, end: float, step: float) -> Answer:
        times = [start + step * place for place in range(int((end - start) // step) + 1)]
        found = []
        for key in self._matching(query):
            samples = sorted(self.series[key].items())
            values = []
            for at in times:
                last = [value for ms, value in samples if (at - 300) * 1000 < ms <= at * 1000]
                values += [(int(at * 1000), last[-1])] if last else []
            found.append((key, values))
        return self._given(iter(found))

    @staticmethod
    def _given(found: Iterator[tuple[_Labels, list[tuple[int, float]]]]) -> Answer:
        return _success(_matrix([(key, values) for key, values in found if values]))


def _matrix(found: list[tuple[_Labels, list[tuple[int, float]]]]) -> dict[str, Any]:
    result = [{"metric": dict(key), "values": [[ms / 1000, _number(v)] for ms, v in values]} for key, values in found]
    return {"resultType": "matrix", "result": result}


def _success(data: Any) -> Answer:
    return Answer.of_json({"status": "success", "data": data})


def _number(value: float) -> str:
    return str(int(value)) if value == value and abs(value) < 1e15 and value == int(value) else repr(value)


def _temporality(metric: Any) -> int:
    return int(getattr(getattr(metric, metric.WhichOneof("data")), "aggregation_temporality", 0))


def _parts(kind: str, point: Any) -> Iterator[tuple[str, dict[str, str], float]]:
    if kind in ("gauge", "sum"):
        yield "", {}, point.as_int if point.WhichOneof("value") == "as_int" else point.as_double
        return
    if kind == "histogram":
        total = 0
        for bound, count in zip([*point.explicit_bounds, float("inf")], point.bucket_counts, strict=False):
            total += count
            yield "_bucket", {"le": "+Inf" if bound == float("inf") else repr(bound)}, total
    if kind != "exponential_histogram":  # native ones are left out by what asks
        yield "_sum", {}, point.sum
        yield "_count", {}, point.count


def _target(resource: Any) -> tuple[dict[str, str], dict[str, str]]:
    """The labels of every series of a resource, and those of its target_info alone."""
    known = {one.key: _text(one.value) for one in resource.attributes}
    name, namespace = known.pop("service.name", ""), known.pop("service.namespace", "")
    of_all = {"job": f"{namespace}/{name}" if namespace else name, "instance": known.pop("service.instance.id", "")}
    return {key: text for key, text in of_all.items() if text}, {_name(key): text for key, text in known.items()}


def _key(name: str, labels: dict[str, str]) -> _Labels:
    return tuple(sorted({"__name__": name, **labels}.items()))


def _name(key: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]", "_", key)


def _text(value: Any) -> str:
    kind = value.WhichOneof("value")
    plain = getattr(value, kind) if kind else ""
    return str(plain).lower() if isinstance(plain, bool) else str(plain)


def _matchers(query: str) -> list[tuple[str, str, str]]:
    name = re.match(r"\w+", query)
    found = [("__name__", "=", name[0])] if name else []
    return found + [(label, comparison, json.loads(text)) for label, comparison, text in _MATCHER.findall(query)]


def _meets(labels: dict[str, str], wanted: list[tuple[str, str, str]]) -> bool:
    def meets(found: str, comparison: str, value: str) -> bool:
        same = re.fullmatch(value, found) is not None if "~" in comparison else found == value
        return same != comparison.startswith("!")

    return all(meets(labels.get(name, ""), comparison, value) for name, comparison, value in wanted)
