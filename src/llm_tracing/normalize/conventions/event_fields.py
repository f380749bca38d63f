"""What one GenAI event says, as a structure: from a log record's body, or from attributes, flattened or JSON text.

- OpenTelemetry up to 1.36: a body {role, content, tool_calls, id} or, of a choice, {index, finish_reason, message}.
- Span events have no body. The same fields are attributes (Strands), flattened below `message.` and `tool_calls.`
  (LangSmith), or all of them are JSON text in `gen_ai.event.content` (Azure, Semantic Kernel).
- .NET and Semantic Kernel write the body as JSON text.
"""

from typing import Any

from llm_tracing.model import Attributes
from llm_tracing.normalize.conventions.contract import SentEvent
from llm_tracing.normalize.conventions.flattened import branches, items
from llm_tracing.normalize.conventions.serialized import literal
from llm_tracing.normalize.messages import WRAPPED_CALLS, WRAPPED_RESULTS
from llm_tracing.normalize.values import as_int, as_list, from_json_text

EVENT_CONTENT = "gen_ai.event.content"
# Fields of a message event, in the body or as attributes.
FIELDS = ("role", "content", "name", "id", "tool_call_id", "tool_calls", "message", "finish_reason", "index")
STRUCTURED = ("message", "tool_calls")
# Attributes that say which message of the conversation an event is: pydantic-ai, Semantic Kernel.
INDEX = ("gen_ai.message.index", "gen_ai.event.index", "CHAT_MESSAGE_INDEX")

Fields = dict[str, Any]
_BLOCK_KEYS = frozenset({"type", "kind", "text", "json", "parts", "reasoningContent", *WRAPPED_CALLS, *WRAPPED_RESULTS})
_NOTHING = frozenset({"", "None", "null"})


def fields_of(event: SentEvent) -> Fields:
    """The fields of FIELDS that a message event has."""
    body = from_json_text(event.body)
    if isinstance(body, dict) and body:
        return body
    if isinstance(body, list) and body:
        return {"content": body}
    if isinstance(body, str) and body not in _NOTHING:
        return {**_from_attributes(event.attributes), "content": body}
    return _from_attributes(event.attributes)


def _from_attributes(attributes: Attributes) -> Fields:
    whole = attributes.get(EVENT_CONTENT)
    if whole is not None:
        tree = from_json_text(whole)
        return tree if isinstance(tree, dict) else {"content": tree}
    found: Fields = {key: attributes[key] for key in FIELDS if attributes.get(key) is not None}
    found |= {key: literal(from_json_text(found[key])) for key in STRUCTURED if key in found}
    for root, branch in branches(attributes, STRUCTURED).items():
        if root in found:
            continue
        calls = items(branch.get("tool_calls") if root == "message" else branch)
        if root == "message":
            found[root] = {**branch, "tool_calls": calls} if calls else branch
        else:
            found[root] = calls
    return found


def blocks_of(content: Any) -> Any:
    """The content of a message: JSON text of a list of blocks as that list, a missing text as None."""
    if isinstance(content, str) and content in _NOTHING:
        return None
    tree = from_json_text(content) if isinstance(content, str) and content.lstrip()[:1] == "[" else content
    if isinstance(content, str) and not (isinstance(tree, list) and tree and all(map(_is_block, tree))):
        return content
    found: list[Any] = []
    for block in as_list(tree):
        if isinstance(block, dict) and isinstance(block.get("parts"), list):  # Gemini's Content
            found += block["parts"]
        elif isinstance(block, dict) and "type" not in block and isinstance(block.get("kind"), str):  # pydantic-ai
            found.append({**block, "type": block["kind"]})
        else:
            found.append(block)
    return found


def _is_block(block: Any) -> bool:
    return isinstance(block, dict) and not _BLOCK_KEYS.isdisjoint(block)


def place_of(event: SentEvent) -> int:
    """The place of an event among those of its time, where it says one; -1 where it does not."""
    for key in INDEX:
        place = as_int(event.attributes.get(key))
        if place is not None:
            return place
    index = event.body.get("index") if isinstance(event.body, dict) else event.attributes.get("index")
    place = as_int(index)
    return -1 if place is None else place
