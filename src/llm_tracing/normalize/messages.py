"""Messages as clients write them to the one form that is shown: the messages JSON of OpenTelemetry's GenAI conventions.

{role: system | user | assistant | tool, name?, parts: [...], finish_reason?}; the parts are text, reasoning, tool_call
(id, name, arguments) and tool_call_response (id, response); any other part stays as sent. The same content is also
read in the shapes of OpenAI (`content`, `tool_calls`), Anthropic (`tool_use`, `tool_result`) and LangChain.
"""

import json
from typing import Any

from llm_tracing.normalize import words
from llm_tracing.normalize.values import as_list, from_json_text

Messages = list[dict[str, Any]]
Part = dict[str, Any]

TEXT_TYPES = frozenset({"text", "input_text", "output_text"})
REASONING_TYPES = frozenset({"reasoning", "thinking"})
CALL_TYPES = frozenset({"tool_call", "tool_use", "toolUse", "tool-call", "function_call"})
RESULT_TYPES = frozenset({"tool_call_response", "tool_result", "toolResult", "tool-result", "function_call_output"})
# Parts whose type is their only key, {"toolUse": {...}}: Bedrock's Converse API and Gemini, in both its spellings.
WRAPPED_CALLS = ("toolUse", "functionCall", "function_call")
WRAPPED_RESULTS = ("toolResult", "functionResponse", "function_response")
_IDS = ("id", "tool_use_id", "call_id", "toolUseId", "tool_call_id")


def messages_of(value: Any, default_role: str) -> Messages | None:
    """The canonical messages in a value that is JSON text, a structure, or plain text; None where there is none."""
    tree = from_json_text(value)
    if tree is None:
        return None
    if isinstance(tree, dict) and isinstance(tree.get("messages"), list):
        tree = tree["messages"]
    return [_message(message, default_role) for message in as_list(tree)]


def text_of(message: dict[str, Any]) -> str:
    """The plain text of a message: its text parts, one after the other."""
    texts = (part.get("content") for part in message.get("parts", ()) if part.get("type") == "text")
    return "\n".join(text for text in texts if isinstance(text, str))


def text_part(text: Any) -> Part:
    return {"type": "text", "content": text}


def call_part(identifier: Any, name: Any, arguments: Any) -> Part:
    return {"type": "tool_call", "id": identifier, "name": name, "arguments": from_json_text(arguments)}


def result_part(identifier: Any, response: Any) -> Part:
    return {"type": "tool_call_response", "id": identifier, "response": from_json_text(response)}


def with_tools_named(messages: Messages) -> Messages:
    """A message whose role is the name of a tool that was asked for is its result: Langfuse for LangChain.js."""
    asked: dict[str, list[Any]] = {}
    for message in messages:
        if message["role"] in asked and all(part.get("type") == "text" for part in message["parts"]):
            name, texts = message["role"], [str(part["content"]) for part in message["parts"]]
            identifier = asked[name].pop(0) if asked[name] else None
            message |= {"role": "tool", "parts": [result_part(identifier, "\n".join(texts))]}
        for part in message["parts"]:
            if part.get("type") == "tool_call" and isinstance(part.get("name"), str):
                asked.setdefault(part["name"], []).append(part.get("id"))
    return messages


def with_calls(parts: list[Part], calls: list[Part]) -> list[Part]:
    """Parts and the tool calls that are not among them yet; a call is known by its id, else by name and arguments.

    A streamed part may know the call but not its arguments, which are then those of the call.
    """
    known = [part for part in parts if part.get("type") == "tool_call"]
    for part in known:
        if not part.get("arguments"):
            told = next((call for call in calls if call.get("id") and call["id"] == part.get("id")), {})
            part["arguments"] = told.get("arguments") or part.get("arguments")
    return parts + [call for call in calls if not any(_same_call(call, other) for other in known)]


def _same_call(call: Part, other: Part) -> bool:
    if call.get("id") and other.get("id"):
        return bool(call["id"] == other["id"])
    return (call.get("name"), call.get("arguments")) == (other.get("name"), other.get("arguments"))


def _message(message: Any, default_role: str) -> dict[str, Any]:
    if not isinstance(message, dict):
        return {"role": default_role, "parts": [_part(message)]}
    role = words.role(message.get("role"), default_role)
    clean: dict[str, Any] = {"role": role}
    if message.get("name"):
        clean["name"] = message["name"]
    if message.get("parts") is not None:
        parts = [_part(part) for part in as_list(message["parts"])]
        clean["parts"] = with_calls(_told_by_tool(message, role, parts), _calls_beside(message))
    else:
        clean["parts"] = _content_parts(message, role)
    if message.get("finish_reason"):
        clean["finish_reason"] = words.finish_reason(message["finish_reason"]) or message["finish_reason"]
    return clean


def _content_parts(message: dict[str, Any], role: str) -> list[Part]:
    """The parts of a message that has `content` and perhaps `tool_calls` beside it."""
    parts = [_part(part) for part in as_list(message.get("content")) if part != ""]
    return with_calls(_told_by_tool(message, role, parts), _calls_beside(message))


def _told_by_tool(message: dict[str, Any], role: str, parts: list[Part]) -> list[Part]:
    """The texts of a message that names the call it answers are one result."""
    if role == "tool" and "tool_call_id" in message and not any(part.get("type") in RESULT_TYPES for part in parts):
        told = message["parts"] if message.get("parts") is not None else message.get("content")
        return [result_part(message["tool_call_id"], response_of(told))]
    return parts


def _calls_beside(message: dict[str, Any]) -> list[Part]:
    """The calls beside the content; LiteLLM sends them beside `parts` too."""
    return [_call(call) for call in as_list(message.get("tool_calls")) if isinstance(call, dict)]


def _call(call: dict[str, Any]) -> Part:
    """A tool call beside the content: OpenAI's {id, function: {name, arguments}} or LangChain's {id, name, args}."""
    function = call["function"] if isinstance(call.get("function"), dict) else call
    arguments = next((function[key] for key in ("arguments", "args", "input") if key in function), None)
    return call_part(call.get("id"), function.get("name"), arguments)


def _part(part: Any) -> Part:
    if not isinstance(part, dict):
        return text_part(part if isinstance(part, str) else json.dumps(part, ensure_ascii=False))
    kind = part.get("type")
    if kind == "tool_call" and "args" not in part:
        return {**part, "arguments": from_json_text(part.get("arguments"))}
    if kind == "tool_call_response":
        response = part["response"] if "response" in part else part.get("result")
        rest = {key: value for key, value in part.items() if key not in ("response", "result")}
        return {**rest, "response": from_json_text(blocks_text(from_json_text(response)))}
    if kind is None:
        return _untyped(part)
    if not isinstance(kind, str) or ("content" in part and kind not in RESULT_TYPES):
        return part
    if kind in TEXT_TYPES and isinstance(part.get("text"), str):
        return text_part(part["text"])
    if kind in REASONING_TYPES and isinstance(text := part.get("text", part.get("thinking")), str):
        return {"type": "reasoning", "content": text}
    if kind in CALL_TYPES:
        return {**_call(part), "id": part.get("id", part.get("call_id", part.get("toolUseId")))}
    if kind in RESULT_TYPES:
        return result_part(_id_of(part), response_of(part.get("content", part.get("output"))))
    return part


def _untyped(part: Part) -> Part:
    """A part of Bedrock or Gemini: {"text": ...}, {"toolUse": {...}}, {"functionResponse": {...}} and so on."""
    if isinstance(part.get("text"), str):
        return (
            {"type": "reasoning", "content": part["text"]} if part.get("thought") is True else text_part(part["text"])
        )
    for key in WRAPPED_CALLS:
        if isinstance(call := part.get(key), dict):
            return {**_call(call), "id": _id_of(call)}
    for key in WRAPPED_RESULTS:
        if isinstance(result := part.get(key), dict):
            given = result["response"] if "response" in result else result.get("content")
            identifier = _id_of(result)
            return result_part(result.get("name") if identifier is None else identifier, response_of(given))
    reasoning = part.get("reasoningContent")
    text = reasoning.get("reasoningText") if isinstance(reasoning, dict) else None
    if isinstance(text, dict) and isinstance(text.get("text"), str):
        return {"type": "reasoning", "content": text["text"]}
    return part


def _id_of(part: Part) -> Any:
    return next((part[key] for key in _IDS if part.get(key) is not None), None)


def blocks_text(value: Any) -> Any:
    """The text of a list of blocks that hold text and nothing else, as tools of Bedrock's API give; else as it is."""
    if not isinstance(value, list) or not value or not all(map(_is_text_block, value)):
        return value
    return response_of(value)


def _is_text_block(block: Any) -> bool:
    return isinstance(block, dict) and "text" in block and block.keys() <= {"text", "type"}


def response_of(content: Any) -> Any:
    """What a tool gave back: of a list of text blocks the text, of a lone block of JSON its value; else as sent."""
    if isinstance(content, dict) and content.get("type") in TEXT_TYPES:
        content = [content]
    if not isinstance(content, list) or not content:
        return content
    if len(content) == 1 and isinstance(content[0], dict) and "json" in content[0]:
        return content[0]["json"]
    texts = [block.get("text", block.get("content")) if isinstance(block, dict) else block for block in content]
    known = [text for text in texts if isinstance(text, str)]
    return "\n".join(known) if len(known) == len(texts) else content
