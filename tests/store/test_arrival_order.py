"""One request told by OTLP spans, LangSmith's posts and patches, their copies over OTLP and log events: whatever comes
first, twice, together or apart, the tree, the messages and the totals are the same.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llm_tracing.model import SOURCE_LANGSMITH, Batch, SpanRecord
from llm_tracing.query.view import trace_view
from llm_tracing.store.contract import Page
from llm_tracing.store.duck import DuckDBStore
from tests.builders import MS, NOON, SECOND, TRACE, batch_of, chat, log, log_request, records, span, trace_hex

RUNS = trace_hex(77)
FREE: dict[str, Any] = {"model": "offline-sql"}
WRITE = {"langsmith.span.kind": "llm", **chat("Which albums?", "SELECT 1", tokens=(40, 9), **FREE)}
WORD = {"langsmith.span.kind": "llm", **chat("Word it", "Unplugged", tokens=(20, 5), **FREE)}
CHAIN = {"langsmith.span.kind": "chain"}


def _run(name: str, span_id: int, parent: int | None, start: int, attributes: dict[str, Any]) -> list[SpanRecord]:
    """The post of a run, without its answer, and its patch."""
    asked = {key: value for key, value in attributes.items() if "usage" not in key and "output" not in key}
    [post] = records(span(name, span_id, parent, trace=RUNS, start=start, attributes=asked))
    [patch] = records(span(name, span_id, parent, trace=RUNS, start=start, status=1, attributes=attributes))
    return [
        post._replace(sources=SOURCE_LANGSMITH, end_time_unix_nano=0),
        patch._replace(sources=SOURCE_LANGSMITH),
    ]


def _pieces() -> list[Batch]:
    """Everything that is sent of the request, each as small as it may come."""
    otlp = [
        span("GET /ask", 1, duration=SECOND, attributes={"http.route": "/ask"}),
        span("chain", 2, 1, start=NOON + MS, attributes=CHAIN),
        span("write", 3, 2, start=NOON + 2 * MS + 120, attributes=WRITE),
        span("word", 4, 2, start=NOON + 5 * MS - 90, attributes=WORD),
        span("SELECT", 5, 12, trace=RUNS, start=NOON + 2 * MS + 500_000, attributes={"db.system": "sqlite"}),
        span("judge", 6, 1, start=NOON + 8 * MS, attributes=chat(tokens=(7, 1), **FREE)),
        span("late child of nobody", 7, 99, start=NOON + 9 * MS),
    ]
    runs = [
        *_run("chain", 11, None, NOON + MS, CHAIN),
        *_run("write", 12, 11, NOON + 2 * MS, WRITE),
        *_run("word", 13, 11, NOON + 5 * MS, WORD),
    ]
    told = [
        log({"content": "Is it so?", "role": "user"}, trace=TRACE, span_id=6, event_name="gen_ai.user.message"),
        log(
            {"index": 0, "finish_reason": "stop", "message": {"content": "It is.", "role": "assistant"}},
            trace=TRACE,
            span_id=6,
            event_name="gen_ai.choice",
            time=NOON + 1,
        ),
    ]
    found: list[Batch] = []
    for record in [*records(*otlp), *runs]:
        batch = Batch.empty()
        batch.spans.append(record)
        found.append(batch)
    return found + [batch_of(log_request(record)) for record in told]


PIECES = _pieces()


def _together(pieces: list[Batch]) -> Batch:
    batch = Batch.empty()
    for piece in pieces:
        batch.add(piece)
    return batch


def _seen(store: DuckDBStore) -> Any:
    stored = store.trace(bytes.fromhex(RUNS))
    assert stored is not None
    views = trace_view(stored)
    tree = [(v.record.name, v.depth, v.is_orphan, v.record.sources, v.counted, v.not_counted_because) for v in views]
    judge = next(view for view in views if view.record.name == "judge")
    said = [[part["content"] for part in m["parts"]] for m in judge.content.input_messages or []]
    rows = store.traces(Page())
    [calls] = store.aggregate(Page(), over="calls", group=None, step_ns=None)
    return rows, tree, said, judge.content.finish_reasons, calls


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    store = DuckDBStore(tmp_path_factory.mktemp("in-order"))
    store.write(_together(PIECES))
    yield _seen(store)
    store.close()


def test_in_order_it_is_one_trace_of_three_calls(expected: Any) -> None:
    [trace], tree, said, reasons, calls = expected
    assert [(name, depth, sources) for name, depth, _, sources, *_ in tree] == [
        ("GET /ask", 0, 1), ("chain", 1, 3), ("write", 2, 3), ("SELECT", 3, 1), ("word", 2, 3), ("judge", 1, 1),
        ("late child of nobody", 0, 1),
    ]  # fmt: skip
    assert (trace.trace_id.hex(), trace.status, trace.llm_call_count, trace.span_count) == (TRACE, "unset", 3, 7)
    assert (trace.input_tokens, trace.output_tokens, calls.count) == (67, 15, 3)
    assert (said, reasons) == ([["Is it so?"]], ("stop",))


@given(data=st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_is_the_same_however_its_pieces_arrive(expected: Any, data: st.DataObject) -> None:
    places = list(range(len(PIECES)))
    spans = [place for place, piece in enumerate(PIECES) if piece.spans]
    order = data.draw(st.permutations(places)) + data.draw(st.lists(st.sampled_from(spans), max_size=4))
    cuts = sorted({0, len(order), *data.draw(st.lists(st.integers(1, len(order)), max_size=6))})
    with TemporaryDirectory() as folder:
        store = DuckDBStore(Path(folder))
        for start, stop in pairwise(cuts):
            store.write(_together([PIECES[place] for place in order[start:stop]]))
        found = _seen(store)
        store.close()
    assert found == expected
