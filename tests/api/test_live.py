"""The live stream: which traces changed, as soon as they are stored."""

import json
from collections.abc import Iterator

import httpx

from tests.builders import TRACE, log, log_request, span, trace_hex, trace_request
from tests.running import Running


def _events(lines: Iterator[str]) -> Iterator[set[str]]:
    """The trace ids of each `traces` event."""
    for line in lines:
        if line == "event: traces":
            name, _, data = next(lines).partition(": ")
            assert name == "data"
            yield set(json.loads(data)["trace_ids"])


def _connected(stream: httpx.Response) -> Iterator[str]:
    assert stream.headers["content-type"].startswith("text/event-stream")
    lines = stream.iter_lines()
    assert (next(lines), next(lines)) == ("retry: 1000", ": connected")
    return lines


def test_every_listener_hears_of_an_export_after_it_is_stored(server: Running) -> None:
    with server.http.stream("GET", "/api/v1/live") as one, server.http.stream("GET", "/api/v1/live") as other:
        heard = [_events(_connected(stream)) for stream in (one, other)]
        server.export(log_request(log("no trace")), trace_request(span("a", 1), span("b", 1, trace=trace_hex(5))))
        for events in heard:
            assert next(events) == {TRACE, trace_hex(5)}
        assert {trace.trace_id for trace in server.traces()} == {TRACE, trace_hex(5)}
        server.export(trace_request(span("late", 2, 1)))
        assert [next(events) for events in heard] == [{TRACE}, {TRACE}]


def test_a_retried_export_is_no_news(server: Running) -> None:
    with server.http.stream("GET", "/api/v1/live") as stream:
        events = _events(_connected(stream))
        server.export(trace_request(span("a", 1)))
        assert next(events) == {TRACE}
        server.export(trace_request(span("a", 1)), trace_request(span("b", 1, trace=trace_hex(6))))
        assert next(events) == {trace_hex(6)}
