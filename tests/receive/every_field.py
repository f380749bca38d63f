"""An export request of each signal in which every OTLP field holds something that is found nowhere else.

Filled by reflection over the descriptors, so a field that a new release of the proto brings is filled too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

REQUESTS: tuple[type[Message], ...] = (
    ExportTraceServiceRequest,
    ExportLogsServiceRequest,
    ExportMetricsServiceRequest,
)

# Fields that no column holds, each with its reason.
EXEMPT: dict[str, str] = {
    "opentelemetry.proto.common.v1.KeyValue.key_strindex": "a reference into the dictionary of the profiles signal; "
    "the proto says that no other signal may set it",
}

_ID_LENGTHS = {"trace_id": 16, "span_id": 8, "parent_span_id": 8}
_NUMBERS = frozenset({FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT})
_CHOICES = frozenset({FieldDescriptor.TYPE_ENUM, FieldDescriptor.TYPE_BOOL})
ANY_VALUE = "opentelemetry.proto.common.v1.AnyValue"


@dataclass
class Filled:
    """A request and what was put where: `sentinels` by the full name of their field, `choices` are enums and bools."""

    request: Message
    sentinels: list[tuple[str, str | int | float | bytes]] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)
    _next: Iterator[int] = field(default_factory=lambda: count(1_000_001))

    def names(self) -> set[str]:
        return {name for name, _ in self.sentinels} | set(self.choices)


def fields_of(root: Any) -> set[str]:
    """The full names of all leaf fields that can be reached from a message."""
    seen: set[str] = set()
    found: set[str] = set()
    waiting = [root]
    while waiting:
        descriptor = waiting.pop()
        if descriptor.full_name in seen:
            continue
        seen.add(descriptor.full_name)
        for part in descriptor.fields:
            if part.message_type is None:
                found.add(part.full_name)
            else:
                waiting.append(part.message_type)
    return found


def filled(kind: type[Message], start: int) -> Filled:
    """A request in which every field is set; numbers count up from `start`."""
    made = Filled(kind(), _next=count(start))
    _fill(made, made.request)
    return made


def _fill(made: Filled, message: Any) -> None:
    for part in message.DESCRIPTOR.fields:
        if part.full_name in EXEMPT or (part.containing_oneof is not None and not _optional(part)):
            continue
        _set(made, message, part)


def _optional(part: FieldDescriptor) -> bool:
    """A proto3 `optional` field: a oneof of its own, made by the compiler."""
    return part.containing_oneof is not None and len(part.containing_oneof.fields) == 1


def _branches(descriptor: Descriptor) -> list[FieldDescriptor]:
    return [part for oneof in descriptor.oneofs if len(oneof.fields) > 1 for part in oneof.fields]


def _set(made: Filled, message: Any, part: FieldDescriptor) -> None:
    held = part.message_type
    if held is None:
        _set_leaf(made, message, part)
    elif part.is_repeated:
        # One element for each branch of a oneof, one at least.
        branches: list[FieldDescriptor | None] = [*_branches(held)] or [None]
        for branch in branches:
            element = getattr(message, part.name).add()
            _fill(made, element)
            if branch is not None:
                _set(made, element, branch)
    elif held.full_name == ANY_VALUE:
        _fill_any(made, getattr(message, part.name))
    else:
        inner = getattr(message, part.name)
        inner.SetInParent()
        _fill(made, inner)


def _fill_any(made: Filled, value: Any) -> None:
    """An array that holds a value of every other branch."""
    for branch in _branches(value.DESCRIPTOR):
        if branch.name == "array_value":
            continue
        item = value.array_value.values.add()
        if branch.name == "kvlist_value":
            pair = item.kvlist_value.values.add()
            _set(made, pair, pair.DESCRIPTOR.fields_by_name["key"])
            _set(made, pair.value, pair.value.DESCRIPTOR.fields_by_name["string_value"])
        else:
            _set(made, item, branch)


def _set_leaf(made: Filled, message: Any, part: FieldDescriptor) -> None:
    if part.type in _CHOICES:
        value: Any = True if part.enum_type is None else max(choice.number for choice in part.enum_type.values)
        made.choices.append(part.full_name)
    else:
        value = _sentinel(part, next(made._next))
        made.sentinels.append((part.full_name, value))
    if part.is_repeated:
        getattr(message, part.name).append(value)
    else:
        setattr(message, part.name, value)


def _sentinel(part: FieldDescriptor, number: int) -> str | int | float | bytes:
    if part.type == FieldDescriptor.TYPE_STRING:
        return f"sentinel-{number}"
    if part.type == FieldDescriptor.TYPE_BYTES:
        return number.to_bytes(_ID_LENGTHS.get(part.name, 12), "big")
    return number + 0.5 if part.type in _NUMBERS else number


def leaves(message: Any) -> Iterator[tuple[Any, FieldDescriptor]]:
    """Every leaf that is set in a message: what holds it, and its field."""
    for part, value in message.ListFields():
        if part.message_type is None:
            yield message, part
        else:
            for inner in value if part.is_repeated else [value]:
                yield from leaves(inner)
