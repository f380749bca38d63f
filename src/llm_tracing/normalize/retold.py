"""Calls that two spans tell which do not lie in one another: each is counted once.

Equal models and tokens alone say nothing: the same question asked twice gives them too. So either

- both have the same id of the response, share a model and overlap in time: two instrumentations of one call; or
- one is an instant that goes on where the other stopped: same parent, service and model; the other ended before it
  without tokens, answer or error of its own. So Logfire tells a streamed answer, after the span of its request.

Source: conventions.md, rule G4.
"""

from collections.abc import Iterable, Mapping, Sequence

from llm_tracing.model import STATUS_ERROR, SpanFacts

Above = Mapping[int, int | None]
_LOOKED_BACK = 100  # requests under one parent among which the one that an instant goes on from is sought
_LOOKED_UP = 100  # calls around one that are asked whether an instant goes on from them


def retold(calls: Mapping[int, SpanFacts], counted: Sequence[int], above: Above) -> set[int]:
    """Which of the counted calls are told again by another one that stays.

    `calls` are all calls of a trace by their ids, `counted` those among them that stand for one so far, of which none
    lies in another; `above` maps each call to the nearest one around it, without cycles.
    """
    again = _same_response([calls[span_id] for span_id in counted])
    return again | _continued(calls, [span_id for span_id in counted if span_id not in again], above)


def _same_response(counted: Iterable[SpanFacts]) -> set[int]:
    by_response: dict[str, list[SpanFacts]] = {}
    for span in counted:
        if span.response_id:
            by_response.setdefault(span.response_id, []).append(span)
    again: set[int] = set()
    for spans in by_response.values():
        for cluster in _overlapping(spans):
            again.update(_all_but_fullest(cluster))
    return again


def _overlapping(spans: list[SpanFacts]) -> list[list[SpanFacts]]:
    """Groups of more than one span, each of which begins before those before it in the group have all ended."""
    groups: list[list[SpanFacts]] = []
    end = -1
    for span in sorted(spans, key=_start):
        if span.start_time_unix_nano > end:
            groups.append([])
        groups[-1].append(span)
        end = max(end, span.end_time_unix_nano)
    return [group for group in groups if len(group) > 1]


def _all_but_fullest(spans: list[SpanFacts]) -> set[int]:
    kept: list[SpanFacts] = []
    for span in sorted(spans, key=_fullness):
        if not any(_share_model(span, other) and _same_output(span, other) for other in kept):
            kept.append(span)
    return {span.span_id for span in spans} - {span.span_id for span in kept}


def _fullness(span: SpanFacts) -> tuple[bool, int, int, int]:
    """Sorts first what tells most: tokens, then more kinds of them, then the earlier start."""
    buckets = (span.cache_read_tokens, span.cache_write_tokens, span.reasoning_tokens, span.usage_details)
    return (not span.has_tokens, buckets.count(None), *_start(span))


def _continued(calls: Mapping[int, SpanFacts], counted: Sequence[int], above: Above) -> set[int]:
    again: set[int] = set()
    instants = [span for span_id in counted if _is_instant(span := calls[span_id]) and _says_something(span)]
    if not instants:
        return again
    open_ended: dict[int | None, list[SpanFacts]] = {}
    for span in sorted(filter(_is_open_ended, calls.values()), key=_start):
        open_ended.setdefault(span.parent_span_id, []).append(span)
    inside: dict[int, list[int]] = {}
    for span_id in counted:
        around: int | None = span_id
        for _ in range(_LOOKED_UP):
            if around is None:
                break
            inside.setdefault(around, []).append(span_id)
            around = above[around]
    for instant in sorted(instants, key=_start):
        siblings = open_ended.get(instant.parent_span_id, [])
        request = next((one for one in siblings[: -_LOOKED_BACK - 1 : -1] if _goes_on(instant, one)), None)
        if request is None:
            continue
        siblings.remove(request)  # each is continued once
        told = inside.get(request.span_id, [])
        if instant.has_tokens and not any(calls[span_id].has_tokens for span_id in told):
            again.update(told)
        elif told:
            again.add(instant.span_id)
    return again


def _start(span: SpanFacts) -> tuple[int, int]:
    return span.start_time_unix_nano, span.span_id


def _is_instant(span: SpanFacts) -> bool:
    return span.start_time_unix_nano == span.end_time_unix_nano


def _says_something(span: SpanFacts) -> bool:
    return span.has_tokens or span.output_preview is not None


def _is_open_ended(span: SpanFacts) -> bool:
    return not _says_something(span) and span.status_code != STATUS_ERROR and span.duration_ns > 0


def _goes_on(instant: SpanFacts, request: SpanFacts) -> bool:
    return (
        instant.service == request.service
        and instant.kind == request.kind
        and instant.start_time_unix_nano >= request.end_time_unix_nano
        and _share_model(instant, request)
    )


def _share_model(one: SpanFacts, other: SpanFacts) -> bool:
    models = {one.request_model, one.response_model} & {other.request_model, other.response_model}
    return bool(models - {None})


def _same_output(one: SpanFacts, other: SpanFacts) -> bool:
    """Input may be counted with and without cached tokens; output is one number, if both have it."""
    return None in (one.output_tokens, other.output_tokens) or one.output_tokens == other.output_tokens
