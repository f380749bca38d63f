"""OTLP JSON of our own making (otlp_json.py) as protobuf messages.

protobuf's own json_format takes any JSON and checks all of it: 0.60 s of CPU time for 4,000 spans, which was half of a
replay. What is read here has the right names and types, so a field is looked up and set: 0.08 s.
"""

import base64
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from llm_tracing.exchange.otlp_values import Json

_Type = FieldDescriptor
_IDS = frozenset({"trace_id", "span_id", "parent_span_id"})
_WHOLE = frozenset({_Type.TYPE_INT64, _Type.TYPE_UINT64, _Type.TYPE_FIXED64, _Type.TYPE_SFIXED64, _Type.TYPE_SINT64})


class _Field(NamedTuple):
    name: str
    message: Descriptor | None
    convert: Callable[[Any], Any] | None  # None where the value is taken as it is


def fill(message: Message, tree: Json) -> None:
    """Set what the JSON says. Raises KeyError, TypeError or ValueError for what is not OTLP's."""
    fields = _fields(message.DESCRIPTOR)
    for key, value in tree.items():
        field = fields[key]
        if field.message is not None:
            _fill_messages(message, field, value)
        elif isinstance(value, list):
            getattr(message, field.name).extend(map(field.convert, value) if field.convert else value)
        else:
            setattr(message, field.name, field.convert(value) if field.convert else value)


def _fill_messages(message: Message, field: _Field, value: Any) -> None:
    inner = getattr(message, field.name)
    if isinstance(value, list):
        for item in value:
            fill(inner.add(), item)
    else:
        inner.SetInParent()  # one without fields is there too
        fill(inner, value)


@cache
def _fields(descriptor: Descriptor) -> dict[str, _Field]:
    return {
        field.json_name: _Field(
            field.name,
            field.message_type if field.type == _Type.TYPE_MESSAGE else None,
            _conversion(field),
        )
        for field in descriptor.fields
    }


def _conversion(field: FieldDescriptor) -> Callable[[Any], Any] | None:
    """64-bit integers are text in JSON, doubles may be ("NaN"), ids are hex and other bytes base64."""
    if field.type == _Type.TYPE_BYTES:
        return bytes.fromhex if field.name in _IDS else base64.b64decode
    if field.type in _WHOLE:
        return int
    return float if field.type == _Type.TYPE_DOUBLE else None
