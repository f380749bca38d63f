"""Histograms of any form as counts between bounds, and quantiles estimated from them.

Explicit and exponential histograms become the same: (lower, upper] -> count. So those of many series can be added, and
what a cumulative one said before taken off.

Source: OpenTelemetry metrics data model, "Histogram" and "ExponentialHistogram".
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from llm_tracing.model import MetricPointRow
from llm_tracing.normalize.anyvalue import from_json

Bounds = tuple[float, float]


@dataclass(slots=True)
class Distribution:
    """`least` and `most` are the smallest and the greatest value that was seen, where that was sent."""

    count: int = 0
    total: float = 0.0
    least: float | None = None
    most: float | None = None
    buckets: Counter[Bounds] = field(default_factory=Counter)

    def add(self, other: "Distribution") -> None:
        self.count += other.count
        self.total += other.total
        self.buckets.update(other.buckets)
        self.least = min((v for v in (self.least, other.least) if v is not None), default=None)
        self.most = max((v for v in (self.most, other.most) if v is not None), default=None)

    def since(self, before: "Distribution") -> "Distribution | None":
        """What came since a cumulative one said `before`; None if this one counts from anew."""
        if self.count < before.count or any(self.buckets[key] < n for key, n in before.buckets.items()):
            return None
        return Distribution(
            self.count - before.count, self.total - before.total, None, None, self.buckets - before.buckets
        )

    def mean(self) -> float | None:
        return self.total / self.count if self.count else None

    def quantile(self, part: float) -> float | None:
        """The value below which `part` of all lie, as if they were spread evenly within each bucket; None if empty."""
        counted = sorted((bounds, n) for bounds, n in self.buckets.items() if n > 0)
        total = sum(n for _, n in counted)
        if not total:
            return None
        rank, below = part * total, 0
        for bounds, n in counted:
            if below + n >= rank:
                return self._within(bounds, (rank - below) / n)
            below += n
        return self._within(counted[-1][0], 1.0)

    def _within(self, bounds: Bounds, part: float) -> float:
        lower, upper = bounds
        if math.isinf(lower):
            lower = min(self.least, upper) if self.least is not None else min(0.0, upper)
        if math.isinf(upper):
            upper = max(self.most, lower) if self.most is not None else lower
        return lower + (upper - lower) * part


def distribution(point: MetricPointRow) -> Distribution:
    """A data point of a histogram, explicit or exponential."""
    found = Distribution(int(point.count or 0), point.sum or 0.0, point.min, point.max)
    if point.scale is not None:
        found.buckets = _exponential(point)
        return found
    bounds = [_double(bound) for bound in from_json(point.explicit_bounds) or []]
    counts = from_json(point.bucket_counts) or []
    for lower, upper, n in zip([-math.inf, *bounds], [*bounds, math.inf], counts, strict=False):
        found.buckets[lower, upper] += n
    if not counts and found.count:
        found.buckets[-math.inf, math.inf] = found.count
    return found


def _exponential(point: MetricPointRow) -> Counter[Bounds]:
    found: Counter[Bounds] = Counter()
    for sign, buckets in ((1, from_json(point.positive)), (-1, from_json(point.negative))):
        for lower, upper, n in _powers(buckets or {}, point.scale or 0):
            found[(lower, upper) if sign > 0 else (-upper, -lower)] += n
    if point.zero_count:
        around = point.zero_threshold or 0.0
        found[-around if point.negative else 0.0, around] += point.zero_count
    return found


def _powers(buckets: Mapping[str, object], scale: int) -> list[tuple[float, float, int]]:
    """Bucket i lies between base^(offset + i) and base^(offset + i + 1), base being 2^(2^-scale)."""
    offset, counts = buckets.get("offset", 0), buckets.get("bucket_counts", [])
    assert isinstance(offset, int)
    assert isinstance(counts, list)
    return [
        (_power(offset + place, scale), _power(offset + place + 1, scale), n) for place, n in enumerate(counts) if n
    ]


def _power(index: int, scale: int) -> float:
    exponent = index * 2.0**-scale
    return math.inf if exponent > 1023 else 2.0 ** max(exponent, -1074)


def _double(value: object) -> float:
    return float(value["$double"] if isinstance(value, dict) else value)  # type: ignore[arg-type]
