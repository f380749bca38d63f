"""AnyValue to JSON and back: nothing that a client can send is lost on the way."""

import base64
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from llm_tracing.normalize.anyvalue import any_value, from_json, key_values, to_json
from tests.builders import any_value as built

KEYS = st.sampled_from(["a", "b", "$bytes", "$double", "$duplicates", "$map", "$parts", ""]) | st.text(max_size=5)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(max_size=20),
    st.binary(max_size=20),
)


def _pairs(children: st.SearchStrategy[AnyValue]) -> st.SearchStrategy[list[KeyValue]]:
    return st.lists(st.builds(lambda key, value: KeyValue(key=key, value=value), KEYS, children), max_size=4)


def _deeper(children: st.SearchStrategy[AnyValue]) -> st.SearchStrategy[AnyValue]:
    return st.one_of(st.lists(children, max_size=4).map(_array), _pairs(children).map(_kvlist))


def _array(items: list[AnyValue]) -> AnyValue:
    made = built([])
    made.array_value.values.extend(items)
    return made


def _kvlist(pairs: list[KeyValue]) -> AnyValue:
    made = built({})
    made.kvlist_value.values.extend(pairs)
    return made


VALUES = st.recursive(SCALARS.map(built), _deeper, max_leaves=12)


def _meaning(value: AnyValue) -> Any:
    """What a value says, with its type; the values of a key that comes twice stand together, in their order."""
    which = value.WhichOneof("value")
    if which == "array_value":
        return "array", [_meaning(item) for item in value.array_value.values]
    if which == "kvlist_value":
        return "map", _grouped([(pair.key, _meaning(pair.value)) for pair in value.kvlist_value.values])
    if which == "double_value":
        return "double", repr(value.double_value)
    return which, getattr(value, which or "", None)


def _grouped(pairs: list[tuple[str, Any]]) -> list[tuple[str, list[Any]]]:
    found: dict[str, list[Any]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return list(found.items())


_TYPES = {str: "string_value", bool: "bool_value", int: "int_value", type(None): None}


def _read(stored: Any) -> Any:
    """The same out of the stored JSON, by the forms that normalize/anyvalue.py names."""
    if isinstance(stored, list):
        return "array", [_read(item) for item in stored]
    if isinstance(stored, float):
        return "double", repr(stored)
    if not isinstance(stored, dict):
        return _TYPES[type(stored)], stored
    if len(stored) == 1:
        [(key, inner)] = stored.items()
        if key == "$bytes":
            return "bytes_value", base64.b64decode(inner)
        if key == "$double":
            return "double", repr(float(inner))
        if key == "$map":
            return "map", [_read_pair(*pair) for pair in inner]
    return "map", [_read_pair(key, inner) for key, inner in stored.items()]


def _read_pair(key: str, inner: Any) -> tuple[str, list[Any]]:
    if isinstance(inner, dict) and inner.keys() == {"$duplicates"}:
        return key, [_read(item) for item in inner["$duplicates"]]
    return key, [_read(inner)]


@given(VALUES)
def test_every_value_can_be_read_back_from_its_json(value: AnyValue) -> None:
    assert _read(from_json(to_json(any_value(value)))) == _meaning(value)


@given(_pairs(VALUES))
@settings(max_examples=50)
def test_attributes_are_always_a_json_object(pairs: list[KeyValue]) -> None:
    stored = from_json(to_json(key_values(pairs)))
    assert isinstance(stored, dict)
    assert _read(stored) == _meaning(_kvlist(pairs))


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (b"\x00\xff", {"$bytes": "AP8="}),
        (math.inf, {"$double": "Infinity"}),
        (-math.inf, {"$double": "-Infinity"}),
        (math.nan, {"$double": "NaN"}),
        ({"$bytes": "text"}, {"$map": [["$bytes", "text"]]}),
        ({"$bytes": "text", "b": 1}, {"$bytes": "text", "b": 1}),
        ([1, 1.0, True, None, []], [1, 1.0, True, None, []]),
    ],
)
def test_what_json_lacks_has_a_form_of_its_own(sent: Any, stored: Any) -> None:
    assert from_json(to_json(any_value(built(sent)))) == stored


def test_a_key_sent_twice_keeps_both_values() -> None:
    pairs = [KeyValue(key="a", value=built(1)), KeyValue(key="b", value=built(2)), KeyValue(key="a", value=built("x"))]
    assert key_values(pairs) == {"a": {"$duplicates": [1, "x"]}, "b": 2}
