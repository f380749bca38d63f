"""OpenTelemetry's GenAI semantic conventions: today's attribute names and those they replaced.

Source: open-telemetry/semantic-conventions-genai (spans, inference attributes, messages JSON); older names from
semantic-conventions up to 1.41. Each table is ordered: the first name that a span carries is the one that is read.
"""

from typing import Any

from llm_tracing.model import Attributes
from llm_tracing.normalize.conventions.contract import Content, Facts, Sent, ToolUse
from llm_tracing.normalize.conventions.packed import unpacked
from llm_tracing.normalize.conventions.python_repr import objects
from llm_tracing.normalize.conventions.reading import read_tokens
from llm_tracing.normalize.conventions.serialized import literal, message_content
from llm_tracing.normalize.messages import Messages, blocks_text, messages_of, text_of
from llm_tracing.normalize.providers import provider_name
from llm_tracing.normalize.values import (
    as_bool,
    as_list,
    as_text,
    first,
    first_id,
    from_json_text,
    pico_usd,
    seconds_to_ns,
)
from llm_tracing.normalize.words import finish_reasons, operation_name

# gen_ai.operation.name -> kind
KINDS: dict[str, str] = {
    "chat": "llm",
    "generate_content": "llm",
    "text_completion": "llm",
    "embeddings": "embedding",
    "retrieval": "retriever",
    "execute_tool": "tool",
    "create_agent": "agent",
    "invoke_agent": "agent",
    "invoke_workflow": "chain",
    "plan": "chain",
    "agent_step": "chain",  # the AI SDK, version 7
    "search_memory": "retriever",
    "create_memory_store": "tool",
    "delete_memory_store": "tool",
    "create_memory": "tool",
    "update_memory": "tool",
    "upsert_memory": "tool",
    "delete_memory": "tool",
}

# Attributes by which another reader tells what a span with an operation of its own is.
OTHER_KINDS = frozenset({"traceloop.span.kind", "llm.request.type"})

# Canonical field -> names, newest first.
NAMES: dict[str, tuple[str, ...]] = {
    "provider": ("gen_ai.provider.name", "gen_ai.system"),
    "operation": ("gen_ai.operation.name",),
    "request_model": ("gen_ai.request.model",),
    "response_model": ("gen_ai.response.model",),
    "response_id": ("gen_ai.response.id",),
}
SESSION = ("session.id", "gen_ai.conversation.id")
RESPONSE_PREFIX = "resp_"  # of ids of OpenAI's Responses
USER = ("user.id", "enduser.id")
TOKENS: dict[str, tuple[str, ...]] = {
    # The last two of each: Microsoft.Extensions.AI and Semantic Kernel, before they followed the conventions.
    "input_tokens": (
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.prompt_tokens",
        "gen_ai.response.input_tokens",
        "gen_ai.response.prompt_tokens",
    ),
    "output_tokens": (
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.completion_tokens",
        "gen_ai.response.output_tokens",
        "gen_ai.response.completion_tokens",
    ),
    # The first name of each is the convention's own, the others are what clients made of it.
    "cache_read_tokens": (
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_read_input_tokens",
        "gen_ai.usage.cache_read_tokens",
        "gen_ai.usage.input_cached_tokens",
        "gen_ai.usage.details.cache_read_tokens",
        "gen_ai.usage.details.cache_read_input_tokens",
        "gen_ai.usage.prompt_details.cache_read",
    ),
    "cache_write_tokens": (
        "gen_ai.usage.cache_write.input_tokens",
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_write_input_tokens",
        "gen_ai.usage.cache_creation_input_tokens",
        "gen_ai.usage.cache_write_tokens",
        "gen_ai.usage.cache_creation_tokens",
        "gen_ai.usage.details.cache_write_tokens",
        "gen_ai.usage.details.cache_creation_tokens",
        "gen_ai.usage.details.cache_write_input_tokens",
        "gen_ai.usage.details.cache_creation_input_tokens",
        "gen_ai.usage.prompt_details.cache_write",
        "gen_ai.usage.prompt_details.cache_creation",
    ),
    "reasoning_tokens": ("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens"),
    # The conventions have no name for how long a cache write is kept; the last is that of Anthropic's own SDK.
    "cache_write_5m_tokens": (
        "gen_ai.usage.cache_write.ephemeral_5m.input_tokens",
        "gen_ai.usage.cache_creation.ephemeral_5m.input_tokens",
        "gen_ai.usage.cache_creation.ephemeral_5m_input_tokens",
        "anthropic.usage.cache_creation.ephemeral_5m_input_tokens",
    ),
    "cache_write_1h_tokens": (
        "gen_ai.usage.cache_write.ephemeral_1h.input_tokens",
        "gen_ai.usage.cache_creation.ephemeral_1h.input_tokens",
        "gen_ai.usage.cache_creation.ephemeral_1h_input_tokens",
        "anthropic.usage.cache_creation.ephemeral_1h_input_tokens",
    ),
    # The second spelling of each: LiveKit's agents.
    "input_audio_tokens": ("gen_ai.usage.audio.input_tokens", "gen_ai.usage.input_audio_tokens"),
    "cache_read_audio_tokens": ("gen_ai.usage.audio.cache_read.input_tokens",),
    "output_audio_tokens": ("gen_ai.usage.audio.output_tokens", "gen_ai.usage.output_audio_tokens"),
    "input_image_tokens": ("gen_ai.usage.image.input_tokens", "gen_ai.usage.input_image_tokens"),
    "output_image_tokens": ("gen_ai.usage.image.output_tokens", "gen_ai.usage.output_image_tokens"),
}
# The second is the name of a metric, which pydantic-ai writes on spans too.
TTFT_SECONDS = ("gen_ai.response.time_to_first_chunk", "gen_ai.client.operation.time_to_first_chunk")
COST = ("gen_ai.usage.cost", "operation.cost")  # the second: pydantic-ai, Logfire
INPUT_MESSAGES = ("gen_ai.input.messages", "gen_ai.prompt")
OUTPUT_MESSAGES = ("gen_ai.output.messages", "gen_ai.completion")
# With one of these, gen_ai.prompt and gen_ai.completion hold a run's inputs and outputs; see langsmith.py.
NOT_MESSAGES = frozenset({"langsmith.span.kind", "langsmith.trace.name", "langsmith.run_id"})
SYSTEM_INSTRUCTIONS = ("gen_ai.system_instructions",)
# The second: Semantic Kernel, the third: Anthropic's SDK.
FINISH_REASONS = (
    "gen_ai.response.finish_reasons",
    "gen_ai.response.finish_reason",
    "anthropic.message.stop_reason",
)
TOOL_NAME = ("gen_ai.tool.name",)
TOOL_CALL_ID = ("gen_ai.tool.call.id",)
TOOL_ARGUMENTS = ("gen_ai.tool.call.arguments", "gen_ai.tool.args")  # the second: OpenLIT
TOOL_RESULT = ("gen_ai.tool.call.result",)
RETRIEVAL_QUERY = ("gen_ai.retrieval.query.text", "gen_ai.memory.query.text")
RETRIEVAL_DOCUMENTS = ("gen_ai.retrieval.documents", "gen_ai.memory.records")
STREAM = ("gen_ai.request.stream", "gen_ai.request.is_stream")


class OtelGenAI:
    name = "otel_genai"
    markers = frozenset(
        {
            "gen_ai.operation.name",
            "gen_ai.provider.name",
            "gen_ai.system",
            "gen_ai.request.model",
            "gen_ai.response.model",
            "gen_ai.tool.name",
            "gen_ai.agent.name",
            "gen_ai.workflow.name",
        }
    )
    content_attributes = frozenset(
        {
            *INPUT_MESSAGES,
            *OUTPUT_MESSAGES,
            *SYSTEM_INSTRUCTIONS,
            *TOOL_ARGUMENTS,
            *TOOL_RESULT,
            *RETRIEVAL_QUERY,
            *RETRIEVAL_DOCUMENTS,
            "gen_ai.tool.definitions",
        }
    )

    marker_events: frozenset[str] = frozenset()
    content_roots: frozenset[str] = frozenset()

    def facts(self, sent: Sent) -> Facts:
        attributes = sent.attributes
        values: dict[str, Any] = {field: as_text(first(attributes, names)) for field, names in NAMES.items()}
        values["provider"] = provider_name(values["provider"])
        values["operation"] = operation_name(values["operation"])
        tokens, sources = read_tokens(attributes, TOKENS)
        return Facts(
            kind=self._kind(values["operation"], attributes),
            # OpenLIT sends 0 for a model whose price it does not know.
            client_cost_pico_usd=pico_usd(first(attributes, COST)) or None,
            time_to_first_token_ns=seconds_to_ns(first(attributes, TTFT_SECONDS)),
            session_id=_session(attributes),
            user_id=first_id(attributes, USER),
            usage_sources=sources,
            **values,
            **tokens,
        )

    @staticmethod
    def _kind(operation: str | None, attributes: Attributes) -> str | None:
        kind = KINDS.get(operation or "")
        if kind is not None:
            return kind
        if "gen_ai.tool.name" in attributes:
            return "tool"
        if "gen_ai.request.model" in attributes or "gen_ai.response.model" in attributes:
            return "llm"
        # Traceloop's SDK writes the agent's name on everything that runs inside the agent.
        if "gen_ai.agent.name" in attributes and "traceloop.workflow.name" not in attributes:
            return "agent"
        # A step that OpenTelemetry has no word for, as Strands' `execute_event_loop_cycle`.
        unlisted = operation is not None and attributes.keys().isdisjoint(OTHER_KINDS)
        return "chain" if unlisted or "gen_ai.workflow.name" in attributes else None

    def content(self, sent: Sent) -> Content:
        attributes = sent.attributes
        query = first(attributes, RETRIEVAL_QUERY)
        documents = from_json_text(first(attributes, RETRIEVAL_DOCUMENTS))
        system = self._system(attributes)
        names = 2 if NOT_MESSAGES.isdisjoint(attributes) else 1
        asked = messages_of(first(attributes, INPUT_MESSAGES[:names]), "user")
        answered = _without_repr(messages_of(first(attributes, OUTPUT_MESSAGES[:names]), "assistant"))
        reasons = finish_reasons(from_json_text(first(attributes, FINISH_REASONS)))
        return Content(
            input=query,
            input_messages=without_system(system, unpacked(asked)),
            output_messages=answered,
            system_instructions=system,
            tool=self._tool(attributes),
            documents=documents if isinstance(documents, list) else None,
            streaming=_streaming(attributes),
            finish_reasons=reasons or finish_reasons([message.get("finish_reason") for message in answered or ()]),
        )

    @staticmethod
    def _system(attributes: Attributes) -> Messages | None:
        sent = from_json_text(first(attributes, SYSTEM_INSTRUCTIONS))
        if sent is None:
            return None
        [message] = messages_of([{"role": "system", "parts": as_list(sent)}], "system") or [{"parts": []}]
        parts: Messages = message["parts"]
        return [part for whole in parts for part in _opened(whole)]

    @staticmethod
    def _tool(attributes: Attributes) -> ToolUse | None:
        name = as_text(first(attributes, TOOL_NAME))
        operation = as_text(attributes.get("gen_ai.operation.name"))
        # OpenLIT names on a model call the tools that the model asked for.
        if name is None or KINDS.get(operation or "") in ("llm", "embedding"):
            return None
        return ToolUse(
            name=name,
            call_id=as_text(first(attributes, TOOL_CALL_ID)),
            arguments=literal(from_json_text(first(attributes, TOOL_ARGUMENTS))),
            result=from_json_text(blocks_text(message_content(from_json_text(first(attributes, TOOL_RESULT))))),
        )


def _streaming(attributes: Attributes) -> bool | None:
    """As said; a time to the first chunk is measured of streams alone."""
    said = as_bool(first(attributes, STREAM))
    return True if said is None and first(attributes, TTFT_SECONDS) is not None else said


def _without_repr(messages: Messages | None) -> Messages | None:
    """Answers whose parts are texts of Python objects, as the first instrumentation of the Agents SDK has them."""
    for message in messages or ():
        message["parts"] = [part for whole in message["parts"] for part in _calls_in(whole)]
    return messages


def _calls_in(part: dict[str, Any]) -> Messages:
    """The parts of a text that is a tool call of OpenAI's, or a message with some; any other part as it is."""
    text = part.get("content") if part.get("type") == "text" else None
    if not isinstance(text, str) or ("tool_call" not in text and "function_call" not in text):
        return [part]
    told = objects(text)
    if isinstance(told, dict) and told.get("type") == "function_call":
        told = {"content": [{**told, "id": told.get("call_id")}]}
    elif not isinstance(told, dict) or not isinstance(told.get("tool_calls"), list):
        return [part]
    [message] = messages_of([told], "assistant") or [{"parts": [part]}]
    parts: Messages = message["parts"]
    return parts


def _session(attributes: Attributes) -> str | None:
    """The user's session; Agent Framework names a response instead, where the provider keeps the conversation."""
    found = first_id(attributes, SESSION)
    own = found is not None and found == attributes.get(SESSION[0])
    return found if own or not str(found).startswith(RESPONSE_PREFIX) else None


def _opened(part: dict[str, Any]) -> Messages:
    """A part of the system's text; one that is the `repr` of a provider's list of parts is those parts."""
    inside = literal(part.get("content")) if part.get("type") == "text" else None
    if not isinstance(inside, list) or not all(isinstance(one, dict) and "type" in one for one in inside):
        return [part]
    [message] = messages_of([{"role": "system", "parts": inside}], "system") or [{"parts": []}]
    parts: Messages = message["parts"]
    return parts


def without_system(system: Messages | None, messages: Messages | None) -> Messages | None:
    """Messages without a first one that repeats the system's text, which some clients send in both places."""
    if not system or not messages or messages[0]["role"] != "system":
        return messages
    told = text_of({"parts": system})
    return (messages[1:] or None) if told and text_of(messages[0]) == told else messages
