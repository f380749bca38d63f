"""LangSmith's runs, by its own protocol or by its OpenTelemetry exporter: the same attributes either way.

The run's inputs and outputs are JSON text in `gen_ai.prompt` and `gen_ai.completion`; what they hold is read by
langsmith_content.py. Of usage only what the run itself says is read: earlier answers inside its inputs carry their own.
Source: langsmith-sdk, `_internal/otel/_otel_exporter.py`; LangSmith's documentation, "Trace with OpenTelemetry".
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, cast

from llm_tracing.model import Attributes
from llm_tracing.normalize import words
from llm_tracing.normalize.conventions import langsmith_content as read
from llm_tracing.normalize.conventions import langsmith_usage as usage
from llm_tracing.normalize.conventions.contract import Content, Facts, Sent, ToolUse
from llm_tracing.normalize.conventions.flattened import below
from llm_tracing.normalize.conventions.serialized import literal
from llm_tracing.normalize.providers import provider_name
from llm_tracing.normalize.values import as_text, first, from_json_text

KIND = "langsmith.span.kind"
# run_type -> kind, and the operation that OpenTelemetry would name.
KINDS: dict[str, tuple[str, str | None]] = {
    "llm": ("llm", "chat"),
    "chain": ("chain", None),
    "tool": ("tool", "execute_tool"),
    "retriever": ("retriever", "retrieval"),
    "embedding": ("embedding", "embeddings"),
    "prompt": ("prompt", None),
    "parser": ("chain", None),
    "agent": ("agent", "invoke_agent"),
}
# Of a run whose kind is not said, a later patch for example, the post will say it.
CALLS = frozenset({"llm", "embedding", None})
INPUTS, OUTPUTS = ("gen_ai.prompt",), ("gen_ai.completion",)
EXTRA = ("langsmith.extra",)
RUN_NAME = ("langsmith.trace.name", "gen_ai.tool.name")
TOOL_CALL_ID = ("gen_ai.tool.call.id",)
STREAM = ("langsmith.request.streaming",)
_METADATA = "langsmith.metadata."
USAGE = (_METADATA + "usage_metadata", "langsmith.usage_metadata")
SESSION = tuple(
    _METADATA + key for key in ("session_id", "thread_id", "conversation_id", "sessionId", "threadId", "conversationId")
)
USER = tuple(_METADATA + key for key in ("user_id", "userId"))
PROVIDER = (_METADATA + "ls_provider",)
REQUEST_MODEL = (_METADATA + "ls_model_name", _METADATA + "model_name", _METADATA + "model")
MODEL_KEYS = ("model", "model_name", "modelName", "model_id")
MODEL_TYPE = (_METADATA + "ls_model_type",)
EXCEPTION, EXCEPTION_MESSAGE = "exception", "exception.message"
FINISH_KEYS = ("finish_reason", "stop_reason", "finishReason", "done_reason", "stopReason")


class LangSmith:
    name = "langsmith"
    markers = frozenset({KIND, "langsmith.trace.name", "langsmith.run_id"})
    marker_events: frozenset[str] = frozenset()
    content_attributes = frozenset({*INPUTS, *OUTPUTS})
    content_roots: frozenset[str] = frozenset()

    def facts(self, sent: Sent) -> Facts:
        run = _run_of(sent)
        facts = Facts(
            kind=run.kind,
            operation=_operation(run),
            session_id=as_text(first(run.attributes, SESSION)),
            user_id=as_text(first(run.attributes, USER)),
            error=_error(run, sent),
        )
        if run.kind not in CALLS:
            return facts
        found, place = _usage(run)
        details = dict(found.details)
        if found.cost_pico_usd == 0 and run.generation:  # how LangChain marks an answer out of its own cache
            details["from_local_cache"] = 1
        return facts._replace(
            provider=_provider(run),
            request_model=_request_model(run),
            response_model=_response_model(run),
            response_id=_response_id(run),
            details=details or None,
            client_cost_pico_usd=found.cost_pico_usd,
            usage_sources=tuple((b, place or usage.exported_in(b)) for b in (*found.tokens, *found.details)),
            input_tokens=found.tokens.get("input_tokens"),
            output_tokens=found.tokens.get("output_tokens"),
            cache_read_tokens=found.tokens.get("cache_read_tokens"),
            cache_write_tokens=found.tokens.get("cache_write_tokens"),
            reasoning_tokens=found.tokens.get("reasoning_tokens"),
        )

    def content(self, sent: Sent) -> Content:
        run = _run_of(sent)
        if run.kind == "tool":
            return Content(tool=_tool(run))
        if run.kind == "retriever":
            query = read.generic(run.inputs)
            query = query.get("query", query) if isinstance(query, dict) else query
            return Content(input=query, documents=read.documents(run.outputs))
        if run.kind == "embedding":
            return Content(input=read.generic(run.inputs))
        if run.kind == "llm" or (run.kind is None and read.is_answer(run.outputs)):
            asked, system = read.asked(run.inputs)
            answered = read.answered(run.outputs)
        else:
            asked, system = _state(run.inputs, "user"), None
            answered = _state(run.outputs, "assistant")
            answered = read.after_last_question(answered) if answered else None
        return Content(
            input=None if asked else read.generic(run.inputs),
            output=None if answered else read.tool_result(run.outputs)[0],
            input_messages=asked,
            output_messages=answered,
            system_instructions=system,
            streaming=_streaming(run, sent) if run.kind in CALLS else None,
            finish_reasons=tuple(dict.fromkeys(_finish_reasons(run))) if run.kind in CALLS else (),
        )


class _Run:
    """The attributes of a run, opened where they are looked into."""

    def __init__(self, attributes: Attributes) -> None:
        self.attributes = attributes
        sent = str(attributes.get(KIND) or "").lower()
        known: tuple[str | None, str | None] = KINDS.get(sent, ("chain" if sent else None, None))
        self.kind, self.operation = known

    @cached_property
    def inputs(self) -> Any:
        return from_json_text(first(self.attributes, INPUTS))

    @cached_property
    def outputs(self) -> Any:
        return from_json_text(first(self.attributes, OUTPUTS))

    @cached_property
    def parameters(self) -> Any:
        return below(from_json_text(first(self.attributes, EXTRA)), "invocation_params")

    @cached_property
    def generation(self) -> dict[str, Any]:
        """The first answer in LangChain's result; empty for runs of anything else."""
        found = below(self.outputs, "generations")
        while isinstance(found, list) and found:
            found = found[0]
        return found if isinstance(found, dict) else {}

    @cached_property
    def message(self) -> dict[str, Any]:
        """The fields of the answer's LangChain message, as a generation or alone; empty where there is none."""
        for holder in (self.generation.get("message"), *_values(self.outputs)):
            fields = below(holder, "kwargs") if below(holder, "lc") else holder
            if isinstance(fields, dict) and ("response_metadata" in fields or "usage_metadata" in fields):
                return fields
        return {}

    def said_of_answer(self) -> Iterator[Any]:
        """The objects that tell of the answer, nearest first."""
        yield self.outputs
        yield self.message.get("response_metadata")
        yield self.generation.get("generation_info")
        yield below(self.outputs, "llm_output")
        yield below(self.outputs, "response_metadata")


def _run_of(sent: Sent) -> _Run:
    if sent.opened is None:
        return _Run(sent.attributes)
    found = sent.opened.get(KIND)
    if found is None:
        found = sent.opened[KIND] = _Run(sent.attributes)
    return cast(_Run, found)


def _error(run: _Run, sent: Sent) -> str | None:
    """The JavaScript exporter ends a failed run with status OK: that it failed shows in an exception and no outputs."""
    if run.outputs is not None:
        return None
    failed = next((event for event in sent.events if event.name == EXCEPTION), None)
    return (as_text(failed.attributes.get(EXCEPTION_MESSAGE)) or "failed") if failed else None


def _values(outputs: Any) -> list[Any]:
    return list(outputs.values()) if isinstance(outputs, dict) else []


def _state(value: Any, role: str) -> Any:
    """The messages of a chain: its value is one or a list, or a state that holds them."""
    return read.chat(read.generic(value), role)


def _operation(run: _Run) -> str | None:
    if run.kind == "llm" and first(run.attributes, MODEL_TYPE) == "llm":
        return "text_completion"
    return run.operation


def _provider(run: _Run) -> str | None:
    told = (first(run.attributes, PROVIDER), below(run.message, "response_metadata", "model_provider"),
            below(run.parameters, "_type"))  # fmt: skip
    return next((name for sent in told if (name := provider_name(sent))), None)


def _request_model(run: _Run) -> str | None:
    told = [run.attributes.get(REQUEST_MODEL[0])]
    told += [below(holder, key) for holder in (run.inputs, run.parameters) for key in MODEL_KEYS]
    told += [run.attributes.get(name) for name in REQUEST_MODEL[1:]]
    return next((name for name in told if isinstance(name, str) and name), None)


def _response_model(run: _Run) -> str | None:
    told = (below(holder, key) for holder in run.said_of_answer() for key in ("model_name", "model", "modelId"))
    return next((name for name in told if isinstance(name, str) and name), None)


def _response_id(run: _Run) -> str | None:
    told = (below(holder, "id") for holder in run.said_of_answer())
    return next((name for name in told if isinstance(name, str) and name), None)


def _usage(run: _Run) -> tuple[usage.Usage, str]:
    """What the run used, and the attribute that says so; empty for the details of LangSmith's exporter."""
    places = [(run.message.get("usage_metadata"), OUTPUTS[0]), (below(run.outputs, "usage_metadata"), OUTPUTS[0])]
    places += [(run.attributes.get(name), name) for name in USAGE]
    for sent, place in places:
        if found := usage.of_metadata(sent):
            return found, place
    for holder in run.said_of_answer():
        for key in ("token_usage", "usage", "tokenUsage"):
            if found := usage.of_provider(literal(below(holder, key))):
                return found, OUTPUTS[0]
    if exported := usage.of_exporter(run.attributes):
        return exported, ""
    return usage.Usage({}, {}), ""


def _tool(run: _Run) -> ToolUse:
    result, call_id = read.tool_result(run.outputs)
    call_id = call_id or as_text(first(run.attributes, TOOL_CALL_ID)) or read.tool_call_id(run.inputs)
    call_id = call_id or as_text(run.attributes.get(_METADATA + "tool_call_id"))
    call_id = call_id or as_text(below(from_json_text(first(run.attributes, EXTRA)), "tool_call_id"))
    return ToolUse(as_text(first(run.attributes, RUN_NAME)), call_id, read.tool_arguments(run.inputs), result)


def _streaming(run: _Run, sent: Sent) -> bool | None:
    if any(event.name == "new_token" for event in sent.events):
        return True
    told = (first(run.attributes, STREAM), below(run.inputs, "stream"), below(run.parameters, "stream"))
    said = [stream for stream in told if isinstance(stream, bool)]
    return any(said) if said else None


def _finish_reasons(run: _Run) -> Iterator[str]:
    """One for each answer, in their order, each told once."""
    choices = below(run.outputs, "choices") or below(run.outputs, "candidates")
    holders = choices if isinstance(choices, list) else list(run.said_of_answer())
    for holder in holders:
        if word := next((word for key in FINISH_KEYS if (word := _finish_reason(below(holder, key)))), None):
            yield word
    if not isinstance(choices, list) and isinstance(below(run.outputs, "output"), list):
        yield from _finish_of_response(run.outputs)


def _finish_reason(sent: Any) -> str | None:
    """A word, or since version 6 of the AI SDK {"unified": word, "raw": the provider's}."""
    return words.finish_reason(sent.get("unified") if isinstance(sent, dict) else sent)


def _finish_of_response(outputs: Any) -> Iterator[str]:
    """OpenAI's Responses API has a status; that the model asks for tools is told by what it gave."""
    kinds = {str(below(item, "type")) for item in outputs["output"]}
    reason = below(outputs, "incomplete_details", "reason") or outputs.get("status")
    if word := words.finish_reason(reason):
        yield "tool_call" if word == "stop" and kinds & {"function_call", "custom_tool_call"} else word
