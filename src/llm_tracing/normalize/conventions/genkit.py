"""Firebase Genkit (JavaScript, Go, Python): spans whose attributes begin with `genkit:`.

Source: firebase/genkit, tracing of `runInNewSpan` and the schemas of `GenerateRequest` and `GenerateResponse`. Each
action (a model, a tool, a flow, an embedder ...) is a span with its input and output as JSON; `generate` is a span
around a model's and repeats what that says. Models are named with the plugin that serves them, `openai/gpt-4o-mini`;
some plugins put the provider's own answer under `raw`.
"""

from typing import Any

from llm_tracing.model import Attributes
from llm_tracing.normalize import words
from llm_tracing.normalize.conventions.contract import Content, Facts, Sent, ToolUse
from llm_tracing.normalize.conventions.flattened import below
from llm_tracing.normalize.conventions.provider_json import finish_reasons_in, model_in, response_id_in, usage_in
from llm_tracing.normalize.conventions.provider_usage import token_fields
from llm_tracing.normalize.conventions.serialized import opened
from llm_tracing.normalize.messages import Messages, Part, call_part, messages_of, result_part
from llm_tracing.normalize.providers import KNOWN, provider_name
from llm_tracing.normalize.values import as_int, as_list, as_text, first, first_id

TYPE, SUBTYPE, NAME = "genkit:type", "genkit:metadata:subtype", ("genkit:name",)
INPUT, OUTPUT = ("genkit:input",), ("genkit:output",)
SESSION = ("genkit:sessionId", "genkit:metadata:sessionId", "genkit:metadata:context:sessionId")
STATE, FAILED, ERROR = "genkit:state", "error", ("genkit:error",)

# genkit:metadata:subtype -> kind, and the operation that OpenTelemetry would name. Any other is a chain.
KINDS: dict[str, tuple[str, str | None]] = {
    "model": ("llm", "chat"),
    "background-model": ("llm", "chat"),
    "embedder": ("embedding", "embeddings"),
    "tool": ("tool", "execute_tool"),
    "tool.v2": ("tool", "execute_tool"),
    "retriever": ("retriever", "retrieval"),
    "reranker": ("reranker", None),
    "evaluator": ("evaluator", None),
    "prompt": ("prompt", None),
    "executable-prompt": ("prompt", None),
}
WRAPPER: tuple[str, str | None] = ("chain", None)
CALL_KINDS = frozenset({"llm", "embedding", "reranker"})

# Plugins that are not called as their provider is -> provider.
PLUGINS = {"googleai": "gcp.gemini", "vertexai": "gcp.vertex_ai", "vertex-ai-model-garden": "gcp.vertex_ai"}
# Canonical bucket -> fields of `usage`.
TOKENS = {
    "input_tokens": "inputTokens",
    "output_tokens": "outputTokens",
    "cache_read_tokens": "cachedContentTokens",
    "reasoning_tokens": "thoughtsTokens",
}
TOTAL = "totalTokens"
FINISH = {"blocked": "content_filter"}


class Genkit:
    name = "genkit"
    markers = frozenset({TYPE, SUBTYPE, *NAME})
    marker_events: frozenset[str] = frozenset()
    content_attributes = frozenset({*INPUT, *OUTPUT})
    content_roots: frozenset[str] = frozenset()

    def facts(self, sent: Sent) -> Facts:
        attributes = sent.attributes
        kind, operation = _kind(attributes)
        failed = attributes.get(STATE) == FAILED
        facts = Facts(
            kind=kind,
            operation=operation,
            session_id=first_id(attributes, SESSION),
            error=(as_text(first(attributes, ERROR)) or "failed") if failed else None,
        )
        if kind not in CALL_KINDS:
            return facts
        plugin, _, model = (as_text(first(attributes, NAME)) or "").rpartition("/")
        answer = opened(first(attributes, OUTPUT))
        raw = below(answer, "raw")
        returned = model_in(raw)
        if returned is None and kind == "embedding" and answer is not None:
            returned = model or None  # models of embeddings have no short names
        counts = _usage(answer)
        return facts._replace(
            provider=_provider(plugin),
            request_model=model or None,
            response_model=returned,
            response_id=response_id_in(raw),
            **token_fields(counts, tuple((bucket, OUTPUT[0]) for bucket in counts)),
        )

    def content(self, sent: Sent) -> Content:
        attributes = sent.attributes
        kind, _ = _kind(attributes)
        asked, given = opened(first(attributes, INPUT)), opened(first(attributes, OUTPUT))
        if kind == "tool":
            return Content(tool=ToolUse(as_text(first(attributes, NAME)), None, asked, given))
        if kind == "embedding":
            return Content(input=[_text(document) for document in as_list(below(asked, "input"))] or asked)
        if kind == "retriever":
            documents = below(given, "documents")
            return Content(
                input=_text(below(asked, "query")) or asked,
                output=None if isinstance(documents, list) else given,
                documents=[_document(one) for one in documents if isinstance(one, dict)]
                if isinstance(documents, list)
                else None,
            )
        said, told = _messages(below(asked, "messages"), "user"), _answer(given)
        return Content(
            input=None if said else asked,
            output=None if told else given,
            input_messages=said,
            output_messages=told,
            finish_reasons=_finish_reasons(given) if kind == "llm" else (),
        )


def _kind(attributes: Attributes) -> tuple[str, str | None]:
    return KINDS.get(str(attributes.get(SUBTYPE)), WRAPPER)


def _provider(plugin: str) -> str | None:
    found = PLUGINS.get(plugin) or provider_name(plugin)
    return found if found in KNOWN else None


def _usage(answer: Any) -> dict[str, int]:
    """Genkit's counts, which leave out what they do not know, and the provider's own where the plugin keeps them.

    Gemini's thoughts are not in its output: the total tells.
    """
    usage = below(answer, "usage")
    counts = {bucket: count for bucket, name in TOKENS.items() if (count := as_int(below(usage, name))) is not None}
    thoughts, total = counts.get("reasoning_tokens", 0), as_int(below(usage, TOTAL))
    if thoughts and total == counts.get("input_tokens", 0) + counts.get("output_tokens", 0) + thoughts:
        counts["output_tokens"] = counts.get("output_tokens", 0) + thoughts
    told = usage_in(below(answer, "raw"))
    return {bucket: max(counts.get(bucket, 0), told.get(bucket, 0)) for bucket in (*counts, *told)}


def _finish_reasons(answer: Any) -> tuple[str, ...]:
    """The provider's own word says more: a turn that asks for tools is `stop` to Genkit."""
    said = below(answer, "finishReason")
    return finish_reasons_in(below(answer, "raw")) or words.finish_reasons(FINISH.get(str(said), said))


def _answer(given: Any) -> Messages | None:
    message = below(given, "message")
    if message is None and isinstance(candidates := below(given, "candidates"), list) and candidates:  # before 1.0
        message = below(candidates[0], "message")
    if message is not None:
        return _messages([message], "assistant")
    return messages_of(given, "assistant") if isinstance(given, str) and given else None


def _messages(sent: Any, default_role: str) -> Messages | None:
    found: Messages = []
    for message in as_list(sent):
        if isinstance(message, dict):
            parts = [_part(part) for part in as_list(message.get("content"))]
            found += messages_of([{"role": message.get("role"), "parts": parts}], default_role) or []
    return found or None


def _part(part: Any) -> Part:
    """{text}, {reasoning}, {toolRequest: {name, ref, input}}, {toolResponse: {name, ref, output}}, {media: {url}}."""
    if not isinstance(part, dict):
        return {"type": "text", "content": str(part)}
    if isinstance(call := part.get("toolRequest"), dict):
        return call_part(call.get("ref"), call.get("name"), call.get("input"))
    if isinstance(result := part.get("toolResponse"), dict):
        return result_part(result.get("ref"), result.get("output"))
    if isinstance(part.get("reasoning"), str):
        return {"type": "reasoning", "content": part["reasoning"]}
    if isinstance(url := below(part, "media", "url"), str):
        return {"type": "uri", "mime_type": below(part, "media", "contentType"), "uri": url}
    return part


def _text(document: Any) -> str | None:
    texts = [part.get("text") for part in as_list(below(document, "content")) if isinstance(part, dict)]
    return "\n".join(text for text in texts if isinstance(text, str)) or None


def _document(document: dict[str, Any]) -> dict[str, Any]:
    return {"content": _text(document), "metadata": document.get("metadata")}
