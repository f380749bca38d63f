"""The few words of a span that lists show: what was asked and what came out."""

from typing import Any

from llm_tracing.normalize.anyvalue import to_json
from llm_tracing.normalize.conventions.contract import Content
from llm_tracing.normalize.messages import text_of
from llm_tracing.normalize.values import from_json_text

PREVIEW = 500  # characters


# Keys under which chains and agents keep what a person would call the question or the answer.
TELLING_KEYS = (
    "question", "answer", "input", "output", "query", "result", "prompt", "text", "content", "message", "response",
)  # fmt: skip


def preview(value: Any) -> str | None:
    """The first characters of a text or of a value's JSON; None for nothing."""
    return _cut(_words(value))


def _words(value: Any) -> str | None:
    value = _telling(from_json_text(value))
    if value in (None, "", {}, []):
        return None
    text = value if isinstance(value, str) else to_json(value)
    return text.strip() or None


def _cut(text: str | None) -> str | None:
    return text[:PREVIEW] if text else None


def _telling(value: Any) -> Any:
    """Out of an object the text that a person would look for, if there is one; else the value itself."""
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        [only] = value.values()
        return only if isinstance(only, str) else value
    return next((value[key] for key in TELLING_KEYS if isinstance(value.get(key), str) and value[key]), value)


def input_preview(content: Content) -> str | None:
    return _cut(input_text(content))


def output_preview(content: Content) -> str | None:
    return _cut(output_text(content))


def input_text(content: Content) -> str | None:
    """The last thing a user said, else the tool's arguments, else the generic input."""
    for message in reversed(content.input_messages or []):
        if message["role"] == "user" and (text := text_of(message)):
            return _words(text)
    if content.tool is not None:
        return _words(content.tool.arguments)
    if content.input is not None:
        return _words(content.input)
    return _words(text_of(content.input_messages[-1])) if content.input_messages else None


def output_text(content: Content) -> str | None:
    """The first text that came out, else the tools it asked for, else the tool's result or the generic output."""
    for message in content.output_messages or []:
        if text := text_of(message):
            return _words(text)
    for message in content.output_messages or []:
        for part in message["parts"]:
            if part.get("type") == "tool_call":
                return _words(f"{part.get('name')}({to_json(part.get('arguments'))})")
    if content.tool is not None:
        return _words(content.tool.result)
    return _words(content.output)
