"""Google's Agent Development Kit: the attributes below `gcp.vertex.agent.`, beside OpenTelemetry's GenAI names.

Source: google/adk-python, `telemetry.py` of versions 0.1 to 1.x; from 1.20 on most of it is in OpenTelemetry's names.
`llm_request` is JSON of {model, config, contents} in Gemini's form, `llm_response` of {content, finish_reason,
usage_metadata}, whichever model answers; both are `{}` on the spans of tools. gen_ai.system names the kit itself, so
that the provider is known by the model: `gemini-...`, or LiteLLM's `openai/...`.
"""

from typing import Any

from llm_tracing.model import Attributes
from llm_tracing.normalize.conventions.contract import Content, Facts, Sent, ToolUse
from llm_tracing.normalize.conventions.provider_json import (
    finish_reasons_in,
    model_in,
    request_messages,
    response_messages,
    system_in,
)
from llm_tracing.normalize.conventions.provider_usage import token_fields, usage_of
from llm_tracing.normalize.providers import KNOWN, provider_name
from llm_tracing.normalize.values import as_text, first, first_id, from_json_text

_OWN = "gcp.vertex.agent."
REQUEST, RESPONSE = (_OWN + "llm_request",), (_OWN + "llm_response",)
TOOL_ARGUMENTS, TOOL_RESULT = (_OWN + "tool_call_args",), (_OWN + "tool_response",)
DATA = (_OWN + "data",)  # of a live connection: what was sent to the model
SESSION = (_OWN + "session_id",)
TOOL_NAME, TOOL_CALL_ID = ("gen_ai.tool.name",), ("gen_ai.tool.call.id",)
OPERATION, MODEL = "gen_ai.operation.name", ("gen_ai.request.model",)
GEMINI = "gemini"


class GoogleADK:
    name = "google_adk"
    markers = frozenset({*REQUEST, *RESPONSE, *TOOL_ARGUMENTS, *TOOL_RESULT, *DATA, *SESSION})
    marker_events: frozenset[str] = frozenset()
    content_attributes = frozenset({*REQUEST, *RESPONSE, *TOOL_ARGUMENTS, *TOOL_RESULT, *DATA})
    content_roots: frozenset[str] = frozenset()

    def facts(self, sent: Sent) -> Facts:
        attributes = sent.attributes
        request, response = _object(attributes, REQUEST), _object(attributes, RESPONSE)
        called = bool(request) and OPERATION not in attributes
        counts = usage_of(response.get("usage_metadata"))
        return Facts(
            kind="llm" if called else "chain" if first(attributes, DATA) is not None else None,
            provider=_provider(as_text(first(attributes, MODEL)) or model_in(request)),
            operation="generate_content" if called else None,
            request_model=model_in(request),
            response_model=model_in(response),
            session_id=first_id(attributes, SESSION),
            **token_fields(counts, tuple((bucket, RESPONSE[0]) for bucket in counts)),
        )

    def content(self, sent: Sent) -> Content:
        attributes = sent.attributes
        request, response = _object(attributes, REQUEST), _object(attributes, RESPONSE)
        return Content(
            input=from_json_text(first(attributes, DATA)),
            input_messages=request_messages(request) if request else None,
            output_messages=response_messages([response["content"]]) if response.get("content") else None,
            system_instructions=system_in(request),
            tool=_tool(attributes),
            finish_reasons=finish_reasons_in(response),
        )


def _object(attributes: Attributes, names: tuple[str, ...]) -> dict[str, Any]:
    found = from_json_text(first(attributes, names))
    return found if isinstance(found, dict) else {}


def _provider(model: str | None) -> str | None:
    if model is None:
        return None
    if model.startswith(GEMINI):
        return "gcp.gemini"
    prefix, slash, _ = model.partition("/")
    found = provider_name(prefix) if slash else None
    return found if found in KNOWN else None


def _tool(attributes: Attributes) -> ToolUse | None:
    arguments, result = first(attributes, TOOL_ARGUMENTS), first(attributes, TOOL_RESULT)
    if arguments is None and result is None:
        return None
    name, call_id = as_text(first(attributes, TOOL_NAME)), as_text(first(attributes, TOOL_CALL_ID))
    return ToolUse(name, call_id, from_json_text(arguments), from_json_text(result))
