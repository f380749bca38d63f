"""OpenLLMetry (Traceloop): what it adds to OpenTelemetry's GenAI names, today and before version 0.50.

Source: traceloop/openllmetry, opentelemetry-semantic-conventions-ai, `SpanAttributes`. Today's model calls carry
OpenTelemetry's own attributes, which `otel_genai.py` reads; this module reads the spans of workflows, tasks, agents and
tools, the association properties, and the older form with flattened prompts and completions.
"""

from typing import Any

from llm_tracing.model import Attributes
from llm_tracing.normalize import words
from llm_tracing.normalize.conventions.contract import Content, Facts, Sent, ToolUse
from llm_tracing.normalize.conventions.flattened import Branch, branches, items
from llm_tracing.normalize.conventions.otel_genai import KINDS as OTEL_KINDS
from llm_tracing.normalize.conventions.provider_json import provider_answer
from llm_tracing.normalize.conventions.reading import read_tokens
from llm_tracing.normalize.conventions.serialized import (
    answer_in,
    call_input,
    call_output,
    documents_in,
    messages_in,
    opened,
    tool_message,
)
from llm_tracing.normalize.messages import Messages, Part, call_part, messages_of, result_part, text_part
from llm_tracing.normalize.providers import provider_name
from llm_tracing.normalize.values import as_bool, as_text, first, first_id, from_json_text

SPAN_KIND = "traceloop.span.kind"
REQUEST_TYPE = "llm.request.type"
OPERATION = "gen_ai.operation.name"

# traceloop.span.kind -> kind
SPAN_KINDS: dict[str, str] = {"workflow": "chain", "task": "chain", "agent": "agent", "tool": "tool"}
# llm.request.type -> kind, and the operation that OpenTelemetry would name.
REQUEST_TYPES: dict[str, tuple[str, str | None]] = {
    "chat": ("llm", "chat"),
    "completion": ("llm", "text_completion"),
    "embedding": ("embedding", "embeddings"),
    "rerank": ("reranker", None),
}
# Values of gen_ai.operation.name that OpenTelemetry does not list -> kind.
OPERATIONS: dict[str, str] = {"vector_db_retrieve": "retriever", "execute_task": "chain"}

PROVIDER = ("llm.vendor",)
REQUEST_MODEL = ("llm.request.model",)
RESPONSE_MODEL = ("llm.response.model",)
TOKENS: dict[str, tuple[str, ...]] = {
    "input_tokens": ("llm.usage.prompt_tokens",),
    "output_tokens": ("llm.usage.completion_tokens",),
    "cache_read_tokens": ("llm.usage.cache_read_input_tokens",),
    "cache_write_tokens": ("llm.usage.cache_creation_input_tokens",),
    "reasoning_tokens": ("llm.usage.reasoning_tokens",),
    "cache_write_5m_tokens": ("llm.usage.cache_creation.ephemeral_5m_input_tokens",),
    "cache_write_1h_tokens": ("llm.usage.cache_creation.ephemeral_1h_input_tokens",),
    "input_audio_tokens": ("llm.usage.prompt_audio_tokens",),
    "output_audio_tokens": ("llm.usage.completion_audio_tokens",),
}
_PROPERTIES = "traceloop.association.properties."
# The keys of the properties are the user's own; these are the usual ones.
SESSION = tuple(
    _PROPERTIES + key
    for key in ("session_id", "sessionId", "session.id", "thread_id", "threadId", "conversation_id", "chat_id")
)
USER = (*(_PROPERTIES + key for key in ("user_id", "userId", "user.id")), "gen_ai.user", "llm.user")
STREAM = ("gen_ai.is_streaming", "llm.is_streaming")
ENTITY_NAME = ("traceloop.entity.name",)
ENTITY_INPUT = ("traceloop.entity.input", "gen_ai.task.input")
ENTITY_OUTPUT = ("traceloop.entity.output", "gen_ai.task.output")
NODES = '[{"node":'  # how a list of what LlamaIndex found begins
TOOL_NAME = ("gen_ai.tool.name", *ENTITY_NAME)
TOOL_CALL_ID = ("gen_ai.tool.call.id",)
TOOL_INPUT = ("traceloop.entity.input", "gen_ai.tool.call.arguments")
TOOL_OUTPUT = ("traceloop.entity.output", "gen_ai.tool.call.result")
PROMPTS, COMPLETIONS = ("gen_ai.prompt", "llm.prompts"), ("gen_ai.completion", "llm.completions")
ROOTS = (*PROMPTS, *COMPLETIONS)


class OpenLLMetry:
    name = "openllmetry"
    markers = frozenset(
        {
            SPAN_KIND,
            REQUEST_TYPE,
            "traceloop.entity.name",
            "traceloop.workflow.name",
            "llm.request.model",
            *SESSION,
            *USER,
            "gen_ai.prompt.0.content",
            "gen_ai.prompt.0.role",
            "gen_ai.completion.0.content",
            "gen_ai.completion.0.role",
        }
    )
    content_attributes = frozenset({*ENTITY_INPUT, *ENTITY_OUTPUT})
    marker_events: frozenset[str] = frozenset()
    content_roots = frozenset(root + "." for root in ROOTS)

    def facts(self, sent: Sent) -> Facts:
        attributes = sent.attributes
        kind, operation = REQUEST_TYPES.get(str(attributes.get(REQUEST_TYPE)), (None, None))
        tokens, sources = read_tokens(attributes, TOKENS)
        return Facts(
            kind=kind or _entity_kind(attributes),
            provider=provider_name(first(attributes, PROVIDER)),
            operation=None if OPERATION in attributes else operation,
            request_model=as_text(first(attributes, REQUEST_MODEL)),
            response_model=as_text(first(attributes, RESPONSE_MODEL)),
            session_id=first_id(attributes, SESSION),
            user_id=first_id(attributes, USER),
            usage_sources=sources,
            **tokens,
        )

    def content(self, sent: Sent) -> Content:
        attributes = sent.attributes
        found = branches(attributes, ROOTS)
        asked = _first_messages(found, PROMPTS, "user")
        answered = _first_messages(found, COMPLETIONS, "assistant")
        reasons = [item.get("finish_reason") for root in COMPLETIONS for item in items(found.get(root))]
        kind = _entity_kind(attributes)
        content = Content(
            input_messages=asked,
            output_messages=answered,
            streaming=as_bool(first(attributes, STREAM)),
            finish_reasons=words.finish_reasons(reasons),
        )
        if kind is None or str(attributes.get(REQUEST_TYPE)) in REQUEST_TYPES:
            return content
        return _entity_content(attributes, kind, content)


def _entity_kind(attributes: Attributes) -> str | None:
    """The kind of a step; None where OpenTelemetry's own operation says more than `task`."""
    operation = as_text(attributes.get(OPERATION)) or ""
    kind = OPERATIONS.get(operation)
    if kind is not None:
        return kind
    kind = OTEL_KINDS.get(operation) or SPAN_KINDS.get(str(attributes.get(SPAN_KIND)))
    retrieved = kind == "chain" and str(first(attributes, ENTITY_OUTPUT)).startswith(NODES)
    return "retriever" if retrieved else kind


def _entity_content(attributes: Attributes, kind: str, content: Content) -> Content:
    """The content of a workflow, task, agent, tool or retriever, whose input and output are JSON of its own objects."""
    if kind == "tool":
        told = tool_message(first(attributes, TOOL_OUTPUT))  # OpenLLMetry for LangChain.js names the tool's class
        return Content(
            tool=ToolUse(
                as_text(told.get("name")) or as_text(first(attributes, TOOL_NAME)),
                as_text(first(attributes, TOOL_CALL_ID)) or as_text(told.get("tool_call_id")),
                call_input(first(attributes, TOOL_INPUT)),
                call_output(first(attributes, TOOL_OUTPUT)),
            )
        )
    sent, given = call_input(first(attributes, ENTITY_INPUT)), call_output(first(attributes, ENTITY_OUTPUT))
    if kind == "retriever":
        query = sent.get("query", sent) if isinstance(sent, dict) else sent
        return Content(input=query, documents=documents_in(given))
    asked = content.input_messages or messages_in(sent, "user")
    answered = content.output_messages or answer_in(given) or provider_answer(given)
    return Content(
        input=None if asked or sent == {} else sent,  # called without arguments
        output=None if answered else given,
        input_messages=asked,
        output_messages=answered,
        streaming=content.streaming,
        finish_reasons=content.finish_reasons,
    )


def _first_messages(found: dict[str, Branch], roots: tuple[str, ...], role: str) -> Messages | None:
    return next((messages for root in roots if (messages := _messages(found.get(root), role))), None)


def _messages(branch: Branch | None, default_role: str) -> Messages | None:
    return [_message(item, default_role) for item in items(branch)] or None


def _message(item: Branch, default_role: str) -> dict[str, Any]:
    role = words.role(item.get("role"), default_role)
    calls = [_call(call) for call in items(item.get("tool_calls"))]
    if isinstance(item.get("function_call"), dict):
        calls.append(_call(item["function_call"]))
    if role == "tool":
        parts = [result_part(as_text(item.get("tool_call_id")), opened(item.get("content")))]
    else:
        parts = [*_content(item.get("content")), *calls]
    if reasoning := as_text(item.get("reasoning")):
        parts.insert(0, {"type": "reasoning", "content": reasoning})
    message: dict[str, Any] = {"role": role, "parts": parts}
    if reason := words.finish_reason(item.get("finish_reason")):
        message["finish_reason"] = reason
    return message


def _content(sent: Any) -> list[Part]:
    """Plain text, or JSON text of a list of parts in the provider's own form."""
    if sent is None or isinstance(sent, dict):
        return []
    tree = from_json_text(sent)
    if isinstance(tree, list) and tree and all(isinstance(part, dict) and "type" in part for part in tree):
        [message] = messages_of([{"parts": tree}], "user") or [{"parts": []}]
        return list(message["parts"])
    return [text_part(sent if isinstance(sent, str) else str(sent))]


def _call(call: Branch) -> Part:
    return call_part(as_text(call.get("id")), as_text(call.get("name")), opened(call.get("arguments")))
