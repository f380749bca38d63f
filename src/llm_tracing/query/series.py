"""Data points as lines over time: the rate of what only grows, the value of what goes up and down, or quantiles.

Cumulative points say their total since a start, so what came between two of them is the difference; a total that is
smaller, or has another start, counts from anew. Deltas say what came by themselves.

Source: OpenTelemetry metrics data model, "Sums", "Resets and gaps".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from llm_tracing.model import MetricPointRow, MetricRow
from llm_tracing.normalize.anyvalue import from_json
from llm_tracing.query.distribution import Distribution, distribution

Measure = Literal["value", "rate", "distribution"]
Labels = tuple[tuple[str, str], ...]
DELTA = 1
NO_VALUE = 1  # the flag of a point that says that there is none
_SECOND = 1_000_000_000
_HISTOGRAMS = frozenset({"histogram", "exponential_histogram"})
QUANTILES = (0.5, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """One step of time. `value` is in the metric's unit, of a rate in that by second, of a distribution its mean."""

    time_unix_nano: int
    value: float | None
    count: int | None = None
    quantiles: tuple[float | None, ...] | None = None  # of QUANTILES


@dataclass(frozen=True, slots=True)
class Series:
    labels: Labels
    points: list[SeriesPoint]


@dataclass(slots=True)
class _Step:
    """What all points of one line said within one step."""

    values: list[float] = field(default_factory=list)
    rates: dict[Any, tuple[float, int]] = field(default_factory=dict)  # raw series -> (amount, nanoseconds)
    distribution: Distribution | None = None
    quantiles: tuple[float | None, ...] | None = None


def measure_of(metric: MetricRow) -> Measure:
    if metric.type in _HISTOGRAMS or metric.type == "summary":
        return "distribution"
    return "rate" if metric.type == "sum" and metric.is_monotonic else "value"


def labels_of(point: MetricPointRow) -> dict[str, str]:
    """The attributes of a point, values as text."""
    return {key: _label(value) for key, value in from_json(point.attributes).items()}


def _label(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def series(
    points: Iterable[MetricPointRow],
    metrics: Mapping[bytes, MetricRow],
    *,
    since: int,
    step_ns: int,
    group: Sequence[str] | None = None,
    only: Mapping[str, str] | None = None,
) -> list[Series]:
    """Lines by all labels of the points, or by those of `group`; `only` are labels that a point must have.

    Points before `since` are only what the first ones are compared with.
    """
    lines: dict[Labels, dict[int, _Step]] = {}
    raw: dict[tuple[bytes, str], list[MetricPointRow]] = {}
    for point in points:
        if not point.flags & NO_VALUE:
            raw.setdefault((point.metric_id, point.attributes), []).append(point)
    for key, of_it in raw.items():
        labels = labels_of(of_it[0])
        if only and any(labels.get(name) != value for name, value in only.items()):
            continue
        shown = labels if group is None else {name: labels.get(name, "") for name in group}
        steps = lines.setdefault(tuple(sorted(shown.items())), {})
        of_it.sort(key=lambda point: point.time_unix_nano)
        _add(of_it, metrics[key[0]], key, steps, since, step_ns)
    return [
        Series(labels, [_shown(at, steps[at], step_ns) for at in sorted(steps)])
        for labels, steps in sorted(lines.items())
        if steps
    ]


def _add(
    points: Sequence[MetricPointRow],
    metric: MetricRow,
    key: tuple[bytes, str],
    steps: dict[int, _Step],
    since: int,
    step_ns: int,
) -> None:
    """Put the points of one raw series, in the order of time, into the steps of its line."""
    before: MetricPointRow | None = None
    last: tuple[int, float] | None = None  # of a gauge: one value a step
    for point in points:
        at = point.time_unix_nano - point.time_unix_nano % step_ns
        if point.time_unix_nano >= since:
            step = steps.setdefault(at, _Step())
            measure = measure_of(metric)
            if measure == "distribution":
                _add_distribution(step, point, before, metric)
            elif measure == "rate":
                _add_rate(step, point, before, metric, key)
            else:
                if last is not None and last[0] == at:
                    step.values.remove(last[1])
                last = (at, _value(point))
                step.values.append(last[1])
        before = point


def _value(point: MetricPointRow) -> float:
    return float(point.value_double if point.value_double is not None else point.value_int or 0)


def _continues(point: MetricPointRow, before: MetricPointRow | None) -> bool:
    return before is not None and before.start_time_unix_nano == point.start_time_unix_nano


def _add_rate(step: _Step, point: MetricPointRow, before: MetricPointRow | None, metric: MetricRow, key: Any) -> None:
    amount = _value(point)
    began = point.start_time_unix_nano
    if metric.aggregation_temporality != DELTA:
        if not began and before is None:
            return  # a first total, of nobody knows how long
        if before is not None and _continues(point, before) and amount >= _value(before):
            amount, began = amount - _value(before), before.time_unix_nano
    length = point.time_unix_nano - began if began else 0
    had = step.rates.get(key, (0.0, 0))
    step.rates[key] = (had[0] + amount, had[1] + max(0, length))


def _add_distribution(step: _Step, point: MetricPointRow, before: MetricPointRow | None, metric: MetricRow) -> None:
    if metric.type == "summary":
        total = Distribution(int(point.count or 0), point.sum or 0.0)
        earlier = (
            Distribution(int(before.count or 0), before.sum or 0.0) if before and _continues(point, before) else None
        )
        came = (total.since(earlier) or total) if earlier else total
        sent = {one["quantile"]: one["value"] for one in from_json(point.quantile_values) or []}
        step.quantiles = tuple(_finite(sent.get(part)) for part in QUANTILES)
    else:
        came = distribution(point)
        if metric.aggregation_temporality != DELTA and before is not None and _continues(point, before):
            came = came.since(distribution(before)) or came
    if step.distribution is None:
        step.distribution = Distribution()
    step.distribution.add(came)


def _finite(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _shown(at: int, step: _Step, step_ns: int) -> SeriesPoint:
    found = step.distribution
    if found is not None:
        quantiles = step.quantiles or tuple(found.quantile(part) for part in QUANTILES)
        return SeriesPoint(at, found.mean(), found.count, quantiles)
    if step.rates:
        return SeriesPoint(at, sum(amount * _SECOND / (length or step_ns) for amount, length in step.rates.values()))
    return SeriesPoint(at, sum(step.values) / len(step.values) if step.values else None)
