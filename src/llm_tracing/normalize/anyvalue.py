"""OTLP's AnyValue to plain Python values, and those to the JSON text that is stored.

JSON has no bytes, no NaN, and an object holds a key once. What it lacks is written as an object with one key that
starts with `$`:

    {"$bytes": "<base64>"}       bytes_value
    {"$double": "NaN"}           NaN, Infinity, -Infinity
    {"$duplicates": [1, 2]}      a key that was sent twice, in the order sent
    {"$map": [["$a", 1]]}        an object whose only key starts with `$` itself
    {"$parts": [...]}            a text kept as payloads, see payloads.py

Source: opentelemetry-proto, common/v1/common.proto.
"""

import base64
import math
from collections.abc import Iterable
from typing import Any

import orjson


def any_value(value: Any) -> Any:
    """One AnyValue as str, bool, int, float, list, dict or None (no value set)."""
    which = value.WhichOneof("value")
    if which == "string_value":
        return value.string_value
    if which == "int_value":
        return value.int_value
    if which == "bool_value":
        return value.bool_value
    if which == "double_value":
        return double(value.double_value)
    if which == "array_value":
        return [any_value(item) for item in value.array_value.values]
    if which == "kvlist_value":
        return key_values(value.kvlist_value.values)
    if which == "bytes_value":
        return {"$bytes": base64.b64encode(value.bytes_value).decode()}
    if which == "string_value_strindex":  # a reference into the profiles dictionary: no text in the other signals
        return {"$strindex": value.string_value_strindex}
    return None


def double(number: float) -> Any:
    """A double as JSON can hold it."""
    if math.isfinite(number):
        return number
    return {"$double": "NaN" if math.isnan(number) else ("Infinity" if number > 0 else "-Infinity")}


def key_values(pairs: Any) -> dict[str, Any]:
    """A list of KeyValue as a dict; keys that were sent twice keep every value."""
    # Most values are texts, and a text that is not empty needs no question of what is set.
    found = {pair.key: (value := pair.value).string_value or any_value(value) for pair in pairs}
    if len(found) != len(pairs):
        found = _with_duplicates(pairs)
    if len(found) == 1:
        [(key, value)] = found.items()
        if key[:1] == "$":
            return {"$map": [[key, value]]}
    return found


def _with_duplicates(pairs: Iterable[Any]) -> dict[str, Any]:
    values: dict[str, list[Any]] = {}
    for pair in pairs:
        values.setdefault(pair.key, []).append(any_value(pair.value))
    return {key: many[0] if len(many) == 1 else {"$duplicates": many} for key, many in values.items()}


def to_json(value: Any) -> str:
    return orjson.dumps(value).decode()


def from_json(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)
