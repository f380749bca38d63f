"""MLflow Tracing: spans that its SDKs (Python, TypeScript) export over OTLP.

Source: mlflow/mlflow, `SpanAttributeKey`, `SpanType`, `TokenUsageKey` and `CostKey`. Every attribute is JSON text, a
scalar too (`"\\"CHAT_MODEL\\""`). `mlflow.spanInputs` and `mlflow.spanOutputs` of a model call are the provider's own
request and response, of anything else a function's arguments and result. Sessions and users stay behind in most
versions: they are metadata of MLflow's trace.
"""

from typing import Any

from llm_tracing.model import Attributes
from llm_tracing.normalize.conventions.contract import Content, Facts, Sent, ToolUse
from llm_tracing.normalize.conventions.flattened import below
from llm_tracing.normalize.conventions.provider_json import (
    finish_reasons_in,
    model_in,
    request_messages,
    response_id_in,
    response_messages,
    streaming_in,
    system_in,
    usage_in,
)
from llm_tracing.normalize.conventions.provider_usage import token_fields, usage_of, with_cache
from llm_tracing.normalize.conventions.serialized import (
    call_input,
    call_output,
    documents_in,
    exchange,
    opened,
)
from llm_tracing.normalize.providers import KNOWN, provider_name
from llm_tracing.normalize.values import as_text, first, pico_usd

TYPE = "mlflow.spanType"

# mlflow.spanType -> kind, and the operation that OpenTelemetry would name.
KINDS: dict[str, tuple[str, str | None]] = {
    "LLM": ("llm", "chat"),
    "CHAT_MODEL": ("llm", "chat"),
    "EMBEDDING": ("embedding", "embeddings"),
    "RETRIEVER": ("retriever", "retrieval"),
    "RERANKER": ("reranker", None),
    "TOOL": ("tool", "execute_tool"),
    "AGENT": ("agent", "invoke_agent"),
    "GUARDRAIL": ("guardrail", None),
    "EVALUATOR": ("evaluator", None),
    **dict.fromkeys(("CHAIN", "PARSER", "MEMORY", "WORKFLOW", "TASK", "CUSTOM", "UNKNOWN"), ("chain", None)),
}

INPUTS, OUTPUTS = ("mlflow.spanInputs",), ("mlflow.spanOutputs",)
USAGE, COST = "mlflow.chat.tokenUsage", ("mlflow.llm.cost",)
REQUEST_MODEL = ("model", "model_name", "model_id")  # autologging copies the request's parameters into attributes
PARAMETERS = ("invocation_params",)  # LangChain's
METADATA = ("metadata",)  # LangChain's
MODEL = ("mlflow.llm.model",)
PROVIDER = ("mlflow.llm.provider",)
FORMAT = ("mlflow.message.format",)  # a provider's name, or a framework's
SESSION = ("mlflow.trace.session", "session.id")
USER = ("mlflow.trace.user", "user.id")
FUNCTION = ("mlflow.spanFunctionName",)
STREAM = ("stream",)
HOSTS = frozenset({"aws.bedrock", "gcp.vertex_ai"})  # providers that serve models of others
CHUNK = "mlflow.chunk.item."  # span events, one a chunk

CALL_KINDS = frozenset({"llm", "embedding", "reranker"})


class MLflow:
    name = "mlflow"
    markers = frozenset({TYPE, "mlflow.traceRequestId", *INPUTS, *OUTPUTS, USAGE})
    marker_events: frozenset[str] = frozenset()
    content_attributes = frozenset({*INPUTS, *OUTPUTS, "mlflow.chat.messages", "mlflow.chat.tools"})
    content_roots: frozenset[str] = frozenset()

    def facts(self, sent: Sent) -> Facts:
        attributes = sent.attributes
        kind, operation = KINDS.get((_text(attributes, (TYPE,)) or "").upper(), (None, None))
        called = kind in CALL_KINDS
        asked, given = _exchange(attributes) if called else (None, None)
        request_model, response_model = _models(attributes, asked, given) if called else (None, None)
        cost = opened(first(attributes, COST))
        return Facts(
            kind=kind,
            provider=_provider(attributes) if called else None,
            operation=operation,
            request_model=request_model,
            response_model=response_model,
            response_id=response_id_in(given),
            client_cost_pico_usd=pico_usd(below(cost, "total_cost")) or None,
            session_id=_text(attributes, SESSION),
            user_id=_text(attributes, USER),
            **_tokens(attributes, given),
        )

    def content(self, sent: Sent) -> Content:
        attributes = sent.attributes
        kind, _ = KINDS.get((_text(attributes, (TYPE,)) or "").upper(), (None, None))
        asked, given = _exchange(attributes)
        if kind == "llm":
            return _call_content(sent, asked, given)
        if kind == "tool":
            name = _text(attributes, FUNCTION) or as_text(sent.name)
            return Content(tool=ToolUse(name, None, call_input(asked), call_output(given)))
        if kind == "embedding":
            return Content(input=_only(call_input(asked), ("input", "text", "texts", "contents", "content")))
        if kind in ("retriever", "reranker"):
            documents = documents_in(given)
            return Content(
                input=_only(call_input(asked), ("query", "q", "question", "input")),
                output=None if documents else call_output(given),
                documents=documents,
            )
        return exchange(call_input(asked), call_output(given))


def _exchange(attributes: Attributes) -> tuple[Any, Any]:
    """Inputs and outputs, opened once."""
    return opened(first(attributes, INPUTS)), opened(first(attributes, OUTPUTS))


def _text(attributes: Attributes, names: tuple[str, ...]) -> str | None:
    found = opened(first(attributes, names))
    return as_text(found) if isinstance(found, str | int) else None


def _provider(attributes: Attributes) -> str | None:
    by_format = provider_name(_text(attributes, FORMAT))
    if by_format in HOSTS:  # MLflow's own attribute then names who made the model
        return by_format
    if found := provider_name(_text(attributes, PROVIDER)):
        return found
    if by_format in KNOWN:
        return by_format
    return provider_name(below(opened(first(attributes, METADATA)), "ls_provider"))


def _models(attributes: Attributes, asked: Any, given: Any) -> tuple[str | None, str | None]:
    """Requested and returned model; MLflow's own attribute holds the returned one once there is an answer."""
    own = _text(attributes, MODEL)
    request = _text(attributes, REQUEST_MODEL) or model_in(asked) or model_in(first(attributes, PARAMETERS))
    response = model_in(given)
    if given is None:
        return request or own, None
    return request, response or own


def _tokens(attributes: Attributes, given: Any) -> dict[str, Any]:
    """Counts by the response, which says whose they are and so whether the input includes the cache; then MLflow's."""
    own, told = with_cache(usage_of(opened(attributes.get(USAGE)), inclusive=True)), usage_in(given)
    counts = {**own, **told}
    sources = tuple((bucket, USAGE if own.get(bucket) == count else OUTPUTS[0]) for bucket, count in counts.items())
    return token_fields(counts, sources)


def _call_content(sent: Sent, asked: Any, given: Any) -> Content:
    said, told = request_messages(asked), response_messages(given)
    streaming = streaming_in(asked)
    if streaming is None:
        stream = opened(sent.attributes.get(STREAM[0]))
        streaming = {"true": True, "false": False}.get(str(stream).lower())
    if any(event.name.startswith(CHUNK) for event in sent.events):
        streaming = True
    return Content(
        input=None if said else asked,
        output=None if told else given,
        input_messages=said,
        output_messages=told,
        system_instructions=system_in(asked),
        streaming=streaming,
        finish_reasons=finish_reasons_in(given),
    )


def _only(asked: Any, names: tuple[str, ...]) -> Any:
    """Of a call's arguments the one that matters."""
    if not isinstance(asked, dict):
        return asked
    return next((asked[name] for name in names if asked.get(name)), asked)
