"""Spans that arrive in parts: while they run and when they have ended, by one protocol and by the other."""

from itertools import permutations
from typing import Any

import orjson
import pytest

from llm_tracing.model import SOURCE_LANGSMITH, SpanRecord
from llm_tracing.query.view import trace_view
from llm_tracing.store.contract import Filter, Page, Store
from tests.builders import MS, NOON, SECOND, TRACE, batch_of, batch_with, chat, records, span, trace_hex, trace_request
from tests.contract.conftest import Open

RUNS = trace_hex(77)  # the trace of the runs; their OTLP copies are in TRACE
HTTP, COPY, CALL_COPY, RUN, CALL = 1, 2, 3, 11, 12


def _run(name: str, span_id: int, parent: int | None = None, *, ended: bool = True, **more: Any) -> SpanRecord:
    """A run as LangSmith's protocol brings it; a post without its patch has no end."""
    [record] = records(span(name, span_id, parent, trace=RUNS, **more))
    end = record.end_time_unix_nano if ended else 0
    return record._replace(sources=SOURCE_LANGSMITH, end_time_unix_nano=end, status_code=1 if ended else 0)


def _write(store: Store, *spans: SpanRecord) -> set[bytes]:
    return store.write(batch_with(*spans))


def _shown(store: Store, trace_id: str) -> Any:
    stored = store.trace(bytes.fromhex(trace_id))
    assert stored is not None
    return stored.trace, [(v.record.name, v.depth, v.record.sources, v.counted) for v in trace_view(stored)]


QUESTION = {"langsmith.span.kind": "llm", **chat("Which albums?")}
ANSWER = {"langsmith.span.kind": "llm", **chat("Which albums?", "Unplugged", tokens=(10, 4), model="offline-sql")}
STARTED = _run("ask", RUN, ended=False, attributes=QUESTION)
ENDED = _run("ask", RUN, duration=SECOND, attributes=ANSWER)


def test_a_run_without_its_end_is_running(store: Store) -> None:
    _write(store, STARTED)
    trace, _ = _shown(store, RUNS)
    assert (trace.status, trace.input, trace.llm_call_count, trace.unpriced_calls) == ("running", "Which albums?", 1, 0)
    assert [row.name for row in store.spans(Page(filters=[Filter("status", "=", "running")]))] == ["ask"]
    assert store.spans(Page(filters=[Filter("status", "=", "ok")])) == []
    assert store.aggregate(Page(), over="calls", group="model", step_ns=None) == []


@pytest.mark.parametrize("parts", [(STARTED, ENDED), (ENDED, STARTED)], ids=["in order", "end first"])
@pytest.mark.parametrize("together", [True, False], ids=["one batch", "two batches"])
def test_the_end_completes_the_run(parts: tuple[SpanRecord, ...], together: bool, reopened: Open) -> None:
    store = reopened()
    for batch in [parts] if together else [parts[:1], parts[1:]]:
        _write(store, *batch)
        store = store if together else reopened()
    trace, spans = _shown(store, RUNS)
    assert spans == [("ask", 0, SOURCE_LANGSMITH, True)]
    assert (trace.status, trace.input, trace.output, trace.input_tokens) == ("ok", "Which albums?", "Unplugged", 10)
    assert [row.end_time_unix_nano for row in store.spans(Page())] == [NOON + SECOND]
    assert [row.name for row in store.traces(Page(filters=[Filter("text", "=", "Unplugged")]))] == ["ask"]


def test_a_run_sent_again_changes_nothing(store: Store) -> None:
    for parts in ([STARTED], [ENDED], [STARTED, ENDED], [ENDED]):
        _write(store, *parts)
    trace, spans = _shown(store, RUNS)
    assert len(spans) == 1
    assert (trace.span_count, trace.input_tokens, trace.status) == (1, 10, "ok")


def test_a_span_that_was_sent_while_it_ran_is_one_span_when_it_ends(store: Store) -> None:
    ended = span("job", 5)
    running = span("job", 5)
    running.end_time_unix_nano = 0
    store.write(batch_of(trace_request(running, span("step", 6, 5))))
    assert _shown(store, TRACE)[0].status == "running"
    store.write(batch_of(trace_request(ended)))
    store.write(batch_of(trace_request(running)))
    trace, spans = _shown(store, TRACE)
    assert (trace.status, [name for name, *_ in spans]) == ("unset", ["job", "step"])


OTLP_HALF = [
    span("GET /ask", HTTP, duration=2 * SECOND),
    span("chain", COPY, HTTP, start=NOON + MS - 168, attributes={"langsmith.span.kind": "chain"}),
    span("ask", CALL_COPY, COPY, start=NOON + 2 * MS + 130, attributes=ANSWER),
]
INSIDE = span("SELECT", 8, CALL, trace=RUNS, start=NOON + 3 * MS, attributes={"db.system": "sqlite"})
CHAIN_RUN = _run("chain", RUN, start=NOON + MS, attributes={"langsmith.span.kind": "chain"})
CALL_RUN = _run("ask", CALL, RUN, start=NOON + 2 * MS, attributes={**ANSWER, "langsmith.run_id": "r"})
BOTH = [("GET /ask", 0, 1, False), ("chain", 1, 3, False), ("ask", 2, 3, True), ("SELECT", 3, 1, False)]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_both_reports_of_a_run_are_one_span_under_its_request(order: tuple[int, ...], reopened: Open) -> None:
    halves = [records(*OTLP_HALF), [CHAIN_RUN, CALL_RUN], records(INSIDE)]
    store = reopened()
    for place in order:
        _write(store, *halves[place])
        store = reopened()
    assert _shown(store, TRACE)[1] == BOTH
    assert _shown(store, RUNS) == _shown(store, TRACE)
    [trace] = store.traces(Page())
    assert (trace.trace_id.hex(), trace.span_count, trace.llm_call_count, trace.input_tokens) == (TRACE, 4, 1, 10)
    [calls] = store.aggregate(Page(), over="calls", group=None, step_ns=None)
    assert calls.count == 1
    assert store.traces(Page(filters=[Filter("text", "=", "Unplugged")])) == [trace]
    for trace_id in (TRACE, RUNS):
        assert store.traces(Page(filters=[Filter("trace", "=", trace_id)])) == [trace]
    assert len(store.spans(Page(filters=[Filter("trace", "=", TRACE)]))) == 6


@pytest.mark.parametrize("apart", [-200, 0, 200], ids=["copy earlier", "at once", "copy later"])
@pytest.mark.parametrize("run_first", [True, False], ids=["run first", "copy first"])
def test_a_root_run_and_its_copy_are_one_trace_whichever_clock_reads_earlier(
    apart: int, run_first: bool, store: Store
) -> None:
    run = _run("chain", RUN, attributes={"langsmith.span.kind": "chain"})
    copy = records(span("chain", COPY, start=NOON + apart, attributes={"langsmith.span.kind": "chain"}))
    for half in [[run], copy] if run_first else [copy, [run]]:
        _write(store, *half)
    [trace] = store.traces(Page())
    assert (trace.trace_id.hex(), trace.sources, trace.span_count) == (TRACE, 3, 1)
    assert _shown(store, RUNS)[1] == [("chain", 0, 3, False)]


def test_a_merged_span_has_what_either_report_says(store: Store) -> None:
    _write(store, *records(*OTLP_HALF), CHAIN_RUN, CALL_RUN)
    stored = store.trace(bytes.fromhex(TRACE))
    assert stored is not None
    [ask] = [view for view in trace_view(stored) if view.record.name == "ask"]
    assert (ask.record.span_id, ask.record.parent_span_id, ask.reported_as) == (CALL_COPY, COPY, (CALL_COPY, CALL))
    assert orjson.loads(ask.record.attributes)["langsmith.run_id"] == "r"
    assert ask.record.trace_id.hex() == TRACE


def test_runs_of_the_same_name_at_the_same_time_are_not_mixed_up(store: Store) -> None:
    copies = [span("ask", n, start=NOON, attributes=ANSWER) for n in (21, 22)]
    runs = [_run("ask", n, attributes=ANSWER) for n in (31, 32, 33)]
    _write(store, *records(*copies), *runs)
    trace, spans = _shown(store, TRACE)
    assert sorted(sources for _, _, sources, _ in spans) == [2, 3, 3]
    assert trace.llm_call_count == 3


def test_a_span_that_names_a_run_by_the_first_half_of_its_uuid_is_under_it(store: Store) -> None:
    began = NOON + 2 * MS
    first_half = (began // 1_000_000) << 16 | 0x7ABC
    user_span = span("SELECT", 8, first_half, trace=RUNS, start=began + 100, attributes={"db.system": "sqlite"})
    sibling = _run("other", 13, RUN, start=began + 200)
    _write(store, _run("chain", RUN, start=NOON), _run("ask", CALL, RUN, start=began), sibling, *records(user_span))
    assert [(name, depth) for name, depth, _, _ in _shown(store, RUNS)[1]] == [
        ("chain", 0), ("ask", 1), ("SELECT", 2), ("other", 1),
    ]  # fmt: skip


def test_a_span_whose_parent_only_looks_like_a_run_stays_an_orphan(store: Store) -> None:
    lost = span("lost", 8, 0x1234_5678_9ABC_7DEF, trace=RUNS, start=NOON)
    _write(store, _run("chain", RUN, start=NOON), *records(lost))
    stored = store.trace(bytes.fromhex(RUNS))
    assert stored is not None
    assert [view.is_orphan for view in trace_view(stored) if view.record.name == "lost"] == [True]


@pytest.mark.parametrize("http_first", [True, False], ids=["request first", "runs first"])
def test_a_run_with_a_traceparent_is_under_the_span_that_it_names(http_first: bool, reopened: Open) -> None:
    header = f"00-{TRACE}-{HTTP:016x}-01"
    root = _run("chain", RUN, HTTP, start=NOON + MS, attributes={"langsmith.metadata.traceparent": header})
    halves = [records(span("GET /ask", HTTP, duration=SECOND)), [root, _run("ask", CALL, RUN, start=NOON + 2 * MS)]]
    store = reopened()
    for half in halves if http_first else halves[::-1]:
        _write(store, *half)
        store = reopened()
    expected = [("GET /ask", 0, 1), ("chain", 1, 2), ("ask", 2, 2)]
    for trace_id in (TRACE, RUNS):
        assert [(name, depth, sources) for name, depth, sources, _ in _shown(store, trace_id)[1]] == expected
    [trace] = store.traces(Page())
    assert (trace.trace_id.hex(), trace.sources) == (TRACE, 3)
