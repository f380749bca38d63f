"""What stands in the inputs and outputs of a LangSmith run: the arguments and results of whatever was traced.

The wrappers of providers' SDKs leave requests and answers in the provider's shape, LangChain its own objects, and a
traced function its parameters by name and its result under `output` (Python) or `outputs` (JavaScript).
Source: langsmith-sdk, `wrappers/` and `run_helpers.traceable`; langchain-core, `tracers`.
"""

from typing import Any

from llm_tracing.normalize.conventions.flattened import below
from llm_tracing.normalize.conventions.serialized import literal, message_fields, opened
from llm_tracing.normalize.messages import Messages, Part, messages_of, text_part
from llm_tracing.normalize.values import as_list, from_json_text
from llm_tracing.normalize.words import ROLES

Json = Any
MESSAGES = ("messages", "input", "contents", "chat_history", "history")
PROMPTS = ("prompts", "prompt", "input", "inputs", "question", "query", "text")
SYSTEM = ("instructions", "system", "system_instruction")
RESULT = ("output", "outputs", "result", "response", "answer", "text", "completion", "generated_text")
CHOICES = ("generations", "choices", "candidates")
DOCUMENTS = ("documents", "output", "outputs", "results")
_ITEMS = frozenset(
    {"function_call", "function_call_output", "reasoning", "custom_tool_call", "custom_tool_call_output"}
)


def chat(value: Json, default_role: str) -> Messages | None:
    """Messages in any of their shapes; None where something is none."""
    tree = opened(value)
    if isinstance(tree, dict) and isinstance(tree.get("messages"), list):
        tree = tree["messages"]
    many = _flattened(tree) if isinstance(tree, list) else [tree]
    found = [_message(item, default_role) for item in many]
    known = [message for message in found if message is not None]
    return known if known and len(known) == len(many) else None


def _flattened(items: list[Json]) -> list[Json]:
    """LangChain has a list of messages for each prompt; a pair of role and text is a message."""
    if all(isinstance(item, list) and not _is_pair(item) for item in items):
        return [message for inner in items for message in inner]
    return items


def _is_pair(item: list[Json]) -> bool:
    return len(item) == 2 and all(isinstance(word, str) for word in item) and item[0].lower() in ROLES


def _message(item: Json, default_role: str) -> dict[str, Any] | None:
    if isinstance(item, list) and _is_pair(item):
        item = {"role": item[0], "content": item[1]}
    if not isinstance(item, dict):
        return None
    known = message_fields(item)
    if known is None:
        if isinstance(kind := item.get("type"), str) and kind in _ITEMS:
            known = _of_item(item)
        elif isinstance(item.get("role"), str) or (item.get("type") == "message" and "content" in item):
            known = item
        else:
            return None
    messages = messages_of([_tidied(known)], default_role)
    return messages[0] if messages else None


def _of_item(item: dict[str, Any]) -> dict[str, Any]:
    """An item of OpenAI's Responses API that is no message."""
    kind = str(item["type"]).removeprefix("custom_")
    if kind in ("tool_call_output", "function_call_output"):
        return {"role": "tool", "tool_call_id": item.get("call_id"), "content": item.get("output") or ""}
    if kind == "reasoning":
        summary = item.get("summary") or item.get("content")
        texts = [part["text"] for part in as_list(summary) if isinstance(part, dict) and "text" in part]
        return {"role": "assistant", "parts": [{"type": "reasoning", "content": "\n".join(map(str, texts))}]}
    arguments = item.get("arguments", item.get("input"))
    return {
        "role": "assistant",
        "tool_calls": [{"id": item.get("call_id"), "name": item.get("name"), "args": arguments}],
    }


def _tidied(message: dict[str, Any]) -> dict[str, Any]:
    """A message whose less usual fields stand where messages.py looks for them."""
    clean = {key: value for key, value in message.items() if key != "name" or isinstance(value, str)}
    if isinstance(call := message.get("function_call"), dict) and not message.get("tool_calls"):
        clean["tool_calls"] = [call]
    if isinstance(content := message.get("content"), list):
        clean["content"] = [_tidied_part(part) for part in content]
    elif content is None and isinstance(message.get("refusal"), str):
        clean["content"] = message["refusal"]
    elif isinstance(content, dict):
        clean["content"] = [content]
    thought = message.get("reasoning_content") or message.get("reasoning")
    if isinstance(thought, str) and "parts" not in message:
        clean["content"] = [{"type": "reasoning", "content": thought}, *as_list(clean.get("content"))]
    return clean


def _tidied_part(part: Json) -> Json:
    """The AI SDK's names of a tool call's fields."""
    if not isinstance(part, dict) or not {"toolName", "toolCallId"} & part.keys():
        return part
    names = {"toolName": "name", "toolCallId": "id"}
    return {names.get(key, key): value for key, value in part.items() if not (key == "args" and value is None)}


def asked(inputs: Json) -> tuple[Messages | None, list[Part] | None]:
    """The messages of a model call and the system text sent apart from them."""
    inputs = opened(inputs)
    if not isinstance(inputs, dict):
        return chat(inputs, "user") or _texts(inputs, "user"), None
    named = [inputs[key] for key in MESSAGES if key in inputs] or list(inputs.values())
    found = next((messages for value in named if (messages := chat(value, "user"))), None)
    if found is None:
        prompts = [inputs[key] for key in PROMPTS if key in inputs] or (
            list(inputs.values()) if len(inputs) == 1 else []
        )
        found = next((messages for value in prompts if (messages := _texts(value, "user"))), None)
    return found, next((parts for key in SYSTEM if (parts := _system(inputs.get(key)))), None)


def _system(value: Json) -> list[Part] | None:
    if not value or not isinstance(value, str | list | dict):
        return None
    content = value if isinstance(value, str) else as_list(value)
    messages = messages_of([{"role": "system", "content": content}], "system")
    return (messages[0]["parts"] or None) if messages else None


def _texts(value: Json, role: str) -> Messages | None:
    """Plain text, or a list of plain texts."""
    many = value if isinstance(value, list) else [value]
    if not many or not all(isinstance(text, str) and text for text in many):
        return None
    return [{"role": role, "parts": [text_part(text)]} for text in many]


def answered(outputs: Json) -> Messages | None:
    """The messages that a model gave back."""
    outputs = opened(outputs)
    if isinstance(outputs, list):
        return _streamed(outputs) or chat(outputs, "assistant")
    if not isinstance(outputs, dict):
        return _texts(outputs, "assistant")
    for key in CHOICES:
        if isinstance(outputs.get(key), list):
            return _choices(outputs[key])
    if isinstance(outputs.get("message"), dict | str):
        return answered(outputs["message"])
    if known := chat(outputs, "assistant"):
        return after_last_question(known) if "messages" in outputs else known
    if isinstance(outputs.get("content"), str | list) or isinstance(outputs.get("tool_calls"), list):
        return chat({"role": "assistant", **outputs}, "assistant")
    return next((messages for key in RESULT if key in outputs and (messages := answered(outputs[key]))), None)


def is_answer(outputs: Json) -> bool:
    """Whether only a model gives this: an SDK's response or LangChain's result."""
    return isinstance(outputs, dict) and any(isinstance(outputs.get(key), list) for key in CHOICES)


def after_last_question(messages: Messages) -> Messages:
    """Of a whole conversation what came after the last question."""
    asked = max((place for place, message in enumerate(messages) if message["role"] == "user"), default=-1)
    return messages[asked + 1 :] or messages


def _choices(choices: list[Json]) -> Messages | None:
    """The answers among which one could choose; of several prompts those of the first."""
    while choices and isinstance(choices[0], list):
        choices = choices[0]
    found: Messages = []
    for choice in choices:
        if not isinstance(choice, dict):
            continue
        said = choice.get("message") or choice.get("delta") or choice.get("content")
        if isinstance(said, dict) and "parts" in said:  # Gemini
            said = {"role": "assistant", "content": said["parts"]}
        if isinstance(said, dict) and "role" not in said and message_fields(said) is None:
            said = {"role": "assistant", **said}
        messages = chat(said, "assistant")
        messages = messages or _texts(choice.get("text", said), "assistant") or []
        found += [message for message in messages if message["parts"]]
    return found or None


def _streamed(chunks: list[Json]) -> Messages | None:
    """The chunks of a stream that nobody put together: texts, OpenAI's chunks, or LangChain's."""
    if not chunks:
        return None
    if all(isinstance(chunk, str) for chunk in chunks):
        return _texts("".join(chunks), "assistant")
    if all(isinstance(chunk, dict) and isinstance(chunk.get("choices"), list) for chunk in chunks):
        return _of_deltas([below(choice, "delta") for chunk in chunks for choice in chunk["choices"][:1]])
    known = [message_fields(chunk) for chunk in chunks]
    if len(chunks) > 1 and all(found is not None and isinstance(found.get("content", ""), str) for found in known):
        return _texts("".join(found.get("content", "") for found in known if found), "assistant")
    return None


def _of_deltas(deltas: list[Json]) -> Messages | None:
    text = "".join(said for delta in deltas if isinstance(said := below(delta, "content"), str))
    calls: dict[Json, dict[str, Any]] = {}
    for delta in deltas:
        for call in as_list(below(delta, "tool_calls")):
            if isinstance(call, dict):
                known = calls.setdefault(str(call.get("index")), {"id": None, "name": None, "args": ""})
                known["id"] = known["id"] or call.get("id")
                known["name"] = known["name"] or below(call, "function", "name")
                known["args"] += str(below(call, "function", "arguments") or "")
    if not text and not calls:
        return None
    return messages_of([{"role": "assistant", "content": text, "tool_calls": list(calls.values())}], "assistant")


def generic(value: Json) -> Json:
    """What a function was given or gave back: the value itself where it stands alone under LangSmith's own name."""
    tree = opened(value)
    if isinstance(tree, dict) and len(tree) == 1:
        [(key, only)] = tree.items()
        if key in ("input", "output", "outputs"):
            return from_json_text(only)
    return tree


def tool_arguments(inputs: Json) -> Json:
    """Older LangChain writes the arguments as text, Python's or JSON's, under `input`."""
    tree = opened(inputs)
    if isinstance(tree, dict) and tree.keys() == {"args"} and isinstance(tree["args"], list):
        arguments, *options = tree["args"] or [None]
        if options and isinstance(options[0], dict) and "toolCallId" in options[0]:  # how the AI SDK calls a tool
            return arguments
    if isinstance(tree, dict) and tree.keys() == {"input"}:
        inside = literal(from_json_text(tree["input"]))
        return inside if isinstance(inside, dict | list) else tree
    return literal(tree)


def tool_result(outputs: Json) -> tuple[Json, str | None]:
    """The result of a tool, and the id of the call where LangChain's message about it has that."""
    tree = generic(outputs)
    message = message_fields(tree)
    if message is None or message["type"] not in ("tool", "function"):
        return opened(tree), None
    identifier = message.get("tool_call_id")
    return opened(message.get("content")), identifier if isinstance(identifier, str) else None


def tool_call_id(inputs: Json) -> str | None:
    """The id of the call in the options with which the AI SDK calls a tool."""
    sent = below(opened(inputs), "args")
    found = below(sent[1], "toolCallId") if isinstance(sent, list) and len(sent) > 1 else None
    return found if isinstance(found, str) else None


def documents(outputs: Json) -> list[dict[str, Any]] | None:
    tree = opened(outputs)
    if isinstance(tree, dict):
        tree = next((tree[key] for key in DOCUMENTS if isinstance(tree.get(key), list)), None)
    return [_document(item) for item in tree] if isinstance(tree, list) else None


def _document(item: Json) -> dict[str, Any]:
    fields = item.get("kwargs", item) if isinstance(item, dict) else {"page_content": item}
    fields = fields if isinstance(fields, dict) else {"page_content": fields}
    names = ("page_content", "pageContent", "content", "text")
    content = next((fields[name] for name in names if fields.get(name) is not None), None)
    known = {key: fields[key] for key in ("id", "score") if fields.get(key) is not None}
    return {**known, "content": content, "metadata": fields.get("metadata")}
