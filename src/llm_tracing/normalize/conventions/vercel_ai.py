"""The Vercel AI SDK's telemetry, versions 3 to 7, and what exports in its form.

Source: the AI SDK's page on telemetry, and vercel/ai, `recordSpan` and @ai-sdk/otel `LegacyOpenTelemetry`. A call of
the SDK is a span `ai.generateText` with the sums of its steps; each request to a model is a span
`ai.generateText.doGenerate` below it, which has OpenTelemetry's gen_ai attributes beside its own. Version 7 sends
gen_ai attributes alone unless the older form is asked for.
"""

from typing import Any

from llm_tracing.model import Attributes
from llm_tracing.normalize.conventions.contract import Content, Facts, Sent, ToolUse
from llm_tracing.normalize.conventions.flattened import below
from llm_tracing.normalize.conventions.provider_json import request_messages, system_in
from llm_tracing.normalize.conventions.provider_usage import usage_of
from llm_tracing.normalize.conventions.reading import read_tokens
from llm_tracing.normalize.conventions.serialized import opened
from llm_tracing.normalize.messages import Messages, Part, call_part, text_part
from llm_tracing.normalize.providers import CACHE_BESIDE_INPUT, provider_name
from llm_tracing.normalize.values import as_int, as_list, as_text, first, from_json_text, seconds_to_ns
from llm_tracing.normalize.words import finish_reasons

OPERATION = "ai.operationId"
OPERATION_NAME = "operation.name"  # the operation and the function's id

# The last step of an operation's name -> kind, and the operation that OpenTelemetry would name. Any other is a wrapper.
KINDS: dict[str, tuple[str, str | None]] = {
    "doGenerate": ("llm", "chat"),
    "doStream": ("llm", "chat"),
    "doEmbed": ("embedding", "embeddings"),
    "doRerank": ("reranker", None),
    "toolCall": ("tool", "execute_tool"),
}
WRAPPER: tuple[str, str | None] = ("chain", None)

MODEL = ("ai.model.id",)
PROVIDER = ("ai.model.provider",)
RESPONSE_MODEL = ("ai.response.model",)
RESPONSE_ID = ("ai.response.id",)
TOKENS: dict[str, tuple[str, ...]] = {
    "input_tokens": ("ai.usage.inputTokens", "ai.usage.promptTokens", "ai.usage.tokens"),
    "output_tokens": ("ai.usage.outputTokens", "ai.usage.completionTokens"),
    "cache_read_tokens": ("ai.usage.inputTokenDetails.cacheReadTokens", "ai.usage.cachedInputTokens"),
    "cache_write_tokens": ("ai.usage.inputTokenDetails.cacheWriteTokens",),
    "reasoning_tokens": ("ai.usage.outputTokenDetails.reasoningTokens", "ai.usage.reasoningTokens"),
}
INPUT_DETAILS = "ai.usage.inputTokenDetails."  # since version 6, whose input always includes the cached tokens
PROVIDER_METADATA = ("ai.response.providerMetadata", "ai.result.providerMetadata")
# Bucket -> places in the provider's metadata, for what older versions have no attribute for.
IN_METADATA: dict[str, tuple[tuple[str, ...], ...]] = {
    "cache_read_tokens": (
        ("openai", "cachedPromptTokens"), ("anthropic", "cacheReadInputTokens"),
        ("anthropic", "usage", "cache_read_input_tokens"), ("bedrock", "usage", "cacheReadInputTokens"),
    ),
    "cache_write_tokens": (
        ("anthropic", "cacheCreationInputTokens"), ("anthropic", "usage", "cache_creation_input_tokens"),
        ("bedrock", "usage", "cacheWriteInputTokens"),
    ),
    "reasoning_tokens": (("openai", "reasoningTokens"),),
}  # fmt: skip
# The provider's own usage, whole: it says whether the input has the cached tokens and the output the thoughts.
USAGE_IN_METADATA = (("anthropic", "usage"), ("google", "usageMetadata"), ("vertex", "usageMetadata"))
CACHE_BESIDE = frozenset({"anthropic", *CACHE_BESIDE_INPUT})  # their input before version 6
ROUTERS = frozenset({"gateway", "openrouter"})  # the model's id begins with its provider
FIRST_CHUNK_MS = ("ai.response.msToFirstChunk", "ai.stream.msToFirstChunk")
_METADATA = ("ai.telemetry.metadata.", "ai.settings.context.")  # the second since version 7, if asked for
# The keys of the metadata are the user's own; these are the usual ones.
SESSION = tuple(
    place + key
    for place in _METADATA
    for key in (
        "sessionId", "session_id", "session.id", "langfuseSessionId", "threadId", "thread_id", "conversationId",
        "conversation_id", "chatId", "chat_id",
    )
)  # fmt: skip
USER = tuple(place + key for place in _METADATA for key in ("userId", "user_id", "user.id", "langfuseUserId"))
# What version 7 adds to gen_ai attributes, if asked for, on a span that has no operation of the SDK's.
ADDED = frozenset({*SESSION, *USER, *(name for names in TOKENS.values() for name in names)})

MESSAGES, PROMPT = ("ai.prompt.messages",), ("ai.prompt",)
TEXT = ("ai.response.text", "ai.result.text")
OBJECT = ("ai.response.object", "ai.result.object")
REASONING = ("ai.response.reasoning",)
TOOL_CALLS = ("ai.response.toolCalls", "ai.result.toolCalls")
FINISH_REASON = ("ai.response.finishReason", "ai.finishReason")
EMBEDDED = ("ai.usage.tokens", "ai.embeddings", "ai.embedding")  # any of these says that the model answered
VALUES = ("ai.values", "ai.value")
TOOL_NAME, TOOL_CALL_ID = ("ai.toolCall.name",), ("ai.toolCall.id",)
TOOL_ARGUMENTS = ("ai.toolCall.args", "ai.toolCall.input")
TOOL_RESULT = ("ai.toolCall.result", "ai.toolCall.output")


class VercelAI:
    name = "vercel_ai"
    markers = ADDED | {OPERATION, *MODEL, *TOOL_NAME}
    marker_events: frozenset[str] = frozenset()
    content_attributes = frozenset(
        {*MESSAGES, *PROMPT, *TEXT, *OBJECT, *REASONING, *TOOL_CALLS, *TOOL_ARGUMENTS, *TOOL_RESULT, "ai.value"}
    )
    content_roots: frozenset[str] = frozenset()

    def facts(self, sent: Sent) -> Facts:
        attributes = sent.attributes
        kind, operation = _kind(sent)
        provider = _provider(attributes)
        milliseconds = first(attributes, FIRST_CHUNK_MS)
        return Facts(
            kind=kind,
            provider=provider,
            operation=operation,
            request_model=as_text(first(attributes, MODEL)),
            response_model=as_text(first(attributes, RESPONSE_MODEL)) or _embedding_model(attributes, kind),
            response_id=as_text(first(attributes, RESPONSE_ID)),
            time_to_first_token_ns=_milliseconds_to_ns(milliseconds),
            session_id=as_text(first(attributes, SESSION)),
            user_id=as_text(first(attributes, USER)),
            **_tokens(attributes, kind, provider),
        )

    def content(self, sent: Sent) -> Content:
        attributes = sent.attributes
        kind, _ = _kind(sent)
        if kind == "tool":
            return Content(
                tool=ToolUse(
                    as_text(first(attributes, TOOL_NAME)),
                    as_text(first(attributes, TOOL_CALL_ID)),
                    opened(first(attributes, TOOL_ARGUMENTS)),
                    opened(first(attributes, TOOL_RESULT)),
                )
            )
        asked = first(attributes, (*MESSAGES, *PROMPT))
        said, told = request_messages(asked), _answer(attributes)
        values = first(attributes, VALUES)
        return Content(
            input=[opened(value) for value in values] if isinstance(values, list) else opened(values),
            input_messages=said,
            output_messages=told,
            system_instructions=system_in(asked),
            streaming=_streaming(sent),
            finish_reasons=finish_reasons(first(attributes, FINISH_REASON)),
        )


def _operation(sent: Sent) -> str:
    """`ai.generateText.doGenerate`; what exports in the SDK's form may have it only in the span's name."""
    said = first(sent.attributes, (OPERATION, OPERATION_NAME)) or sent.name
    word = str(said).split(" ", 1)[0]
    return word if word.startswith("ai.") else ""


def _kind(sent: Sent) -> tuple[str | None, str | None]:
    operation = _operation(sent)
    if operation:
        return KINDS.get(operation.rpartition(".")[2], WRAPPER)
    return KINDS["toolCall"] if TOOL_NAME[0] in sent.attributes else (None, None)


def _streaming(sent: Sent) -> bool | None:
    operation = _operation(sent).lower()
    if "stream" in operation:
        return True
    return False if "generate" in operation else None


def _provider(attributes: Attributes) -> str | None:
    sent = as_text(first(attributes, PROVIDER))
    if sent is not None and sent.split(".", 1)[0].lower() in ROUTERS:
        return provider_name((as_text(first(attributes, MODEL)) or "").rpartition("/")[0])
    return provider_name(sent)


def _embedding_model(attributes: Attributes, kind: str | None) -> str | None:
    """The model that answered a request for embeddings: the SDK has no attribute for it, and it has no short names."""
    answered = kind == "embedding" and first(attributes, EMBEDDED) is not None
    return as_text(first(attributes, MODEL)) if answered else None


def _tokens(attributes: Attributes, kind: str | None, provider: str | None) -> dict[str, Any]:
    tokens, sources = read_tokens(attributes, TOKENS)
    if any(name.startswith(INPUT_DETAILS) for name in attributes):
        return {**tokens, "usage_sources": sources}
    metadata = from_json_text(first(attributes, PROVIDER_METADATA)) if kind == "llm" else None
    for bucket, paths in IN_METADATA.items() if metadata else ():
        count = next((count for path in paths if (count := as_int(below(metadata, *path))) is not None), None)
        if count is not None and not tokens.get(bucket):
            tokens[bucket] = count
            sources = (*(pair for pair in sources if pair[0] != bucket), (bucket, PROVIDER_METADATA[0]))
    if usage := _usage_in(metadata):
        for bucket, count in usage.items():
            known = tokens.get(bucket)
            if known is None or known < count:
                tokens[bucket] = count
                sources = (*(pair for pair in sources if pair[0] != bucket), (bucket, PROVIDER_METADATA[0]))
        return {**tokens, "usage_sources": sources}
    beside = provider in CACHE_BESIDE or not CACHE_BESIDE.isdisjoint(metadata if isinstance(metadata, dict) else ())
    if beside and "input_tokens" in tokens:
        tokens["input_tokens"] += tokens.get("cache_read_tokens", 0) + tokens.get("cache_write_tokens", 0)
    return {**tokens, "usage_sources": sources}


def _usage_in(metadata: Any) -> dict[str, int]:
    """Canonical buckets of the usage in a provider's metadata, without the rarer ones; empty where it is not whole."""
    for path in USAGE_IN_METADATA:
        usage = usage_of(below(metadata, *path))
        if "input_tokens" in usage and "output_tokens" in usage:
            return {bucket: count for bucket, count in usage.items() if bucket in TOKENS}
    return {}


def _answer(attributes: Attributes) -> Messages | None:
    parts: list[Part] = [{"type": "reasoning", "content": text} for text in _reasoning(first(attributes, REASONING))]
    text = first(attributes, TEXT) or first(attributes, OBJECT)
    if text is not None:
        parts.append(text_part(text if isinstance(text, str) else str(text)))
    calls = from_json_text(first(attributes, TOOL_CALLS))
    for call in as_list(calls):
        if isinstance(call, dict):
            arguments = next((call[key] for key in ("input", "args") if key in call), None)
            parts.append(call_part(call.get("toolCallId"), call.get("toolName"), arguments))
    return [{"role": "assistant", "parts": parts}] if parts else None


def _reasoning(sent: Any) -> list[str]:
    """One text, or JSON of a list of {type: reasoning, text}."""
    blocks = as_list(from_json_text(sent))
    texts = [block.get("text") if isinstance(block, dict) else block for block in blocks]
    return [text for text in texts if isinstance(text, str) and text]


def _milliseconds_to_ns(sent: Any) -> int | None:
    try:
        return seconds_to_ns(float(sent) / 1000) if isinstance(sent, str | int | float) else None
    except (ValueError, OverflowError):
        return None
