"""LangSmith's runs come in two requests, and a backend wants one span: what was said before is put together with it.

A run that has not ended waits in the window, durably, and in the object place, where other servers find it
(shared/pending.py); when its end comes, the whole is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from llm_tracing.model import SOURCE_LANGSMITH, Batch, SpanRecord
from llm_tracing.normalize.merge import NAME, merge_runs
from llm_tracing.store.contract import StoredTrace

RunKey = tuple[bytes, int]  # trace and span id


class Traces(Protocol):
    def trace(
        self, trace_id: bytes, *, content: bool = True, span_ids: Sequence[int] | None = None
    ) -> StoredTrace | None: ...


Placed = tuple[int, SpanRecord]  # a span and its place in the batch


@dataclass(slots=True)
class Whole:
    """The spans of a batch, runs put together with what the window has of them.

    `ended` are those to be sent. `parts` are runs of which something is missing still: the end, or what was told at the
    start. `grown` are the keys of runs that were such parts until now. `texts` are of what the window had.
    """

    ended: list[Placed] = field(default_factory=list)
    parts: list[Placed] = field(default_factory=list)
    grown: set[RunKey] = field(default_factory=set)
    texts: dict[bytes, str] = field(default_factory=dict)


def is_part(run: SpanRecord) -> bool:
    """Whether it lacks its end, or what is told at the start."""
    return not run.end_time_unix_nano or is_late(run)


def is_late(run: SpanRecord) -> bool:
    """Whether it lacks its name, which is told at the start."""
    return f'"{NAME}"' not in run.attributes


def whole_spans(batch: Batch, window: Traces) -> Whole:
    """What a resource or a scope of the window is needed for is added to the batch."""
    found = Whole()
    runs: dict[RunKey, Placed] = {}
    for place, record in enumerate(batch.spans):
        if record.sources != SOURCE_LANGSMITH:
            found.ended.append((place, record))
            continue
        key = (record.trace_id, record.span_id)
        before = runs[key][1] if key in runs else _stored(record, batch, window, found.texts)
        if before is not None and key not in runs and is_part(before):
            found.grown.add(key)
        runs[key] = (place, record if before is None else merge_runs(before, record))
    found.parts = [(place, record) for place, record in runs.values() if is_part(record)]
    found.grown -= {(record.trace_id, record.span_id) for _, record in found.parts}
    found.ended = [(place, record) for place, record in [*found.ended, *runs.values()] if record.end_time_unix_nano]
    return found


def _stored(record: SpanRecord, batch: Batch, window: Traces, texts: dict[bytes, str]) -> SpanRecord | None:
    stored = window.trace(record.trace_id, span_ids=[record.span_id])
    if stored is None:
        return None
    for one in stored.spans:
        if one.trace_id == record.trace_id and one.sources == SOURCE_LANGSMITH and one.span_id == record.span_id:
            texts |= stored.payloads
            batch.resources |= {key: row for key, row in stored.resources.items() if key == one.resource_id}
            batch.scopes |= {key: row for key, row in stored.scopes.items() if key == one.scope_id}
            return one
    return None
