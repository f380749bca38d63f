"""Requests and responses of model providers, as JSON text or structure: messages, model, finish reasons, usage.

Read are OpenAI (chat, Responses, completions), Anthropic, Gemini, Bedrock Converse, Cohere, Ollama, and LangChain's
results. Which one it is shows in the fields; nothing has to be said beside. What a value does not hold reads as None or
empty, and nothing raises.
"""

from typing import Any

from llm_tracing.normalize import words
from llm_tracing.normalize.conventions import langchain_result
from llm_tracing.normalize.conventions.flattened import below
from llm_tracing.normalize.conventions.provider_shapes import conversation, is_message
from llm_tracing.normalize.conventions.provider_usage import usage_of
from llm_tracing.normalize.conventions.serialized import answer_in, messages_in, opened
from llm_tracing.normalize.messages import Messages
from llm_tracing.normalize.values import as_list, as_text, from_json_text

# Where a request keeps its conversation; the first that is there.
CONVERSATION = ("messages", "input", "contents", "prompt")
SYSTEM = ("system", "instructions", "systemInstruction", "system_instruction", "preamble")
CONFIG = ("config", "generation_config", "generationConfig")
MODEL = ("model", "modelVersion", "model_version", "modelId", "model_id", "model_name")
RESPONSE_ID = ("id", "responseId", "response_id")
USAGE = ("usage", "usageMetadata", "usage_metadata", "token_usage")
FINISH = ("finish_reason", "finishReason", "stopReason", "stop_reason", "done_reason")
OBJECTS = ("response", "chat.completion")  # OpenAI's own words for its responses
ANSWERS = ("choices", "candidates", "generations")
# One field around the real thing: a call's keyword arguments, an event's response.
WRAPPED = ("kwargs", "request", "response", "body")


def request_messages(value: Any) -> Messages | None:
    """What a model was asked; the system text that a request has in a field of its own is in `system_in`."""
    tree = _opened(value)
    while isinstance(tree, list) and len(tree) == 1 and isinstance(tree[0], list):  # LangChain: one list a prompt
        tree = tree[0]
    if isinstance(tree, dict) and not is_message(tree):
        sent = next((tree[name] for name in CONVERSATION if tree.get(name)), None)
        if sent is None and isinstance(tree.get("message"), str):  # Cohere
            sent = [*as_list(tree.get("chat_history")), tree["message"]]
        tree = sent
    return conversation(_opened(tree), "user") or None


def system_in(value: Any) -> Messages | None:
    """The system text of a request as a list of parts, where it is not a message among the others."""
    tree = _opened(value)
    if not isinstance(tree, dict) or is_message(tree):
        return None
    for place in (tree, *(tree.get(name) for name in CONFIG)):
        for name in SYSTEM:
            if isinstance(place, dict) and (sent := place.get(name)):
                parts = [part for message in conversation(sent, "system") for part in message["parts"]]
                return parts or None
    return None


def response_messages(value: Any) -> Messages | None:
    """What a model answered; a text is one message, also JSON text of nobody's response: a structured answer."""
    found = _answered(_opened(value))
    if found is None and isinstance(value, str) and value:
        return conversation(value, "assistant")
    return found


def provider_answer(tree: Any) -> Messages | None:
    """What a model answered, where a value of unknown origin is surely a provider's response."""
    if isinstance(tree, dict) and (_is_answer(tree) or tree.get("object") in OBJECTS or is_message(tree)):
        return _answered(tree)
    return None


def provider_model(value: Any) -> str | None:
    """The model that answered, where a value of unknown origin is surely OpenAI's response, or a list of one."""
    if not isinstance(value, str) or not any(f'"{name}"' in value for name in OBJECTS):
        return None
    tree = opened(value)
    if isinstance(tree, list) and len(tree) == 1:
        tree = tree[0]
    return model_in(tree) if isinstance(tree, dict) and tree.get("object") in OBJECTS else None


def _answered(tree: Any) -> Messages | None:
    if isinstance(tree, str):
        return conversation(tree, "assistant") if tree else None
    if isinstance(tree, list):
        if tree and any(_is_answer(item) for item in tree):  # streamed whole, or several samples
            return [message for item in tree for message in _answered(item) or ()] or None
        return conversation(tree, "assistant") or None
    if not isinstance(tree, dict):
        return None
    if is_message(tree):
        return conversation([tree], "assistant")
    if _is_langchain(tree):
        return answer_in(langchain_result.message(tree)) or conversation(langchain_result.message(tree), "assistant")
    for name in ("choices", "candidates"):
        if isinstance(tree.get(name), list):
            return [message for choice in tree[name] for message in _choice(choice)] or None
    if isinstance(tree.get("tool_calls"), list) and "role" not in tree:  # a message whose role got lost
        return conversation([{"role": "assistant", **tree}], "assistant")
    given = next((tree[name] for name in ("output", "message", "outputs") if tree.get(name)), None)
    if isinstance(given, dict):
        return _answered(given.get("message", given))
    if given is not None:
        return conversation(_opened(given), "assistant") or None
    text = next((tree[name] for name in ("output_text", "text", "content", "response") if tree.get(name)), None)
    return conversation(text, "assistant") or None if isinstance(text, str) else messages_in(tree, "assistant")


def finish_reasons_in(value: Any) -> tuple[str, ...]:
    """Why the model stopped, once a choice."""
    tree = _opened(value)
    if isinstance(tree, list):
        return tuple(reason for item in tree for reason in finish_reasons_in(item))
    if not isinstance(tree, dict):
        return ()
    if _is_langchain(tree):
        return words.finish_reasons(langchain_result.finish_reason(tree))
    for name in ("choices", "candidates"):
        if isinstance(tree.get(name), list):
            return words.finish_reasons([_named(choice, FINISH) for choice in tree[name]])
    said = _named(tree, FINISH) or _named(below(tree, "response_metadata"), FINISH)
    if said is None and isinstance(tree.get("output"), list):
        said = below(tree, "incomplete_details", "reason") or tree.get("status")
        kinds = [item.get("type") for item in tree["output"] if isinstance(item, dict)]
        if said == "completed" and "function_call" in kinds:
            said = "tool_calls"
    return words.finish_reasons(said)


def usage_in(value: Any) -> dict[str, int]:
    """Canonical token buckets of a response, those of model.USAGE_DETAILS too; see provider_usage.py."""
    tree = _opened(value)
    if not isinstance(tree, dict):
        return {}
    if _is_langchain(tree) and (counts := langchain_result.usage(tree)):
        return counts
    for place in (tree, tree.get("llm_output"), tree.get("response_metadata")):
        for name in USAGE:
            if isinstance(found := below(place, name), dict) and (counts := usage_of(found.get("tokens", found))):
                return counts
    for found in (below(tree, "meta", "tokens"), below(tree, "meta", "billed_units"), tree):  # Cohere, Ollama
        if counts := usage_of(found) if found is not tree or "eval_count" in tree else {}:
            return counts
    return {}


def model_in(value: Any) -> str | None:
    """The model that a request asks for or a response names."""
    tree = _opened(value)
    if not isinstance(tree, dict):
        return None
    if _is_langchain(tree):
        return as_text(langchain_result.model(tree))
    found = _named(tree, MODEL) or _named(below(tree, "response_metadata"), MODEL)
    return found if isinstance(found, str) else None


def response_id_in(value: Any) -> str | None:
    """The provider's id of a response; ids of anything else are none."""
    tree = _opened(value)
    if not isinstance(tree, dict) or not (_is_answer(tree) or "output" in tree or "stop_reason" in tree):
        return None
    found = _named(tree, RESPONSE_ID)
    return found if isinstance(found, str) else None


def streaming_in(value: Any) -> bool | None:
    """Whether a request asks for a stream."""
    found = below(_opened(value), "stream")
    return found if isinstance(found, bool) else None


def _opened(value: Any) -> Any:
    tree = opened(value)
    if isinstance(tree, dict):
        for name in WRAPPED:
            inner = from_json_text(tree.get(name))
            if isinstance(inner, dict) and not is_message(tree) and "messages" not in tree:
                return inner
    return tree


def _is_answer(tree: Any) -> bool:
    return isinstance(tree, dict) and any(isinstance(tree.get(name), list) for name in ANSWERS)


def _is_langchain(tree: dict[str, Any]) -> bool:
    return isinstance(tree.get("generations"), list)


def _choice(choice: Any) -> Messages:
    """The message of one of OpenAI's choices or Gemini's candidates."""
    if not isinstance(choice, dict):
        return []
    said = next((choice[name] for name in ("message", "delta", "content", "text") if choice.get(name)), None)
    found = conversation(said, "assistant")
    reason = words.finish_reason(_named(choice, FINISH))
    if found and reason:
        found[-1]["finish_reason"] = reason
    return found


def _named(place: Any, names: tuple[str, ...]) -> Any:
    return next((place[name] for name in names if place.get(name)), None) if isinstance(place, dict) else None
