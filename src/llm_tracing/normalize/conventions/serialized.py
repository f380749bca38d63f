"""What frameworks write into generic inputs and outputs, which are JSON text of their own objects.

- A call: {"args": [...], "kwargs": {...}} (OpenLLMetry's decorators, smolagents), {"inputs": ..., "tags": ...} and
  {"input_str": ..., "inputs": ...} (OpenLLMetry for LangChain). LlamaIndex leaves out what is empty, and its tools give
  back {"tool_name", "blocks": [{"text"}], "raw_input", "raw_output"}.
- A LangChain message: {"lc": 1, "id": [..., "AIMessage"], "kwargs": {...}}, {"type": "ai", "data": {...}} or
  {"type": "ai", "content": ..., ...} (MLflow, Langfuse); older versions write a tool's message as text,
  `content='...' name='...' tool_call_id='...'`.

Every function takes a value as sent and gives a JSON value; what it does not know it gives back.
"""

import ast
import re
from typing import Any

from llm_tracing.normalize.conventions.contract import Content
from llm_tracing.normalize.messages import Messages, messages_of, response_of, with_tools_named
from llm_tracing.normalize.values import from_json_text

_MAX_LITERAL = 100_000  # characters; a longer Python literal stays text
_TOOL_MESSAGE = re.compile(r"content=(?P<content>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")(?P<rest>(?: \w+=.*)?)\Z", re.S)


def opened(value: Any) -> Any:
    """JSON text of an object, an array or a text, as a value; a text inside that is JSON again is opened too."""
    if isinstance(value, str) and value[:1] == '"' and value[-1:] == '"':
        inside = from_json_text(f"[{value}]")
        if isinstance(inside, list) and len(inside) == 1 and isinstance(inside[0], str):
            return from_json_text(inside[0])
    return from_json_text(value)


def literal(value: Any) -> Any:
    """A Python dict or list that came as its `repr`; anything else as it is."""
    if not isinstance(value, str) or value.strip()[:1] not in ("{", "[") or len(value) > _MAX_LITERAL:
        return value
    try:
        found = ast.literal_eval(value.strip())
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return value
    return found if isinstance(found, dict | list) and _is_json(found) else value


def _is_json(tree: Any) -> bool:
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if not all(isinstance(key, str) for key in node):
                return False
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
        elif isinstance(node, int):
            if abs(node) >= 2**63:
                return False
        elif node is not None and not isinstance(node, str | float):
            return False
    return True


def call_input(value: Any) -> Any:
    """What a function was called with."""
    call = opened(value)
    if not isinstance(call, dict):
        return literal(call)
    if "input_str" in call:
        inputs = call.get("inputs")
        return inputs if isinstance(inputs, dict) else literal(from_json_text(call["input_str"]))
    if "inputs" in call and call.keys() <= {"inputs", "tags", "metadata", "kwargs"}:
        return call["inputs"]
    without_names = "kwargs" not in call
    if call.keys() <= {"args", "kwargs"}:
        call = {"args": [], "kwargs": {}, **call}
    args, kwargs = call.get("args"), call.get("kwargs")
    if not isinstance(args, list) or not isinstance(kwargs, dict):
        return call
    if not args:
        return kwargs
    if without_names:  # OpenLLMetry for LangChain.js: the arguments of a tool as JSON text
        args = [from_json_text(arg) for arg in args]
    return args[0] if len(args) == 1 and not kwargs else {"args": args, "kwargs": kwargs} if kwargs else args


def call_output(value: Any) -> Any:
    """What a function gave back; of a LangChain tool message its content."""
    answer = opened(value)
    if isinstance(answer, dict):
        for key in ("outputs", "output"):
            if key in answer and answer.keys() <= {key, "kwargs", "tags", "metadata"}:
                answer = answer[key]
                break
        else:
            answer = _tool_output(answer)
    return message_content(answer)


def _tool_output(answer: dict[str, Any]) -> Any:
    """LlamaIndex's `ToolOutput`: of its text blocks, which the model is given, the value; anything else as it is."""
    blocks = answer.get("blocks")
    if "tool_name" not in answer or "raw_output" not in answer or not isinstance(blocks, list):
        return answer
    text = response_of(blocks)
    return from_json_text(text) if isinstance(text, str) else answer


def message_content(value: Any) -> Any:
    """The content of one serialised LangChain tool message; anything else as it is."""
    fields = message_fields(value)
    if fields is not None and fields["type"] == "tool":
        return from_json_text(fields.get("content"))
    text = _TOOL_MESSAGE.match(value) if isinstance(value, str) and value.startswith("content=") else None
    if text is None or "tool_call_id=" not in text["rest"]:
        return value
    try:
        return from_json_text(ast.literal_eval(text["content"]))
    except (ValueError, SyntaxError):
        return value


def tool_message(value: Any) -> dict[str, Any]:
    """The name and tool_call_id of one serialised LangChain tool message; nothing of anything else."""
    fields = message_fields(opened(value))
    return fields if fields is not None and fields["type"] == "tool" else {}


def documents_in(value: Any) -> list[dict[str, Any]] | None:
    """Retrieved documents: texts or {page_content | content | text, metadata, id, score}, a list or `documents`.

    LlamaIndex wraps each as {"node": {"id_", "text", "metadata"}, "score"}.
    """
    given = opened(value)
    sent = given.get("documents") if isinstance(given, dict) else given
    if not isinstance(sent, list):
        return None
    found: list[dict[str, Any]] = []
    for item in sent:
        fields = item.get("kwargs", item) if isinstance(item, dict) else {"page_content": item}
        if isinstance(fields, dict) and isinstance(node := fields.get("node"), dict):
            fields = {**node, "id": node.get("id_"), "score": fields.get("score")}
        if isinstance(fields, dict):
            content = next((fields[key] for key in ("page_content", "content", "text") if key in fields), None)
            known = {key: fields[key] for key in ("id", "score") if fields.get(key) is not None}
            found.append({**known, "content": content, "metadata": fields.get("metadata", fields.get("meta"))})
    return found


def messages_in(value: Any, default_role: str) -> Messages | None:
    """The messages in a LangChain object: a message, a list of them, or a state that holds `messages`."""
    tree = opened(value)
    in_state = isinstance(tree, dict) and isinstance(tree.get("messages"), list)
    if in_state:
        tree = tree["messages"]
    while isinstance(tree, list) and len(tree) == 1 and isinstance(tree[0], list):  # one list a prompt
        tree = tree[0]
    many = tree if isinstance(tree, list) else [tree]
    fields = [message_fields(item) or (_of_state(item) if in_state else None) for item in many]
    known = [found for found in fields if found is not None]
    if not known or len(known) != len(many):
        return None
    return with_tools_named(messages_of(known, default_role) or [])


def _of_state(value: Any) -> dict[str, Any] | None:
    """A message that an application itself put into a state, {"role", "content"}."""
    return value if isinstance(value, dict) and {"role", "content"} <= value.keys() else None


def answer_in(value: Any) -> Messages | None:
    """The messages that a step added: of a state, which holds the whole conversation, those after the last question."""
    messages = messages_in(value, "assistant")
    if messages is None:
        return None
    asked = max((place for place, message in enumerate(messages) if message["role"] == "user"), default=-1)
    return messages[asked + 1 :] or messages


def exchange(called: Any, answer: Any) -> Content:
    """What a step got and gave: as messages where it is told in messages, else as it is."""
    said, told = messages_in(called, "user"), answer_in(answer)
    return Content(
        input=None if said else called,
        output=None if told else answer,
        input_messages=said,
        output_messages=told,
    )


_CLASS = re.compile(r"(human|ai|system|tool|function|developer|chat)(?:message)?(?:chunk)?\Z", re.IGNORECASE)


def message_fields(value: Any) -> dict[str, Any] | None:
    """Type, role, content, tool calls of a LangChain message in any of its forms; None if it is none.

    The forms are {"lc", "id", "kwargs"}, {"type", "data"}, and the fields alone: {"type": "ai", "content": ...}.
    """
    if not isinstance(value, dict):
        return None
    path, fields, kind = value.get("id"), value.get("kwargs"), value.get("type")
    if "lc" in value and isinstance(path, list) and path and isinstance(fields, dict):
        kind = path[-1]
    elif isinstance(value.get("data"), dict):
        fields = value["data"]
    elif "content" in value and "role" not in value:
        fields = value
    known = _CLASS.match(kind) if isinstance(kind, str) else None
    if known is None or not isinstance(fields, dict):
        return None
    kind = known[1].lower()
    wanted = ("content", "name", "tool_calls", "tool_call_id")
    found = {"type": kind, "role": kind, **{key: fields[key] for key in wanted if fields.get(key)}}
    if kind == "chat":
        found["role"] = fields.get("role")
    return {**_of_provider(fields), **found}


def _of_provider(fields: dict[str, Any]) -> dict[str, Any]:
    """What older versions leave in the provider's own form, and calls whose arguments were no JSON."""
    more = fields.get("additional_kwargs")
    if not more and not fields.get("invalid_tool_calls"):
        return {}
    more = more if isinstance(more, dict) else {}
    calls = more.get("tool_calls") or fields.get("invalid_tool_calls")
    wanted = {"tool_calls": calls, **{key: more.get(key) for key in ("function_call", "reasoning_content")}}
    return {key: value for key, value in wanted.items() if value}
