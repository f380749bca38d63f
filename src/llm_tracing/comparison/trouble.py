"""The columns about what went wrong, and about what is beside the question itself: logs, metrics, a hidden retry."""

import json
import re
from collections.abc import Sequence
from typing import Any

from llm_tracing.api.schema_progress import Evidence
from llm_tracing.comparison.captured import Captured
from llm_tracing.comparison.find import (
    evidence,
    excerpt,
    find,
    matching,
    note,
    place_of_line,
    place_of_record,
    place_of_span,
    plain,
    texts_of,
)
from llm_tracing.comparison.seen import STATUS, Found

_STACK = re.compile(r"Traceback \(most recent call last\)|\bFile \"[^\"]+\", line \d+")
_REFUSED = 429


def error(captured: Captured) -> Found:
    """The message of the statement that failed, and a stack with it."""
    told = captured.failed.exchange.reply.get("error")
    message = plain(str(told.get("message", ""))).rstrip(".") if isinstance(told, dict) else ""
    if not message:
        return Found("unknown", "no error", "The question that should fail did not.")
    texts = texts_of(captured.failed)
    stacks = [text for text in texts if message in text.plain and _STACK.search(text.text)]
    if stacks:
        shown = [evidence(text, _stack_excerpt(text.text)) for text in stacks[:2]]
        return Found("yes", "with stack", "The database's message and the stack it was raised through.", shown)
    found = find(texts, message)
    if found:
        return Found("partly", "no stack", "The database's message, without the stack it was raised through.", found)
    return Found("no", "no", "That a statement failed is told nowhere.")


def logs(captured: Captured) -> Found:
    """Lines or records that carry the request's id, as its answer or its trace gives it."""
    seen = captured.asked
    traces = {trace.trace.trace_id for trace in seen.traces}
    tied_records = [record for record in seen.logs if record.trace_id in traces]
    ids = [*filter(None, [seen.exchange.headers.get("x-request-id"), seen.exchange.reply.get("trace_id")])]
    tied_lines = [line for line in seen.lines if any(one in line.text for one in ids)]
    if tied_records:
        told = [note("log", place_of_record(record), _short(record.body), "trace_id") for record in tied_records]
        return _tied(len(tied_records), len(seen.logs), "log records that carry the trace's id", told)
    if tied_lines:
        told = [note("line", place_of_line(line), _around(line.text, ids)) for line in tied_lines]
        return _tied(len(tied_lines), len(seen.lines), "lines that carry the request's id", told)
    if seen.lines:
        told = [note("line", place_of_line(line), line.text[:400]) for line in seen.lines]
        return Found("no", "no id", "There are lines, and none says which request it belongs to.", told)
    return Found("no", "no", "There are no lines.")


def metrics(captured: Captured) -> Found:
    found = captured.metrics
    if not found:
        return Found("no", "no", "No metric arrived.")
    told = [note("metric", one.name, f"{one.type}, {one.point_count} points, unit {one.unit or '1'}") for one in found]
    return Found("yes", f"{len(found)} metrics", "Metrics that arrived from the service.", told, len(found), "metrics")


def retry(captured: Captured) -> Found:
    """The 429 that the model answered once, below the client library that hides it."""
    seen = captured.retried
    refused = [
        note("span", place_of_span(span), str(span.attributes[name]), name)
        for span in seen.spans
        for name in STATUS
        if span.attributes.get(name) == _REFUSED
    ]
    lines = matching(
        texts_of(seen), lambda text: text.source in ("line", "log") and re.search(r"\b429\b", text.text) is not None
    )
    if refused or lines:
        return Found("yes", "429 seen", "The refused call beside the one that went through.", [*refused, *lines])
    return Found("no", "no", "The call was refused once with 429 and tried again; nothing captured tells of it.")


def _tied(tied: int, of: int, what: str, told: Sequence[Evidence]) -> Found:
    return Found(
        "yes" if tied == of else "partly", f"{tied} of {of}", f"{tied} of {of} {what}.", told, tied, "of these"
    )


def _stack_excerpt(text: str) -> str:
    return text if len(text) <= 1_200 else f"{text[:500]}\n…\n{text[-600:]}"


def _around(text: str, ids: Sequence[str]) -> str:
    said = next((one for one in ids if one in text), "")
    return excerpt(text, text.find(said), len(said))


def _short(value: Any) -> str:  # a log record's body
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))[:400]
