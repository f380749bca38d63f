"""What every store does, edge cases too: one battery, run against each of them."""

import math
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from typing import Any

import pytest
from google.protobuf.message import Message

from llm_tracing.errors import StoreClosed
from llm_tracing.model import Batch, TraceRow
from llm_tracing.store.contract import Filter, Page, Store
from tests.builders import (
    MS,
    NOON,
    SECOND,
    TRACE,
    batch_of,
    chat,
    counter,
    log,
    log_request,
    metric_request,
    span,
    trace_hex,
    trace_request,
)
from tests.contract.conftest import Open

EVERYTHING = Page(limit=1_000)


def _write(store: Store, *requests: Message) -> set[bytes]:
    return store.write(batch_of(*requests))


def _id(number: int) -> bytes:
    return bytes.fromhex(trace_hex(number))


def _names(rows: list[Any]) -> list[str]:
    return [row.name for row in rows]


def _asked(number: int, asked: str, **more: Any) -> Message:
    """A trace with one LLM call, `number` seconds after noon."""
    attributes = chat(asked, "an answer", tokens=(100 * number, number), **more)
    call = span(f"ask {number}", number, trace=trace_hex(number), start=NOON + number * SECOND, attributes=attributes)
    return trace_request(call)


def _found(store: Store, *filters: Filter) -> list[str]:
    return _names(store.traces(Page(filters=filters)))


def test_a_write_tells_which_traces_it_touched(store: Store) -> None:
    both = trace_request(span("a", 1, trace=trace_hex(1)), span("b", 1, trace=trace_hex(2)))
    assert _write(store, both) == {_id(1), _id(2)}
    assert _write(store, log_request(log())) == set()
    assert store.write(Batch.empty()) == set()


@pytest.mark.needs_window("Loki keeps a structured body as text")
def test_a_restart_shows_the_same_data(reopened: Open) -> None:
    store = reopened()
    _write(
        store,
        _asked(1, "a question " * 100),
        trace_request(span("orphan", 7, 99, status=2, message="lost")),
        log_request(log({"deep": [1, b"x"]}, trace=TRACE, span_id=7), log(None)),
        metric_request(counter("requests", 1, 2), counter("errors", 3)),
    )

    def everything(store: Store) -> list[Any]:
        return [
            store.traces(EVERYTHING),
            [store.trace(row.trace_id) for row in store.traces(EVERYTHING)],
            store.spans(EVERYTHING),
            store.logs(EVERYTHING),
            store.metrics(),
            store.aggregate(EVERYTHING, over="calls", group="model", step_ns=None),
        ]

    before = everything(store)
    assert [len(part) for part in before[:3]] == [2, 2, 2]
    assert everything(reopened()) == before


def test_a_trace_that_is_not_stored_is_none(store: Store) -> None:
    assert store.trace(_id(1)) is None
    assert store.traces(EVERYTHING) == []
    assert store.logs(EVERYTHING).logs == []
    assert store.metrics() == []


def test_spans_that_arrive_later_join_their_trace(reopened: Open) -> None:
    store = reopened()
    _write(store, trace_request(span("child", 2, 1, start=NOON + MS)))
    [row] = store.traces(EVERYTHING)
    assert (row.name, row.span_count) == ("child", 1)
    store = reopened()
    _write(store, trace_request(span("root", 1, start=NOON, duration=9 * MS)))
    [row] = store.traces(EVERYTHING)
    assert (row.name, row.span_count, row.end_time_unix_nano - row.start_time_unix_nano) == ("root", 2, 9 * MS)


@pytest.mark.needs_window("a span that was not read back looks new")
@pytest.mark.parametrize("restart", [False, True])
def test_the_same_span_sent_again_is_stored_once(reopened: Open, restart: bool) -> None:
    store = reopened()
    _write(store, _asked(1, "hello"), _asked(1, "hello"))
    store = reopened() if restart else store
    assert _write(store, _asked(1, "hello")) == set()
    [row] = store.traces(EVERYTHING)
    assert (row.span_count, row.input_tokens) == (1, 100)
    stored = store.trace(_id(1))
    assert stored is not None
    assert len(stored.spans) == 1


def test_two_spans_with_one_id_are_both_kept(store: Store) -> None:
    _write(store, trace_request(span("one", 1), span("other", 1, start=NOON + 1)))
    stored = store.trace(bytes.fromhex(TRACE))
    assert stored is not None
    assert (_names(stored.spans), stored.trace.span_count) == (["one", "other"], 2)


def test_the_roll_up_is_the_same_in_whatever_order_the_parts_arrive(store: Store) -> None:
    def parts(trace: str) -> list[Message]:
        return [
            trace_request(span("root", 1, trace=trace, duration=5 * MS, status=1)),
            trace_request(span("chat", 2, 1, trace=trace, attributes=chat("q", "a", tokens=(3, 4)))),
            trace_request(span("SELECT", 3, 2, trace=trace, start=NOON + 7 * MS, attributes={"db.system": "x"})),
        ]

    rows: list[TraceRow] = []
    for number, order in enumerate(permutations(range(3)), 1):
        sent = parts(trace_hex(number))
        for place in order:
            _write(store, sent[place])
        stored = store.trace(_id(number))
        assert stored is not None
        rows.append(stored.trace._replace(trace_id=b""))
    assert rows == [rows[0]] * 6
    assert (rows[0].name, rows[0].status, rows[0].input_tokens, rows[0].span_count) == ("root", "ok", 3, 3)


def test_without_content_attributes_and_payloads_are_not_read(store: Store) -> None:
    _write(store, trace_request(span("plain", 1, attributes={"long": "x" * 1_000})))
    light, whole = store.trace(bytes.fromhex(TRACE), content=False), store.trace(bytes.fromhex(TRACE))
    assert light is not None
    assert whole is not None
    assert (light.spans[0].attributes, light.payloads) == ("{}", {})
    assert "$parts" in whole.spans[0].attributes
    assert list(whole.payloads.values()) == ["x" * 1_000]


def test_one_span_of_a_trace_can_be_read_alone(store: Store) -> None:
    _write(store, trace_request(span("a", 1), span("b", 2**64 - 1)))
    stored = store.trace(bytes.fromhex(TRACE), span_ids=[2**64 - 1])
    assert stored is not None
    assert (_names(stored.spans), stored.trace.span_count) == (["b"], 2)
    none = store.trace(bytes.fromhex(TRACE), span_ids=[5])
    assert none is not None
    assert none.spans == []


def test_lists_are_newest_first_and_pages_go_on_where_the_one_before_ended(store: Store) -> None:
    _write(store, *(trace_request(span(f"t{n}", 1, trace=trace_hex(n), start=NOON + n // 3)) for n in range(1, 11)))
    seen: list[TraceRow] = []
    after = None
    for _ in range(10):
        page = store.traces(Page(limit=2, after=after))
        seen += page
        if not page:
            break
        after = (page[-1].start_time_unix_nano, page[-1].trace_id.hex())
    assert _names(seen) == [f"t{n}" for n in range(10, 0, -1)]


def test_since_is_inclusive_and_until_is_not(store: Store) -> None:
    _write(store, *(_asked(n, "x") for n in (1, 2, 3)))
    _write(store, log_request(*(log(f"l{n}", time=NOON + n) for n in (1, 2, 3))))
    inside = Page(since=NOON + 2 * SECOND, until=NOON + 3 * SECOND)
    assert _names(store.traces(inside)) == ["ask 2"]
    assert _names(store.spans(inside)) == ["ask 2"]
    assert [r.body for r in store.logs(Page(since=NOON + 2, until=NOON + 3)).logs] == ['"l2"']


FILTERS: list[tuple[Filter, list[str]]] = [
    (Filter("text", "=", "acústico"), ["ask 1"]),
    (Filter("text", "=", "Acústico"), ["ask 1"]),
    (Filter("text", "=", "100%"), ["ask 2"]),
    (Filter("text", "=", "no_such"), []),
    (Filter("text", "=", "an answer"), ["ask 3", "ask 2", "ask 1"]),
    (Filter("text", "=", "deep inside"), ["ask 3"]),
    (Filter("text", "=", 'say "hi"'), ["ask 3"]),
    (Filter("text", "=", "ask 2"), ["ask 2"]),
    (Filter("kind", "=", "llm"), ["ask 3", "ask 2", "ask 1"]),
    (Filter("kind", "=", "tool"), []),
    (Filter("service", "=", "shop"), ["ask 3", "ask 2", "ask 1"]),
    (Filter("service", "=", "SHOP"), []),
    (Filter("service", "like", "SH*"), ["ask 3", "ask 2", "ask 1"]),
    (Filter("model", "=", "gpt-4o"), ["ask 2"]),
    (Filter("model", "like", "gpt-4o*"), ["ask 2", "ask 1"]),
    (Filter("model", "like", "*_*"), []),
    (Filter("status", "=", "unset"), ["ask 3", "ask 2", "ask 1"]),
    (Filter("session", "=", "s2"), ["ask 2"]),
    (Filter("session", "=", "s2", negated=True), ["ask 3", "ask 1"]),
    (Filter("trace", "=", trace_hex(3)), ["ask 3"]),
    (Filter("tokens", ">", 202), ["ask 3"]),
    (Filter("tokens", "<=", 202), ["ask 2", "ask 1"]),
    (Filter("cost_pico_usd", ">", 0), ["ask 2", "ask 1"]),
    (Filter("cost_pico_usd", ">", 0, negated=True), ["ask 3"]),
    (Filter("duration_ns", ">=", MS), ["ask 3", "ask 2", "ask 1"]),
    (Filter("duration_ns", ">", MS), []),
    (Filter("span_count", "=", 1), ["ask 3", "ask 2", "ask 1"]),
]


def test_each_filter_finds_what_it_says(store: Store) -> None:
    _write(
        store,
        _asked(1, "Acústico, ao vivo"),
        _asked(2, "100% of it", model="gpt-4o", session__id="s2"),
        _asked(3, "x" * 600 + ' deep inside, say "hi"\n', model="local"),
    )
    wrong = [(wanted, found) for wanted, names in FILTERS if (found := _found(store, wanted)) != names]
    assert wrong == []
    assert _found(store, Filter("text", "=", "answer"), Filter("model", "=", "local")) == ["ask 3"]


def test_spans_are_filtered_by_themselves(store: Store) -> None:
    _write(
        store,
        trace_request(
            span("root", 1, duration=-5),
            span("chat", 2, 1, start=NOON + 1, attributes=chat("q", "a", tokens=(5, 5)), status=2),
        ),
    )

    def found(*filters: Filter) -> list[str]:
        return _names(store.spans(Page(filters=filters)))

    assert found() == ["chat", "root"]
    assert found(Filter("kind", "=", "llm")) == ["chat"]
    assert found(Filter("status", "=", "error")) == ["chat"]
    assert found(Filter("text", "=", "ROOT")) == ["root"]
    assert found(Filter("tokens", ">=", 10)) == ["chat"]
    assert found(Filter("duration_ns", "<", MS)) == ["root"]


def test_logs_are_found_by_trace_span_service_severity_and_text(store: Store) -> None:
    _write(
        store,
        log_request(log("one", trace=TRACE, span_id=1, time=NOON), log('she said "hi"', severity=17, time=NOON + 1)),
        log_request(log({"message": "Acústico"}, time=NOON + 2, trace=TRACE), service="other"),
    )

    def found(*filters: Filter) -> list[str | None]:
        return [record.body for record in store.logs(Page(filters=filters)).logs]

    quoted, nested = '"she said \\"hi\\""', '{"message":"Acústico"}'
    assert found() == [nested, quoted, '"one"']
    assert found(Filter("trace", "=", TRACE)) == [nested, '"one"']
    assert found(Filter("span", "=", "0000000000000001")) == ['"one"']
    assert found(Filter("service", "=", "other")) == [nested]
    assert found(Filter("severity", ">=", 17)) == [quoted]
    assert found(Filter("text", "=", "ACÚSTICO")) == [nested]
    assert found(Filter("text", "=", 'said "hi"')) == [quoted]


def test_log_records_of_one_time_have_places_that_pages_go_on_from(store: Store) -> None:
    _write(store, log_request(*(log(f"l{n}") for n in range(5))))
    bodies: list[str | None] = []
    after = None
    while found := store.logs(Page(limit=2, after=after)):
        if not found.logs:
            break
        bodies += [record.body for record in found.logs]
        after = (found.logs[-1].time_unix_nano, str(found.places[-1]))
    assert bodies == [f'"l{n}"' for n in range(4, -1, -1)]


@pytest.mark.needs_window("an overview reads back the newest points")
def test_metrics_are_listed_with_their_points(reopened: Open) -> None:
    store = reopened()
    _write(store, metric_request(counter("b", 1, 2)), metric_request(counter("a", 1), service="other"))
    store = reopened()
    _write(store, metric_request(counter("b", 3, time=NOON + SECOND)))
    found = [(m.name, m.service, m.type, m.point_count, m.last_time_unix_nano) for m in store.metrics()]
    assert found == [("a", "other", "sum", 1, NOON), ("b", "shop", "sum", 3, NOON + SECOND)]


def test_metric_values_that_no_json_has_are_kept(store: Store) -> None:
    request = metric_request(counter("x", 1))
    request.resource_metrics[0].scope_metrics[0].metrics[0].sum.data_points[0].as_double = math.nan
    _write(store, request)
    assert store.metrics()[0].point_count == 1


def test_aggregates_group_calls_and_traces_by_a_column_and_by_time(store: Store) -> None:
    _write(store, *(_asked(n, "x", model="gpt-4o" if n < 3 else "unknown-model", provider="acme") for n in (1, 2, 3)))
    _write(store, trace_request(span("failed", 9, start=NOON + 4 * SECOND, attributes=chat(model="gpt-4o"), status=2)))
    rows = store.aggregate(EVERYTHING, over="calls", group="model", step_ns=None)
    assert [(r.group, r.count, r.error_count, r.input_tokens, r.unpriced_calls) for r in rows] == [
        ("gpt-4o", 3, 1, 300, 0),
        ("unknown-model", 1, 0, 300, 1),
    ]
    assert (rows[0].duration_p50_ns, rows[0].cost_pico_usd is None, rows[1].cost_pico_usd) == (MS, False, None)
    by_time = store.aggregate(EVERYTHING, over="traces", group=None, step_ns=2 * SECOND)
    assert [(r.time_unix_nano, r.group, r.count) for r in by_time] == [
        (NOON, None, 1),
        (NOON + 2 * SECOND, None, 2),
        (NOON + 4 * SECOND, None, 1),
    ]
    with pytest.raises(ValueError, match="cannot be grouped by"):
        store.aggregate(EVERYTHING, over="traces", group="model", step_ns=None)


def test_reads_while_a_write_runs_see_whole_batches(store: Store) -> None:
    """Two spans of a trace come in one batch, so nobody may ever see one of them alone."""

    def look() -> set[int]:
        rows = store.traces(EVERYTHING)
        counts = {row.span_count for row in rows}
        for row in rows[:3]:
            stored = store.trace(row.trace_id)
            counts.add(len(stored.spans) if stored else -1)
        return counts

    with ThreadPoolExecutor(3) as pool:
        looks = []
        for number in range(1, 16):
            trace = trace_hex(number)
            looks += [pool.submit(look), pool.submit(look)]
            _write(store, trace_request(span("a", 1, trace=trace), span("b", 2, 1, trace=trace)))
        assert set().union(*(found.result() for found in looks)) <= {2}


def test_a_closed_store_says_so(store: Store) -> None:
    store.check_reading()
    store.check_writing()
    store.close()
    with pytest.raises(StoreClosed):
        store.check_reading()
    with pytest.raises(StoreClosed):
        store.check_writing()
    with pytest.raises(StoreClosed):
        _write(store, _asked(1, "x"))
    store.close()
