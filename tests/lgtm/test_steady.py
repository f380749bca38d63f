"""Figures of a range that is not wholly read: those of one page agree, and the rest is read by itself."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from llm_tracing.errors import BackendError
from llm_tracing.lgtm import steady
from llm_tracing.lgtm.brought import Brought
from llm_tracing.lgtm.steady import Filling, Steady
from llm_tracing.lgtm.store import LgtmStore
from llm_tracing.store.contract import Filter, Page
from llm_tracing.store.contract.groups import GroupKey
from tests.builders import SECOND, span, trace_hex, trace_request
from tests.lgtm.fakes import Asked, Stack
from tests.lgtm.opened import open_store

COUNT, BUDGET = 450, 200
FIRST = (time.time_ns() // (60 * SECOND) - 120) * 60 * SECOND
RANGE = Page(since=FIRST - 60 * SECOND, until=FIRST + COUNT * SECOND)


@pytest.fixture
def filled(fakes: Stack) -> Stack:
    spans = [
        span(
            "ask",
            trace=trace_hex(number + 1),
            start=FIRST + number * SECOND,
            attributes={"session.id": f"talk {number}", "user.id": "ann"},
        )
        for number in range(COUNT)
    ]
    for one in spans:
        fakes.tempo.take(Asked("POST", "/v1/traces", {}, {}, trace_request(one).SerializeToString()))
    return fakes


@pytest.fixture
def store(filled: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LgtmStore]:
    monkeypatch.setattr(steady, "HOLD_S", 600.0)  # however slow the machine is
    opened = open_store(filled, tmp_path, lgtm_budget=BUDGET, query_timeout=60)
    yield opened
    opened.close()


def all_of_a_page(store: LgtmStore) -> set[int]:
    """The number of traces as each part of a page tells it."""
    extent = store.extent("traces", RANGE.since, RANGE.until)
    assert extent is not None
    return {
        sum(one.count for one in store.aggregate(RANGE, over="traces", group=None, step_ns=None)),
        sum(one.count for one in store.histogram("traces", RANGE, 60 * SECOND)),
        sum(one.count for one in store.facets("traces", ["service"], RANGE)[0]),
        (extent[1] - extent[0]) // SECOND + 1,
    }


def test_what_a_page_asks_at_a_time_agrees_while_the_rest_is_read(store: LgtmStore) -> None:
    first = all_of_a_page(store)
    assert len(first) == 1
    assert first != {COUNT}
    told = store.told().traces_since
    [count] = first
    assert (FIRST + COUNT * SECOND - told) // SECOND == count
    time.sleep(0.5)  # the window has grown meanwhile
    assert all_of_a_page(store) == first


def test_a_range_that_goes_on_to_now_rests_on_all_that_was_read(
    fakes: Stack, store: LgtmStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steady, "_MOST", 0)
    newest = trace_request(span("ask", trace=trace_hex(COUNT + 1), start=time.time_ns() - 2 * SECOND))
    fakes.tempo.take(Asked("POST", "/v1/traces", {}, {}, newest.SerializeToString()))
    page = Page(since=RANGE.since)
    [one] = store.aggregate(page, over="traces", group=None, step_ns=None)
    assert BUDGET <= one.count < COUNT
    assert sum(bucket.count for bucket in store.histogram("traces", page, 60 * SECOND)) == one.count


@pytest.mark.parametrize("key", ["session", "user"])
def test_lists_of_groups_are_of_the_same_part(
    store: LgtmStore, filled: Stack, monkeypatch: pytest.MonkeyPatch, key: GroupKey
) -> None:
    monkeypatch.setattr(steady, "_MOST", 0)
    [count] = all_of_a_page(store)
    assert store.trace(bytes.fromhex(trace_hex(1))) is not None  # somebody opened one from before the part
    page = Page(limit=COUNT, since=RANGE.since, until=RANGE.until)
    assert sum(one.trace_count for one in store.trace_groups(key, page)) == count


def test_a_range_becomes_whole_by_itself(store: LgtmStore) -> None:
    """Nobody asks for figures again until it is."""
    assert all_of_a_page(store) != {COUNT}
    until = time.monotonic() + 60
    while store.told().traces_since > FIRST:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert all_of_a_page(store) == {COUNT}


def test_a_filter_that_was_wholly_read_is_of_the_whole_range(store: LgtmStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steady, "_MOST", 0)
    few = Page(since=RANGE.since, until=RANGE.until, filters=[Filter("trace", "=", trace_hex(1))])
    [one] = store.aggregate(few, over="traces", group=None, step_ns=None)
    assert one.count == 1


def brought(whole: bool = False, trouble: BackendError | None = None) -> Brought:
    return Brought(whole, trouble)


def test_what_is_held_is_for_one_range_and_a_short_time() -> None:
    clock, asked = [0.0], []
    held = Steady(now=lambda: clock[0])

    def ask(since: int, until: int = 1_000 * SECOND, result: Brought | None = None) -> int:
        def bring() -> tuple[Brought, int]:
            asked.append(since)
            return result or brought(), 900 * SECOND - len(asked)

        return held.rest("{}", since, until, bring).since

    assert [ask(0), ask(0), ask(30 * SECOND), ask(500 * SECOND)] == [900 * SECOND - 1] * 4
    assert ask(0, until=2_000 * SECOND) == 900 * SECOND - 2  # another range
    assert ask(0) == 900 * SECOND - 1  # and each is held
    assert held.since("{}") == 900 * SECOND - 2
    clock[0] = 11.0
    assert held.since("{}") is None
    assert ask(0, until=2_000 * SECOND) == 900 * SECOND - 3
    held.forget()
    assert ask(0, until=2_000 * SECOND) == 900 * SECOND - 4
    clock[0] = 30.0
    before = len(asked)
    assert [ask(7, result=brought(whole=True)) for _ in range(2)] == [7, 7]
    trouble = BackendError("Tempo", "there", "down", "no connection", "Start it.")
    for _ in range(2):
        ask(0, result=brought(trouble=trouble))
    assert len(asked) == before + 4  # only what is a part is held


def test_ranges_do_not_wait_for_each_other_and_one_range_is_brought_once() -> None:
    held, going, may_go = Steady(), Event(), Event()
    brought_by: list[int] = []

    def slowly() -> tuple[Brought, int]:
        brought_by.append(1)
        going.set()
        assert may_go.wait(30)
        return brought(), 7

    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(held.rest, "{}", 0, 1_000 * SECOND, slowly)
        assert going.wait(30)
        second = threads.submit(held.rest, "{}", 0, 1_000 * SECOND, slowly)
        assert held.rest("{}", 0, 5_000 * SECOND, lambda: (brought(), 8)).since == 8
        may_go.set()
        assert (first.result(30).since, second.result(30).since) == (7, 7)
    assert brought_by == [1]


class Reading:
    def __init__(self, *answers: Brought) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int, int]] = []

    def __call__(self, query: str, since: int, until: int) -> Brought:
        self.asked.append((query, since, until))
        return self.answers.pop(0) if self.answers else brought()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steady, "_PAUSE_S", 0.001)


def ended(filling: Filling) -> None:
    thread: Any = filling._thread
    thread.join(30)
    assert not thread.is_alive()


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("last", "done"),
    [(lambda: brought(whole=True), 1), (lambda: brought(trouble=BackendError("T", "a", "down", "s", "h")), 0)],
)
def test_filling_ends_when_all_is_there_or_a_backend_fails(last: Callable[[], Brought], done: int) -> None:
    told: list[bool] = []
    reading = Reading(brought(), brought(), last())
    filling = Filling(reading, lambda: told.append(True))
    filling.want("{}", 1, 2)
    ended(filling)
    assert reading.asked == [("{}", 1, 2)] * 3
    assert len(told) == done


@pytest.mark.usefixtures("quick")
def test_filling_ends_when_nobody_asks_and_after_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steady, "_MOST", 7)
    reading = Reading()
    filling = Filling(reading, lambda: None)
    filling.want("{}", 1, 2)
    ended(filling)
    assert len(reading.asked) == 7
    monkeypatch.setattr(steady, "_ASKED_S", -1.0)
    filling.want("{}", 1, 2)
    ended(filling)
    assert len(reading.asked) == 7
