"""The named steps of a LangChain chain as spans.

The official LangChain instrumentation gives a span to the outermost chain, to each model call, tool and
retriever. It gives none to a chain inside a chain, so the names people give to their steps
(`with_config(run_name="write_sql")`, a function in a `RunnableLambda`, a LangGraph node) are lost; and it
records a chain's input and output only when they are a mapping with `messages`; of an error it records type
and message. This module adds names, texts and the error's stack (an `exception` event), through the official
callback handler, so that everything below a step, SQL statements too, has the step as
its parent.

The official instrumentation takes a call's conversation from the run's metadata (`session_id`), but not who asked: the
`user_id` of the metadata goes on the call's span as `user.id`. It is on no metric, where each user would be a series.

A step is an `invoke_workflow` span: the OpenTelemetry GenAI conventions' operation for composed work.
"""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from uuid import UUID

import wrapt
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from opentelemetry.instrumentation.genai.langchain.callback_handler import (
    OpenTelemetryLangChainCallbackHandler,
)
from opentelemetry.instrumentation.genai.langchain.utils import make_input_message
from opentelemetry.util.genai.invocation import LocalAgentInvocation, WorkflowInvocation

# The official handler and its register of runs: their members used here are not public, and not typed.
_Handler: TypeAlias = Any
_Runs: TypeAlias = Any

log = logging.getLogger("llm_tracing.telemetry")

_HANDLER_MODULE = OpenTelemetryLangChainCallbackHandler.__module__
_HANDLER = OpenTelemetryLangChainCallbackHandler.__name__

# Names that LangChain and LangGraph give to their own plumbing.
_PLUMBING_PREFIXES = ("Runnable", "ChannelWrite", "ChannelRead", "Middleware.", "_", "<")
_PLUMBING_RUN_TYPES = ("prompt", "parser")
_USER = "user.id"
_ENDS_BY_ERROR = ("on_chain_error", "on_llm_error", "on_tool_error", "on_retriever_error")


def step_name(name: str | None, run_type: str | None, tags: list[str], metadata: Mapping[str, Any]) -> str | None:
    """The name a person gave to this part of a chain, or None for plumbing."""
    if not name or name.startswith(_PLUMBING_PREFIXES) or run_type in _PLUMBING_RUN_TYPES:
        return None
    if "langsmith:hidden" in tags or metadata.get("otel_trace") is False:
        return None
    if metadata.get("ls_integration") == "langchain_create_agent":
        return None  # its nodes are always `model` and `tools`, and the spans in them say as much
    return name


def as_messages(value: object, message: type[HumanMessage] | type[AIMessage]) -> object:
    """A chain's input or output in the one form the official handler records: a mapping with `messages`."""
    if isinstance(value, Mapping) and "messages" in value:
        return value
    if isinstance(value, BaseMessage):
        return {"messages": [value]}
    if isinstance(value, list) and value and all(isinstance(item, BaseMessage) for item in value):
        return {"messages": value}
    if value is None:
        return {}
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return {"messages": [message(content=text)]}


class LangChainSteps:
    is_instrumented_by_opentelemetry = False

    def __init__(self) -> None:
        self._active = False

    def instrument(self, **_providers: object) -> None:
        """Providers are those of the official instrumentation, whose handler makes the spans."""
        self._active = True
        wrapt.wrap_function_wrapper(_HANDLER_MODULE, f"{_HANDLER}.on_chain_start", self._on_start)
        wrapt.wrap_function_wrapper(_HANDLER_MODULE, f"{_HANDLER}.on_chain_end", self._on_end)
        wrapt.wrap_function_wrapper(_HANDLER_MODULE, f"{_HANDLER}.on_chat_model_start", self._on_call)
        for name in _ENDS_BY_ERROR:
            wrapt.wrap_function_wrapper(_HANDLER_MODULE, f"{_HANDLER}.{name}", self._on_error)

    def uninstrument(self) -> None:
        self._active = False
        for name in ("on_chain_start", "on_chain_end", "on_chat_model_start", *_ENDS_BY_ERROR):
            original = getattr(getattr(OpenTelemetryLangChainCallbackHandler, name), "__wrapped__", None)
            if original is not None:
                setattr(OpenTelemetryLangChainCallbackHandler, name, original)

    def _on_start(
        self, wrapped: Callable[..., Any], handler: _Handler, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> object:
        result = wrapped(*args, **kwargs)
        if self._active and handler._enabled:
            try:
                serialized, inputs = (*args, None, None)[:2]
                self._start(handler, serialized or {}, inputs, kwargs)
            except Exception:
                log.debug("a chain's step could not be recorded", exc_info=True)
        return result

    def _start(self, handler: _Handler, serialized: Mapping[str, Any], inputs: object, run: Mapping[str, Any]) -> None:
        runs, run_id, parent_id = handler._invocation_manager, run["run_id"], run.get("parent_run_id")
        step = runs.get_invocation(run_id)
        if step is None:
            name = step_name(
                run.get("name") or serialized.get("name"),
                run.get("run_type"),
                run.get("tags") or [],
                run.get("metadata") or {},
            )
            if name is None or parent_id is None or name == self._enclosing_name(runs, parent_id):
                return
            step = handler._telemetry_handler.workflow(
                name=name, context=runs.get_parent_context(parent_id), _attach_to_context=False
            )
            runs.add_invocation_state(run_id, parent_id, step)
        if handler._telemetry_handler.should_capture_content() and not step.input_messages:
            step.input_messages = make_input_message(as_messages(inputs, HumanMessage))

    @staticmethod
    def _enclosing_name(runs: _Runs, run_id: UUID | None) -> str | None:
        """The name of the nearest step around a run; a LangGraph node and its function share one."""
        while run_id is not None:
            around = runs.get_invocation(run_id)
            if around is not None:
                return getattr(around, "name", None)
            run_id = runs.get_parent_run_id(run_id)
        return None

    def _on_end(
        self, wrapped: Callable[..., Any], handler: _Handler, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> object:
        if self._active and args:
            step = handler._invocation_manager.get_invocation(kwargs.get("run_id"))
            if isinstance(step, WorkflowInvocation | LocalAgentInvocation):
                args = (as_messages(args[0], AIMessage), *args[1:])
        return wrapped(*args, **kwargs)

    def _on_call(
        self, wrapped: Callable[..., Any], handler: _Handler, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> object:
        """Who asked, as the run's metadata says, on the span of a call; LangChain hands metadata down to it."""
        result = wrapped(*args, **kwargs)
        user = (kwargs.get("metadata") or {}).get("user_id") if self._active else None
        if user is not None and user != "":
            call = handler._invocation_manager.get_invocation(kwargs.get("run_id"))
            if call is not None:
                call.attributes[_USER] = str(user)
        return result

    def _on_error(
        self, wrapped: Callable[..., Any], handler: _Handler, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> object:
        """The stack goes on the span before the official handler ends it."""
        error = args[0] if args else kwargs.get("error")
        failed = handler._invocation_manager.get_invocation(kwargs.get("run_id")) if self._active else None
        span = getattr(failed, "span", None)
        if span is not None and isinstance(error, BaseException):
            span.record_exception(error)
        return wrapped(*args, **kwargs)
