"""The ids of LangSmith's runs, which are uuids, as the ids of spans.

A trace's id is its uuid. A span has room for half of one: the first half is what LangSmith's own OpenTelemetry mode
takes, so that spans of other instrumentations inside a run name it as their parent. But the first half of a uuid of
version 7 is a time in milliseconds and little or nothing else: of 20,000 that the Python client makes in a row, all but
25 share it with another, and JavaScript's is never random. So below a trace's root such a run goes by its second half.
"""

from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from llm_tracing.normalize.times import segment_unix_nano

_LONGEST = 200  # characters of an id or a segment; both have fewer than 70
_REMEMBERED = 2_000  # characters of a dotted_order: some thirty ancestors


def uuid_of(sent: Any) -> UUID | None:
    """None for what is no uuid, and for the one of zeros only."""
    if isinstance(sent, str):
        return _uuid_of_text(sent) if len(sent) <= _LONGEST else None
    return sent if isinstance(sent, UUID) and sent.int else None


@lru_cache(maxsize=8192)  # each run says its own id, its trace's and its parent's, when it starts and when it ends
def _uuid_of_text(text: str) -> UUID | None:
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if found.int else None


def span_id_of(run_id: UUID, trace_id: UUID) -> int:
    first, second = run_id.int >> 64, run_id.int & 0xFFFF_FFFF_FFFF_FFFF
    if run_id == trace_id or run_id.version != 7:
        return first or second
    return second or first


def possible_span_ids(run_id: UUID) -> tuple[int, ...]:
    """The span ids that a run may have, while its trace is not known: look for both, then hold `langsmith.run_id`."""
    return tuple(dict.fromkeys((span_id_of(run_id, run_id), span_id_of(run_id, UUID(int=0)))))


class Segment(NamedTuple):
    """One ancestor in dotted_order, the trace's root first, the run itself last."""

    start_unix_nano: int | None
    run_id: UUID


def segments(dotted_order: Any) -> tuple[Segment, ...]:
    """The segments of a dotted_order; none at all if one of them cannot be read."""
    if not isinstance(dotted_order, str) or not dotted_order:
        return ()
    return _segments(dotted_order) if len(dotted_order) <= _REMEMBERED else _segments.__wrapped__(dotted_order)


@lru_cache(maxsize=4096)  # asked of a run when it starts, when it ends and when both are put together
def _segments(dotted_order: str) -> tuple[Segment, ...]:
    found: list[Segment] = []
    for text in dotted_order.split("."):
        segment = _segment(text) if len(text) <= _LONGEST else None
        if segment is None:
            return ()
        found.append(segment)
    return tuple(found)


@lru_cache(maxsize=4096)  # the runs of a trace repeat those above them, the root's most of all
def _segment(text: str) -> Segment | None:
    identifier = uuid_of(text[-36:])
    return None if identifier is None else Segment(segment_unix_nano(text[:-36]), identifier)
