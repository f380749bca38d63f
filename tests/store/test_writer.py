"""The writer: one batch whole or not at all, however the parts of a trace arrive."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from llm_tracing.errors import StoreError
from llm_tracing.query.view import trace_view
from llm_tracing.store.contract import Page
from llm_tracing.store.duck import DuckDBStore
from llm_tracing.store.known import RecentIds, RecentTraces
from tests.builders import (
    MS,
    NOON,
    batch_of,
    chat,
    log,
    log_request,
    records,
    shuffled_batches,
    span,
    trace_hex,
    trace_request,
)

ATTRIBUTES: list[dict[str, Any]] = [
    {},
    {"db.system": "sqlite"},
    chat("a question", "an answer", tokens=(10, 3)),
    chat(tokens=(7, 0), model="offline-sql"),
    {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "a", "gen_ai.usage.input_tokens": 99},
    {"session.id": "s1"},
]
STEPS = st.lists(
    st.tuples(
        st.none() | st.integers(1, 11),  # parent: a span of the trace, itself, or one that never comes
        st.sampled_from(ATTRIBUTES),
        st.integers(0, 3),  # start, so that several start at once
        st.integers(-1, 3),  # duration
        st.integers(0, 2),  # status
    ),
    min_size=1,
    max_size=10,
)


def _spans(steps: list[Any], trace: str) -> list[Span]:
    return [
        span(f"s{n}", n, parent, trace=trace, start=NOON + at * MS, duration=lasts * MS, status=status, attributes=has)
        for n, (parent, has, at, lasts, status) in enumerate(steps, 1)
    ]


def _seen(store: DuckDBStore, trace: str) -> tuple[Any, ...]:
    """The roll-up, the tree and the bill of a trace, without its id."""
    stored = store.trace(bytes.fromhex(trace))
    assert stored is not None
    tree = [(v.record.name, v.depth, v.is_orphan, v.folded_into, v.counted) for v in trace_view(stored)]
    return stored.trace._replace(trace_id=b""), tree


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    store = DuckDBStore(tmp_path_factory.mktemp("arrival"))
    yield store
    store.close()


@given(steps=STEPS, data=st.data())
@settings(max_examples=25)
def test_a_trace_is_the_same_however_its_spans_arrive(
    shared: DuckDBStore, steps: list[Any], data: st.DataObject
) -> None:
    number = 2 * len(shared.traces(Page(limit=1_000))) + 1
    at_once, in_parts = trace_hex(number), trace_hex(number + 1)
    shared.write(batch_of(trace_request(*_spans(steps, at_once))))
    places = list(range(len(steps)))
    order = data.draw(st.permutations(places)) + data.draw(st.lists(st.sampled_from(places), max_size=4))
    cuts = data.draw(st.lists(st.integers(1, len(order)), max_size=3))
    for part in shuffled_batches(_spans(steps, in_parts), order, cuts):
        shared.write(batch_of(trace_request(*part)))
    assert _seen(shared, in_parts) == _seen(shared, at_once)


def test_a_batch_that_fails_leaves_nothing_and_can_be_sent_again(store: DuckDBStore) -> None:
    good = batch_of(trace_request(span("one", 1)), log_request(log("a line")))
    broken = batch_of(trace_request(span("one", 1)), log_request(log("a line")))
    broken.logs[0] = broken.logs[0]._replace(severity_number=2**40)
    with pytest.raises((OverflowError, ValueError, StoreError)):
        store.write(broken)
    assert store.traces(Page()) == []
    assert store.write(good) == {good.spans[0].trace_id}
    assert (len(store.traces(Page())), len(store.logs(Page()).logs)) == (1, 1)


def test_a_text_that_was_stored_before_a_restart_is_not_stored_again(tmp_path: Path) -> None:
    for number in (1, 2):
        store = DuckDBStore(tmp_path)
        call = span("chat", 1, trace=trace_hex(number), attributes=chat("the same question"))
        store.write(batch_of(trace_request(call)))
        with store.database.reading() as db:
            for table in ("payloads", "resources", "scopes"):
                assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,), table
        store.close()


def test_recent_traces_forget_the_one_not_touched_for_longest() -> None:
    [facts] = [record.facts() for record in records(span())]
    recent = RecentTraces(max_spans=4)
    recent.put(b"a", [facts] * 2)
    recent.put(b"b", [facts] * 2)
    recent.put(b"a", [facts] * 2)
    recent.put(b"c", [facts])
    assert (recent.get(b"a"), recent.get(b"b"), recent.get(b"c")) == ([facts] * 2, None, [facts])
    recent.put(b"a", [facts] * 9)
    assert recent.get(b"a") is None
    recent.clear()
    assert recent.get(b"c") is None


def test_recent_ids_are_bounded() -> None:
    recent = RecentIds(max_ids=2)
    recent.add([b"1", b"2", b"3"])
    assert [identifier in recent for identifier in (b"1", b"2", b"3")] == [False, True, True]


def test_recent_ids_are_forgotten_many_at_once() -> None:
    recent = RecentIds(max_ids=800)
    recent.add(b"%d" % number for number in range(800))
    recent.add([b"800"])  # an eighth of them goes, and with it the search for the oldest one at each id
    kept = [number for number in range(801) if b"%d" % number in recent]
    assert kept == list(range(101, 801))


def test_a_trace_that_was_forgotten_is_read_again(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path)
    store.write(batch_of(trace_request(span("root", 1))))
    filler = [span(f"s{n}", n, trace=trace_hex(1)) for n in range(1, 50_001)]
    store.write(batch_of(trace_request(*filler)))
    store.write(batch_of(trace_request(span("late", 2, 1), span("root", 1))))
    rows = {row.name: row.span_count for row in store.traces(Page())}
    assert rows == {"root": 2, "s1": 50_000}
    store.close()
