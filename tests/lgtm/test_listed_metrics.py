"""Which series of Prometheus are listed as metrics: those of services, and not those that Prometheus makes itself."""

import time
from pathlib import Path

import pytest

from llm_tracing.lgtm.metric_names import is_sent
from llm_tracing.store.contract import PointPage
from tests.lgtm.fakes import Stack
from tests.lgtm.opened import open_store

SENT = ("app_runs_total", "otelcol_receiver_accepted_spans_total", "scraped_pages_total", "upload_bytes_total")
MADE = ("ALERTS", "ALERTS_FOR_STATE", "up", "scrape_duration_seconds", "llm_tracing:cost_usd:total")


@pytest.mark.parametrize(("names", "sent"), [(SENT, True), (MADE, False)])
def test_what_prometheus_makes_is_told_by_its_name(names: tuple[str, ...], sent: bool) -> None:
    assert [is_sent(name) for name in names] == [sent] * len(names)


def test_metrics_of_services_are_listed_without_what_prometheus_makes_of_their_jobs(
    fakes: Stack, tmp_path: Path
) -> None:
    now = time.time_ns() // 1_000_000 - 60_000
    for name in ("target_info", *SENT, *MADE):
        fakes.prometheus._put(name, {"job": "batch", "instance": "batch-0"}, now, 1.0)
    store = open_store(fakes, tmp_path)
    try:
        assert {one.name for one in store.metrics()} == set(SENT)
        asked = [one.parameters["query"] for one in fakes.prometheus.asked if "query" in one.parameters]
        assert any("ALERTS" in query for query in asked)  # left where they are, and not brought to be left out
        found = store.points(PointPage(name="up", since=now * 1_000_000 - 10**9, until=time.time_ns()))
        assert found.points == []
        assert {one.name for one in store.metrics()} == set(SENT)
    finally:
        store.close()
