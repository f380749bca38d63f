"""The roll-up of one tree: the row that the list of traces shows, and a row for each counted call."""

from collections.abc import Sequence
from functools import reduce
from operator import or_

from llm_tracing.model import GENAI_KINDS, STATUS_ERROR, STATUS_OK, CallRow, SpanFacts, TraceRow
from llm_tracing.normalize.buckets import buckets
from llm_tracing.normalize.cost import Prices
from llm_tracing.normalize.counting import decide
from llm_tracing.normalize.merge import merge_facts
from llm_tracing.normalize.twins import merge_twins
from llm_tracing.normalize.unit_prices import MAX_AMOUNT


def roll_up(
    spans: Sequence[SpanFacts], prices: Prices, trace_id: bytes | None = None
) -> tuple[TraceRow, list[CallRow]]:
    """Roll up the spans of one trace, in any order, at least one; the same spans give the same rows.

    `trace_id` is that of the whole where some spans came under the id of a part; else that of the root.
    """
    ordered = sorted(
        merge_twins(spans, merge_facts),
        key=lambda span: (span.start_time_unix_nano, -span.end_time_unix_nano, span.span_id),
    )
    parents = {span.span_id: span.parent_span_id for span in ordered}
    root = _root(ordered, parents)
    reasons = decide(ordered, parents)
    counted = [span for span in ordered if reasons.get(span.span_id, "") is None]
    calls = [_call(span, prices, trace_id or root.trace_id) for span in counted if not span.is_running]
    genai = [span for span in ordered if span.kind in GENAI_KINDS]
    costs = [call.cost_pico_usd for call in calls if call.cost_pico_usd is not None]
    error_count = [span.status_code for span in ordered].count(STATUS_ERROR)
    status = _status(ordered, parents, root, error_count)
    trace = TraceRow(
        trace_id or root.trace_id,
        ordered[0].start_time_unix_nano,
        max(ordered[-1].start_time_unix_nano, max([span.end_time_unix_nano for span in ordered])),
        root.name,
        root.service,
        status,
        len(ordered),
        sum(span.kind == "llm" for span in counted),
        error_count,
        list(dict.fromkeys([model for span in counted if (model := span.response_model or span.request_model)])),
        list(dict.fromkeys([span.kind for span in ordered])),
        list(dict.fromkeys([span.service for span in ordered])),
        root.session_id or next((span.session_id for span in ordered if span.session_id), None),
        root.user_id or next((span.user_id for span in ordered if span.user_id), None),
        _asked(root, genai),
        _error_text(root, ordered) if status == "error" else _answered(root, genai),
        sum(call.input_tokens for call in calls),
        sum(call.output_tokens for call in calls),
        sum(call.cache_read_tokens for call in calls),
        sum(call.cache_write_tokens for call in calls),
        sum(call.reasoning_tokens for call in calls),
        min(sum(costs), MAX_AMOUNT) if costs else None,
        sum(
            is_unpriced(call.cost_pico_usd, failed=call.is_error, tokens=call.input_tokens + call.output_tokens)
            for call in calls
        ),
        reduce(or_, {span.sources for span in ordered}),
    )
    return trace, calls


def is_unpriced(cost_pico_usd: int | None, *, failed: bool, tokens: int) -> bool:
    """No price known. A failed call without tokens cost nothing that anybody could know, so it is not among them."""
    return cost_pico_usd is None and not (failed and not tokens)


def _root(ordered: Sequence[SpanFacts], parents: dict[int, int | None]) -> SpanFacts:
    """The first span without a parent, else the first whose parent is not here, else (a cycle) the first of all."""
    for span in ordered:
        if span.parent_span_id is None:
            return span
    return next((span for span in ordered if span.parent_span_id not in parents), ordered[0])


def _status(ordered: Sequence[SpanFacts], parents: dict[int, int | None], root: SpanFacts, error_count: int) -> str:
    """`error` if the root or an orphan failed: an error further down was dealt with by what called it.

    `running` if one of them has not ended.
    """
    if error_count or 0 in [span.end_time_unix_nano for span in ordered]:
        tops = [span for span in ordered if span.parent_span_id is None or span.parent_span_id not in parents] or [root]
        if any(span.status_code == STATUS_ERROR for span in tops):
            return "error"
        if any(span.is_running for span in tops):
            return "running"
    return "ok" if root.status_code == STATUS_OK else "unset"


def _call(span: SpanFacts, prices: Prices, trace_id: bytes) -> CallRow:
    usage = buckets(span)
    return CallRow(
        trace_id,
        span.span_id,
        span.start_time_unix_nano,
        span.duration_ns,
        span.time_to_first_token_ns,
        span.kind,
        span.service,
        span.provider,
        span.response_model or span.request_model,
        span.request_model,
        span.session_id,
        span.user_id,
        span.status_code == STATUS_ERROR,
        span.has_tokens,
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_read_tokens,
        usage.cache_write_tokens,
        usage.reasoning,
        span.usage_details,
        prices.cost(span),
    )


def _asked(root: SpanFacts, genai: Sequence[SpanFacts]) -> str | None:
    """What the trace was asked: the root's own input, else that of the first step that has one."""
    if root.input_preview:
        return root.input_preview
    speaking = [span for span in genai if span.kind not in ("tool", "retriever")] or list(genai)
    return next((span.input_preview for span in speaking if span.input_preview), None)


def _answered(root: SpanFacts, genai: Sequence[SpanFacts]) -> str | None:
    """What came out: the root's own output, else that of the outermost step that ended last and has one."""
    if root.output_preview:
        return root.output_preview
    speaking = [span for span in genai if span.kind not in ("tool", "retriever") and span.output_preview]
    last = max(speaking or genai, key=lambda span: (span.end_time_unix_nano, span.duration_ns), default=None)
    return last.output_preview if last else None


def _error_text(root: SpanFacts, ordered: Sequence[SpanFacts]) -> str | None:
    failed = [span for span in [root, *ordered] if span.status_code == STATUS_ERROR]
    message = next((span.status_message for span in failed if span.status_message), None)
    return message or f"{failed[-1].name} failed" if failed else None
