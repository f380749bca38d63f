"""What OpenInference's flattened messages lost and the raw input and output beside them still have.

Source: the instrumentations for JavaScript: of LangChain.js the blocks of a message, of Anthropic's SDK the system text
and all results of tools in one message but the last.
"""

from collections.abc import Callable
from typing import Any

from llm_tracing.normalize.conventions.provider_json import request_messages, system_in
from llm_tracing.normalize.conventions.serialized import messages_in
from llm_tracing.normalize.messages import Messages
from llm_tracing.normalize.values import from_json_text


def or_fuller(found: Messages | None, raw: Callable[[], Messages | None]) -> Messages | None:
    """The same messages from the raw value, where flattened ones came without some of their content.

    Of a list of blocks nothing may be left, of several results of tools in one message the last.
    """
    if not found or not (any(not message["parts"] for message in found) or _lacks_results(found)):
        return found
    whole = raw()
    return whole if whole and _parts(whole) > _parts(found) else found


def _lacks_results(messages: Messages) -> bool:
    types = [part.get("type") for message in messages[:-1] for part in message["parts"]]
    types += [part.get("type") for message in messages[-1:] if message["role"] == "tool" for part in message["parts"]]
    return types.count("tool_call") > types.count("tool_call_response")


def raw_messages(sent: Any) -> Messages | None:
    """The messages of LangChain's input or of a provider's request."""
    return messages_in(sent, "user") or (request_messages(sent) if _is_request(sent) else None)


def _is_request(sent: Any) -> bool:
    tree = from_json_text(sent)
    return isinstance(tree, dict) and "model" in tree and isinstance(tree.get("messages"), list)


def raw_system(asked: Messages | None, sent: Any) -> Messages | None:
    """The system text of a raw request, where it is not among the flattened messages."""
    if not asked or any(message["role"] == "system" for message in asked) or not _is_request(sent):
        return None
    return system_in(sent)


def _parts(messages: Messages) -> int:
    return sum(len(message["parts"]) for message in messages)
