"""Data points as lines: what came between two totals, what a restart does, quantiles out of buckets."""

import math
from collections import Counter

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

from llm_tracing.query.distribution import Distribution, distribution
from llm_tracing.query.series import Series, series
from tests.builders import NOON, SECOND, batch_of, key_values, metric_request

STEP = 10 * SECOND


def _series(metric: Metric, *, since: int = NOON, **options: object) -> list[Series]:
    batch = batch_of(metric_request(metric))
    return series(batch.metric_points, batch.metrics, since=since, step_ns=STEP, **options)  # type: ignore[arg-type]


def _sum(*points: tuple[int, int, int], temporality: int = 2, monotonic: bool = True) -> Metric:
    """(seconds after noon, start in seconds after noon, value) of each point."""
    metric = Metric(name="rolls", unit="1")
    metric.sum.aggregation_temporality = temporality  # type: ignore[assignment]
    metric.sum.is_monotonic = monotonic
    for at, start, value in points:
        metric.sum.data_points.add(
            time_unix_nano=NOON + at * SECOND, start_time_unix_nano=NOON + start * SECOND, as_int=value
        )
    return metric


def _values(lines: list[Series]) -> list[tuple[int, float | None]]:
    [line] = lines
    return [((point.time_unix_nano - NOON) // SECOND, point.value) for point in line.points]


def test_a_cumulative_sum_is_what_was_added_by_second() -> None:
    assert _values(_series(_sum((-5, -60, 100), (5, -60, 120), (15, -60, 150)))) == [(0, 2.0), (10, 3.0)]


def test_a_restart_counts_from_anew() -> None:
    found = _values(_series(_sum((-5, -60, 100), (5, -60, 120), (15, 10, 40), (25, 10, 60))))
    assert found == [(0, 2.0), (10, 8.0), (20, 2.0)]


def test_a_total_that_falls_without_a_new_start_counts_from_its_start() -> None:
    assert _values(_series(_sum((-5, -10, 100), (10, -10, 20)))) == [(10, 1.0)]


def test_a_delta_says_what_came_by_itself() -> None:
    found = _values(_series(_sum((5, -5, 20), (15, 5, 50), temporality=1)))
    assert found == [(0, 2.0), (10, 5.0)]


def test_a_sum_that_goes_up_and_down_is_shown_as_it_is() -> None:
    assert _values(_series(_sum((1, -60, 4), (3, -60, 6), (12, -60, 2), monotonic=False))) == [(0, 6.0), (10, 2.0)]


def test_lines_are_told_apart_by_labels_or_put_together() -> None:
    metric = Metric(name="used", unit="1")
    for pool, zone, value in (("a", "x", 2), ("b", "x", 4), ("b", "y", 6)):
        attributes = key_values({"pool": pool, "zone": zone})
        metric.gauge.data_points.add(time_unix_nano=NOON + SECOND, as_int=value, attributes=attributes)
    assert [dict(line.labels) for line in _series(metric)] == [
        {"pool": "a", "zone": "x"},
        {"pool": "b", "zone": "x"},
        {"pool": "b", "zone": "y"},
    ]
    by_zone = {line.labels: line.points[0].value for line in _series(metric, group=["zone"])}
    assert by_zone == {(("zone", "x"),): 3.0, (("zone", "y"),): 6.0}
    assert [line.points[0].value for line in _series(metric, group=["none"])] == [4.0]
    assert [line.points[0].value for line in _series(metric, only={"pool": "a"})] == [2.0]


def test_a_point_that_says_it_has_no_value_has_none() -> None:
    metric = Metric(name="used")
    metric.gauge.data_points.add(time_unix_nano=NOON, as_int=3, flags=1)
    assert _series(metric) == []


def _histogram(temporality: int, *points: tuple[int, list[int]]) -> Metric:
    metric = Metric(name="took", unit="s")
    metric.histogram.aggregation_temporality = temporality  # type: ignore[assignment]
    for at, counts in points:
        metric.histogram.data_points.add(
            time_unix_nano=NOON + at * SECOND,
            start_time_unix_nano=NOON - 60 * SECOND,
            count=sum(counts),
            sum=float(sum(counts)),
            bucket_counts=counts,
            explicit_bounds=[1.0, 2.0, 4.0],
        )
    return metric


def test_a_cumulative_histogram_shows_what_came_since_the_point_before() -> None:
    [line] = _series(_histogram(2, (-5, [100, 0, 0, 0]), (5, [100, 10, 0, 0]), (15, [100, 10, 0, 0])))
    first, second = line.points
    assert (first.count, first.quantiles) == (10, (1.5, 1.95, 1.99))
    assert (second.count, second.value, second.quantiles) == (0, None, (None, None, None))


def test_histograms_of_many_series_are_added() -> None:
    [line] = _series(_histogram(1, (1, [0, 10, 0, 0]), (2, [0, 0, 10, 0])))
    assert line.points[0].count == 20
    assert line.points[0].quantiles is not None
    assert line.points[0].quantiles[0] == 2.0


def test_what_lies_past_the_last_bound_is_at_the_greatest_value_seen() -> None:
    assert Distribution(1, 9, 9, 9.5, Counter({(4.0, math.inf): 1})).quantile(1) == 9.5
    assert Distribution(1, 9, None, None, Counter({(4.0, math.inf): 1})).quantile(1) == 4


def test_an_exponential_histogram_has_buckets_that_grow() -> None:
    metric = Metric(name="took")
    data = metric.exponential_histogram
    data.aggregation_temporality = 1  # type: ignore[assignment]
    point = data.data_points.add(time_unix_nano=NOON, count=7, sum=20.0, scale=0, zero_count=1)
    point.positive.offset = 1
    point.positive.bucket_counts.extend([2, 4])  # (2, 4] and (4, 8]
    found = distribution(batch_of(metric_request(metric)).metric_points[0])
    assert dict(found.buckets) == {(0.0, 0.0): 1, (2.0, 4.0): 2, (4.0, 8.0): 4}
    assert found.quantile(0.99) == pytest.approx(7.93)


def test_a_summary_keeps_the_quantiles_that_were_sent() -> None:
    metric = Metric(name="took")
    point = metric.summary.data_points.add(time_unix_nano=NOON, count=4, sum=8.0)
    point.quantile_values.add(quantile=0.5, value=1.5)
    [line] = _series(metric)
    assert (line.points[0].value, line.points[0].quantiles) == (2.0, (1.5, None, None))
