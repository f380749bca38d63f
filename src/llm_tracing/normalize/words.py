"""Words of roles, operations and finish reasons: as clients send them to those that OpenTelemetry's conventions list.

Source: the messages JSON, gen_ai.operation.name and gen_ai.response.finish_reasons of the GenAI conventions; the
spellings are those of OpenAI, Anthropic, Gemini and Bedrock, and of LangChain, LangChain4j, the AI SDK, smolagents and
the OpenAI Agents SDK.
"""

from typing import Any

ROLES: dict[str, str] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "humanmessage": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "aimessage": "assistant",
    "aimessagechunk": "assistant",
    "model": "assistant",
    "bot": "assistant",
    "chatbot": "assistant",
    "tool_call": "assistant",
    "function_call": "assistant",
    "tool": "tool",
    "function": "tool",
    "toolmessage": "tool",
    "functionmessage": "tool",
    "tool_response": "tool",
    "tool_result": "tool",
    "function_call_output": "tool",
    "systemmessage": "system",
    "humanmessagechunk": "user",
    "systemmessagechunk": "system",
    "toolmessagechunk": "tool",
}
_NO_ROLES = frozenset({"", "unknown", "none", "undefined"})

FINISH_REASONS: dict[str, str] = {
    "tool_calls": "tool_call",
    "tool_use": "tool_call",
    "function_call": "tool_call",
    "tool_execution": "tool_call",
    "max_tokens": "length",
    "max_output_tokens": "length",
    "max_length": "length",
    "model_length": "length",
    "model_context_window_exceeded": "length",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "completed": "stop",
    "complete": "stop",
    "finish": "stop",
    "eos": "stop",
    "safety": "content_filter",
    "content_filtered": "content_filter",
    "guardrail_intervened": "content_filter",
    "refusal": "content_filter",
}
# Operations as others write them -> OpenTelemetry's: Semantic Kernel, Spring AI, LangChain4j in Quarkus.
OPERATIONS: dict[str, str] = {
    "chat.completions": "chat",
    "chat_completions": "chat",
    "text.completions": "text_completion",
    "text_completions": "text_completion",
    "completion": "text_completion",
    "embedding": "embeddings",
}
_NO_REASONS = frozenset({"", "none", "null", "unknown"})
_ENUM_PREFIX = "finishreason."


def operation_name(sent: str | None) -> str | None:
    """OpenTelemetry's name of an operation; one that nobody knows stays as sent."""
    return OPERATIONS.get(sent, sent) if sent else None


def role(sent: Any, default: str) -> str:
    """A role of OpenTelemetry's four; one that nobody knows stays as sent."""
    if not isinstance(sent, str):
        return default
    word = sent.strip().lower().replace("-", "_")
    return default if word in _NO_ROLES else ROLES.get(word, sent)


def finish_reason(sent: Any) -> str | None:
    """One finish reason; None for a text that says there is none."""
    if not isinstance(sent, str):
        return None
    word = sent.strip().lower().replace("-", "_").removeprefix(_ENUM_PREFIX)
    if word in _NO_REASONS:
        return None
    return FINISH_REASONS.get(word, word)


def finish_reasons(sent: Any) -> tuple[str, ...]:
    """The finish reasons of a list or of one text."""
    many = sent if isinstance(sent, list) else [sent]
    return tuple(word for word in map(finish_reason, many) if word)
