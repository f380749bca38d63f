"""LangSmith's runs come in two requests, and a backend wants one span: what was said before is put together with it.

A run that has not ended waits in the window, durably; when its end comes, the whole is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from llm_tracing.model import SOURCE_LANGSMITH, Batch, SpanRecord
from llm_tracing.normalize.merge import merge_runs
from llm_tracing.store.contract import StoredTrace


class Traces(Protocol):
    def trace(
        self, trace_id: bytes, *, content: bool = True, span_ids: Sequence[int] | None = None
    ) -> StoredTrace | None: ...


def whole_spans(batch: Batch, window: Traces) -> tuple[list[tuple[int, SpanRecord]], dict[bytes, str]]:
    """Spans that have ended, each with its place in the batch, and the texts of what was in the window already.

    What a resource or a scope of the window is needed for is added to the batch.
    """
    texts: dict[bytes, str] = {}
    runs: dict[tuple[bytes, int], tuple[int, SpanRecord]] = {}
    found: list[tuple[int, SpanRecord]] = []
    for place, record in enumerate(batch.spans):
        if record.sources != SOURCE_LANGSMITH:
            found.append((place, record))
            continue
        key = (record.trace_id, record.span_id)
        before = runs[key][1] if key in runs else _stored(record, batch, window, texts)
        runs[key] = (place, record if before is None else merge_runs(before, record))
    return [(place, record) for place, record in [*found, *runs.values()] if record.end_time_unix_nano], texts


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
