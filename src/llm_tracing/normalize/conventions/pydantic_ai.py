"""Pydantic AI: what it adds to OpenTelemetry's GenAI names, in its first form, and since version 1.

Source: pydantic/pydantic-ai, `InstrumentedModel`, the spans of agents and tools. Before version 1 an agent's span says
no operation and carries the sums of its calls under the names of a call; today they are `gen_ai.aggregated_usage.*`.
`gen_ai.usage.details.*` has the provider's own names.
"""

import re
from typing import Any

from llm_tracing.model import Attributes
from llm_tracing.normalize.conventions.contract import Content, Facts, Sent, ToolUse
from llm_tracing.normalize.conventions.event_lists import finish_reasons_of, listed_messages, parted
from llm_tracing.normalize.conventions.otel_genai import TOKENS as OTEL_TOKENS
from llm_tracing.normalize.conventions.reading import read_tokens
from llm_tracing.normalize.conventions.serialized import opened
from llm_tracing.normalize.messages import Messages, messages_of
from llm_tracing.normalize.values import as_text, first, first_id, from_json_text
from llm_tracing.normalize.words import finish_reasons

OPERATION = "gen_ai.operation.name"
AGENT_NAME = ("gen_ai.agent.name", "agent_name")
MODEL = ("model_name",)
TOOL_NAME, TOOL_CALL_ID = ("gen_ai.tool.name",), ("gen_ai.tool.call.id",)
TOOL_ARGUMENTS, TOOL_RESULT = ("tool_arguments",), ("tool_response",)
RESULT = ("final_result",)
CONVERSATION = ("pydantic_ai.all_messages", "all_messages")
EVENTS, ALL_EVENTS = "events", "all_messages_events"
CALL_ID, CONVERSATION_ID = "gen_ai.agent.call.id", "gen_ai.conversation.id"
METADATA = "metadata"  # JSON: what the agent was made with; its keys are the user's own
SESSION = ("session_id", "sessionId", "thread_id", "conversation_id")
USER = ("user_id", "userId")

_DETAILS = "gen_ai.usage.details."
_SUMS = "gen_ai.aggregated_usage."
_SUM_DETAILS = _SUMS + "details."
# Bucket -> the names of providers' own counts under `details`.
DETAILS: dict[str, tuple[str, ...]] = {
    "cache_read_tokens": (
        "cache_read_tokens", "cache_read_input_tokens", "cached_tokens", "cached_content_tokens",
        "cache_read_input_token_count",
    ),
    "cache_write_tokens": ("cache_write_tokens", "cache_creation_input_tokens", "cache_write_input_tokens"),
    "reasoning_tokens": ("reasoning_tokens", "thoughts_tokens"),
    "input_audio_tokens": ("input_audio_tokens", "audio_prompt_tokens"),
    "cache_read_audio_tokens": ("cache_audio_read_tokens", "audio_cache_tokens"),
    "output_audio_tokens": ("output_audio_tokens", "audio_candidates_tokens"),
    "input_image_tokens": ("image_prompt_tokens",),
    "output_image_tokens": ("image_candidates_tokens",),
    "cache_write_5m_tokens": ("ephemeral_5m_input_tokens", "cache_creation.ephemeral_5m_input_tokens"),
    "cache_write_1h_tokens": ("ephemeral_1h_input_tokens", "cache_creation.ephemeral_1h_input_tokens"),
}  # fmt: skip
SUMS: dict[str, tuple[str, ...]] = {
    "input_tokens": ("input_tokens",),
    "output_tokens": ("output_tokens",),
    "cache_read_tokens": ("cache_read.input_tokens",),
    "cache_write_tokens": ("cache_write.input_tokens", "cache_creation.input_tokens"),
}
# With the names of a call, which the first form of an agent's span has for its sums.
TOKENS: dict[str, tuple[str, ...]] = {
    bucket: (
        *OTEL_TOKENS.get(bucket, ()),
        *(_DETAILS + name for name in DETAILS.get(bucket, ())),
        *(_SUMS + name for name in SUMS.get(bucket, ())),
        *(_SUM_DETAILS + name for name in DETAILS.get(bucket, ())),
    )
    for bucket in (*SUMS, *(bucket for bucket in DETAILS if bucket not in SUMS))
}

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\Z")
_RUNNING_TOOLS = re.compile(r"running (?:\d+ )?tools?\Z")


class PydanticAI:
    name = "pydantic_ai"
    markers = frozenset(
        {
            CALL_ID,
            "agent_name",
            "model_request_parameters",
            "gen_ai.aggregated_usage.input_tokens",
            "gen_ai.aggregated_usage.output_tokens",
            "tools",
            EVENTS,
            ALL_EVENTS,
            *CONVERSATION,
            *RESULT,
            *TOOL_ARGUMENTS,
            *TOOL_RESULT,
        }
    )
    marker_events: frozenset[str] = frozenset()
    content_attributes = frozenset({EVENTS, ALL_EVENTS, *CONVERSATION, *RESULT, *TOOL_ARGUMENTS, *TOOL_RESULT})
    content_roots: frozenset[str] = frozenset()

    def facts(self, sent: Sent) -> Facts:
        attributes = sent.attributes
        kind = _kind(attributes, sent.name)
        tokens, sources = read_tokens(attributes, TOKENS)
        metadata = from_json_text(attributes.get(METADATA)) if _is_agent(attributes) else None
        known = metadata if isinstance(metadata, dict) else {}
        return Facts(
            kind=kind,
            operation="invoke_agent" if kind == "agent" and OPERATION not in attributes else None,
            request_model=as_text(first(attributes, MODEL)) if _is_agent(attributes) else None,
            session_id=first_id(known, SESSION),
            user_id=first_id(known, USER),
            usage_sources=sources,
            **_without_zero_details(tokens),
        )

    def content(self, sent: Sent) -> Content:
        attributes = sent.attributes
        asked, answered = listed_messages(attributes.get(EVENTS))
        if asked is None and answered is None:
            asked, answered = _conversation(attributes)
        return Content(
            output=opened(first(attributes, RESULT)),
            input_messages=asked,
            output_messages=answered,
            tool=_tool(attributes),
            finish_reasons=finish_reasons(finish_reasons_of(answered)),
        )


def names_own_conversation(attributes: Attributes) -> bool:
    """Whether `gen_ai.conversation.id` is one that Pydantic AI made up, which is no session of the user's."""
    conversation = attributes.get(CONVERSATION_ID)
    if not isinstance(conversation, str) or not _UUID.match(conversation):
        return False
    return CALL_ID in attributes or "model_request_parameters" in attributes or "agent_name" in attributes


def _is_agent(attributes: Attributes) -> bool:
    return "agent_name" in attributes and "model_name" in attributes


def _kind(attributes: Attributes, name: str) -> str | None:
    if _is_agent(attributes):
        return "agent"
    if OPERATION not in attributes and isinstance(attributes.get("tools"), list | str) and _RUNNING_TOOLS.match(name):
        return "chain"
    return None


def _without_zero_details(tokens: dict[str, Any]) -> dict[str, Any]:
    details = {bucket: count for bucket, count in tokens.get("details", {}).items() if count}
    rest = {bucket: count for bucket, count in tokens.items() if bucket != "details"}
    return {**rest, "details": details} if details else rest


def _conversation(attributes: Attributes) -> tuple[Messages | None, Messages | None]:
    """What an agent was told and what came of it, out of the messages of its whole run."""
    told, answered = listed_messages(attributes.get(ALL_EVENTS))
    if told or answered:
        return parted([*(told or []), *(answered or [])])
    sent = from_json_text(first(attributes, CONVERSATION))
    return parted(messages_of(sent, "user")) if isinstance(sent, list) else (None, None)


def _tool(attributes: Attributes) -> ToolUse | None:
    arguments, result = first(attributes, TOOL_ARGUMENTS), first(attributes, TOOL_RESULT)
    name = as_text(first(attributes, TOOL_NAME))
    if name is None or (arguments is None and result is None):
        return None
    return ToolUse(name, as_text(first(attributes, TOOL_CALL_ID)), opened(arguments), opened(result))
