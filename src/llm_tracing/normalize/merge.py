"""What is said of one run in several requests, as one span.

A run is posted when it starts and patched when it ends; the patch may come later, in the same request, or first, and
either may come twice. What a client leaves out, or sends empty, was not said and erases nothing. Of two things said,
the one of the record that knows the end is the later one, whichever arrived first; else the one that arrived later.
"""

from collections import Counter
from itertools import pairwise
from typing import Any

import orjson

from llm_tracing.model import STATUS_ERROR, STATUS_OK, STATUS_UNSET, SpanFacts, SpanRecord
from llm_tracing.normalize.counting import CALL_KINDS
from llm_tracing.normalize.stored import EMPTY_TEXTS

Events = list[dict[str, Any]]

NAME, KIND, PROJECT, RUNTIME = (
    "langsmith.trace.name",
    "langsmith.span.kind",
    "langsmith.trace.session_name",
    "langsmith.span.runtime",
)
_STATUS_ORDER = (STATUS_UNSET, STATUS_OK, STATUS_ERROR)
# Fields of which the later record's value holds where it has one.
_LATER_SAID = (
    "parent_span_id", "status_message", "provider", "request_model", "response_model", "response_id", "input_tokens",
    "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "usage_details",
    "client_cost_pico_usd", "time_to_first_token_ns", "session_id", "user_id", "input_preview", "output_preview",
    "trace_state", "links",
)  # fmt: skip
_TOKENS = (
    "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "usage_details",
    "client_cost_pico_usd",
)  # fmt: skip


def merge_facts(earlier: SpanFacts, later: SpanFacts) -> SpanFacts:
    """What either says; where both do, the later one. Only a status can't be taken back."""
    merged = SpanFacts._make(a if b in (None, "", 0) else b for a, b in zip(earlier, later, strict=True))
    failed = STATUS_ERROR in (earlier.status_code, later.status_code)
    return merged._replace(
        status_code=STATUS_ERROR if failed else max(earlier.status_code, later.status_code),
        sources=earlier.sources | later.sources,
    )


def merge_runs(earlier: SpanRecord, later: SpanRecord) -> SpanRecord:
    """One span of two records of the same run; `later` is the one that arrived later."""
    if earlier.end_time_unix_nano and not later.end_time_unix_nano:
        earlier, later = later, earlier
    before, after = orjson.loads(earlier.attributes), orjson.loads(later.attributes)
    attributes = merge_attributes(before, after)
    said: dict[str, Any] = {}
    for field in _LATER_SAID:
        value = getattr(later, field)
        said[field] = getattr(earlier, field) if value is None else value
    named = later if NAME in after or NAME not in before else earlier
    typed = later if KIND in after or KIND not in before else earlier
    other = earlier if typed is later else later
    if KIND in attributes and typed.kind not in CALL_KINDS:  # the record without a kind could not know
        said |= dict.fromkeys(_TOKENS)
    homed = max((_home(earlier, before), earlier), (_home(later, after), later), key=lambda pair: pair[0])[1]
    return later._replace(
        start_time_unix_nano=min(filter(None, (earlier.start_time_unix_nano, later.start_time_unix_nano)), default=0),
        end_time_unix_nano=later.end_time_unix_nano or earlier.end_time_unix_nano,
        name=named.name,
        kind=typed.kind,
        otel_kind=typed.otel_kind,
        operation=typed.operation or other.operation,
        status_code=max(earlier.status_code, later.status_code, key=_STATUS_ORDER.index),
        service=homed.service,
        sources=earlier.sources | later.sources,
        flags=later.flags or earlier.flags,
        attributes=orjson.dumps(attributes).decode(),
        dropped_attributes_count=max(earlier.dropped_attributes_count, later.dropped_attributes_count),
        events=_merged_events(earlier.events, later.events),
        dropped_events_count=max(earlier.dropped_events_count, later.dropped_events_count),
        dropped_links_count=max(earlier.dropped_links_count, later.dropped_links_count),
        resource_id=homed.resource_id,
        scope_id=homed.scope_id,
        **said,
    )


def _home(record: SpanRecord, attributes: dict[str, Any]) -> tuple[bool, bool, bytes]:
    """How much a record says of where its run belongs; the id decides between equals, so that order does not."""
    return PROJECT in attributes, RUNTIME in attributes, record.resource_id


def is_said(value: Any) -> bool:
    """Whether a value says something: clients send null, {} and [] for what they do not know yet."""
    if isinstance(value, str):
        return value not in EMPTY_TEXTS
    return value is not None and value != {} and value != []


def merge_attributes(earlier: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """Key by key, the later value where it says something; in the order of their names, so that order tells nothing."""
    merged = {**earlier, **{key: value for key, value in later.items() if is_said(value) or key not in earlier}}
    return {key: merged[key] for key in sorted(merged)}


def merge_events(earlier: Events, later: Events) -> Events:
    """By time, each as often as the list that has it most often: a later list repeats what an earlier one had."""
    if earlier == later[: len(earlier)] and _in_order(later):  # the usual case: the end repeats the start
        return later
    before, after = (
        Counter(orjson.dumps(event, option=orjson.OPT_SORT_KEYS) for event in events) for events in (earlier, later)
    )
    found: Events = [orjson.loads(text) for text in sorted((before | after).elements())]
    return sorted(found, key=lambda event: event["time_unix_nano"])


def _in_order(events: Events) -> bool:
    """Whether the times of events alone put them in this order."""
    return all(one["time_unix_nano"] < next_one["time_unix_nano"] for one, next_one in pairwise(events))


def _merged_events(earlier: str | None, later: str | None) -> str | None:
    if earlier is None or later is None:
        return later or earlier
    return orjson.dumps(merge_events(orjson.loads(earlier), orjson.loads(later))).decode()
