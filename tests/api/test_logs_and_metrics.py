"""Log records found and counted; metrics over time with the traces behind them."""

from collections.abc import Iterator

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

from llm_tracing.api.schema_logs import LogCounts
from llm_tracing.api.schema_metrics import MetricOverTime, MetricSparks
from tests.builders import NOON, SECOND, TRACE, key_values, log, log_request, metric_request
from tests.running import Running

RANGE = {"since": str(NOON), "until": str(NOON + 60 * SECOND)}


def _metrics() -> list[Metric]:
    took = Metric(name="took", unit="s", description="How long")
    took.histogram.aggregation_temporality = 2  # type: ignore[assignment]
    for at in (5, 15, 25):
        point = took.histogram.data_points.add(
            time_unix_nano=NOON + at * SECOND,
            start_time_unix_nano=NOON,
            count=at,
            sum=at * 1.5,
            bucket_counts=[0, at],
            explicit_bounds=[1.0],
            attributes=key_values({"route": "/ask"}),
        )
        point.exemplars.add(
            time_unix_nano=NOON + 4 * SECOND, as_double=1.5, trace_id=bytes.fromhex(TRACE), span_id=bytes([1] * 8)
        )
    used = Metric(name="used", unit="1")
    for at in range(4):
        used.gauge.data_points.add(time_unix_nano=NOON + at * SECOND, as_int=at)
    return [took, used]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("signals")) as running:
        records = [
            log("quiet", severity=5, time=NOON),
            log("said", severity=9, time=NOON + 1),
            log("said more", severity=10, time=NOON + SECOND),
            log("odd", severity=13, time=NOON + 2 * SECOND, trace=TRACE, span_id=7),
            log("broken", severity=17, time=NOON + 30 * SECOND, trace=TRACE),
            log("no severity", severity=0, time=NOON + 31 * SECOND),
        ]
        running.export(log_request(*records), metric_request(*_metrics()))
        yield running


@pytest.mark.parametrize(
    ("q", "bodies"),
    [
        ("severity:info", ["broken", "odd", "said more", "said"]),
        ("severity:>=warn", ["broken", "odd"]),
        ("severity:>info", ["broken", "odd"]),
        ("severity:<=info -severity:<debug", ["said more", "said", "quiet"]),
        ("severity:10", ["broken", "odd", "said more"]),
        (f"trace:{TRACE} span:0000000000000007", ["odd"]),
        ("said", ["said more", "said"]),
        ("said -more", ["said"]),
    ],
)
def test_logs_are_found_by_the_filter_language(server: Running, q: str, bodies: list[str]) -> None:
    assert [record.body for record in server.logs(q=q)] == bodies


def test_a_severity_that_is_none_is_told(server: Running) -> None:
    status, error = server.refused("/logs", q="severity:loud")
    assert (status, error.code) == (400, "bad_query")
    assert "warn" in error.message


def test_records_have_ids_of_their_own(server: Running) -> None:
    assert len({record.id for record in server.logs()}) == 6


def test_records_are_counted_by_time_and_severity(server: Running) -> None:
    found = server.get("/logs/counts", LogCounts, **RANGE, buckets=10)
    assert found.step_ns == str(10 * SECOND)
    first, last = found.rows
    assert (first.time_unix_nano, first.debug, first.info, first.warn, first.error) == (str(NOON), 1, 2, 1, 0)
    assert (last.error, last.unset) == (1, 1)
    assert server.get("/logs/counts", LogCounts, q="nowhere").rows == []


def test_a_histogram_over_time_has_quantiles_and_the_traces_of_its_exemplars(server: Running) -> None:
    found = server.get("/metrics/series", MetricOverTime, name="took", step=10, **RANGE)
    assert (found.type, found.measure, found.unit, found.temporality) == (
        "histogram",
        "distribution",
        "s",
        "cumulative",
    )
    [line] = found.series
    assert (line.labels, [point.count for point in line.points]) == ({"route": "/ask"}, [5, 10, 10])
    assert found.labels == {"route": ["/ask"]}
    [exemplar] = found.exemplars
    assert (exemplar.trace_id, exemplar.value, exemplar.span_id) == (TRACE, 1.5, "01" * 8)


def test_labels_that_nothing_has_leave_nothing(server: Running) -> None:
    found = server.get("/metrics/series", MetricOverTime, name="took", label="route=/other", **RANGE)
    assert (found.series, found.exemplars) == ([], [])
    assert server.refused("/metrics/series", name="took", label="route")[0] == 400


def test_a_metric_without_points_in_the_time_is_still_known(server: Running) -> None:
    found = server.get("/metrics/series", MetricOverTime, name="used", since="0", until="1000000000")
    assert (found.type, found.series) == ("gauge", [])
    assert server.refused("/metrics/series", name="nobody")[0] == 404
    assert server.refused("/metrics/series", name="used", since="5", until="5")[0] == 400


def test_sparks_have_the_mean_of_a_gauge_and_what_was_added_to_the_rest(server: Running) -> None:
    found = server.get("/metrics/sparks", MetricSparks, **RANGE, buckets=6)
    values = {spark.name: spark.values for spark in found.sparks}
    assert values == {"used": [1.5, None, None, None, None, None], "took": [None, 10.0, 10.0, None, None, None]}


def test_metrics_tell_how_many_series_they_have(server: Running) -> None:
    found = {metric.name: (metric.series_count, metric.temporality) for metric in server.metrics()}
    assert found == {"took": (1, "cumulative"), "used": (1, "unspecified")}
