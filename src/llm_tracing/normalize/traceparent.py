"""A run inside an OpenTelemetry span, where the client says so: W3C's `traceparent` in the metadata of a first run.

LangSmith's own protocol has no field for it. With `traceparent` the run stands under that span, in its trace.
Source: W3C Trace Context, traceparent header: version, trace id, parent id and flags.
"""

import re
from typing import Any, NamedTuple

ATTRIBUTE = "langsmith.metadata.traceparent"
_HEADER = re.compile(r"[0-9a-f]{2}-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-[0-9a-f]{2}")
_IN_JSON = re.compile(rf'"{re.escape(ATTRIBUTE)}":"({_HEADER.pattern})"')


class Traceparent(NamedTuple):
    trace_id: bytes
    span_id: int


def read_traceparent(sent: Any) -> Traceparent | None:
    """None for what is no traceparent, and for ids of zeros."""
    found = _HEADER.fullmatch(sent.strip().lower()) if isinstance(sent, str) else None
    if found is None or not int(found["trace"], 16) or not int(found["span"], 16):
        return None
    return Traceparent(bytes.fromhex(found["trace"]), int(found["span"], 16))


def stored_traceparent(attributes: str) -> Traceparent | None:
    """The same out of stored attributes, which are JSON text."""
    found = _IN_JSON.search(attributes) if ATTRIBUTE in attributes else None
    return None if found is None else read_traceparent(found[1])
