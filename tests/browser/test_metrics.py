"""The pages of metrics in a real Chromium, with what the reference service really measures."""

import re
import time

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from playwright.sync_api import Page, expect

from tests.builders import SECOND, TRACE, hex_id, key_values, metric_request, span, trace_request
from tests.running import Running

pytestmark = pytest.mark.browser


def _took() -> Metric:
    metric = Metric(name="took", unit="s", description="How long it took")
    metric.histogram.aggregation_temporality = 1  # type: ignore[assignment]
    for at, route in enumerate(["/ask", "/ask", "/roll"]):
        now = time.time_ns() - (5 + at * 60) * SECOND
        point = metric.histogram.data_points.add(
            time_unix_nano=now,
            start_time_unix_nano=now - 30 * SECOND,
            count=4,
            sum=6.0,
            bucket_counts=[0, 4, 0],
            explicit_bounds=[1.0, 2.0],
            attributes=key_values({"route": route}),
        )
        if at == 0:
            point.exemplars.add(
                time_unix_nano=now, as_double=1.5, trace_id=bytes.fromhex(TRACE), span_id=bytes.fromhex(hex_id(1))
            )
    return metric


@pytest.fixture
def metrics(page: Page, server: Running) -> Page:
    gauge = Metric(name="pool.in_use", unit="{connection}")
    gauge.gauge.data_points.add(time_unix_nano=time.time_ns() - SECOND, as_int=3)
    server.export(trace_request(span("ask", 1)), metric_request(_took(), gauge))
    page.goto(f"{server.addresses.http}/metrics-explorer")
    return page


def test_metrics_are_listed_and_found_by_words(metrics: Page) -> None:
    table = metrics.get_by_test_id("metrics")
    expect(table.locator("tbody tr")).to_have_count(2)
    expect(table).to_contain_text("How long it took")
    expect(table.locator(".spark path").first).to_have_attribute("d", re.compile("^M"))
    metrics.get_by_label("Search metrics").fill("pool shop")
    expect(table.locator("tbody tr")).to_have_count(1)
    expect(metrics).to_have_url(re.compile("q=pool"))


def test_one_metric_has_lines_by_label_and_a_table(metrics: Page) -> None:
    metrics.get_by_role("link", name="took").click()
    chart = metrics.get_by_test_id("metric-chart")
    expect(chart.locator(".chart-line")).to_have_count(2)
    metrics.get_by_label("Only where").select_option("route=/roll")
    expect(metrics.locator(".metric-legend li")).to_have_count(4)
    metrics.get_by_role("button", name="Table").click()
    expect(metrics.get_by_test_id("metric-values")).to_contain_text("1.5 s")
    metrics.keyboard.press("Escape")
    expect(metrics.get_by_test_id("metrics")).to_be_visible()


def test_an_exemplar_leads_to_its_trace(metrics: Page) -> None:
    metrics.get_by_role("link", name="took").click()
    metrics.get_by_test_id("exemplar").click()
    expect(metrics).to_have_url(re.compile(f"/traces/{TRACE}\\?span={hex_id(1)}"))
