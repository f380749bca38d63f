"""Traces that Tempo's search does not name for a time, or that grow late: they are found without a restart."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from llm_tracing.lgtm import known
from llm_tracing.lgtm.store import LgtmStore
from llm_tracing.store.contract import Page
from tests.builders import SECOND, span, trace_hex, trace_request
from tests.lgtm.fakes import Answer, Asked, Fake, Stack
from tests.lgtm.opened import open_store

MINUTE = 60 * SECOND
OLD = time.time_ns() - 90 * MINUTE


class Later:
    """The clock of what was searched, which can be put forward."""

    def __init__(self) -> None:
        self.ahead = 0

    def __call__(self) -> int:
        return time.time_ns() + self.ahead


@pytest.fixture
def later() -> Later:
    return Later()


@pytest.fixture
def store(fakes: Stack, tmp_path: Path, later: Later) -> Iterator[LgtmStore]:
    opened = open_store(fakes, tmp_path)
    traces: Any = opened._reads
    traces._search._searched._now = later
    yield opened
    opened.close()


def sent_past_this_server(fake: Fake, request: ExportTraceServiceRequest) -> None:
    answer = fake.take(Asked("POST", "/v1/traces", {}, {}, request.SerializeToString()))
    assert isinstance(answer, Answer)


def searches(fakes: Stack) -> int:
    return len([one for one in fakes.tempo.asked if one.path == "/api/search"])


def names(store: LgtmStore) -> list[str]:
    return sorted(one.name for one in store.traces(Page(since=OLD - 60 * MINUTE)))


def test_a_trace_that_was_hidden_is_found_by_a_second_look(fakes: Stack, store: LgtmStore, later: Later) -> None:
    for number, name in enumerate(("shown", "hidden"), 1):
        sent_past_this_server(fakes.tempo, trace_request(span(name, trace=trace_hex(number), start=OLD)))
    fakes.tempo.hidden = {bytes.fromhex(trace_hex(2))}
    assert names(store) == ["shown"]
    fakes.tempo.hidden = set()
    assert names(store) == ["shown"]  # what was searched a moment ago is not searched each time
    later.ahead = 12 * MINUTE
    assert names(store) == ["hidden", "shown"]
    later.ahead = 200 * MINUTE
    names(store)
    before = searches(fakes)
    for minutes in range(201, 400, 20):
        later.ahead = minutes * MINUTE
        store.traces(Page(since=OLD - 60 * MINUTE, until=OLD + MINUTE))
    assert searches(fakes) == before  # it was looked at when it was long over


def test_figures_take_a_second_look_too(fakes: Stack, store: LgtmStore, later: Later) -> None:
    sent_past_this_server(fakes.tempo, trace_request(span("hidden", trace=trace_hex(2), start=OLD)))
    fakes.tempo.hidden = {bytes.fromhex(trace_hex(2))}
    page = Page(since=OLD - 60 * MINUTE)

    def counted() -> int:
        return sum(one.count for one in store.aggregate(page, over="traces", group=None, step_ns=None))

    assert counted() == 0
    fakes.tempo.hidden = set()
    later.ahead = 12 * MINUTE
    assert counted() == 1


def test_spans_that_come_long_after_their_trace_are_brought(
    fakes: Stack, store: LgtmStore, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "FRESH_NS", 0)
    sent_past_this_server(fakes.tempo, trace_request(span("ask", trace=trace_hex(1), start=OLD)))
    assert names(store) == ["ask"]
    sent_past_this_server(fakes.tempo, trace_request(span("late", 2, 1, trace=trace_hex(1), start=OLD)))
    found = store.trace(bytes.fromhex(trace_hex(1)))
    assert found is not None
    assert len(found.spans) == 1  # it had long ended when it was read, a moment ago
    monkeypatch.setattr(known, "AGAIN_NS", 0)
    found = store.trace(bytes.fromhex(trace_hex(1)))
    assert found is not None
    assert len(found.spans) == 2
