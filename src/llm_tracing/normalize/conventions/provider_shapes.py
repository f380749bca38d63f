"""Conversations in the providers' own JSON to canonical messages.

- OpenAI chat: {role, content, tool_calls, tool_call_id}; the old `function_call`; `reasoning_content` of DeepSeek and
  vLLM, `reasoning` of OpenRouter, `thinking` of Ollama.
- OpenAI Responses: items {type: message | function_call | function_call_output | reasoning | ...}.
- Anthropic: blocks of type text, thinking, tool_use, tool_result.
- Gemini: {role, parts: [{text, thought} | {functionCall} | {functionResponse}]}, also in snake case.
- Bedrock Converse: blocks without a type, {text} | {toolUse} | {toolResult} | {reasoningContent}.
- AI SDK: parts of type tool-call (toolCallId, toolName, args or input) and tool-result (output or result).
- LangChain: see serialized.py.

Source: the API references of these providers and the AI SDK's `ModelMessage`.
"""

from typing import Any

from llm_tracing.normalize import words
from llm_tracing.normalize.conventions.flattened import below
from llm_tracing.normalize.conventions.serialized import messages_in
from llm_tracing.normalize.messages import (
    TEXT_TYPES,
    Messages,
    Part,
    call_part,
    messages_of,
    result_part,
    text_part,
    with_tools_named,
)
from llm_tracing.normalize.values import as_list, from_json_text

# Items of the Responses API -> the field that holds what is asked or answered.
CALL_ITEMS: dict[str, str] = {"function_call": "arguments", "custom_tool_call": "input"}
RESULT_ITEMS = frozenset({"function_call_output", "custom_tool_call_output", "local_shell_call_output"})
NOTHING_SAID = frozenset({"item_reference", "cachePoint", "cache_point"})
REASONING_FIELDS = ("reasoning_content", "reasoning", "thinking")
GEMINI_CALL, GEMINI_RESULT = ("functionCall", "function_call"), ("functionResponse", "function_response")
# The types of AI SDK tool outputs whose `value` is the result.
SDK_OUTPUTS = frozenset({"text", "json", "error-text", "error-json", "content"})
NATIVE_IDS = ("id", "tool_use_id", "call_id", "toolUseId", "toolCallId", "tool_call_id")


def conversation(value: Any, default_role: str) -> Messages:
    """The messages of a list, or of a single message, item or text; what is no message is left out.

    Items of one turn of the assistant (reasoning, text, tool calls of the Responses API) become one message.
    """
    found: Messages = []
    loose = False
    for item in as_list(value):
        message = _message(item, default_role)
        if message is None:
            continue
        part_of_turn = _is_item(item)
        if found and (loose or part_of_turn) and found[-1]["role"] == message["role"] == "assistant":
            found[-1]["parts"] += message["parts"]
        else:
            found.append(message)
        loose = part_of_turn
    return with_tools_named(found)


def is_message(value: Any) -> bool:
    """A role with something to say."""
    return isinstance(value, dict) and isinstance(value.get("role"), str) and any(
        value.get(key) is not None for key in ("content", "parts", "tool_calls", "function_call")
    )  # fmt: skip


def _is_item(item: Any) -> bool:
    """One piece of a turn: an item of the Responses API, or a block of content that stands for itself."""
    kind = item.get("type") if isinstance(item, dict) else None
    if not isinstance(kind, str):
        return False
    if "role" in item:
        return kind == "message" and "status" in item
    return kind == "reasoning" or "content" not in item


def _message(item: Any, default_role: str) -> dict[str, Any] | None:
    if isinstance(item, str):
        return {"role": default_role, "parts": [text_part(item)]}
    if not isinstance(item, dict) or _is_tool_definition(item):
        return None
    kind = item.get("type")
    if isinstance(kind, str) and "role" not in item:
        if kind in NOTHING_SAID:
            return None
        if kind in CALL_ITEMS or kind in RESULT_ITEMS or kind == "reasoning" or kind.endswith("_call"):
            return _from_item(item, kind)
        if from_langchain := messages_in(item, default_role):
            return from_langchain[0]
    if "role" in item or "content" in item or "parts" in item:
        return _from_message(item, default_role)
    part = _block(item)
    if part is None or (part == item and kind not in TEXT_TYPES):
        return None
    return _from_message({"content": [item]}, default_role)


def _is_tool_definition(item: dict[str, Any]) -> bool:
    """Langfuse puts the tools on offer among the messages, each as the content of one."""
    content = item.get("content")
    return isinstance(content, dict) and isinstance(content.get("function"), dict) and "tool_call_id" not in item


def _from_item(item: dict[str, Any], kind: str) -> dict[str, Any] | None:
    if kind in RESULT_ITEMS:
        return {"role": "tool", "parts": [result_part(item.get("call_id"), plain(item.get("output")))]}
    if kind in CALL_ITEMS:
        call = call_part(item.get("call_id", item.get("id")), item.get("name"), item.get(CALL_ITEMS[kind]))
        return {"role": "assistant", "parts": [call]}
    if kind != "reasoning":
        return {"role": "assistant", "parts": [item]}
    said = [text for key in ("summary", "content") for block in as_list(item.get(key)) if (text := _text(block))]
    return {"role": "assistant", "parts": [{"type": "reasoning", "content": text} for text in said]} if said else None


def _from_message(item: dict[str, Any], default_role: str) -> dict[str, Any]:
    key = "parts" if item.get("parts") is not None else "content"
    said = from_json_text(item["parts"]) if key == "parts" else item.get(key, item.get("message"))  # the latter: Cohere
    blocks = [part for block in as_list(said) if (part := _block(block)) is not None]
    clean = {**item, key: blocks}
    if isinstance(item.get("function_call"), dict) and not item.get("tool_calls"):
        clean["tool_calls"] = [item["function_call"]]
    [message] = messages_of([clean], default_role) or [{"role": default_role, "parts": []}]
    thought = next((item[name] for name in REASONING_FIELDS if isinstance(item.get(name), str) and item[name]), None)
    if thought is not None and not any(part.get("type") == "reasoning" for part in message["parts"]):
        message["parts"].insert(0, {"type": "reasoning", "content": thought})
    if reason := words.finish_reason(item.get("finish_reason")):
        message["finish_reason"] = reason
    parts = message["parts"]
    if message["role"] == "user" and parts and all(part.get("type") == "tool_call_response" for part in parts):
        message["role"] = "tool"
    return message


def _block(block: Any) -> Any:
    """A part of a message in the words that messages.py knows; None for what says nothing."""
    if not isinstance(block, dict):
        return block
    kind = block.get("type")
    if kind in NOTHING_SAID or not NOTHING_SAID.isdisjoint(block):
        return None
    if kind in ("tool-call", "tool_use", "tool-result", "tool_result"):
        return _typed(block)
    if kind is not None and kind not in ("text", "tool_call", "function_call"):
        return block
    return _native(block)


def _typed(block: dict[str, Any]) -> Part:
    """Anthropic's and the AI SDK's tool calls and results."""
    identifier = next((block[key] for key in NATIVE_IDS if block.get(key)), None)
    if block["type"] in ("tool-call", "tool_use"):
        arguments = next((block[key] for key in ("input", "args", "arguments") if key in block), None)
        return call_part(identifier, block.get("toolName", block.get("name")), arguments)
    response = next((block[key] for key in ("output", "result", "content") if block.get(key) is not None), None)
    return result_part(identifier, plain(response))


def _native(block: dict[str, Any]) -> Any:
    """Gemini's and Bedrock's parts, which are known by their fields."""
    for names, make in ((GEMINI_CALL, _gemini_call), (GEMINI_RESULT, _gemini_result)):
        for name in names:
            if isinstance(block.get(name), dict):
                return make(block[name])
    if isinstance(use := block.get("toolUse"), dict):
        return call_part(use.get("toolUseId"), use.get("name"), use.get("input"))
    if isinstance(result := block.get("toolResult"), dict):
        return result_part(result.get("toolUseId"), plain(result.get("content")))
    if isinstance(thought := below(block, "reasoningContent", "reasoningText", "text"), str):
        return {"type": "reasoning", "content": thought}
    if isinstance(text := block.get("text"), str):
        return {"type": "reasoning", "content": text} if block.get("thought") is True else text_part(text)
    return block


def _gemini_call(call: dict[str, Any]) -> Part:
    return call_part(call.get("id"), call.get("name"), call.get("args"))


def _gemini_result(result: dict[str, Any]) -> Part:
    response = result.get("response")
    only = response if isinstance(response, dict) and len(response) == 1 else {}
    return result_part(result.get("id"), next((only[key] for key in ("result", "output") if key in only), response))


def plain(value: Any) -> Any:
    """A tool's result out of its wrapping: the AI SDK's {type, value}, or a list of nothing but texts or one JSON."""
    if isinstance(value, dict) and value.get("type") in SDK_OUTPUTS and "value" in value:
        value = value["value"]
    if isinstance(value, list) and value:
        if len(value) == 1 and isinstance(value[0], dict) and "json" in value[0]:
            return value[0]["json"]
        texts = [_text(block) if isinstance(block, dict) else None for block in value]
        if all(text is not None for text in texts):
            return "\n".join(str(text) for text in texts)
    return value


def _text(block: Any) -> str | None:
    text = block.get("text") if isinstance(block, dict) else block
    return text if isinstance(text, str) else None
