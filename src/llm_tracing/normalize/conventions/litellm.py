"""LiteLLM: what its `otel` callback adds to OpenTelemetry's GenAI names, today's and OpenLLMetry's before.

Source: BerriAI/litellm, `integrations/opentelemetry.py`. A call is a span `litellm_request`; a span below it,
`raw_gen_ai_request`, has the provider's own request and answer as `llm.<provider>.<field>`, values as Python's `repr`.
Only the first stands for the call. Cached and reasoning tokens are in `metadata.usage_object` alone.
"""

from typing import Any

from llm_tracing.model import Attributes
from llm_tracing.normalize.conventions.contract import Content, Facts, Sent
from llm_tracing.normalize.conventions.otel_genai import KINDS as OTEL_KINDS
from llm_tracing.normalize.conventions.otel_genai import TOKENS as OTEL_TOKENS
from llm_tracing.normalize.conventions.provider_usage import read_usage
from llm_tracing.normalize.conventions.serialized import literal
from llm_tracing.normalize.messages import Messages, messages_of
from llm_tracing.normalize.providers import provider_name
from llm_tracing.normalize.values import as_bool, as_text, first, first_id, from_json_text, pico_usd
from llm_tracing.normalize.words import finish_reasons

OPERATION = "gen_ai.operation.name"
CALL_TYPE = (OPERATION, "llm.request.type")
# LiteLLM's call types, without `a` for asynchronous and `_stream` -> kind, operation.
CALL_TYPES: dict[str, tuple[str, str | None]] = {
    "completion": ("llm", "chat"),
    "chat": ("llm", "chat"),
    "responses": ("llm", "chat"),
    "anthropic_messages": ("llm", "chat"),
    "generate_content": ("llm", "generate_content"),
    "text_completion": ("llm", "text_completion"),
    "image_generation": ("llm", "generate_content"),
    "embedding": ("embedding", "embeddings"),
    "embeddings": ("embedding", "embeddings"),
    "rerank": ("reranker", None),
}
REQUEST = "litellm_request"
OWN = frozenset(
    {
        "litellm.call_id", "litellm.provider.model", "hidden_params", "metadata.usage_object",
        "metadata.user_api_key_hash", "metadata.requester_metadata", "gen_ai.cost.total_cost",
    }
)  # fmt: skip
USAGE = ("metadata.usage_object",)
HIDDEN = "hidden_params"
COST = ("gen_ai.cost.total_cost",)
CACHE_HIT = ("metadata.cache_hit", "cache_hit", "litellm.cache_hit")
PROVIDER_AND_MODEL = ("litellm.provider.model",)  # openai/gpt-4o-mini
REQUESTER = ("metadata.requester_metadata",)
SESSION = ("metadata.session_id", "metadata.litellm_session_id", "litellm.session_id")
SESSION_KEYS = ("session_id", "litellm_session_id", "thread_id", "conversation_id")
USER = ("llm.user", "metadata.user_api_key_end_user_id", "metadata.user_id")
USER_KEYS = ("user_id", "end_user_id", "trace_user_id")
STREAM = ("llm.is_streaming",)
INPUT, OUTPUT = ("gen_ai.content.prompt",), ("gen_ai.content.completion",)

# The providers whose name stands in the attributes of a raw request; None where LiteLLM does not know.
PROVIDERS = (
    "openai", "anthropic", "azure", "azure_ai", "bedrock", "bedrock_converse", "cerebras", "cohere", "cohere_chat",
    "custom_openai", "dashscope", "databricks", "deepinfra", "deepseek", "fireworks_ai", "gemini", "github", "groq",
    "hosted_vllm", "huggingface", "litellm_proxy", "lm_studio", "mistral", "moonshot", "nvidia_nim", "ollama",
    "ollama_chat", "openrouter", "perplexity", "replicate", "sagemaker", "sambanova", "text-completion-openai",
    "together_ai", "vertex_ai", "vertex_ai_beta", "vllm", "voyage", "watsonx", "xai", "None",
)  # fmt: skip
RAW_INPUT, RAW_OUTPUT = ("messages", "contents", "input", "prompt"), ("choices", "content", "candidates", "output")
RAW_SYSTEM = ("system", "system_instruction", "instructions")
_RAW_CONTENT = frozenset(f"llm.{p}.{field}" for p in PROVIDERS for field in (*RAW_INPUT, *RAW_OUTPUT, *RAW_SYSTEM))


class LiteLLM:
    name = "litellm"
    # A raw request has content to show, but no facts: it repeats the call above it.
    markers = OWN | frozenset({*STREAM, *INPUT, *OUTPUT}) | _RAW_CONTENT
    marker_events: frozenset[str] = frozenset()
    content_attributes = frozenset({*INPUT, *OUTPUT}) | _RAW_CONTENT
    content_roots: frozenset[str] = frozenset()

    def facts(self, sent: Sent) -> Facts:
        attributes = sent.attributes
        if sent.name != REQUEST and OWN.isdisjoint(attributes):
            return Facts()
        hidden = _mapping(attributes, (HIDDEN,))
        requester = _mapping(attributes, REQUESTER)
        kind, operation = _call_type(attributes)
        tokens, source = _usage(attributes, hidden)
        sources = tuple((bucket, source) for bucket in (*tokens, *tokens.get("details", ())) if bucket != "details")
        if as_bool(first(attributes, CACHE_HIT)) or as_bool(hidden.get("cache_hit")):
            tokens["details"] = {**tokens.get("details", {}), "from_local_cache": 1}
        return Facts(
            kind=kind,
            provider=_provider(attributes),
            operation=operation,
            client_cost_pico_usd=pico_usd(first(attributes, COST) or hidden.get("response_cost")) or None,
            session_id=first_id(attributes, SESSION) or first_id(requester, SESSION_KEYS),
            user_id=first_id(attributes, USER) or first_id(requester, USER_KEYS),
            usage_sources=sources,
            **tokens,
        )

    def content(self, sent: Sent) -> Content:
        attributes = sent.attributes
        if raw := _raw(attributes):
            return _raw_content(raw)
        return Content(
            input_messages=_messages(first(attributes, INPUT), "user"),
            output_messages=_messages(first(attributes, OUTPUT), "assistant"),
            streaming=as_bool(first(attributes, STREAM)),
        )


def _mapping(attributes: Attributes, names: tuple[str, ...]) -> dict[str, Any]:
    """JSON text, or the `repr` of a dict."""
    found = literal(from_json_text(first(attributes, names)))
    return found if isinstance(found, dict) else {}


def _call_type(attributes: Attributes) -> tuple[str | None, str | None]:
    """Kind and operation; (None, None) where the attribute has OpenTelemetry's own word, or one nobody knows."""
    for name in CALL_TYPE:
        word = str(attributes.get(name))
        if name == OPERATION and word in OTEL_KINDS:
            return None, None
        word = word.removesuffix("_stream")
        if found := CALL_TYPES.get(word) or CALL_TYPES.get(word.removeprefix("a")):
            return found
    return None, None


def _usage(attributes: Attributes, hidden: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The counts that no attribute has, and where they stand."""
    usage, source = _mapping(attributes, USAGE), USAGE[0]
    if not usage and isinstance(hidden.get("usage_object"), dict):
        usage, source = hidden["usage_object"], HIDDEN
    said = {bucket for bucket, names in OTEL_TOKENS.items() if first(attributes, names) is not None}
    return {bucket: count for bucket, count in read_usage(usage).items() if bucket not in said}, source


def _provider(attributes: Attributes) -> str | None:
    """The provider in front of the model, for a call whose `gen_ai.system` is empty."""
    if first(attributes, ("gen_ai.system", "gen_ai.provider.name")) is not None:
        return None
    provider, slash, _ = (as_text(first(attributes, PROVIDER_AND_MODEL)) or "").partition("/")
    return provider_name(provider) if slash else None


def _messages(sent: Any, role: str) -> Messages | None:
    return messages_of(literal(from_json_text(sent)), role)


def _raw(attributes: Attributes) -> dict[str, Any]:
    """The fields of the provider's own request and answer, by their own names."""
    found: dict[str, Any] = {}
    if not _RAW_CONTENT.isdisjoint(attributes):
        for name, value in attributes.items():
            if name.startswith("llm.") and name.count(".") == 2 and value != "":
                found[name.rsplit(".", 1)[1]] = value
    return found


def _raw_content(raw: dict[str, Any]) -> Content:
    given = literal(from_json_text(first(raw, RAW_OUTPUT)))
    reasons: list[Any] = [raw.get("stop_reason")]
    if "choices" in raw or "candidates" in raw:
        choices = [choice for choice in given if isinstance(choice, dict)] if isinstance(given, list) else []
        reasons = [choice.get("finish_reason", choice.get("finishReason")) for choice in choices]
        given = [choice.get("message", choice.get("content")) for choice in choices]
    elif "content" in raw:
        given = [{"role": "assistant", "content": given}]
    told = literal(from_json_text(first(raw, RAW_SYSTEM)))
    system = messages_of([told if isinstance(told, dict) else {"content": told}], "system") if told else None
    asked = _messages(first(raw, RAW_INPUT), "user")
    return Content(
        input_messages=asked,
        output_messages=messages_of(given, "assistant") if given else None,
        system_instructions=[part for message in system for part in message["parts"]] if system else None,
        streaming=as_bool(raw.get("stream")),
        finish_reasons=finish_reasons(reasons),
    )
