"""OpenInference's flattened messages, documents and embeddings, as structures again.

Below `llm.input_messages.N.message`: role, name, content, contents.M.message_content.{type, text, image.image.url},
contents.M.tool_call and tool_calls.M.tool_call.{id, function.name, function.arguments}, tool_call_id. A text may stand
both in `content` and in `contents`, a call both in `contents` and in `tool_calls`: each counts once.
"""

from typing import Any

from llm_tracing.normalize import words
from llm_tracing.normalize.conventions.flattened import Branch, below, items
from llm_tracing.normalize.conventions.serialized import opened
from llm_tracing.normalize.messages import Messages, Part, call_part, result_part, text_part, with_calls
from llm_tracing.normalize.values import as_text, from_json_text


def flattened_messages(branch: Branch | None, default_role: str) -> Messages | None:
    found = [_results(item) or _message(below(item, "message"), default_role) for item in items(branch)]
    return [message for message in found if message is not None] or None


def _results(item: Branch) -> dict[str, Any] | None:
    """AutoGen's results of tools stand beside an empty message: function.N is JSON of {name, content, call_id}."""
    sent = item.get("function")
    if not isinstance(sent, dict):
        return None
    found = [from_json_text(sent[step]) for step in sorted(filter(str.isdecimal, sent), key=int)]
    parts = [result_part(as_text(one.get("call_id")), one.get("content")) for one in found if isinstance(one, dict)]
    return {"role": "tool", "parts": parts} if parts else None


def _message(sent: Any, default_role: str) -> dict[str, Any] | None:
    if not isinstance(sent, dict):
        return None
    role = words.role(sent.get("role"), default_role)
    if role == "user" and sent.get("tool_call_id"):  # Anthropic's results are told by the user
        role = "tool"
    parts = with_calls(_content(sent), _calls(sent))
    if role == "tool" and all(part["type"] == "text" for part in parts):
        texts = [str(part["content"]) for part in parts]
        if texts or sent.get("tool_call_id"):
            parts = [result_part(as_text(sent.get("tool_call_id")), _result("\n".join(texts)))]
    message: dict[str, Any] = {"role": role}
    if name := as_text(sent.get("name")):
        message["name"] = name
    message["parts"] = parts
    if reason := words.finish_reason(sent.get("finish_reason")):
        message["finish_reason"] = reason
    return message


def _result(text: str) -> Any:
    """A tool's result; the AI SDK wraps it as {"type": "text" | "json", "value": ...}."""
    value = from_json_text(text)
    if isinstance(value, dict) and value.keys() == {"type", "value"} and value["type"] in ("text", "json"):
        return from_json_text(value["value"])
    return value


def _content(message: Branch) -> list[Part]:
    """Parts from `contents`, and from `content` if its text is not among them already."""
    parts = [part for item in items(message.get("contents")) if (part := _part(item)) is not None]
    content = message.get("content")
    if isinstance(content, str):
        texts = [str(part["content"]) for part in parts if part["type"] == "text"]
        if content.strip() not in {joint.join(texts).strip() for joint in ("", "\n")}.union(map(str.strip, texts)):
            parts.insert(0, text_part(content))
    elif content is not None and not isinstance(content, dict):
        parts.insert(0, text_part(str(content)))
    return parts


def _part(item: Branch) -> Part | None:
    content = item.get("message_content")
    content = content if isinstance(content, dict) else {}
    if isinstance(item.get("tool_call"), dict):
        return _call(item["tool_call"])
    kind, text = as_text(content.get("type")), as_text(content.get("text"))
    if kind in ("reasoning", "thinking"):
        return {"type": "reasoning", "content": text} if text else None
    if text is not None:
        return text_part(text)
    url = as_text(below(content, "image", "image", "url") or below(content, "image", "url"))
    if url is not None:
        return {"type": "uri", "modality": "image", "uri": url}
    rest = {key: value for key, value in content.items() if key != "type"}
    return {"type": kind, **rest} if kind and kind != "text" and rest else None


def _calls(message: Branch) -> list[Part]:
    found = [item.get("tool_call") for item in items(message.get("tool_calls"))]
    calls = [_call(call) for call in found if isinstance(call, dict)]
    if name := as_text(message.get("function_call_name")):
        calls.append(call_part(None, name, message.get("function_call_arguments_json")))
    return calls


def _call(call: Branch) -> Part:
    arguments = opened(below(call, "function", "arguments"))
    name = as_text(below(call, "function", "name"))
    # CrewAI's are Python's repr, in quotes.
    return call_part(as_text(call.get("id")), name.strip("'") if name else None, arguments)


def plain_texts(branch: Branch | None, step: str, role: str) -> Messages | None:
    """Plain prompts and completions: one message each."""
    texts = [text for item in items(branch) if (text := as_text(below(item, step, "text")))]
    return [{"role": role, "parts": [text_part(text)]} for text in texts] or None


def embedded_texts(branch: Branch | None) -> list[str] | None:
    return [text for item in items(branch) if (text := as_text(below(item, "embedding", "text")))] or None


def documents_of(branch: Branch | None) -> list[dict[str, Any]] | None:
    found = []
    for item in items(branch):
        document = item.get("document")
        if isinstance(document, dict):
            known = {key: document[key] for key in ("id", "content", "score") if key in document}
            found.append({**known, "metadata": from_json_text(document.get("metadata"))})
    return found or None
