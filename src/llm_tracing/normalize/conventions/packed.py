"""Messages that a client packed into the text of others.

Source: OpenLLMetry for JavaScript, of requests to the Responses API and of LangChain.js, whose content may be blocks.
"""

from typing import Any

from llm_tracing.normalize.conventions.provider_shapes import conversation
from llm_tracing.normalize.messages import TEXT_TYPES, Messages, text_part
from llm_tracing.normalize.values import from_json_text


def unpacked(messages: Messages | None) -> Messages | None:
    """Messages without JSON in their texts: a whole conversation in the only one, blocks of text in any."""
    if messages and len(messages) == 1 and (inside := _conversation(messages[0]["parts"])):
        return inside
    for message in messages or ():
        message["parts"] = [block for part in message["parts"] for block in _blocks(part)]
    return messages


def _conversation(parts: Messages) -> Messages | None:
    tree = _json_list(parts[0]) if len(parts) == 1 else None
    if not tree or not all("role" in item or "call_id" in item for item in tree):
        return None
    return conversation(tree, "user") or None


def _blocks(part: dict[str, Any]) -> Messages:
    tree = _json_list(part)
    if not tree or not all(item.get("type") in TEXT_TYPES and isinstance(item.get("text"), str) for item in tree):
        return [part]
    return [text_part(item["text"]) for item in tree]


def _json_list(part: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The objects of a text part that is a JSON list of nothing else."""
    text = part.get("content")
    if part.get("type") != "text" or not isinstance(text, str) or not text.startswith("[{"):
        return None
    tree = from_json_text(text)
    return tree if isinstance(tree, list) and all(isinstance(item, dict) for item in tree) else None
