"""When spans come: how far the newest of a request is from the server's clock, and how many come late.

Nothing is asked of a span alone: a request costs two passes of built-in functions over its times.
"""

import time
from operator import itemgetter

from llm_tracing.model import Batch, SpanRecord

LATE_NS = 60_000_000_000  # a batch waits for seconds, an exporter that tries again for up to a minute
_start = itemgetter(SpanRecord._fields.index("start_time_unix_nano"))
_end = itemgetter(SpanRecord._fields.index("end_time_unix_nano"))


def note_times(batch: Batch, service: str, before: int) -> None:
    """Note the times of the spans of a batch from place `before` on, all of one service."""
    spans = batch.spans[before:]
    if not spans:
        return
    ends = list(map(_end, spans))
    oldest, newest = min(ends), max(ends)
    newest = newest or max(map(_start, spans))  # none has ended
    known = batch.counts.newest.get(service, 0)
    batch.counts.newest[service] = max(newest, known)
    deadline = time.time_ns() - LATE_NS
    if oldest < deadline:
        late = sum(0 < end < deadline for end in ends)  # 0: still running
        if late:
            batch.counts.late[service] += late
