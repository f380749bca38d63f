"""Series of Prometheus as metrics of OpenTelemetry."""

from typing import Any

import pytest

from llm_tracing.lgtm.metric_names import KNOWN, Family, family_of, prometheus_name, selector_of, split_name
from llm_tracing.lgtm.metric_points import service_of, to_otlp
from llm_tracing.lgtm.prometheus import Labels, Series, _exemplars, _series
from llm_tracing.model import Batch
from llm_tracing.normalize.anyvalue import from_json
from llm_tracing.normalize.metrics import add_metrics
from llm_tracing.normalize.shared import SharedRows
from tests.lgtm.replaying import recording

S = 1_000_000_000
BASE = {"job": "demo/qa", "instance": "qa-0", "gen_ai_request_model": "m", "http_response_status_code": "200"}


def batch_of(series: list[Series], targets: list[Labels] | None = None, exemplars: Any = ()) -> Batch:
    batch = Batch.empty()
    add_metrics(to_otlp(series, targets or [], exemplars), SharedRows(), batch)
    return batch


def histogram(name: str, upto: dict[str, float], total: float, at: int = 100) -> list[Series]:
    parts = [Series({**BASE, "__name__": f"{name}_bucket", "le": le}, [(at * S, count)]) for le, count in upto.items()]
    return [
        *parts,
        Series({**BASE, "__name__": f"{name}_sum"}, [(at * S, total)]),
        Series({**BASE, "__name__": f"{name}_count"}, [(at * S, max(upto.values()))]),
    ]


def test_a_histogram_is_put_together_again() -> None:
    batch = batch_of(
        histogram("gen_ai_client_operation_duration_seconds", {"0.5": 2, "+Inf": 9, "1": 7}, 5.5),
        [{"job": "demo/qa", "instance": "qa-0", "telemetry_sdk_language": "python"}],
    )
    [metric] = batch.metrics.values()
    assert (metric.name, metric.unit, metric.type, metric.aggregation_temporality, metric.service) == (
        "gen_ai.client.operation.duration",
        "s",
        "histogram",
        2,
        "qa",
    )
    [point] = batch.metric_points
    assert (point.count, point.sum, point.bucket_counts, point.explicit_bounds) == (9, 5.5, "[2,5,2]", "[0.5,1.0]")
    assert from_json(point.attributes) == {"gen_ai.request.model": "m", "http.response.status_code": 200}
    resource = from_json(batch.resources[metric.resource_id].attributes)
    assert resource == {
        "service.name": "qa",
        "service.namespace": "demo",
        "service.instance.id": "qa-0",
        "telemetry.sdk.language": "python",
    }


def test_counters_and_gauges() -> None:
    batch = batch_of(
        [
            Series({**BASE, "__name__": "app_requests_total"}, [(1 * S, 4.0), (2 * S, 6.0)]),
            Series({**BASE, "__name__": "http_server_active_requests"}, [(1 * S, 3.0)]),
            Series({**BASE, "__name__": "queue_bytes"}, [(1 * S, 3.0)]),
        ]
    )
    found = {m.name: (m.type, m.unit, m.is_monotonic) for m in batch.metrics.values()}
    assert found == {
        "app_requests_total": ("sum", "", True),
        "http.server.active_requests": ("sum", "{request}", False),
        "queue_bytes": ("gauge", "By", False),
    }
    assert len(batch.metric_points) == 4


def test_recorded_samples_of_a_count_without_its_buckets() -> None:
    found = list(_series(recording("prometheus-3.12.0/017-instant-raw-range-vector")["response"]["body"]["data"]))
    assert [value for _, value in found[0].samples] == [44, 46, 49, 51, 51]
    assert found[0].samples[0][0] == 1_795_449_926_362_000_000
    batch = batch_of(found)
    [metric] = batch.metrics.values()
    assert (metric.name, metric.service) == ("gen_ai_client_token_usage_count", "text2sql")
    assert {from_json(p.attributes)["gen_ai.token.type"] for p in batch.metric_points} == {"input", "output"}


def test_recorded_exemplars_name_their_traces() -> None:
    body = recording("prometheus-3.12.0/036-exemplars-duration")["response"]["body"]
    found = list(_exemplars(body["data"]))
    assert found[0].attributes["trace_id"] == "b9e150d937717300217d8ac934a1a87d"
    labels = {name: value for name, value in found[0].labels.items() if name != "le"}
    after = found[0].time_unix_nano + S
    series = [
        Series({**labels, "le": "0.08"}, [(after, 1.0), (after + S, 2.0)]),
        Series({**labels, "le": "+Inf"}, [(after, 1.0), (after + S, 2.0)]),
    ]
    first, second = batch_of(series, exemplars=found[:1]).metric_points
    [exemplar] = from_json(first.exemplars)
    assert exemplar["trace_id"] == "b9e150d937717300217d8ac934a1a87d"
    assert exemplar["span_id"] == "b785c3846f600508"
    assert second.exemplars is None


def test_exemplars_of_tempo_have_another_name() -> None:
    labels = {**BASE, "__name__": "x_bucket", "le": "+Inf"}
    data = [
        {"seriesLabels": labels, "exemplars": [{"labels": {"traceID": "ab"}, "value": "1", "timestamp": 1.5}]},
        {"seriesLabels": labels, "exemplars": [{"labels": {"traceID": "zz"}, "value": "NaN", "timestamp": 1.5}, {}]},
        None,
    ]
    [point] = batch_of([Series(labels, [(2 * S, 1.0)])], exemplars=list(_exemplars(data))).metric_points
    assert [one["trace_id"] for one in from_json(point.exemplars)] == ["ab".zfill(32), ""]


@pytest.mark.parametrize("data", [None, [], {}, {"result": [None, {"values": [None, [], ["x", "y"], [1]]}]}])
def test_what_is_no_series_is_left_out(data: Any) -> None:
    assert list(_series(data)) == []


def test_native_histograms_are_left_out() -> None:
    body = {"result": [{"metric": {"__name__": "x"}, "histograms": [[1, {"count": "1"}]]}]}
    assert list(_series(body)) == []


def test_buckets_that_shrink_between_two_reads_count_nothing() -> None:
    [point] = batch_of(histogram("x", {"1": 5, "2": 4, "+Inf": 6}, 1)).metric_points
    assert from_json(point.bucket_counts) == [5, 0, 2]


@pytest.mark.parametrize(
    ("name", "unit", "shape", "known"),
    [
        ("gen_ai.client.token.usage", "{token}", "histogram", "gen_ai_client_token_usage"),
        ("http.server.request.duration", "s", "histogram", "http_server_request_duration_seconds"),
        ("process.cpu.time", "s", "sum", "process_cpu_time_seconds_total"),
        ("process.cpu.utilization", "1", "gauge", "process_cpu_utilization_ratio"),
        ("app.requests", "{request}", "sum", "app_requests_total"),
    ],
)
def test_names_in_prometheus(name: str, unit: str, shape: str, known: str) -> None:
    assert prometheus_name(name, unit, shape) == known


def test_every_known_name_finds_itself_again() -> None:
    import re

    for prometheus, family in KNOWN.items():
        part = f"{prometheus}_bucket" if family.shape == "histogram" else prometheus
        assert re.fullmatch(selector_of(family.name), part)
        assert split_name(part)[0] == prometheus
        assert family_of(prometheus, is_histogram=family.shape == "histogram") == family


def test_a_job_without_a_namespace() -> None:
    assert service_of({"job": "qa"}) == "qa"
    assert service_of({"job": "shop/qa"}) == "qa"
    assert service_of({"job": "shop/qa", "service_name": "a/b"}) == "a/b"
    assert service_of({}) == ""


def test_what_this_server_was_sent_tells_names() -> None:
    here = {"shop_baskets_total": Family("shop.baskets", "{basket}", "sum")}
    batch = Batch.empty()
    series = [
        Series({**BASE, "__name__": "shop_baskets_total"}, [(S, 1.0)]),
        Series({**BASE, "__name__": "target_info"}, [(S, 1.0)]),
    ]
    add_metrics(to_otlp(series, [], (), here), SharedRows(), batch)
    assert [(m.name, m.unit) for m in batch.metrics.values()] == [("shop.baskets", "{basket}")]
