"""Mastra's AI tracing: what it writes beside OpenTelemetry's gen_ai attributes, versions 0.2x and 1.

Source: mastra-ai/mastra, `SpanType` and the span converter of @mastra/otel-exporter. A run of an agent is a span above
one `model_generation`, whose tokens are the sums of its steps; below it are a `model_step` for each request and, since
version 1, a `model_inference` in that, which has the gen_ai attributes of the call. Version 0 names its operations
itself, keeps input and output under plain names and writes the model's answer, its body too, on the step.
"""

from typing import Any

from llm_tracing.model import Attributes
from llm_tracing.normalize.conventions.contract import Content, Facts, Sent, ToolUse
from llm_tracing.normalize.conventions.flattened import below
from llm_tracing.normalize.conventions.provider_json import (
    finish_reasons_in,
    model_in,
    request_messages,
    response_messages,
    system_in,
    usage_in,
)
from llm_tracing.normalize.conventions.provider_usage import token_fields
from llm_tracing.normalize.conventions.reading import read_tokens
from llm_tracing.normalize.conventions.serialized import opened
from llm_tracing.normalize.messages import Messages, Part, call_part, text_part
from llm_tracing.normalize.providers import provider_name
from llm_tracing.normalize.values import as_list, as_text, first, first_id, from_json_text
from llm_tracing.normalize.words import finish_reasons

TYPE = "mastra.span.type"

# mastra.span.type -> kind, and the operation that OpenTelemetry would name. Any other is a step of a workflow.
KINDS: dict[str, tuple[str, str | None]] = {
    "agent_run": ("agent", "invoke_agent"),
    "workflow_run": ("chain", "invoke_workflow"),
    "model_generation": ("llm", "chat"),
    "llm_generation": ("llm", "chat"),  # its name before version 0.23
    "model_inference": ("llm", "chat"),
    "tool_call": ("tool", "execute_tool"),
    "mcp_tool_call": ("tool", "execute_tool"),
    "provider_tool_call": ("tool", "execute_tool"),
    "rag_embedding": ("embedding", "embeddings"),
    "scorer_run": ("evaluator", None),
}
WRAPPER: tuple[str, str | None] = ("chain", None)
STEP = "model_step"

MODEL = ("gen_ai.request.model",)
TOKENS: dict[str, tuple[str, ...]] = {
    "cache_read_tokens": ("gen_ai.usage.cached_input_tokens",),
    "cache_write_5m_tokens": ("gen_ai.usage.cache_creation.5m_input_tokens",),
    "cache_write_1h_tokens": ("gen_ai.usage.cache_creation.1h_input_tokens",),
    "input_audio_tokens": ("gen_ai.usage.audio_input_tokens",),
    "output_audio_tokens": ("gen_ai.usage.audio_output_tokens",),
}
# The metadata of a span, which version 0 writes without a prefix; its keys are the user's own, these the usual ones.
_PLACES = ("mastra.metadata.", "")
SESSION = tuple(p + key for p in _PLACES for key in ("sessionId", "session_id", "threadId", "thread_id"))
USER = tuple(p + key for p in _PLACES for key in ("userId", "user_id"))
# The answer to a step, in version 0.
BODY, ANSWERED_BY, ANSWER_ID, ASKED = "body", "modelId", "id", "modelMetadata"
INPUT, OUTPUT = "input", "output"  # behind `mastra.<type>.`, in version 0 alone
TOOL_NAME, TOOL_CALL_ID = ("gen_ai.tool.name",), ("gen_ai.tool.call.id",)
TOOL_ARGUMENTS = ("gen_ai.tool.call.arguments", "gen_ai.tool.input")
TOOL_RESULT = ("gen_ai.tool.call.result", "gen_ai.tool.output")
FINISH_REASON = ("gen_ai.response.finish_reasons",)
FIRST_CHUNK = ("mastra.completion_start_time",)
FAILED = "error"


class Mastra:
    name = "mastra"
    markers = frozenset({TYPE})
    marker_events: frozenset[str] = frozenset()
    content_attributes = frozenset(
        {
            INPUT,
            OUTPUT,
            BODY,
            *TOOL_ARGUMENTS,
            *TOOL_RESULT,
            *(f"mastra.{kind}.{side}" for kind in (*KINDS, STEP, "model_chunk") for side in (INPUT, OUTPUT)),
        }
    )
    content_roots: frozenset[str] = frozenset()

    def facts(self, sent: Sent) -> Facts:
        attributes = sent.attributes
        kind, operation = _kind(attributes)
        session_id, user_id = first_id(attributes, SESSION), first_id(attributes, USER)
        if kind == "llm" and attributes.get(TYPE) == STEP:
            return _step(attributes)._replace(session_id=session_id, user_id=user_id)
        tokens, sources = read_tokens(attributes, TOKENS)
        failed = kind == "llm" and FAILED in finish_reasons(from_json_text(first(attributes, FINISH_REASON)))
        return Facts(
            kind=kind,
            operation=operation,
            session_id=session_id,
            user_id=user_id,
            error="the model call failed" if failed else None,
            usage_sources=sources,
            **tokens,
        )

    def content(self, sent: Sent) -> Content:
        attributes = sent.attributes
        kind, _ = _kind(attributes)
        asked, given = _exchange(attributes)
        if kind == "tool":
            return Content(
                tool=ToolUse(
                    as_text(first(attributes, TOOL_NAME)),
                    as_text(first(attributes, TOOL_CALL_ID)),
                    opened(first(attributes, (*TOOL_ARGUMENTS, INPUT))),
                    opened(first(attributes, (*TOOL_RESULT, OUTPUT))),
                )
            )
        said, told = request_messages(asked), _answer(given)
        return Content(
            input=None if said else opened(asked),
            output=None if told else opened(given),
            input_messages=said,
            output_messages=told,
            system_instructions=system_in(asked),
            streaming=True if kind == "llm" and first(attributes, FIRST_CHUNK) is not None else None,
            finish_reasons=finish_reasons_in(attributes.get(BODY)) if kind == "llm" else (),
        )


def _kind(attributes: Attributes) -> tuple[str | None, str | None]:
    """A generation without a model is a wrapper of its inferences; a step with an answer of the model is a call."""
    sent = str(attributes.get(TYPE)).lower()
    if sent == STEP and (BODY in attributes or ANSWERED_BY in attributes):
        return KINDS["model_generation"]
    kind, operation = KINDS.get(sent, WRAPPER)
    return WRAPPER if kind == "llm" and first(attributes, MODEL) is None else (kind, operation)


def _step(attributes: Attributes) -> Facts:
    asked, body = opened(attributes.get(ASKED)), attributes.get(BODY)
    counts = usage_in(body)
    kind, operation = KINDS["model_generation"]
    return Facts(
        kind=kind,
        provider=provider_name(below(asked, "modelProvider")),
        operation=operation,
        request_model=as_text(below(asked, "modelId")) or model_in(attributes.get(INPUT)),
        response_model=as_text(attributes.get(ANSWERED_BY)),
        response_id=as_text(attributes.get(ANSWER_ID)),
        **token_fields(counts, tuple((bucket, BODY) for bucket in counts)),
    )


def _exchange(attributes: Attributes) -> tuple[Any, Any]:
    prefix = f"mastra.{attributes.get(TYPE)}."
    return first(attributes, (prefix + INPUT, INPUT)), first(attributes, (prefix + OUTPUT, OUTPUT))


def _answer(given: Any) -> Messages | None:
    """{text, reasoning, toolCalls: [{toolCallId, toolName, args}]}, else whatever a model may answer."""
    answer = opened(given)
    if not isinstance(answer, dict) or "text" not in answer:
        return response_messages(answer) if isinstance(answer, dict) else None
    text, thought = answer.get("text"), answer.get("reasoningText")
    parts: list[Part] = [{"type": "reasoning", "content": thought}] if isinstance(thought, str) and thought else []
    if isinstance(text, str) and text:
        parts.append(text_part(text))
    for call in as_list(answer.get("toolCalls")):
        if isinstance(call, dict):
            arguments = call.get("args", call.get("input"))
            parts.append(call_part(call.get("toolCallId"), call.get("toolName"), arguments))
    return [{"role": "assistant", "parts": parts}] if parts else None
