"""Which traces are one: LangSmith's runs have a trace id of their own, and their OTLP copies may be in another trace.

The OTLP trace is the whole, since the request around the run is in it; the run's trace is a part of it. So it is
where a run's metadata has a `traceparent`. Rows keep the ids they came with; readers and roll-ups take a whole and
its parts together.
"""

from collections import OrderedDict
from collections.abc import Iterable

from llm_tracing.model import GENAI_KINDS, SOURCE_LANGSMITH, SpanRecord, TraceLink
from llm_tracing.normalize.traceparent import stored_traceparent
from llm_tracing.normalize.twins import RunKey, microseconds, run_key
from llm_tracing.store.database import Database, sql

MAX_KEYS = 50_000
_LOOKED_AT = 20_000  # spans stored last that are looked at after a start
_SENT_OVER_OTLP = '"langsmith.span.kind"'  # in the attributes of a run's copy


class TraceLinks:
    """Written by the writer's thread only; readers may ask from any."""

    def __init__(self, known: Iterable[TraceLink] = ()) -> None:
        self._whole: dict[bytes, bytes] = {}
        self._parts: dict[bytes, tuple[bytes, ...]] = {}
        self._seen: OrderedDict[tuple[RunKey, bool], bytes] = OrderedDict()
        for part, whole in known:
            self.add(part, whole)

    def whole(self, trace_id: bytes) -> bytes:
        """The trace that this one is part of; itself mostly."""
        return self._whole.get(trace_id, trace_id)

    def ids(self, trace_id: bytes) -> tuple[bytes, ...]:
        """All ids under which spans of this trace are stored, that of the whole first."""
        whole = self.whole(trace_id)
        return whole, *self._parts.get(whole, ())

    def add(self, part: bytes, whole: bytes) -> None:
        self._whole[part] = whole
        self._parts[whole] = (*self._parts.get(whole, ()), part)

    def remove(self, links: Iterable[TraceLink]) -> None:
        """Forget links whose transaction failed."""
        for part, whole in links:
            del self._whole[part]
            self._parts[whole] = tuple(other for other in self._parts[whole] if other != part)

    def forget(self, trace_ids: Iterable[bytes]) -> None:
        """Traces that are gone with all their parts."""
        for trace_id in trace_ids:
            self._parts.pop(trace_id, None)
            self._whole.pop(trace_id, None)

    def learn(self, records: Iterable[SpanRecord]) -> list[TraceLink]:
        """(part, whole) for each pair of traces that these records show to be one; they are not yet added."""
        found: dict[bytes, bytes] = {}
        for record in records:
            is_run = record.sources == SOURCE_LANGSMITH
            if not is_run and (record.kind not in GENAI_KINDS or _SENT_OVER_OTLP not in record.attributes):
                continue
            around = stored_traceparent(record.attributes) if is_run else None
            other = self.remember(run_key(record), record.trace_id, is_run=is_run)
            other = around.trace_id if around else other
            if other is not None:
                part, whole = (record.trace_id, other) if is_run else (other, record.trace_id)
                if part != whole and part not in self._whole and whole not in self._whole and part not in self._parts:
                    found.setdefault(part, whole)
        return [TraceLink(*link) for link in found.items()]

    def remember(self, key: RunKey, trace_id: bytes, *, is_run: bool) -> bytes | None:
        """Note in which trace one report of a run is; the trace of its other report, if that has been seen."""
        self._seen[key, is_run] = trace_id
        if len(self._seen) > MAX_KEYS:
            self._seen.popitem(last=False)
        return self._seen.get((key, not is_run))


def stored_links(database: Database) -> TraceLinks:
    """The links of a data folder, and the runs that came last, whose other half may come after a restart."""
    with database.reading() as db:
        links = TraceLinks(
            TraceLink(part.bytes, whole.bytes)
            for part, whole in db.execute("SELECT trace_id, part_of FROM trace_links").fetchall()
        )
        rows = db.execute(sql("recent_runs"), [_LOOKED_AT, SOURCE_LANGSMITH]).fetchall()
    for trace_id, name, start, sources in rows:
        links.remember((name, microseconds(start)), trace_id.bytes, is_run=sources == SOURCE_LANGSMITH)
    return links
