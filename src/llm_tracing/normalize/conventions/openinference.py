"""OpenInference: the convention of Arize's instrumentations, and of what exports in its form.

Source: Arize-ai/openinference, spec/semantic_conventions.md. Messages, documents and embeddings are flattened into
attribute names. `llm.model_name` is the returned model where the client knows it, else the requested one; the requested
one may stand in the JSON of `llm.invocation_parameters` too.
"""

import re
from typing import Any

from llm_tracing.model import USAGE_DETAILS, Attributes
from llm_tracing.normalize import words
from llm_tracing.normalize.conventions import langchain_result
from llm_tracing.normalize.conventions.contract import Content, Facts, Sent, ToolUse
from llm_tracing.normalize.conventions.flattened import Branch, below, branches, items
from llm_tracing.normalize.conventions.openinference_messages import (
    documents_of,
    embedded_texts,
    flattened_messages,
    plain_texts,
)
from llm_tracing.normalize.conventions.openinference_raw import or_fuller, raw_messages, raw_system
from llm_tracing.normalize.conventions.provider_json import finish_reasons_in, provider_model, usage_in
from llm_tracing.normalize.conventions.reading import read_tokens
from llm_tracing.normalize.conventions.serialized import answer_in, call_input, call_output, messages_in
from llm_tracing.normalize.messages import Messages, messages_of, text_part
from llm_tracing.normalize.providers import provider_name
from llm_tracing.normalize.values import as_list, as_text, first, first_id, from_json_text, pico_usd

SPAN_KIND = "openinference.span.kind"

# openinference.span.kind -> kind, and the operation that OpenTelemetry would name.
KINDS: dict[str, tuple[str, str | None]] = {
    "LLM": ("llm", "chat"),
    "EMBEDDING": ("embedding", "embeddings"),
    "RETRIEVER": ("retriever", "retrieval"),
    "RERANKER": ("reranker", None),
    "TOOL": ("tool", "execute_tool"),
    "AGENT": ("agent", "invoke_agent"),
    "CHAIN": ("chain", None),
    "GUARDRAIL": ("guardrail", None),
    "EVALUATOR": ("evaluator", None),
    "PROMPT": ("prompt", None),
    "UNKNOWN": ("chain", None),
}

PROVIDER = ("llm.provider", "llm.system")
REQUEST_MODEL = ("llm.request.model_name",)
RESPONSE_MODEL = ("llm.response.model_name",)
MODEL = ("llm.model_name", "embedding.model_name", "reranker.model_name")
PARAMETERS = ("llm.invocation_parameters", "embedding.invocation_parameters")
PARAMETER_MODEL = ("model", "model_name", "model_id", "modelId")
# The second and third: metadata that was flattened instead of sent as JSON, with the usual keys.
SESSION = ("session.id", "metadata.sessionId", "metadata.session_id")
USER = ("user.id", "metadata.userId", "metadata.user_id")
METADATA = "metadata"
TOKENS: dict[str, tuple[str, ...]] = {
    "input_tokens": ("llm.token_count.prompt",),
    "output_tokens": ("llm.token_count.completion",),
    "cache_read_tokens": ("llm.token_count.prompt_details.cache_read", "llm.token_count.prompt_details.cache_input"),
    "cache_write_tokens": ("llm.token_count.prompt_details.cache_write",),
    "reasoning_tokens": ("llm.token_count.completion_details.reasoning",),
    # The convention names audio; the rest is how instrumentations go on from it.
    "cache_write_5m_tokens": ("llm.token_count.prompt_details.cache_write_5m",),
    "cache_write_1h_tokens": ("llm.token_count.prompt_details.cache_write_1h",),
    "input_audio_tokens": ("llm.token_count.prompt_details.audio",),
    "cache_read_audio_tokens": ("llm.token_count.prompt_details.cache_read_audio",),
    "output_audio_tokens": ("llm.token_count.completion_details.audio",),
    "input_image_tokens": ("llm.token_count.prompt_details.image",),
    "output_image_tokens": ("llm.token_count.completion_details.image",),
}
COST = ("llm.cost.total",)
FINISH_REASON = ("llm.finish_reason",)
INPUT, OUTPUT = ("input.value",), ("output.value",)
TOOL_NAME = ("tool.name",)
TOOL_CALL_ID = ("tool.id", "tool_call.id")
TOOL_PARAMETERS = ("tool.parameters",)

INPUT_MESSAGES, OUTPUT_MESSAGES = "llm.input_messages", "llm.output_messages"
PROMPTS, CHOICES = "llm.prompts", "llm.choices"
EMBEDDINGS = "embedding.embeddings"
DOCUMENTS = ("retrieval.documents", "reranker.output_documents")
ROOTS = (INPUT_MESSAGES, OUTPUT_MESSAGES, PROMPTS, CHOICES, EMBEDDINGS, *DOCUMENTS)
# The beginning of a provider's response as its client dumps it: the id is the first field (OpenAI, Anthropic, Mistral).
RESPONSE_WITH_ID = re.compile(r'\s*\{\s*"id"\s*:\s*"([^"\\]{1,200})"')

CALL_KINDS = frozenset({"llm", "embedding", "reranker"})
# Any of these says that the model answered, so that `llm.model_name` may be what it called itself.
ANSWERED = ("llm.token_count.completion", "llm.token_count.total", "llm.output_messages.0.message.role", "output.value")


_DETAILED = frozenset({"cache_read_tokens", "cache_write_tokens", "reasoning_tokens"})
_SEEN_IN = 100  # characters: the key that tells a request stands at the beginning
# What Python writes of an object that has no text of its own.
_OBJECT = re.compile(r"<[\w.]+ object at 0x[0-9a-f]+>\Z")


class OpenInference:
    name = "openinference"
    markers = frozenset({SPAN_KIND, *MODEL, "llm.token_count.prompt"})
    content_attributes = frozenset(
        {*INPUT, *OUTPUT, INPUT_MESSAGES, OUTPUT_MESSAGES, "llm.prompt_template.template",
         "llm.prompt_template.variables"}
    )  # fmt: skip
    marker_events: frozenset[str] = frozenset()
    content_roots = frozenset(root + "." for root in ROOTS)

    def facts(self, sent: Sent) -> Facts:
        attributes = sent.attributes
        kind, operation = KINDS.get(str(attributes.get(SPAN_KIND)).upper(), (None, None))
        if operation == "chat" and ("llm.prompts.0.prompt.text" in attributes):
            operation = "text_completion"
        if kind is None and first(attributes, MODEL) is not None:
            kind = "embedding" if "embedding.model_name" in attributes else "llm"
        request_model, response_model = _models(attributes, kind)
        tokens, sources = read_tokens(attributes, TOKENS)
        result = _langchain_result(attributes) if kind == "llm" else None
        if result:
            response_model = as_text(langchain_result.model(result)) or response_model
            more = {field: count for field, count in langchain_result.usage(result).items() if field not in tokens}
            tokens = {**tokens, **more}
            sources = (*sources, *((field, OUTPUT[0]) for field in more))
        elif kind == "llm":
            if _is_request(first(attributes, OUTPUT)):
                kind, operation = "chain", None
            more = _told_by_provider(attributes, tokens)
            tokens = {**tokens, **more}
            sources = (*sources, *((field, OUTPUT[0]) for field in more))
        return Facts(
            kind=kind,
            provider=_provider(attributes),
            operation=operation,
            request_model=request_model,
            response_model=response_model,
            response_id=_response_id(attributes, result) if kind == "llm" else None,
            client_cost_pico_usd=pico_usd(first(attributes, COST)),
            session_id=first_id(attributes, SESSION),
            user_id=first_id(attributes, USER),
            usage_sources=sources,
            **tokens,
        )

    def content(self, sent: Sent) -> Content:
        attributes = sent.attributes
        kind, _ = KINDS.get(str(attributes.get(SPAN_KIND)).upper(), (None, None))
        found = branches(attributes, ROOTS)
        asked = flattened_messages(found.get(INPUT_MESSAGES), "user") or messages_of(
            attributes.get(INPUT_MESSAGES), "user"
        )
        answered = flattened_messages(found.get(OUTPUT_MESSAGES), "assistant") or messages_of(
            attributes.get(OUTPUT_MESSAGES), "assistant"
        )
        sent, given = first(attributes, INPUT), _said(first(attributes, OUTPUT))
        if kind == "llm":
            asked = or_fuller(asked, lambda: raw_messages(sent))
            answered = or_fuller(answered, lambda: _told(attributes))
        if kind != "tool":
            asked = asked or plain_texts(found.get(PROMPTS), "prompt", "user") or messages_in(sent, "user")
            answered = answered or plain_texts(found.get(CHOICES), "completion", "assistant")
            answered = answered or _answer(attributes, kind, given)
        parameters = _parameters(attributes)
        return Content(
            input=embedded_texts(found.get(EMBEDDINGS)) or (None if asked else from_json_text(sent)),
            output=None if answered or kind == "embedding" else from_json_text(given),
            input_messages=asked,
            output_messages=answered,
            system_instructions=raw_system(asked, sent) if kind == "llm" else None,
            tool=_tool(attributes, sent, given) if kind == "tool" else None,
            documents=next((docs for root in DOCUMENTS if (docs := documents_of(found.get(root)))), None),
            streaming=stream if isinstance(stream := parameters.get("stream"), bool) else None,
            finish_reasons=_finish_reasons(attributes, found),
        )


def _said(given: Any) -> Any:
    """An output that is no more than the address of an object says nothing."""
    return None if isinstance(given, str) and _OBJECT.match(given) else given


def _parameters(attributes: Attributes) -> dict[str, Any]:
    found = from_json_text(first(attributes, PARAMETERS))
    return found if isinstance(found, dict) else {}


def _provider(attributes: Attributes) -> str | None:
    for name in PROVIDER:
        if found := provider_name(attributes.get(name)):
            return found
    metadata = attributes.get(METADATA)
    if isinstance(metadata, str) and '"ls_provider"' in metadata:  # LangChain's own name for it
        return provider_name(below(from_json_text(metadata), "ls_provider"))
    return None


def _is_request(given: Any) -> bool:
    """Whether a step gave back what a model is to be asked: LlamaIndex marks as LLM also what only prepares a call."""
    if not isinstance(given, str) or '"messages"' not in given[:_SEEN_IN]:
        return False
    tree = from_json_text(given)
    return isinstance(tree, dict) and "messages" in tree and "tools" in tree and "choices" not in tree


def _told_by_provider(attributes: Attributes, tokens: dict[str, Any]) -> dict[str, int]:
    """Buckets that only the provider's own answer has, which most instrumentations put into the output as it is.

    Input and output are taken from there only where the span has neither: one of them may follow another rule.
    """
    given = first(attributes, OUTPUT)
    if not isinstance(given, str) or "usage" not in given or tokens.keys() >= _DETAILED:
        return {}
    found = usage_in(given)
    if "input_tokens" in tokens or "output_tokens" in tokens:
        found = {bucket: found[bucket] for bucket in _DETAILED if bucket in found}
    return {bucket: count for bucket, count in found.items() if bucket not in {*tokens, *USAGE_DETAILS}}


def _langchain_result(attributes: Attributes) -> dict[str, Any] | None:
    return langchain_result.langchain_result(first(attributes, OUTPUT))


def _response_id(attributes: Attributes, result: dict[str, Any] | None) -> str | None:
    """The convention has no attribute for it, but a call's generic output is the provider's response or LangChain's."""
    if result:
        return langchain_result.response_id(result)
    given = first(attributes, OUTPUT)
    found = RESPONSE_WITH_ID.match(given) if isinstance(given, str) else None
    return found[1] if found else None


def _answer(attributes: Attributes, kind: str | None, given: Any) -> Messages | None:
    """The answer in a generic output: LangChain's objects, and of a model call any plain text."""
    if result := _langchain_result(attributes):
        return answer_in(langchain_result.message(result))
    if kind == "llm" and isinstance(given, str) and given and isinstance(from_json_text(given), str):
        return [{"role": "assistant", "parts": [text_part(given)]}]
    if kind == "llm" and _are_calls(calls := from_json_text(given)):
        return messages_of([{"tool_calls": calls}], "assistant")
    return answer_in(given)


def _told(attributes: Attributes) -> Messages | None:
    result = _langchain_result(attributes)
    return answer_in(langchain_result.message(result)) if result else None


def _are_calls(given: Any) -> bool:
    """Whether an answer is a list of OpenAI's tool calls and nothing else."""
    return isinstance(given, list) and bool(given) and all(isinstance(below(one, "function"), dict) for one in given)


def _models(attributes: Attributes, kind: str | None) -> tuple[str | None, str | None]:
    """Requested and returned model; one that may be either is the returned one once the model has answered."""
    request = as_text(first(attributes, REQUEST_MODEL))
    response = as_text(first(attributes, RESPONSE_MODEL))
    model = as_text(first(attributes, MODEL))
    if request is None:
        parameters = _parameters(attributes)
        # The Agents SDK puts the response object there: it has an id, and its model is the returned one.
        request = None if "id" in parameters else as_text(first(parameters, PARAMETER_MODEL))
    if response is None and kind in CALL_KINDS and any(name in attributes for name in ANSWERED):
        response = model
    elif request is None:
        request = model
    if kind == "llm" and response == model and RESPONSE_MODEL[0] not in attributes:
        told = provider_model(first(attributes, OUTPUT))
        if told is not None and told != model:
            return request or model, told
    return request, response


def _tool(attributes: Attributes, sent: Any, given: Any) -> ToolUse | None:
    name = as_text(first(attributes, TOOL_NAME))
    arguments = call_input(sent)
    if arguments is None:
        parameters = from_json_text(first(attributes, TOOL_PARAMETERS))
        schema = isinstance(parameters, dict) and "properties" in parameters  # what it takes, not what it was given
        arguments = None if schema else parameters
    return ToolUse(name, as_text(first(attributes, TOOL_CALL_ID)), arguments, call_output(given))


def _finish_reasons(attributes: Attributes, found: dict[str, Branch]) -> tuple[str, ...]:
    sent = from_json_text(first(attributes, FINISH_REASON))
    if sent is None:
        sent = [below(item, "message", "finish_reason") for item in items(found.get(OUTPUT_MESSAGES))]
        if not any(sent) and (result := _langchain_result(attributes)):
            sent = langchain_result.finish_reason(result)
        if not any(as_list(sent)) and attributes.get(SPAN_KIND) == "LLM":
            return finish_reasons_in(first(attributes, OUTPUT))
    return words.finish_reasons(sent)
