"""Content is cut into payloads and put together again byte for byte; what is the same is stored once."""

import json
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tracing.model import PayloadRow
from llm_tracing.normalize.payloads import payload_ids, restore, search_text, split
from llm_tracing.store.duck import DuckDBStore
from tests.builders import NOON, batch_of, chat, span, trace_hex, trace_request

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
SPACE = st.text(" \t\r\n", max_size=3)


@st.composite
def json_arrays(draw: st.DrawFn) -> str:
    """JSON text of an array, with any white space around its elements."""
    items = [json.dumps(item, ensure_ascii=draw(st.booleans())) for item in draw(st.lists(JSON, max_size=5))]
    return "[" + ",".join(draw(SPACE) + item + draw(SPACE) for item in items) + "]" + draw(SPACE)


def _whole(text: str, store: dict[bytes, PayloadRow]) -> str:
    restored = restore(split(text, store), {key: row.content for key, row in store.items()})
    assert isinstance(restored, str)
    return restored


@given(st.text(min_size=1) | json_arrays() | json_arrays().map(lambda text: text[:-1]) | JSON.map(json.dumps))
def test_a_text_is_the_same_after_it_was_cut(text: str) -> None:
    store: dict[bytes, PayloadRow] = {}
    assert _whole(text, store) == text
    for identifier, row in store.items():
        assert identifier == row.payload_id == blake2b(row.content.encode(), digest_size=16).digest()


@pytest.mark.parametrize("text", ["[1, 2] 3", "[1 2]", "[,]", "[1,]", "[", "[]", "]", '["\\ud83d", "é"]', "[" * 5_000])
def test_what_is_no_array_is_one_payload(text: str) -> None:
    store: dict[bytes, PayloadRow] = {}
    assert _whole(text, store) == text


def test_an_array_is_cut_at_its_elements() -> None:
    store: dict[bytes, PayloadRow] = {}
    text = '[{"role": "user"},  {"role": "assistant"}]'
    parts = split(text, store)["$parts"]
    assert [row.content for row in store.values()] == ['{"role": "user"}', '{"role": "assistant"}']
    assert [part[0] for part in parts] == ["'", "#", "'", "#", "'"]
    assert payload_ids({"deep": [{"$parts": parts}]}) == list(store)


def test_a_payload_that_is_gone_is_named() -> None:
    parts = split("a text", {})
    assert restore({"a": [parts]}, {})["a"] == [f"[payload {parts['$parts'][0][1:]} is gone]"]


def test_text_under_the_escapes_of_json_can_be_searched() -> None:
    store: dict[bytes, PayloadRow] = {}
    split(r'["Ac\u00fastico \"live\"", {"plain": 1}]', store)
    assert [search_text(row.content) for row in store.values()] == ['acústico "live"', '{"plain": 1}']


@pytest.fixture
def payload_count(store: DuckDBStore) -> "PayloadCount":
    return PayloadCount(store)


class PayloadCount:
    def __init__(self, store: DuckDBStore) -> None:
        self._store = store

    def __call__(self) -> int:
        with self._store.database.reading() as db:
            [[count]] = db.execute("SELECT count(*) FROM payloads").fetchall()
        return int(count)


def _conversation(calls: int) -> list[str]:
    """The input messages of each call: all that was said before, and one more."""
    said = [{"role": "user", "parts": [{"type": "text", "content": f"message {n} " * 50}]} for n in range(calls)]
    return [json.dumps(said[: n + 1]) for n in range(calls)]


def test_the_tenth_call_of_a_conversation_adds_one_payload(store: DuckDBStore, payload_count: PayloadCount) -> None:
    for place, asked in enumerate(_conversation(10)):
        call = span("chat", 1, trace=trace_hex(1 + place), attributes={**chat(), "gen_ai.input.messages": asked})
        store.write(batch_of(trace_request(call)))
        assert payload_count() == place + 1
    tenth = store.trace(bytes.fromhex(trace_hex(10)))
    assert tenth is not None
    assert len(tenth.payloads) == 10
    assert restore(json.loads(tenth.spans[0].attributes), tenth.payloads)["gen_ai.input.messages"] == asked


def test_short_values_stay_where_they_are_and_long_ones_leave() -> None:
    statement = "SELECT " + "x, " * 200
    batch = batch_of(trace_request(span(attributes={"short": "x" * 256, "long": statement}, start=NOON)))
    [row] = batch.payloads.values()
    assert row.content == statement
    assert json.loads(batch.spans[0].attributes)["short"] == "x" * 256
