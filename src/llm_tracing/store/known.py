"""What the writer remembers: the spans of traces that are still arriving, the payloads stored lately, and a filter of
all traces.

All are bounded. What has been forgotten is read from the tables again (traces) or stored twice (payloads).
"""

import mmap
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from itertools import islice

from llm_tracing.model import SpanFacts

MAX_SPANS = 50_000
MAX_PAYLOADS = 200_000


class RecentTraces:
    """Slim spans by trace, least recently touched forgotten first."""

    def __init__(self, max_spans: int = MAX_SPANS) -> None:
        self._traces: OrderedDict[bytes, list[SpanFacts]] = OrderedDict()
        self._max_spans = max_spans
        self._size = 0

    def get(self, trace_id: bytes) -> list[SpanFacts] | None:
        return self._traces.get(trace_id)

    def put(self, trace_id: bytes, spans: list[SpanFacts]) -> None:
        self._size += len(spans) - len(self._traces.get(trace_id, ()))
        self._traces[trace_id] = spans
        self._traces.move_to_end(trace_id)
        while self._size > self._max_spans and self._traces:
            _, forgotten = self._traces.popitem(last=False)
            self._size -= len(forgotten)

    def forget(self, trace_ids: Iterable[bytes]) -> None:
        for trace_id in trace_ids:
            self._size -= len(self._traces.pop(trace_id, ()))

    def clear(self) -> None:
        self._traces.clear()
        self._size = 0


class TraceFilter:
    """Which traces may be stored: never wrong about one that is, seldom about one that is not (a Bloom filter).

    Ids are random in their last bits, so those are hash enough. With a quarter of a million traces one in 4,000 new
    ones is taken for stored, with a million one in 280: then the table is asked, as it is for all that are.

    The bits are pages of the kernel's: one without a trace takes no memory, so that few traces take little of the 4 MB.
    """

    SHIFTS = (0, 24)
    _BYTES = 1 << 21
    _MASK = 0xFF_FFFF

    def __init__(self, stored: Sequence[bytes | None] = (None, None)) -> None:
        """`stored` are the answers of trace_bits.sql for each shift; None where no trace is stored."""
        self._bits = tuple(_pages(bits or b"", self._BYTES) for bits in stored)

    def __contains__(self, trace_id: bytes) -> bool:
        tail = int.from_bytes(trace_id[-6:], "big")
        one, other = tail & self._MASK, tail >> 24
        return bool(self._bits[0][one >> 3] & 0x80 >> (one & 7) and self._bits[1][other >> 3] & 0x80 >> (other & 7))

    def add(self, trace_id: bytes) -> None:
        tail = int.from_bytes(trace_id[-6:], "big")
        one, other = tail & self._MASK, tail >> 24
        self._bits[0][one >> 3] |= 0x80 >> (one & 7)
        self._bits[1][other >> 3] |= 0x80 >> (other & 7)


def _pages(bits: bytes, size: int) -> mmap.mmap:
    """`size` bytes of memory that begin with `bits`, the rest zeros; bytearray would write those."""
    pages = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    empty = bytes(mmap.PAGESIZE)
    for start in range(0, len(bits), len(empty)):
        if (page := bits[start : start + len(empty)]) != empty:
            pages[start : start + len(page)] = page
    return pages


class RecentIds:
    """Ids seen lately, the oldest forgotten first."""

    def __init__(self, max_ids: int = MAX_PAYLOADS) -> None:
        self._ids: dict[bytes, None] = {}
        self._max_ids = max_ids

    def __contains__(self, identifier: bytes) -> bool:
        return identifier in self._ids

    def remove(self, identifiers: Iterable[bytes]) -> None:
        for identifier in identifiers:
            self._ids.pop(identifier, None)

    def add(self, identifiers: Iterable[bytes]) -> None:
        self._ids.update(dict.fromkeys(identifiers))
        if len(self._ids) > self._max_ids:
            # Many at once, and seldom: to find the first id of a dict, all places of those removed before are passed.
            excess = len(self._ids) - self._max_ids + self._max_ids // 8
            self.remove(list(islice(self._ids, excess)))
