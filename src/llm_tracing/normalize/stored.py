"""Attributes as they are stored: JSON, with content and long texts moved to payloads."""

from typing import Any

import orjson

from llm_tracing.model import Batch, PayloadRef, PayloadRow
from llm_tracing.normalize.conventions import CONTENT_ATTRIBUTES, is_content
from llm_tracing.normalize.payloads import LARGE, split

EMPTY_TEXTS = frozenset(
    {"", "{}", "[]", "null"}
)  # JSON text of nothing: too short for a payload, and seen when merging


def store_attributes(
    attributes: dict[str, Any], genai: bool, trace_id: bytes, span_id: int, start: int, batch: Batch
) -> str:
    """The JSON of a span's attributes; their payloads are added to the batch. `genai`: some of them may be content."""
    if not genai:
        text = orjson.dumps(attributes)
        if len(text) <= LARGE:  # then no value in it is longer
            return text.decode()
        if not any(isinstance(value, str) and len(value) > LARGE for value in attributes.values()):
            return text.decode()
    found: dict[bytes, PayloadRow] = {}
    kept: dict[str, Any] = {}
    for key, value in attributes.items():
        if not isinstance(value, str) or value in EMPTY_TEXTS:
            continue
        if len(value) > LARGE or (genai and (is_content(key) if len(key) <= LARGE else key in CONTENT_ATTRIBUTES)):
            kept[key] = split(value, found)
    if not kept:
        return orjson.dumps(attributes).decode()
    batch.payloads.update(found)
    batch.payload_refs.extend(PayloadRef(trace_id, span_id, start, payload_id) for payload_id in found)
    return orjson.dumps(attributes | kept).decode()
