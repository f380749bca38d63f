"""Metrics and their data points."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from llm_tracing.model import MetricPointRow, MetricRow, ResourceRow, ScopeRow


class PointPlace(NamedTuple):
    time_unix_nano: int
    row: int


@dataclass(frozen=True, slots=True)
class PointPage:
    """Which data points, newest first: those of metrics with this name, service and type; None asks for nothing.

    `after` is the place of the last point before. `step_ns` asks for one point of a series (a metric and its
    attributes) in each of these times, the last one, where the points go on from each other; of deltas all come.
    `with_exemplars` asks for points that have some.
    """

    limit: int = 1_000
    name: str | None = None
    service: str | None = None
    type: str | None = None
    since: int | None = None
    until: int | None = None
    after: PointPlace | None = None
    step_ns: int | None = None
    with_exemplars: bool = False


@dataclass(frozen=True, slots=True)
class StoredPoints:
    """Data points and what they refer to; `after` is where the next page goes on, None at the end."""

    points: list[MetricPointRow]
    metrics: dict[bytes, MetricRow]
    resources: dict[bytes, ResourceRow]
    scopes: dict[bytes, ScopeRow]
    after: PointPlace | None


@dataclass(frozen=True, slots=True)
class Spark:
    """How a metric of a service went: `values` by bucket of time, oldest first, None where nothing came.

    A gauge has its mean, everything else what was added in the bucket, all series together.
    """

    name: str
    service: str
    type: str
    values: list[float | None]


@dataclass(frozen=True, slots=True)
class MetricOverview:
    name: str
    description: str
    unit: str
    type: str
    service: str
    scope: str
    point_count: int
    last_time_unix_nano: int
    aggregation_temporality: int = 0
    is_monotonic: bool = False
    series_count: int = 0


class MetricReader(Protocol):
    def metrics(self) -> list[MetricOverview]:
        """Every metric that arrived, by name, service and type."""
        ...

    def points(self, page: PointPage) -> StoredPoints:
        """Data points, newest first, with what they refer to."""
        ...

    def sparks(self, since: int, until: int, buckets: int) -> list[Spark]:
        """How every metric went between two times, by name, service and type."""
        ...
