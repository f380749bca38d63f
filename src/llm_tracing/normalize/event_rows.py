"""GenAI events as they are stored: what was said in them moved to payloads, and the few words that lists show."""

from collections.abc import Mapping
from typing import Any

from llm_tracing.model import PayloadRow
from llm_tracing.normalize.conventions import CONTENT_ATTRIBUTES
from llm_tracing.normalize.conventions.contract import Sent, SentEvent
from llm_tracing.normalize.conventions.events import EVENT_CONTENT_ATTRIBUTES, GenAIEvents
from llm_tracing.normalize.messages import text_of
from llm_tracing.normalize.payloads import LARGE, split_within
from llm_tracing.normalize.preview import input_preview, output_preview

NAME_ATTRIBUTES = ("event.name", "event_name")  # the second: LiteLLM
_EVENTS = GenAIEvents()


def event_name(own: str, attributes: Mapping[str, Any]) -> str:
    """OTLP's event_name, else the attribute that older senders used; empty if there is none."""
    return own or next((name for key in NAME_ATTRIBUTES if isinstance(name := attributes.get(key), str) and name), "")


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
