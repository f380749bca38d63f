"""What a step was asked and what it said, as text for people, out of its content."""

from typing import Any

from llm_tracing.normalize.conventions.contract import Content
from llm_tracing.normalize.messages import text_of
from llm_tracing.normalize.preview import TELLING_KEYS
from llm_tracing.normalize.values import from_json_text


def asked(content: Content) -> str | None:
    """The last thing a person said, else the text of the input that tells most."""
    for message in reversed(content.input_messages or []):
        if message["role"] == "user" and (text := text_of(message)):
            return text
    return telling(content.input)


def answered(content: Content) -> str | None:
    """The last text that came out."""
    for message in reversed(content.output_messages or []):
        if text := text_of(message):
            return text
    return telling(content.output)


def telling(value: Any) -> str | None:
    """Out of a text or an object the text that a person would look for; None where nothing tells more than the rest."""
    value = from_json_text(value)
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, list) and value:
        return telling(value[-1])
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("messages"), list):
        return telling(value["messages"])
    if len(value) == 1 and isinstance(only := next(iter(value.values())), str | dict):
        return telling(only)
    named = (value[key] for key in TELLING_KEYS if isinstance(value.get(key), str) and value[key].strip())
    found = next(named, None)
    return found.strip() if isinstance(found, str) else None
