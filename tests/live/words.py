"""What was said in a call, in a form that compares, and where on the wire it stood."""

import re
from typing import Any

from llm_tracing.api import schema


def texts(call: schema.Span) -> list[tuple[str, str]]:
    """(role, text) of everything said, white space at the ends left out; the system's text first, wherever it was."""
    system = [("system", part) for part in call.system_instructions or []]
    said = [
        (message["role"], part)
        for message in [*(call.input_messages or []), *(call.output_messages or [])]
        for part in message["parts"]
    ]
    return [(role, part["content"].strip()) for role, part in [*system, *said] if part["type"] == "text"]


def places_of(call: schema.Span, logs: list[schema.LogRecord]) -> list[str]:
    """Where the texts of a call came in: attributes (numbers in names stand as N), log events, parts of a run.

    They are looked for by their beginnings, so the texts of the call must stand nowhere else.
    """
    beginnings = [text.splitlines()[0][:40] for _, text in texts(call)]
    found = ["`inputs` and `outputs` of the run"] if "langsmith" in call.sources else []
    if "otlp" in call.sources:
        found += [_named(name) for name, value in call.attributes.items() if _holds(value, beginnings)]
    events = [record for record in logs if record.span_id == call.span_id]
    found += [
        f"log event `{event.event_name}`" for event in events if _holds([event.body, event.attributes], beginnings)
    ]
    return sorted(set(found))


def _named(attribute: str) -> str:
    return f"`{re.sub(r'[.][0-9]+[.]', '.N.', attribute)}`"


def _holds(value: Any, beginnings: list[str]) -> bool:
    if isinstance(value, dict):
        return any(_holds(item, beginnings) for item in value.values())
    if isinstance(value, list):
        return any(_holds(item, beginnings) for item in value)
    return isinstance(value, str) and any(beginning in value for beginning in beginnings)
