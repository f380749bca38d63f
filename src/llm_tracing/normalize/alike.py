"""Spans that differ in nothing but their ids and times: what they have in common is worked out once.

A database's `connect`, a statement that runs again, the call of one address: most of the infrastructure below a step
says the same each time. A span's bytes without ids and times are the key; what is looked up is the rest of its row.
"""

from collections.abc import Sequence
from struct import Struct
from typing import Any, NamedTuple

from llm_tracing.model import Batch, PayloadRef, PayloadRow, SpanRecord

LONGEST = 2_048  # bytes of a key; a longer span is hardly ever sent again
MAX_BYTES = 4 * 1024 * 1024  # of all keys; then all is forgotten and learnt again
_LUCK, _MOST_LUCK, _WORTH, _TRIES = 64, 256, 4, 8
_ID_BYTES = 28  # a trace id and a span id with their tags come first
_PARENT_BYTES = 10
# Fields are written in the order of their numbers: start (7) and end (8), fixed64 both, stand side by side.
_times = Struct("<BQBQ").pack
_START_TAG, _END_TAG, _TIMES_BYTES = 0x39, 0x41, 18
_PARENT_TAG = b"\x22"
_AFTER_TIMES = SpanRecord._fields.index("end_time_unix_nano") + 1
_row = tuple.__new__

Key = tuple[bytes, bytes]


class Shape(NamedTuple):
    """`rest` of a span's row after its times, and the payloads that its attributes hold."""

    rest: tuple[Any, ...]
    payloads: Sequence[PayloadRow]


class ScopeShapes:
    """The spans of one scope of one resource. One that never has the same twice is asked of a few spans a request."""

    __slots__ = ("_luck", "_owner", "_shapes")

    def __init__(self, owner: "Shapes") -> None:
        self._owner = owner
        self._shapes: dict[Key, Shape] = {}
        self._luck = _LUCK

    def __len__(self) -> int:
        return len(self._shapes)

    def begin(self) -> None:
        """Before the spans of a request."""
        self._luck = max(self._luck, _TRIES)

    def key_of(self, span: Any) -> Key | None:
        """A span without its ids and times, which are as long as they must be; None if it is not worth asking.

        The bytes of the times might stand in the name too: what is left then has the times in it, and is like no other.
        """
        if self._luck <= 0:
            return None
        sent = span.SerializePartialToString()
        if len(sent) > LONGEST:
            self._luck -= 1
            return None
        begin = _ID_BYTES + (_PARENT_BYTES if sent[_ID_BYTES : _ID_BYTES + 1] == _PARENT_TAG else 0)
        at = sent.find(_times(_START_TAG, span.start_time_unix_nano, _END_TAG, span.end_time_unix_nano), begin)
        if at < 0:  # a time is 0, and not written
            return None
        return sent[begin:at], sent[at + _TIMES_BYTES :]

    def get(self, key: Key) -> Shape | None:
        found = self._shapes.get(key)
        if found is None:
            self._luck -= 1
        elif self._luck < _MOST_LUCK:
            self._luck += _WORTH
        return found

    def put(self, key: Key, shape: Shape) -> None:
        self._owner.grow(len(key[0]) + len(key[1]))
        self._shapes[key] = shape

    def clear(self) -> None:
        self._shapes.clear()


class Shapes:
    """All of them, bounded."""

    def __init__(self) -> None:
        self._scopes: dict[tuple[bytes, bytes], ScopeShapes] = {}
        self._bytes = 0

    @property
    def size(self) -> int:
        """Bytes of all keys."""
        return self._bytes

    @property
    def count(self) -> int:
        """How many shapes are known."""
        return sum(map(len, self._scopes.values()))

    def of(self, resource_id: bytes, scope_id: bytes) -> ScopeShapes:
        found = self._scopes.get((resource_id, scope_id))
        if found is None:
            self.grow(100)
            found = self._scopes[resource_id, scope_id] = ScopeShapes(self)
        found.begin()
        return found

    def grow(self, size: int) -> None:
        self._bytes += size
        if self._bytes > MAX_BYTES:
            self.forget()

    def forget(self) -> None:
        for scope in self._scopes.values():  # one may be in use
            scope.clear()
        self._scopes.clear()
        self._bytes = 0


def shape_of(batch: Batch, refs_before: int) -> Shape:
    """The shape of the span that was added last, whose references to payloads begin at that place."""
    held = [batch.payloads[ref.payload_id] for ref in batch.payload_refs[refs_before:]]
    return Shape(batch.spans[-1][_AFTER_TIMES:], held)


def add_alike(span: Any, shape: Shape, batch: Batch) -> None:
    """The row of a span that was seen before but for its ids and times."""
    trace_id, parent = span.trace_id, span.parent_span_id
    span_id, start = int.from_bytes(span.span_id, "big"), span.start_time_unix_nano
    above = int.from_bytes(parent, "big") or None if parent else None
    batch.spans.append(_row(SpanRecord, (trace_id, span_id, above, start, span.end_time_unix_nano, *shape.rest)))
    for row in shape.payloads:
        batch.payloads[row.payload_id] = row
        batch.payload_refs.append(PayloadRef(trace_id, span_id, start, row.payload_id))
