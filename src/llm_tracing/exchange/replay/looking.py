"""A first walk over what is to be sent: how much there is, when it ends, and where a list is cut.

Lists come newest first. Loki and Prometheus take what is older than what they have only within bounds, so log records
and data points are sent oldest first: the first walk notes a time every few thousand records, and the second reads the
list in the pieces between these times, from the last to the first, each turned around.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from llm_tracing.exchange.fields import Fields
from llm_tracing.exchange.otlp_json import Record
from llm_tracing.exchange.replay.acknowledged import Acknowledged, key_of
from llm_tracing.exchange.replay.shift import last_time
from llm_tracing.exchange.replay.sources import Rows

PIECE = 5_000  # records held at once, to be turned around
_TIME: dict[Record, str] = {"span": "start_time_unix_nano", "log": "time_unix_nano", "point": "time_unix_nano"}


@dataclass(slots=True)
class Seen:
    """What a first walk found. Times are nanoseconds since the epoch, 0 if nothing was found.

    `found` are records that can be sent, `waiting` those of them that the target has not taken; `running` are spans
    that have not ended.
    """

    found: int = 0
    waiting: int = 0
    running: int = 0
    first: int = 0
    last: int = 0
    cuts: list[int] = field(default_factory=list)  # newest first


def is_running(record: Record, row: Fields) -> bool:
    """A span without an end is no span of OTLP yet; it is sent when it has one."""
    return record == "span" and row["end_time_unix_nano"] == "0"


def look(record: Record, rows: Rows, known: Acknowledged, each: Callable[[Fields], None]) -> Seen:
    """`each` is called with every record that can be sent."""
    seen = Seen()
    known.start_walk()
    met = 0
    for row in rows:
        start = int(row[_TIME[record]])
        met += 1
        if met % PIECE == 0:
            seen.cuts.append(start)
        if is_running(record, row):
            seen.running += 1
            continue
        seen.found += 1
        seen.waiting += known.meet(key_of(record, row)[0]) > 0
        seen.first = min(seen.first or start, start)
        seen.last = max(seen.last, last_time(record, row))
        each(row)
    return seen


def oldest_first(
    read: Callable[[int | None, int | None], Rows], since: int | None, until: int | None, seen: Seen
) -> Iterator[Fields]:
    """The list that was looked at, turned around; never more than a piece of it at once."""
    starts = [since, *dict.fromkeys(reversed(seen.cuts))]
    for start, end in zip(starts, [*starts[1:], until or seen.last + 1], strict=True):
        yield from reversed(list(read(start, end)))
