"""Spans that came as LangSmith runs, as the JSON of a run.

Source: langsmith (Python), schemas.Run. Tokens and cost are those of the run itself; a parent does not repeat the sum
of what is below it.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from llm_tracing.model import STATUS_ERROR, AnnotationRow, SpanRecord, usd
from llm_tracing.normalize.anyvalue import from_json
from llm_tracing.normalize.cost import Prices
from llm_tracing.normalize.langsmith_feedback import uuid_bytes
from llm_tracing.normalize.payloads import restore
from llm_tracing.normalize.values import as_text, from_json_text

Json = dict[str, Any]
PROJECTS = UUID("5b0f5a3c-7d0e-5c8e-9d57-3f4c2f0c9a11")  # the namespace of project ids
TENANT = UUID("00000000-0000-5000-8000-6c6c6d747263")  # there is one
_METADATA = "langsmith.metadata."
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = datetime(9999, 12, 31, tzinfo=UTC)
# kind -> run_type, where the span does not say its run_type.
_RUN_TYPES = {
    "llm": "llm",
    "embedding": "embedding",
    "retriever": "retriever",
    "tool": "tool",
    "prompt": "prompt",
}
# What every answer has, whatever `select` names: clients cannot read a run without.
ALWAYS = frozenset({"id", "name", "run_type", "start_time", "trace_id", "session_id"})


def project_id(name: str) -> UUID:
    """The id of a project: made from its name, so that it needs no table."""
    return uuid5(PROJECTS, name)


def iso(time_unix_nano: int) -> str:
    """A time as LangSmith writes it: microseconds, UTC."""
    try:
        return (_EPOCH + timedelta(microseconds=time_unix_nano // 1_000)).isoformat()
    except OverflowError:
        return _LAST.isoformat()


def run_id_of(record: SpanRecord, attributes: Mapping[str, Any]) -> UUID:
    """The run's own uuid; one made of the span's ids where it says none."""
    said = uuid_bytes(attributes.get("langsmith.run_id"))
    return UUID(bytes=said or record.span_id.to_bytes(8, "big") + record.trace_id[8:])


def run_json(
    record: SpanRecord, payloads: Mapping[bytes, str], prices: Prices, feedback: Sequence[AnnotationRow] = ()
) -> Json:
    """A whole run."""
    attributes: Json = restore(from_json(record.attributes), payloads)
    run_id = run_id_of(record, attributes)
    trace_id = UUID(bytes=record.trace_id)
    session = project_id(record.service)
    order = as_text(attributes.get("langsmith.dotted_order"))
    parent = uuid_bytes(attributes.get("langsmith.parent_run_id"))
    running = record.end_time_unix_nano == 0
    failed = record.status_code == STATUS_ERROR
    return {
        "id": str(run_id),
        "name": record.name,
        "run_type": _run_type(record, attributes),
        "start_time": iso(record.start_time_unix_nano),
        "end_time": None if running else iso(record.end_time_unix_nano),
        "status": "error" if failed else "pending" if running else "success",
        "error": _error(record, attributes) if failed else None,
        "inputs": _object(attributes.get("gen_ai.prompt"), "input") or {},
        "outputs": _object(attributes.get("gen_ai.completion"), "output"),
        "extra": _extra(attributes),
        "serialized": _object(attributes.get("langsmith.serialized"), "name"),
        "events": _events(attributes.get("langsmith.events")),
        "tags": _tags(attributes.get("langsmith.span.tags")),
        "trace_id": str(trace_id),
        "parent_run_id": None if parent is None else str(UUID(bytes=parent)),
        "parent_run_ids": _ancestors(order),
        "dotted_order": order or _dotted_order(record, run_id),
        "session_id": str(session),
        "app_path": f"/traces/{record.trace_id.hex()}?span={record.span_id:016x}",
        "reference_example_id": None,
        "child_run_ids": None,
        "manifest_id": None,
        "s3_urls": None,
        "in_dataset": False,
        "feedback_stats": feedback_stats(feedback),
        **_usage(record, prices),
    }


def selected(run: Json, select: frozenset[str] | None) -> Json:
    return run if select is None else {name: value for name, value in run.items() if name in select | ALWAYS}


def feedback_stats(rows: Sequence[AnnotationRow]) -> Json:
    """key -> how often it was said, and the mean of its scores."""
    found: dict[str, list[float]] = {}
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.key] = counts.get(row.key, 0) + 1
        if row.score is not None:
            found.setdefault(row.key, []).append(row.score)
    return {
        key: {"n": count, "avg": sum(found[key]) / len(found[key]) if key in found else None}
        for key, count in counts.items()
    }


def _run_type(record: SpanRecord, attributes: Json) -> str:
    return as_text(attributes.get("langsmith.span.kind")) or _RUN_TYPES.get(record.kind, "chain")


def _error(record: SpanRecord, attributes: Json) -> str:
    return as_text(attributes.get("langsmith.error")) or record.status_message or "error"


def _object(value: Any, name: str) -> Json | None:
    """What must be an object: JSON text of one, or anything else under `name`."""
    found = from_json_text(value)
    if found is None or found == "":
        return None
    return found if isinstance(found, dict) else {name: found}


def _extra(attributes: Json) -> Json:
    extra = _object(attributes.get("langsmith.extra"), "extra") or {}
    said = {name[len(_METADATA) :]: value for name, value in attributes.items() if name.startswith(_METADATA)}
    metadata = extra.get("metadata")
    return {**extra, "metadata": {**said, **(metadata if isinstance(metadata, dict) else {})}}


def _events(value: Any) -> list[Json] | None:
    found = from_json_text(value)
    return [event for event in found if isinstance(event, dict)] if isinstance(found, list) else None


def _tags(value: Any) -> list[str]:
    """A list, its JSON text, or text with commas."""
    found = from_json_text(value)
    if isinstance(found, str):
        found = [part.strip() for part in found.split(",")]
    return [str(tag) for tag in found if tag not in (None, "")] if isinstance(found, list) else []


def _ancestors(order: str | None) -> list[str]:
    """The uuids of the runs above, from the root down."""
    segments = (order or "").split(".")[:-1]
    found = (uuid_bytes(segment.partition("Z")[2]) for segment in segments)
    return [str(UUID(bytes=one)) for one in found if one is not None]


def _dotted_order(record: SpanRecord, run_id: UUID) -> str:
    """A run that says none stands as a root does."""
    start = iso(record.start_time_unix_nano)
    digits = "".join(c for c in start[:19] if c not in "-:") + (start[20:26] if "." in start else "000000")
    return f"{digits}Z{run_id}"


def _usage(record: SpanRecord, prices: Prices) -> Json:
    facts = record.facts()
    tokens = record.input_tokens, record.output_tokens
    ours = prices.cost(facts)
    cost = facts.client_cost_pico_usd if ours is None else ours
    first = record.time_to_first_token_ns
    return {
        "prompt_tokens": tokens[0],
        "completion_tokens": tokens[1],
        "total_tokens": sum(count or 0 for count in tokens) if facts.has_tokens else None,
        "prompt_token_details": _counts(cache_read=record.cache_read_tokens, cache_creation=record.cache_write_tokens),
        "completion_token_details": _counts(reasoning=record.reasoning_tokens),
        "total_cost": None if cost is None else usd(cost),
        "prompt_cost": None,
        "completion_cost": None,
        "first_token_time": None if first is None else iso(record.start_time_unix_nano + first),
    }


def _counts(**counts: int | None) -> Json | None:
    return {name: count for name, count in counts.items() if count is not None} or None
