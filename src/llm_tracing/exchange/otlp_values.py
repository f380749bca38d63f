"""Plain values to OTLP JSON: the way back of normalize/anyvalue.py.

Source: OpenTelemetry protocol specification, "JSON Protobuf Encoding": ids are hex, 64-bit integers text, bytes base64.
"""

from typing import Any

Json = dict[str, Any]

_INT64 = range(-(2**63), 2**63)


def any_value(value: Any) -> Json:
    """An AnyValue; one without a value is {}."""
    if value is None:
        return {}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)} if value in _INT64 else {"stringValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": number(value)}
    if isinstance(value, list):
        return {"arrayValue": {"values": [any_value(item) for item in value]}}
    return _object(value)


def _object(value: Json) -> Json:
    if len(value) == 1:
        [(key, inner)] = value.items()
        if key == "$bytes" and isinstance(inner, str):
            return {"bytesValue": inner}
        if key == "$double" and isinstance(inner, str):
            return {"doubleValue": inner}
        if key == "$strindex" and isinstance(inner, int):
            return {"stringValueStrindex": inner}
    return {"kvlistValue": {"values": key_values(value)}}


def key_values(values: Json) -> list[Json]:
    """KeyValues, each as often as it was sent."""
    if len(values) == 1 and isinstance(pairs := values.get("$map"), list):
        values = dict(pairs)
    found: list[Json] = []
    for key, value in values.items():
        many = value["$duplicates"] if isinstance(value, dict) and list(value) == ["$duplicates"] else [value]
        found += [{"key": key, "value": any_value(one)} for one in many]
    return found


def number(value: Any) -> Any:
    """A double: what JSON cannot hold is text, as proto3 has it."""
    if isinstance(value, dict):
        return value["$double"]
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def without_none(fields: Json) -> Json:
    """What is not set is left out."""
    return {name: value for name, value in fields.items() if value is not None}
