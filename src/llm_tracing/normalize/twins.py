"""Two reports of one run: LangSmith's hybrid mode sends each run by its own protocol and, under other ids, over OTLP.

The OTLP copy has a random span id, and a trace id of its own or that of the request around it; what the two share is
the name and the start, which the client takes from one clock reading. OTLP's copy has passed through a float, so the
start is compared in microseconds. The merged span has OTLP's place in the tree and says what either says.

Source: conventions.md, rule G4; langsmith's Python SDK, its OpenTelemetry exporter.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from llm_tracing.model import SOURCE_LANGSMITH, SOURCE_OTLP, SpanFacts, SpanRecord

RunKey = tuple[str, int]
S = TypeVar("S", SpanFacts, SpanRecord)


def run_key(span: SpanFacts | SpanRecord) -> RunKey:
    """What both reports of a run have in common."""
    return span.name, microseconds(span.start_time_unix_nano)


def microseconds(time_unix_nano: int) -> int:
    return (time_unix_nano + 500) // 1000


def _on_otlp_ids(merge: Callable[[S, S], S]) -> Callable[[S, S], S]:
    """The merge of a twin: what either says, in the place that the OTLP report has; its time has both in it."""

    def merged(otlp: S, run: S) -> S:
        return merge(otlp, run)._replace(
            trace_id=otlp.trace_id,
            span_id=otlp.span_id,
            parent_span_id=otlp.parent_span_id,
            start_time_unix_nano=min(otlp.start_time_unix_nano, run.start_time_unix_nano),
            end_time_unix_nano=max(otlp.end_time_unix_nano, run.end_time_unix_nano),
            otel_kind=otlp.otel_kind,
            service=otlp.service,
        )

    return merged


def twin_ids(spans: Sequence[S]) -> dict[int, int]:
    """span id of the OTLP report -> that of the LangSmith report, for each run that has both."""
    runs = [span for span in spans if span.sources == SOURCE_LANGSMITH]
    return {otlp.span_id: run.span_id for otlp, run in _pairs(spans, runs).values()} if runs else {}


def merge_twins(spans: Sequence[S], merge: Callable[[S, S], S]) -> list[S]:
    """The spans of one trace with both reports of each run as one, which `merge(otlp, run)` makes.

    What named the run as its parent names the merged span instead.
    """
    runs = [span for span in spans if span.sources == SOURCE_LANGSMITH]
    if not runs or len(runs) == len(spans):
        return list(spans)
    twins = _pairs(spans, runs)
    if not twins:
        return _adopted(spans)
    together = _on_otlp_ids(merge)
    moved = {run.span_id: otlp.span_id for otlp, run in twins.values()}
    merged_away = {id(run) for _, run in twins.values()}
    found = [together(*twins[id(span)]) if id(span) in twins else span for span in spans if id(span) not in merged_away]
    return _adopted(
        [
            span._replace(parent_span_id=moved[span.parent_span_id]) if span.parent_span_id in moved else span
            for span in found
        ]
    )


def _adopted(spans: Sequence[S]) -> list[S]:
    """Spans of other instrumentations inside a run that name it by the first half of its uuid, under that run.

    Below a trace's root a run's span id is the other half (see langsmith_ids.py). The first half of a UUIDv7 begins
    with the run's start in milliseconds: of the runs that started then, the last one that started before the span.
    """
    known = {span.span_id for span in spans}
    lost = [span for span in spans if _names_uuid7(span.parent_span_id) and span.parent_span_id not in known]
    if not lost:
        return list(spans)
    runs: dict[int, list[S]] = {}
    for span in spans:
        if span.sources & SOURCE_LANGSMITH:
            runs.setdefault(microseconds(span.start_time_unix_nano) // 1000, []).append(span)
    found: dict[int, int] = {}
    for span in lost:
        began = runs.get((span.parent_span_id or 0) >> 16, [])
        before = [run for run in began if run.start_time_unix_nano <= span.start_time_unix_nano]
        if before:
            found[id(span)] = max(before, key=lambda run: run.start_time_unix_nano).span_id
    return [span._replace(parent_span_id=found[id(span)]) if id(span) in found else span for span in spans]


def _names_uuid7(parent_span_id: int | None) -> bool:
    return parent_span_id is not None and (parent_span_id >> 12) & 0xF == 7


def _pairs(spans: Sequence[S], runs: Sequence[S]) -> dict[int, tuple[S, S]]:
    """id(otlp) -> (otlp, run): each run with one report over OTLP that no other run has taken."""
    waiting: dict[RunKey, list[S]] = {}
    for run in runs:
        waiting.setdefault(run_key(run), []).append(run)
    found: dict[int, tuple[S, S]] = {}
    for span in spans:
        same = waiting.get(run_key(span)) if span.sources == SOURCE_OTLP else None
        if same:
            found[id(span)] = (span, same.pop(0))
    return found
