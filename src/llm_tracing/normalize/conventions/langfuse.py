"""Langfuse: the attributes of its SDKs (Python 3 to 5, JavaScript 4 and 5) and of what exports in its form.

Source: langfuse/langfuse-python, `LangfuseOtelSpanAttributes`, and Langfuse's page on its OpenTelemetry endpoint.
Input, output and details are JSON text. Input and output have the shape of whatever was observed: the request and the
message of a provider, the arguments of a function, LangChain's messages. There is no attribute for the provider, and
one for the model: the returned one where the integration knows it.
"""

from typing import Any

from llm_tracing.model import Attributes
from llm_tracing.normalize.conventions.contract import Content, Facts, Sent, ToolUse
from llm_tracing.normalize.conventions.flattened import below
from llm_tracing.normalize.conventions.langfuse_usage import cost_in, usage_in
from llm_tracing.normalize.conventions.provider_json import (
    finish_reasons_in,
    request_messages,
    response_messages,
    system_in,
)
from llm_tracing.normalize.conventions.provider_usage import token_fields
from llm_tracing.normalize.conventions.serialized import (
    call_input,
    call_output,
    documents_in,
    exchange,
    opened,
    tool_message,
)
from llm_tracing.normalize.messages import Messages, text_part
from llm_tracing.normalize.providers import provider_name
from llm_tracing.normalize.values import as_text, first
from llm_tracing.normalize.words import finish_reasons

_OBSERVATION = "langfuse.observation."
_METADATA, _TRACE_METADATA = "langfuse.observation.metadata", "langfuse.trace.metadata"
TYPE = _OBSERVATION + "type"

# langfuse.observation.type -> kind, and the operation that OpenTelemetry would name.
KINDS: dict[str, tuple[str, str | None]] = {
    "generation": ("llm", "chat"),
    "embedding": ("embedding", "embeddings"),
    "agent": ("agent", "invoke_agent"),
    "tool": ("tool", "execute_tool"),
    "chain": ("chain", None),
    "span": ("chain", None),
    "event": ("chain", None),
    "retriever": ("retriever", "retrieval"),
    "evaluator": ("evaluator", None),
    "guardrail": ("guardrail", None),
}

MODEL = (_OBSERVATION + "model.name", _OBSERVATION + "model")
INPUT, OUTPUT = (_OBSERVATION + "input",), (_OBSERVATION + "output",)
TRACE_INPUT, TRACE_OUTPUT = ("langfuse.trace.input",), ("langfuse.trace.output",)
USAGE = (_OBSERVATION + "usage_details", _OBSERVATION + "usage")
COST = (_OBSERVATION + "cost_details",)
LEVEL, STATUS_MESSAGE = (_OBSERVATION + "level",), (_OBSERVATION + "status_message",)
FIRST_TOKEN = (_OBSERVATION + "completion_start_time",)
SESSION = ("langfuse.session.id", "session.id", "langfuse.trace.session_id", "langfuse.trace.session.id")
USER = ("langfuse.user.id", "user.id", "langfuse.trace.user_id", "langfuse.trace.user.id")
# Keys of the metadata of an observation or a trace; the first two are LangChain's callback handler's.
SESSION_KEYS = ("langfuse_session_id", "langfuseSessionId", "session_id", "sessionId", "conversation_id", "thread_id")
USER_KEYS = ("langfuse_user_id", "langfuseUserId", "user_id", "userId")
PROVIDER_KEYS = ("ls_provider", "provider")
REQUEST_MODEL_KEYS = ("ls_model_name",)
FINISH_KEYS = ("finish_reason", "finishReason", "stop_reason")
RESPONSE_ID_KEYS = ("response_id",)
TOOL_CALL_KEYS = ("tool_call_id",)
# The Responses API's, in langfuse-js `observeOpenAI`.
SYSTEM_KEYS = ("instructions",)
STATUS_KEYS = ("status",)
_EMBEDDING_MODEL = "embed"  # a part of the names of all models of embeddings that are widely used

TOOL_MESSAGE = '"ToolMessage"'  # the class that LangChain writes with what a tool gave back
CALL_KINDS = frozenset({"llm", "embedding"})
FAILED = "ERROR"


class Langfuse:
    name = "langfuse"
    markers = frozenset(
        {TYPE, *MODEL, *INPUT, *OUTPUT, *USAGE, *TRACE_INPUT, *TRACE_OUTPUT, *LEVEL, *SESSION[:1], *USER[:1]}
        | {f"{_METADATA}.{key}" for key in (*SESSION_KEYS[:2], *USER_KEYS[:2])}
    )
    marker_events: frozenset[str] = frozenset()
    content_attributes = frozenset({*INPUT, *OUTPUT, *TRACE_INPUT, *TRACE_OUTPUT})
    content_roots: frozenset[str] = frozenset()

    def facts(self, sent: Sent) -> Facts:
        attributes = sent.attributes
        kind, operation = _kind(attributes)
        failed = as_text(first(attributes, LEVEL)) == FAILED
        request_model, response_model = _models(attributes, kind, failed) if kind in CALL_KINDS else (None, None)
        place = next((name for name in USAGE if name in attributes), USAGE[0])
        counts = usage_in(attributes.get(place))
        return Facts(
            kind=kind,
            provider=provider_name(_metadata(attributes, PROVIDER_KEYS)),
            operation=operation,
            request_model=request_model,
            response_model=response_model,
            response_id=as_text(_metadata(attributes, RESPONSE_ID_KEYS)),
            client_cost_pico_usd=cost_in(first(attributes, COST)),
            session_id=_text(first(attributes, SESSION)) or _somebody(attributes, SESSION_KEYS),
            user_id=_text(first(attributes, USER)) or _somebody(attributes, USER_KEYS),
            error=(_text(first(attributes, STATUS_MESSAGE)) or "failed") if failed else None,
            **token_fields(counts, tuple((bucket, place) for bucket in counts)),
        )

    def content(self, sent: Sent) -> Content:
        attributes = sent.attributes
        kind, _ = _kind(attributes)
        asked, given = first(attributes, (*INPUT, *TRACE_INPUT)), first(attributes, (*OUTPUT, *TRACE_OUTPUT))
        if kind == "llm":
            return _call_content(attributes, asked, given)
        if kind == "tool":
            identifier = _metadata(attributes, TOOL_CALL_KEYS) or below(opened(given), "tool_call_id")
            identifier = identifier or tool_message(given).get("tool_call_id")
            return Content(tool=ToolUse(as_text(sent.name), as_text(identifier), call_input(asked), call_output(given)))
        if kind == "embedding":
            return Content(input=call_input(asked))
        if kind == "retriever":
            documents = documents_in(given)
            return Content(
                input=_query(call_input(asked)), output=None if documents else call_output(given), documents=documents
            )
        return exchange(call_input(asked), call_output(given))


def _kind(attributes: Attributes) -> tuple[str | None, str | None]:
    """By its type; of an observation without one, a model and usage say that it is a generation."""
    sent = attributes.get(TYPE)
    if isinstance(sent, str):
        word = sent.strip('"').lower()
        if word == "generation" and _EMBEDDING_MODEL in (_text(first(attributes, MODEL)) or "").lower():
            word = "embedding"  # langfuse-js calls all of OpenAI's requests generations
        if word == "span" and TOOL_MESSAGE in str(given := first(attributes, OUTPUT)) and tool_message(given):
            word = "tool"  # version 4 of its callback handler has no tools
        return KINDS.get(word, (None, None))
    return KINDS["generation"] if first(attributes, MODEL) is not None else (None, None)


def _models(attributes: Attributes, kind: str, failed: bool) -> tuple[str | None, str | None]:
    """Requested and returned model; the one there is, is the returned one once the model has answered.

    Models of embeddings have no short names, so that theirs is both.
    """
    model = _text(first(attributes, MODEL))
    asked = as_text(_metadata(attributes, REQUEST_MODEL_KEYS))
    if not failed and first(attributes, (*OUTPUT, *USAGE)) is not None:
        return asked or (model if kind == "embedding" else None), model
    return asked or model, None


def _call_content(attributes: Attributes, asked: Any, given: Any) -> Content:
    said, told = request_messages(asked), response_messages(given)
    reason = _metadata(attributes, FINISH_KEYS)
    return Content(
        input=None if said else opened(asked),
        output=None if told else opened(given),
        input_messages=said,
        output_messages=told,
        system_instructions=system_in(asked) or _instructions(attributes, said),
        streaming=True if first(attributes, FIRST_TOKEN) is not None else None,
        finish_reasons=finish_reasons(reason) or finish_reasons_in(given) or _status(attributes, given),
    )


def _instructions(attributes: Attributes, said: Messages | None) -> Messages | None:
    if said and said[0]["role"] == "system":
        return None
    sent = _metadata(attributes, SYSTEM_KEYS)
    return [text_part(sent)] if isinstance(sent, str) else None


def _status(attributes: Attributes, given: Any) -> tuple[str, ...]:
    """Of a response whose output alone is there, its status, which stands in the metadata."""
    status = _metadata(attributes, STATUS_KEYS)
    if status not in ("completed", "incomplete"):
        return ()
    answer = opened(given)
    return finish_reasons_in({"status": status, "output": answer if isinstance(answer, list) else []})


def _query(asked: Any) -> Any:
    return next(iter(asked.values())) if isinstance(asked, dict) and len(asked) == 1 else asked


def _text(value: Any) -> str | None:
    return as_text(opened(value))


def _somebody(attributes: Attributes, keys: tuple[str, ...]) -> str | None:
    found = _metadata(attributes, keys)
    return as_text(found) if isinstance(found, str | int) else None


def _metadata(attributes: Attributes, keys: tuple[str, ...]) -> Any:
    """The first of some keys in the metadata of the observation, else of the trace: an attribute each, or one JSON."""
    for place in (_METADATA, _TRACE_METADATA):
        whole = opened(attributes.get(place))
        for key in keys:
            found = opened(attributes.get(f"{place}.{key}"))
            if found is None or found == "":
                found = below(whole, key)
            if found is not None and found != "":
                return found
    return None
