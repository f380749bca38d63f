"""Pydantic Logfire: what its SDK adds to OpenTelemetry's GenAI names, today and in the versions before it had them.

Source: pydantic/logfire, the integrations of the OpenAI and Anthropic SDKs. Versions before 4 put the provider's own
request and answer into the JSON of `request_data` and `response_data`; today `gen_ai.usage.raw` has the provider's
usage object. Session and user are plain attributes that Logfire copies from the baggage to every span.
"""

from typing import Any

from llm_tracing.model import Attributes
from llm_tracing.normalize.conventions.contract import Content, Facts, Sent
from llm_tracing.normalize.conventions.provider_usage import read_usage
from llm_tracing.normalize.messages import Messages, messages_of
from llm_tracing.normalize.values import as_bool, as_text, first_id, from_json_text
from llm_tracing.normalize.words import finish_reasons

SPAN_TYPE = "logfire.span_type"
PENDING = "pending_span"
TEMPLATE, MESSAGE = "logfire.msg_template", "logfire.msg"
REQUEST, RESPONSE = "request_data", "response_data"
RAW_USAGE = "gen_ai.usage.raw"
OPERATION = "gen_ai.operation.name"
SESSION = ("session_id", "session.id", "sessionId", "conversation_id")
USER = ("user_id", "user.id", "enduser.id", "userId")
STREAMED = "streaming response"  # how the template of the span that tells a streamed answer begins

# The beginning of the template -> kind, operation; versions 0 to 3 say it nowhere else.
TEMPLATES: dict[str, tuple[str, str]] = {
    "Chat Completion": ("llm", "chat"),
    "Responses API": ("llm", "chat"),
    "Message with": ("llm", "chat"),
    "Completion with": ("llm", "text_completion"),
    "Embedding Creation": ("embedding", "embeddings"),
    "Image Generation": ("llm", "generate_content"),
}
# Keys of a request that tell the operation where the template is that of a streamed answer.
REQUEST_KEYS: dict[str, tuple[str, str]] = {
    "messages": ("llm", "chat"),
    "prompt": ("llm", "text_completion"),
}
# Bucket of the usage object -> the attribute that most versions write beside it.
BESIDE = {"input_tokens": "gen_ai.usage.input_tokens", "output_tokens": "gen_ai.usage.output_tokens"}


class Logfire:
    name = "logfire"
    markers = frozenset({SPAN_TYPE, TEMPLATE, "logfire.json_schema", RAW_USAGE})
    marker_events: frozenset[str] = frozenset()
    content_attributes = frozenset({REQUEST, RESPONSE})
    content_roots: frozenset[str] = frozenset()

    def facts(self, sent: Sent) -> Facts:
        attributes = sent.attributes
        request, response = _object(attributes, REQUEST), _object(attributes, RESPONSE)
        kind, operation = _kind(attributes, request)
        source = RAW_USAGE if RAW_USAGE in attributes else RESPONSE
        tokens = read_usage(from_json_text(attributes.get(RAW_USAGE)) or response.get("usage"))
        for bucket, name in BESIDE.items():
            if bucket in tokens and attributes.get(name) == tokens[bucket]:
                del tokens[bucket]  # said by an attribute of its own
        is_call = kind is not None or OPERATION in attributes or "gen_ai.request.model" in attributes
        return Facts(
            kind=kind,
            operation=None if OPERATION in attributes else operation,
            request_model=as_text(request.get("model")) if is_call else None,
            session_id=first_id(attributes, SESSION),
            user_id=first_id(attributes, USER),
            usage_sources=tuple(
                (bucket, source) for bucket in (*tokens, *tokens.get("details", ())) if bucket != "details"
            ),
            **tokens,
        )

    def content(self, sent: Sent) -> Content:
        attributes = sent.attributes
        request, response = _object(attributes, REQUEST), _object(attributes, RESPONSE)
        told = as_bool(request.get("stream"))
        if str(attributes.get(TEMPLATE)).startswith(STREAMED):
            told = True
        kind, _ = _kind(attributes, request)
        system = (
            messages_of([{"role": "system", "content": request["system"]}], "system") if "system" in request else []
        )
        return Content(
            input=request.get("input") if kind == "embedding" else None,
            input_messages=messages_of(request.get("messages") or request.get("prompt"), "user"),
            output_messages=_answer(response),
            system_instructions=system[0]["parts"] if system else None,
            streaming=told,
            finish_reasons=finish_reasons(response.get("finish_reason")),
        )


def is_pending(attributes: Attributes) -> bool:
    """Whether this span only announces, with an id of its own, another one that has not ended."""
    return attributes.get(SPAN_TYPE) == PENDING


def shown_name(name: str, attributes: Attributes) -> str:
    """The name that a person wants. Logfire's is often a template; it then stands in an attribute too."""
    message = attributes.get(MESSAGE)
    return message if isinstance(message, str) and message and attributes.get(TEMPLATE) == name else name


def _object(attributes: Attributes, name: str) -> dict[str, Any]:
    found = from_json_text(attributes.get(name))
    return found if isinstance(found, dict) else {}


def _kind(attributes: Attributes, request: dict[str, Any]) -> tuple[str | None, str | None]:
    """Kind and operation of a call that says them only in its template; (None, None) for any other span."""
    if "model" not in request:
        return None, None
    template = str(attributes.get(TEMPLATE))
    for beginning, found in TEMPLATES.items():
        if template.startswith(beginning):
            return found
    return next((found for key, found in REQUEST_KEYS.items() if key in request), (None, None))


def _answer(response: dict[str, Any]) -> Messages | None:
    """`message` in the provider's form, of a plain completion `text`; `combined_chunk_content` of an older stream."""
    message = response.get("message")
    if isinstance(message, dict):
        return messages_of([message], "assistant")
    text = response.get("combined_chunk_content") or response.get("text")
    return messages_of([text], "assistant") if isinstance(text, str) else None
