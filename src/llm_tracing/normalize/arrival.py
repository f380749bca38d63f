"""When spans come: how far the newest of a request is from the server's clock, and how many come late.

Of a large request a sample of its times is looked at first: a sender's batch is of one time, by order of their ends.
"""

import time
from operator import itemgetter

from llm_tracing.model import Batch, SpanRecord

LATE_NS = 60_000_000_000  # a batch waits for seconds, an exporter that tries again for up to a minute
SAMPLE = 64
_start = itemgetter(SpanRecord._fields.index("start_time_unix_nano"))
_end = itemgetter(SpanRecord._fields.index("end_time_unix_nano"))


def note_times(batch: Batch, service: str, before: int) -> None:
    """Note the times of the spans of a batch from place `before` on, all of one service."""
    count = len(batch.spans) - before
    if not count:
        return
    sample = batch.spans[before :: count // SAMPLE + 1]
    sample.append(batch.spans[-1])
    ends = list(map(_end, sample))
    newest = max(ends) or max(map(_start, sample))  # none has ended
    batch.counts.newest[service] = max(newest, batch.counts.newest.get(service, 0))
    deadline = time.time_ns() - LATE_NS
    if min(ends) < deadline:
        late = sum(0 < end < deadline for end in map(_end, batch.spans[before:]))  # 0: still running
        if late:
            batch.counts.late[service] += late
