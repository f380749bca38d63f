"""Shapes of metrics over time."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MetricType = Literal["gauge", "sum", "histogram", "exponential_histogram", "summary", "empty"]
Temporality = Literal["unspecified", "delta", "cumulative"]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MetricSpark(_Shape):
    name: str
    service: str
    type: MetricType
    values: list[float | None] = Field(
        description="Oldest first: the mean of a gauge; of everything else what was added in the step"
    )


class MetricSparks(_Shape):
    since_unix_nano: str
    step_ns: str
    sparks: list[MetricSpark]


class MetricPoint(_Shape):
    """One step of time."""

    time_unix_nano: str
    value: float | None = Field(description="In the unit; of a rate by second; of a distribution the mean")
    count: int | None = Field(description="Of a distribution")
    p50: float | None
    p95: float | None
    p99: float | None


class MetricSeries(_Shape):
    labels: dict[str, str]
    points: list[MetricPoint]


class Exemplar(_Shape):
    """A measurement that was kept with the trace it was taken in."""

    time_unix_nano: str
    value: float | None
    trace_id: str
    span_id: str
    labels: dict[str, str]


class MetricOverTime(_Shape):
    name: str
    service: str | None
    type: MetricType
    unit: str
    description: str
    temporality: Temporality
    is_monotonic: bool
    measure: Literal["value", "rate", "distribution"] = Field(
        description="What the lines show: the value, what was added by second, or a distribution"
    )
    since_unix_nano: str
    until_unix_nano: str
    step_ns: str
    series: list[MetricSeries]
    series_total: int = Field(description="More than there are in `series` if there are too many to show")
    labels: dict[str, list[str]] = Field(description="Every label with its first values")
    exemplars: list[Exemplar]
    is_cut: bool = Field(description="There were too many data points to read; the oldest are missing")
