"""What every store finds, counts and offers: each filter, facets, histogram, words, saved views."""

from typing import Any
from uuid import UUID

import pytest

from llm_tracing.model import AnnotationRow, Batch, ViewRow
from llm_tracing.query.language import filters
from llm_tracing.store.contract import FACETS_OF, Page, Store, Table, Words
from tests.builders import MS, NOON, SECOND, batch_of, chat, log, log_request, span, trace_hex, trace_request
from tests.contract.conftest import Open

LONG = "a long value " * 40


def _fill(store: Store) -> None:
    """1: an answered question with a tool and a failed step. 2: a cut answer of another sender. 3: a plain request."""
    call = chat(
        "list albums", "here: Unplugged", tokens=(100, 10), gen_ai__response__finish_reasons=["stop"],
        gen_ai__response__time_to_first_chunk=0.5,
    )  # fmt: skip
    tool = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "run_sql",
        "a/b~c": 'say "hi"',
        "deep": {"x": 1},
    }
    cut = chat("more?", "well", model="claude-x", provider="anthropic", gen_ai__response__finish_reasons=["max_tokens"])
    one, two, three = map(trace_hex, (1, 2, 3))
    store.write(
        batch_of(
            trace_request(
                span("GET /ask", 1, trace=one, duration=900 * MS, status=1,
                     attributes={"http.route": "/ask", "http.response.status_code": 200, "long": LONG}),
                span("chat", 2, 1, trace=one, start=NOON + MS, attributes=call),
                span("run_sql", 3, 1, trace=one, start=NOON + 2 * MS, status=2, attributes=tool),
                span("SELECT", 4, 3, trace=one, start=NOON + 3 * MS, attributes={"db.system": "sqlite"}),
                service="qa", scope="tests.one", resource={"host.name": "web-1"},
            ),
            trace_request(
                span("chat", 1, trace=two, start=NOON + 61 * SECOND, status=2, attributes={**cut, "session.id": "s2"}),
                service="bot", scope="tests.two", resource={"host.name": "web-2"},
            ),
            trace_request(
                span("GET /", 1, trace=three, start=NOON + 62 * SECOND,
                     attributes={"http.route": "/", "http.response.status_code": 503}),
                service="qa", scope="tests.one",
            ),
            log_request(
                log("fine", time=NOON, severity=9, attributes={"port": 80}, event_name="app.started"),
                log("bad", time=NOON + 90 * SECOND, severity=17, trace=one, span_id=1), service="qa",
            ),
        )
    )  # fmt: skip
    said = Batch.empty()
    for number, (trace, span_id, key, score, value, comment) in enumerate(
        [
            (one, 2, "user_score", 1.0, None, None),
            (one, 2, "quality", 0.8, None, "good"),
            (two, None, "user_score", 0.0, None, None),
            (two, None, "tag", None, '"beta"', None),
            (three, 1, "gamma", None, None, None),
        ]
    ):
        identifier = number.to_bytes(16, "big")
        said.annotations[identifier] = AnnotationRow(
            identifier, NOON, NOON, bytes.fromhex(trace), span_id, None, key, score, value, comment, None, None, "{}"
        )
    store.write(said)


@pytest.fixture
def filled(store: Store) -> Store:
    _fill(store)
    return store


FOUND: dict[str, tuple[int, ...]] = {
    "attr.http.route:/ask": (1,),
    "attr.http.route:/*": (3, 1),
    "attr.http.response.status_code:200": (1,),
    "attr.http.response.status_code:>=200": (3, 1),
    "attr.http.response.status_code:<500": (1,),
    "attr.http.route:/ask attr.a/b~c:*": (1,),
    r'attr.a/b~c:"say \"hi\""': (1,),
    'attr.deep:"{\\"x\\":1}"': (1,),
    "attr.x:1": (),
    f'attr.long:"{LONG}"': (1,),
    "-attr.http.route:*": (2,),
    "-attr.http.route:/ask kind:llm": (2,),
    "resource.host.name:web-2": (2,),
    "resource.host.name:WEB* -resource.host.name:web-2": (1,),
    "scope:tests.one": (3, 1),
    "provider:openai": (1,),
    "operation:execute_tool": (1,),
    "tool:run_sql": (1,),
    "tool:run*": (1,),
    "finish:stop": (1,),
    "finish:length": (2,),
    "source:otlp": (3, 2, 1),
    "source:langsmith": (),
    "has:error": (2, 1),
    "has:error -status:error": (1,),
    "has:sql": (1,),
    "has:annotation": (3, 2, 1),
    "has:note": (1,),
    "has:score": (2, 1),
    "has:session": (2,),
    "has:ttft": (1,),
    "has:tokens": (1,),
    "has:input has:output": (1,),
    "score.quality:>0.5": (1,),
    "score.quality:<0.5": (),
    "thumb:up": (1,),
    "thumb:down": (2,),
    "tag:beta": (2,),
    "tag:gamma": (3,),
    "ttft:>0.4": (1,),
    "ttft:>0.6": (),
    "input:ALBUMS": (1,),
    "output:unplugged": (1,),
    "input:unplugged": (),
    "calls:1": (2, 1),
    "errors:>0": (2, 1),
    "input_tokens:>=100 output_tokens:<11": (1,),
    "cached_tokens:>0": (),
}


@pytest.mark.parametrize("query", FOUND)
def test_traces_are_found_by(filled: Store, query: str) -> None:
    rows = filled.traces(Page(filters=filters(query, "traces")))
    assert [int.from_bytes(row.trace_id, "big") for row in rows] == list(FOUND[query])


SPANS: dict[str, list[str]] = {
    "attr.http.route:/ask": ["GET /ask"],
    "resource.host.name:web-2": ["chat"],
    "scope:tests.two": ["chat"],
    "tool:run_sql": ["run_sql"],
    "finish:stop": ["chat"],
    "provider:anthropic": ["chat"],
    "has:error": ["chat", "run_sql"],
    "has:sql": ["SELECT"],
    "has:note": ["chat"],
    "score.quality:0.8": ["chat"],
    "thumb:up": ["chat"],
    "tag:gamma": ["GET /"],
    "ttft:>0.1": ["chat"],
    "span:0000000000000004": ["SELECT"],
    "output:well": ["chat"],
}


@pytest.mark.parametrize("query", SPANS)
def test_spans_are_found_by(filled: Store, query: str) -> None:
    assert [row.name for row in filled.spans(Page(filters=filters(query, "spans")))] == SPANS[query]


CALLS = {
    "attr.gen_ai.provider.name:openai": 1,
    "resource.host.name:web-*": 2,
    "scope:tests.one": 1,
    "operation:chat": 2,
    "source:otlp": 2,
    "has:error": 1,
    "has:note": 1,
    "thumb:up": 1,
    "ttft:>0.1": 1,
    "has:unpriced": 0,
}


@pytest.mark.parametrize("query", CALLS)
def test_calls_are_counted_by(filled: Store, query: str) -> None:
    rows = filled.aggregate(Page(filters=filters(query, "calls")), over="calls", group=None, step_ns=None)
    assert sum(row.count for row in rows) == CALLS[query]


@pytest.mark.parametrize(
    ("query", "bodies"),
    [
        ("severity:error", ['"bad"']),
        ("severity:<warn", ['"fine"']),
        ("has:trace", ['"bad"']),
        ("attr.port:80", ['"fine"']),
        ("event:app*", ['"fine"']),
        ("scope:tests service:qa", ['"bad"', '"fine"']),
        ("has:error", ['"bad"']),
    ],
)
def test_log_records_are_found_by(filled: Store, query: str, bodies: list[str]) -> None:
    assert [row.body for row in filled.logs(Page(filters=filters(query, "logs"))).logs] == bodies


def test_a_rare_attribute_is_found_behind_many_newer_traces(store: Store) -> None:
    """Pages look at the newest traces first, and go back until they are full."""
    spans = [
        span("GET", 1, trace=trace_hex(n), start=NOON + n * SECOND, attributes={"n": n, "even": n % 2 == 0})
        for n in range(1, 1_200)
    ]
    store.write(batch_of(trace_request(*spans)))

    def found(query: str, **more: Any) -> list[int]:
        rows = store.traces(Page(filters=filters(query, "traces"), **more))
        return [int.from_bytes(row.trace_id, "big") for row in rows]

    assert found("attr.n:3") == [3]
    assert found("attr.n:<4") == [3, 2, 1]
    assert found("attr.even:true", limit=3) == [1198, 1196, 1194]
    assert found("attr.even:true", limit=2, until=NOON + 7 * SECOND) == [6, 4]
    assert found("attr.n:3", since=NOON + 5 * SECOND) == []
    after = (NOON + 1196 * SECOND, trace_hex(1196))
    assert found("attr.even:true -attr.n:1194", limit=2, after=after) == [1192, 1190]
    assert [row.name for row in store.spans(Page(filters=filters("attr.n:3", "spans")))] == ["GET"]


def test_facets_count_every_row_of_the_list(filled: Store) -> None:
    keys = FACETS_OF["traces"]
    found = dict(zip(keys, filled.facets("traces", keys, Page(limit=10)), strict=True))
    assert found["status"] == [("ok", 2), ("error", 1)]
    assert found["service"] == [("qa", 2), ("bot", 1)]
    assert ("llm", 2) in found["kind"]
    assert found["tool"] == [("run_sql", 1)]
    assert found["source"] == [("otlp", 3)]
    assert found["session"] == [("s2", 1)]
    assert found["user"] == []
    [services, models] = filled.facets("traces", ["service", "model"], Page(limit=1, filters=filters("kind:llm")))
    assert (services, models) == ([("bot", 1)], [("claude-x", 1)])


@pytest.mark.parametrize(("table", "keys"), FACETS_OF.items())
def test_every_facet_of_every_list_can_be_counted(filled: Store, table: Table, keys: tuple[str, ...]) -> None:
    found = filled.facets(table, keys, Page(limit=3))
    assert len(found) == len(keys)
    assert any(found)
    if table == "logs":
        assert found[keys.index("severity")] == [("error", 1), ("info", 1)]
        assert found[keys.index("scope")] == [("tests", 2)]


def test_a_histogram_counts_rows_and_failures_by_step(filled: Store) -> None:
    minute = 60 * SECOND
    assert filled.histogram("traces", Page(limit=1), minute) == [(NOON, 1, 0), (NOON + minute, 2, 1)]
    assert filled.histogram("traces", Page(filters=filters("tool:run_sql")), minute) == [(NOON, 1, 0)]
    assert filled.histogram("spans", Page(until=NOON + minute), minute) == [(NOON, 4, 1)]
    assert filled.histogram("logs", Page(), minute) == [(NOON, 1, 0), (NOON + minute, 1, 1)]
    assert filled.histogram("calls", Page(since=NOON + minute), minute) == [(NOON + minute, 1, 1)]


def test_the_extent_of_a_list_is_its_first_and_last_time(store: Store) -> None:
    assert store.extent("traces", None, None) is None
    _fill(store)
    assert store.extent("traces", None, None) == (NOON, NOON + 62 * SECOND)
    assert store.extent("traces", None, NOON + SECOND) == (NOON, NOON)
    assert store.extent("logs", NOON + 1, None) == (NOON + 90 * SECOND, NOON + 90 * SECOND)


@pytest.mark.parametrize(
    ("table", "wanted", "values"),
    [
        ("traces", Words("service"), ["qa", "bot"]),
        ("traces", Words("model", part="CLAUDE"), ["claude-x"]),
        ("traces", Words("provider"), ["anthropic", "openai"]),
        ("traces", Words("operation", part="tool"), ["execute_tool"]),
        ("traces", Words("tool"), ["run_sql"]),
        ("traces", Words("finish"), ["length", "stop"]),
        ("traces", Words("scope", part="two"), ["tests.two"]),
        ("traces", Words("tag"), ["beta", "gamma"]),
        ("traces", Words("score"), ["quality"]),
        ("traces", Words("attribute", part="http."), ["http.response.status_code", "http.route"]),
        ("traces", Words("attribute", "http.route"), ["/", "/ask"]),
        ("traces", Words("attribute", "long"), []),
        ("traces", Words("attribute", "a/b~c"), ['say "hi"']),
        ("traces", Words("resource", part="host"), ["host.name"]),
        ("traces", Words("resource", "host.name", part="2"), ["web-2"]),
        ("traces", Words("service", since=NOON + 62 * SECOND), ["qa"]),
        ("traces", Words("service", part="%"), []),
        ("spans", Words("name", part="/"), ["GET /", "GET /ask"]),
        ("logs", Words("attribute"), ["port"]),
        ("logs", Words("event"), ["app.started"]),
        ("traces", Words("service", limit=1), ["qa"]),
    ],
)
def test_words_are_those_that_are_stored(filled: Store, table: Table, wanted: Words, values: list[str]) -> None:
    assert [row.value for row in filled.words(table, wanted)] == values


def test_views_are_kept_changed_and_forgotten(reopened: Open) -> None:
    store = reopened()
    one = ViewRow(UUID(int=1).bytes, "Slow", "traces", "duration:>1s", "1h", None, NOON)
    two = ViewRow(UUID(int=2).bytes, "errors", "logs", "", None, str(NOON), NOON + 1)
    store.put_view(one)
    store.put_view(two)
    store = reopened()
    assert store.views() == [two, one]
    renamed = one._replace(name="And slow", q="")
    store.put_view(renamed)
    assert store.views() == [renamed, two]
    assert store.delete_view(one.view_id)
    assert not store.delete_view(one.view_id)
    assert store.views() == [two]
