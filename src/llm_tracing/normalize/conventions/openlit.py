"""OpenLIT: what its instrumentations add to OpenTelemetry's GenAI names.

Source: openlit/openlit, `SemanticConvention`. The tools that a model asks for stand on its call, joined with commas;
steps of a framework have `gen_ai.workflow.input` and `.output`; its decorator writes a function's arguments as Python's
`repr` and the answer as plain text. `gen_ai.client.token.usage` is a total, which nothing here reads.
"""

import ast
from typing import Any

from llm_tracing.model import Attributes
from llm_tracing.normalize.conventions.contract import Content, Facts, Sent
from llm_tracing.normalize.conventions.otel_genai import KINDS as OTEL_KINDS
from llm_tracing.normalize.conventions.otel_genai import OUTPUT_MESSAGES, STREAM
from llm_tracing.normalize.conventions.serialized import literal, opened
from llm_tracing.normalize.messages import Messages, Part, call_part, messages_of, with_calls
from llm_tracing.normalize.values import as_bool, as_text, first, from_json_text, seconds_to_ns

OPERATION = "gen_ai.operation.name"
# Values of gen_ai.operation.name that OpenTelemetry does not list -> kind, and its own word where it has one.
OPERATIONS: dict[str, tuple[str, str | None]] = {
    "embedding": ("embedding", "embeddings"),
    "rerank": ("reranker", None),
    "framework": ("chain", None),
    "workflow": ("chain", "invoke_workflow"),
    "task": ("chain", None),
    "agent": ("agent", "invoke_agent"),
    "tool": ("tool", "execute_tool"),
    "retrieve": ("retriever", "retrieval"),
}
FUNCTION_ARGS, FUNCTION_KWARGS = "function.args", "function.kwargs"
TTFT_SECONDS = ("gen_ai.server.time_to_first_token", "gen_ai.server.ttft")
INPUT = ("gen_ai.workflow.input", "gen_ai.agent.input", "gen_ai.task.input")
OUTPUT = ("gen_ai.workflow.output", "gen_ai.agent.output", "gen_ai.task.output")
TOOL_NAMES, TOOL_CALL_IDS = ("gen_ai.tool.name",), ("gen_ai.tool.call.id",)
TOOL_ARGUMENTS = ("gen_ai.tool.args", "gen_ai.tool.call.arguments")
_MAX_LITERAL = 100_000  # characters of a tuple's repr


class OpenLIT:
    name = "openlit"
    markers = frozenset(
        {
            "gen_ai.sdk.version",
            "gen_ai.application_name",
            "gen_ai.client.token.usage",
            "gen_ai.tool.args",
            "openlit.agent.version_hash",
            "gen_ai.workflow.input",
            "gen_ai.workflow.output",
            FUNCTION_ARGS,
        }
    )
    marker_events: frozenset[str] = frozenset()
    content_attributes = frozenset({*INPUT, *OUTPUT, *TOOL_ARGUMENTS, FUNCTION_ARGS, FUNCTION_KWARGS})
    content_roots: frozenset[str] = frozenset()

    def facts(self, sent: Sent) -> Facts:
        attributes = sent.attributes
        kind, operation = OPERATIONS.get(str(attributes.get(OPERATION)), (None, None))
        # It measures the whole of a call that does not stream, and calls that the wait for the first token too.
        streamed = as_bool(first(attributes, STREAM))
        return Facts(
            kind="chain" if _is_function(attributes) else kind,
            operation=operation,
            time_to_first_token_ns=seconds_to_ns(first(attributes, TTFT_SECONDS)) if streamed else None,
        )

    def content(self, sent: Sent) -> Content:
        attributes = sent.attributes
        if _is_function(attributes):
            given = from_json_text(first(attributes, OUTPUT_MESSAGES))
            return Content(input=_arguments(attributes), output=given if isinstance(given, str) else None)
        return Content(
            input=opened(first(attributes, INPUT)),
            output=opened(first(attributes, OUTPUT)),
            output_messages=_answer(attributes),
        )


def _is_function(attributes: Attributes) -> bool:
    return FUNCTION_ARGS in attributes and FUNCTION_KWARGS in attributes and OPERATION not in attributes


def _arguments(attributes: Attributes) -> Any:
    """What a decorated function was called with: its one argument, or all of them."""
    positional = _tuple(attributes.get(FUNCTION_ARGS))
    named = literal(attributes.get(FUNCTION_KWARGS))
    if not named or named == "{}":
        return positional[0] if isinstance(positional, list) and len(positional) == 1 else positional
    return {"args": positional, "kwargs": named} if positional else named


def _tuple(value: Any) -> Any:
    """The `repr` of a tuple of JSON values as a list; anything else as it is."""
    if not isinstance(value, str) or value[:1] != "(" or len(value) > _MAX_LITERAL:
        return value
    try:
        found = ast.literal_eval(value)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return value
    return literal(repr(list(found))) if isinstance(found, tuple) else value


def _answer(attributes: Attributes) -> Messages | None:
    """The answer with the calls that are named beside it, for a call of a model."""
    if OTEL_KINDS.get(str(attributes.get(OPERATION))) != "llm":
        return None
    calls = _calls(attributes)
    if not calls:
        return None
    messages = messages_of(first(attributes, OUTPUT_MESSAGES), "assistant") or [{"role": "assistant", "parts": []}]
    last = messages[-1]
    if any(part.get("type") == "tool_call" for message in messages for part in message["parts"]):
        return None
    spoken = [part for part in last["parts"] if part.get("content") != ""]
    return [*messages[:-1], {**last, "parts": with_calls(spoken, calls)}]


def _calls(attributes: Attributes) -> list[Part]:
    names = _joined(first(attributes, TOOL_NAMES))
    ids = _joined(first(attributes, TOOL_CALL_IDS))
    sent = as_text(first(attributes, TOOL_ARGUMENTS)) or ""
    arguments = from_json_text(f"[{sent}]")
    if not isinstance(arguments, list) or len(arguments) != len(names):
        arguments = [from_json_text(sent)] if len(names) == 1 else [None] * len(names)
    return [
        call_part(ids[place] if len(ids) == len(names) else None, name, arguments[place])
        for place, name in enumerate(names)
    ]


def _joined(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(one) for one in value]
    return [one.strip() for one in (as_text(value) or "").split(",") if one.strip()]
