"""What is asked of Prometheus, or of Mimir: which series there are, their samples, and exemplars.

Source: Prometheus 3's HTTP API, as recorded. Values come as text, times as seconds with fractions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from llm_tracing.lgtm.backend import Backend, Parameters, Patience

MAX_SERIES = 5_000  # of one answer
MAX_STEPS = 10_000  # of one range query; Prometheus allows 11,000
_MS = 1_000_000
Labels = Mapping[str, str]


class Series(NamedTuple):
    """Samples of one series, as (nanoseconds, value), by time. Native histograms are left out."""

    labels: Labels
    samples: list[tuple[int, float]]


class Exemplar(NamedTuple):
    labels: Labels  # of the series
    time_unix_nano: int
    value: float
    attributes: Labels  # its own: trace_id, span_id and others


class Prometheus:
    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def targets(self, since_s: int, until_s: int, patience: Patience) -> list[Labels]:
        """The resources that sent OTLP: the labels of each series of `target_info`. Raises BackendError."""
        found = self._data("/api/v1/series", _of_range("target_info", since_s, until_s), patience)
        return [_texts(labels) for labels in found] if isinstance(found, list) else []

    def raw(self, selector: str, since_s: int, until_s: int, patience: Patience) -> list[Series]:
        """Every sample after `since_s` up to `until_s`. Raises BackendError."""
        length = max(1, until_s - since_s)
        parameters: Parameters = [("query", f"{selector}[{length}s]"), ("time", until_s), ("limit", MAX_SERIES)]
        return list(_series(self._data("/api/v1/query", parameters, patience)))

    def steps(self, selector: str, since_s: int, until_s: int, step_s: int, patience: Patience) -> list[Series]:
        """The value at each step. Raises BackendError."""
        parameters: Parameters = [
            ("query", selector),
            ("start", since_s),
            ("end", until_s),
            ("step", step_s),
            ("limit", MAX_SERIES),
        ]
        return list(_series(self._data("/api/v1/query_range", parameters, patience)))

    def exemplars(self, selector: str, since_s: int, until_s: int, patience: Patience) -> list[Exemplar]:
        """Raises BackendError."""
        parameters: Parameters = [("query", selector), ("start", since_s), ("end", until_s)]
        return list(_exemplars(self._data("/api/v1/query_exemplars", parameters, patience)))

    def check(self, patience: Patience) -> None:
        """Raises BackendError unless it answers a query."""
        self._data("/api/v1/query", [("query", "1")], patience)

    def _data(self, path: str, parameters: Parameters, patience: Patience) -> Any:
        return self.backend.json(path, parameters, patience=patience).get("data")


def text(value: str) -> str:
    """A string of PromQL; its escapes are those of Go, which JSON's are among."""
    return orjson.dumps(value).decode()


def _of_range(match: str, since_s: int, until_s: int) -> Parameters:
    return [("match[]", match), ("start", since_s), ("end", until_s), ("limit", MAX_SERIES)]


def _texts(tree: Any) -> dict[str, str]:
    return {str(name): str(value) for name, value in tree.items()} if isinstance(tree, dict) else {}


def _nanoseconds(seconds: Any) -> int:
    return round(float(seconds) * 1_000) * _MS  # Prometheus keeps milliseconds


def _series(data: Any) -> Iterator[Series]:
    """What a query answered; whatever of it is not as it should be is left out."""
    result = data.get("result") if isinstance(data, dict) else None
    for one in result if isinstance(result, list) else []:
        if not isinstance(one, dict):
            continue
        samples = []
        for pair in one.get("values") or []:
            try:
                samples.append((_nanoseconds(pair[0]), float(pair[1])))
            except (TypeError, ValueError, IndexError, OverflowError):
                continue
        if samples:
            yield Series(_texts(one.get("metric")), samples)


def _exemplars(data: Any) -> Iterator[Exemplar]:
    for series in data if isinstance(data, list) else []:
        labels = _texts(series.get("seriesLabels")) if isinstance(series, dict) else {}
        for one in (series.get("exemplars") or []) if labels else []:
            try:
                yield Exemplar(labels, _nanoseconds(one["timestamp"]), float(one["value"]), _texts(one.get("labels")))
            except (KeyError, TypeError, ValueError, OverflowError):
                continue
