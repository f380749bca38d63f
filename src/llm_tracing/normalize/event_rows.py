"""GenAI events as they are stored: what was said in them moved to payloads, and the few words that lists show."""

from collections.abc import Mapping
from typing import Any

from llm_tracing.model import PayloadRow
from llm_tracing.normalize.conventions import CONTENT_ATTRIBUTES, MARKER_EVENTS
from llm_tracing.normalize.conventions.contract import Sent, SentEvent
from llm_tracing.normalize.conventions.events import DETAILS, EVENT_CONTENT_ATTRIBUTES, LOG_MARKERS, GenAIEvents
from llm_tracing.normalize.messages import text_of
from llm_tracing.normalize.payloads import LARGE, split_within
from llm_tracing.normalize.preview import input_preview, output_preview

_EVENTS = GenAIEvents()


def genai_event(own_name: str, attributes: Mapping[str, Any]) -> str | None:
    """The name of a GenAI event, None for any other: OTLP's event_name, else an attribute that older senders used.

    A record with the messages of a whole exchange is the event for that, whatever its name.
    """
    name = own_name or attributes.get("event.name") or attributes.get("event_name")  # the last: LiteLLM
    if isinstance(name, str) and name in MARKER_EVENTS:
        return name
    return None if LOG_MARKERS.isdisjoint(attributes) else DETAILS


def stored_attributes(attributes: Mapping[str, Any], payloads: dict[bytes, PayloadRow]) -> dict[str, Any]:
    """The attributes of an event, with content and large texts as `$parts`."""
    return {
        key: split_within(value, payloads)
        if key in EVENT_CONTENT_ATTRIBUTES
        or key in CONTENT_ATTRIBUTES
        or (isinstance(value, str) and len(value) > LARGE)
        else value
        for key, value in attributes.items()
    }


def previews(event: SentEvent) -> tuple[str | None, str | None]:
    """What this one log record tells of the question and of the answer."""
    content = _EVENTS.content(Sent({}, logs=(event,)))
    users = [m for m in content.input_messages or () if m["role"] == "user" and text_of(m)]
    return (input_preview(content) if users else None), output_preview(content)
