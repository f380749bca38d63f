"""Figures of log records where Loki has more than one question brings: they are of one part, which is told."""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from llm_tracing.lgtm import logql, opening, steady
from llm_tracing.lgtm.reading import ReadLimits
from llm_tracing.lgtm.store import LgtmStore
from llm_tracing.store.contract import Filter, Page
from tests.builders import SECOND, log, log_request, trace_hex
from tests.lgtm.fakes import Asked, Stack
from tests.lgtm.opened import open_store

COUNT, BUDGET, RARE = 450, 200, 50  # every so many records one is an error of a service of its own
FIRST = (time.time_ns() // (60 * SECOND) - 120) * 60 * SECOND
RANGE = Page(since=FIRST - 60 * SECOND, until=FIRST + COUNT * SECOND)
TRACE = trace_hex(7)


def send(fakes: Stack, first: int, count: int) -> None:
    for number in range(first, first + count):
        rare = number % RARE == 0
        one = log(
            f"line {number}", time=FIRST + number * SECOND, severity=17 if rare else 9, trace=TRACE if rare else None
        )
        request = log_request(one, service="till" if rare else "shop")
        fakes.loki.take(Asked("POST", "/otlp/v1/logs", {}, {}, request.SerializeToString()))


@pytest.fixture
def store(fakes: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LgtmStore]:
    send(fakes, 0, COUNT)
    monkeypatch.setattr(steady, "HOLD_S", 600.0)  # however slow the machine is
    monkeypatch.setattr(opening, "ReadLimits", partial(ReadLimits, log_budget=BUDGET))
    opened = open_store(fakes, tmp_path, query_timeout=60)
    yield opened
    opened.close()


@pytest.fixture
def not_read_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steady, "_MOST", 0)


def all_of_a_page(store: LgtmStore) -> set[int]:
    """The number of records as each part of a page tells it."""
    extent = store.extent("logs", RANGE.since, RANGE.until)
    assert extent is not None
    return {
        sum(one.count for one in store.log_counts(RANGE, 10).counts),
        sum(one.count for one in store.histogram("logs", RANGE, 60 * SECOND)),
        sum(one.count for one in store.facets("logs", ["service"], RANGE)[0]),
        (extent[1] - extent[0]) // SECOND + 1,
    }


@pytest.mark.usefixtures("not_read_on")
def test_all_figures_are_of_one_part_and_say_since_when(store: LgtmStore) -> None:
    [count] = all_of_a_page(store)
    assert BUDGET - 1 <= count < COUNT  # of the last nanosecond that was reached there may be more
    since = store.log_counts(RANGE, 10).since
    assert since is not None
    assert (FIRST + COUNT * SECOND - since) // SECOND == count
    assert store.told().logs_since == since


@pytest.mark.usefixtures("not_read_on")
def test_records_that_other_pages_brought_are_not_counted_beside_the_part(store: LgtmStore) -> None:
    store.logs(Page(limit=100, filters=[Filter("trace", "=", TRACE)], since=RANGE.since, until=RANGE.until))
    [count] = all_of_a_page(store)
    since = store.log_counts(RANGE, 10).since
    assert since is not None
    assert (FIRST + COUNT * SECOND - since) // SECOND == count


def test_a_range_becomes_whole_by_itself(store: LgtmStore) -> None:
    assert store.log_counts(RANGE, 10).since is not None
    until = time.monotonic() + 60
    while store.log_counts(RANGE, 10).since is not None:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert all_of_a_page(store) == {COUNT}
    assert store.told().logs_since <= FIRST


def test_after_something_was_deleted_figures_rest_on_what_is_read_again(store: LgtmStore) -> None:
    until = time.monotonic() + 60
    while store.log_counts(RANGE, 10).since is not None:
        assert time.monotonic() < until
        time.sleep(0.05)
    store.delete_rows_before("logs", FIRST + COUNT * SECOND)
    found = store.log_counts(RANGE, 10)
    assert found.since is not None
    counted = sum(one.count for one in found.counts)
    assert counted == (FIRST + COUNT * SECOND - found.since) // SECOND


@pytest.mark.usefixtures("not_read_on")
@pytest.mark.parametrize(
    "wanted", [Filter("trace", "=", TRACE), Filter("severity", ">=", 17), Filter("service", "=", "till")]
)
def test_what_loki_finds_exactly_is_of_the_whole_range(store: LgtmStore, wanted: Filter) -> None:
    found = store.log_counts(Page(since=RANGE.since, until=RANGE.until, filters=[wanted]), 10)
    assert sum(one.count for one in found.counts) == COUNT // RARE
    assert found.since is None


@pytest.mark.usefixtures("not_read_on")
def test_a_filter_that_loki_may_understand_otherwise_is_cut(store: LgtmStore) -> None:
    page = Page(since=RANGE.since, until=RANGE.until, filters=[Filter("service", "=", "till", negated=True)])
    found = store.log_counts(page, 10)
    assert found.since is not None
    assert 0 < sum(one.count for one in found.counts) < COUNT - COUNT // RARE


def test_a_service_without_a_name_is_not_found_by_one() -> None:
    assert logql.is_exact([Filter("service", "=", "till")])
    assert not logql.is_exact([Filter("service", "=", "")])
    assert not logql.is_exact([Filter("service", "=", "unknown_service")])
    assert not logql.is_exact([Filter("service", "like", "ti*")])
