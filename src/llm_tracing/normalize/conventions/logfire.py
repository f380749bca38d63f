"""Pydantic Logfire: what its SDK adds to OpenTelemetry's GenAI names, today and in the versions before it had them.

Source: pydantic/logfire, the integrations of the OpenAI and Anthropic SDKs and of the OpenAI Agents SDK. Versions
before 4 put the provider's own request and answer into the JSON of `request_data` and `response_data`; today
`gen_ai.usage.raw` has the provider's usage object. Session and user are plain attributes that Logfire copies from the
baggage to every span. Spans of the Agents SDK say what they are in their template only; `input`, `output` and `usage`
are the SDK's own objects, and `request_data` there has the answer among the messages.
"""

from typing import Any

from llm_tracing.model import Attributes
from llm_tracing.normalize.conventions.contract import Content, Facts, Sent, ToolUse
from llm_tracing.normalize.conventions.provider_usage import read_usage
from llm_tracing.normalize.conventions.serialized import opened
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
# Of the Agents SDK: the group of its trace, and the metadata of it, whose keys are the user's own.
GROUP, METADATA = "group_id", "metadata"
INPUT, OUTPUT, USAGE, NAME = "input", "output", "usage", "name"
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
# The same of the Agents SDK's spans; its calls of models are in TEMPLATES.
AGENTS_TRACE = "OpenAI Agents trace"
STEPS: dict[str, tuple[str, str | None]] = {
    AGENTS_TRACE: ("chain", None),
    "Agent run": ("agent", "invoke_agent"),
    "Function: ": ("tool", "execute_tool"),
    "MCP tools": ("chain", None),
    "Handoff": ("chain", None),
    "Guardrail": ("guardrail", None),
    "Custom span": ("chain", None),
    "Turn ": ("chain", None),
    "Task: ": ("chain", None),
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
    content_attributes = frozenset({REQUEST, RESPONSE, INPUT, OUTPUT})
    content_roots: frozenset[str] = frozenset()

    def facts(self, sent: Sent) -> Facts:
        attributes = sent.attributes
        request, response = _object(attributes, REQUEST), _object(attributes, RESPONSE)
        kind, operation = _kind(attributes, request)
        source = next((name for name in (RAW_USAGE, USAGE) if name in attributes), RESPONSE)
        usage = from_json_text(attributes.get(RAW_USAGE)) or response.get("usage")
        if usage is None and kind == "llm":
            usage = from_json_text(attributes.get(USAGE))
        tokens = read_usage(usage)
        for bucket, name in BESIDE.items():
            if bucket in tokens and attributes.get(name) == tokens[bucket]:
                del tokens[bucket]  # said by an attribute of its own
        is_call = kind is not None or OPERATION in attributes or "gen_ai.request.model" in attributes
        return Facts(
            kind=kind,
            operation=None if OPERATION in attributes else operation,
            request_model=as_text(request.get("model")) if is_call else None,
            session_id=first_id(attributes, SESSION) or _of_trace(attributes, (GROUP,), attributes),
            user_id=first_id(attributes, USER) or _of_trace(attributes, USER, _object(attributes, METADATA)),
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
        if _step(attributes) is not None:
            return _step_content(attributes, kind)
        system = (
            messages_of([{"role": "system", "content": request["system"]}], "system") if "system" in request else []
        )
        return Content(
            input=request.get("input") if kind == "embedding" else None,
            input_messages=_asked(attributes, request),
            output_messages=_answer(response) or _messages(attributes.get(OUTPUT), "assistant"),
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


def _of_trace(attributes: Attributes, names: tuple[str, ...], place: Attributes) -> str | None:
    """What the span of a whole trace of the Agents SDK says of it."""
    found = first_id(place, names) if _template(attributes).startswith(AGENTS_TRACE) else None
    return None if found == "null" else found


def _template(attributes: Attributes) -> str:
    return str(attributes.get(TEMPLATE))


def _step(attributes: Attributes) -> tuple[str, str | None] | None:
    template = _template(attributes)
    return next((found for beginning, found in STEPS.items() if template.startswith(beginning)), None)


def _kind(attributes: Attributes, request: dict[str, Any]) -> tuple[str | None, str | None]:
    """Kind and operation of a call that says them only in its template; (None, None) for any other span."""
    if step := _step(attributes):
        return step
    if "model" not in request and "gen_ai.request.model" not in attributes:
        return None, None
    template = _template(attributes).lower()
    for beginning, found in TEMPLATES.items():
        if template.startswith(beginning.lower()):
            return found
    return next((found for key, found in REQUEST_KEYS.items() if key in request), (None, None))


def _step_content(attributes: Attributes, kind: str | None) -> Content:
    asked, given = opened(attributes.get(INPUT)), opened(attributes.get(OUTPUT))
    if kind == "tool":
        return Content(tool=ToolUse(as_text(attributes.get(NAME)), None, asked, given))
    return Content(input=asked, output=given)


def _asked(attributes: Attributes, request: dict[str, Any]) -> Messages | None:
    """The messages of a request; the Agents SDK has them without the answer in an attribute of their own."""
    if OUTPUT in attributes and (own := _messages(attributes.get(INPUT), "user")):
        return own
    return messages_of(request.get("messages") or request.get("prompt"), "user")


def _messages(value: Any, role: str) -> Messages | None:
    """The messages in JSON text of a list; None for anything else."""
    sent = from_json_text(value)
    return messages_of(sent, role) if isinstance(sent, list) else None


def _answer(response: dict[str, Any]) -> Messages | None:
    """`message` in the provider's form, of a plain completion `text`; `combined_chunk_content` of an older stream."""
    message = response.get("message")
    if isinstance(message, dict):
        return messages_of([message], "assistant")
    text = response.get("combined_chunk_content") or response.get("text")
    return messages_of([text], "assistant") if isinstance(text, str) else None
