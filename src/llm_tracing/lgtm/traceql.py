"""Filters of a page as TraceQL: what Tempo is asked for, so that few traces need to be fetched.

A query finds what most clients send; the window's own SQL decides which rows meet a filter. So a condition may find
more than the filter means, and a filter that TraceQL has no words for is left out. Names of attributes are those of the
conventions that are read, see normalize/conventions. Source: TraceQL's documentation, Tempo 3.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

import orjson

from llm_tracing.normalize.infrastructure import DB_MARKERS
from llm_tracing.store.contract import Filter, FilterField

ALL = "{}"
RUNS = '{ span."langsmith.run_id" != nil }'
SESSION = (
    "session.id",
    "gen_ai.conversation.id",
    "langfuse.session.id",
    "mlflow.trace.session",
    "gcp.vertex.agent.session_id",
    "traceloop.association.properties.session_id",
    "traceloop.association.properties.thread_id",
    "langsmith.metadata.session_id",
    "langsmith.metadata.thread_id",
    "langsmith.metadata.conversation_id",
    "metadata.session_id",
    "genkit:sessionId",
)
USER = (
    "user.id",
    "enduser.id",
    "langfuse.user.id",
    "mlflow.trace.user",
    "traceloop.association.properties.user_id",
    "langsmith.metadata.user_id",
    "metadata.user_id",
    "llm.user",
)
MODEL = (
    "gen_ai.request.model",
    "gen_ai.response.model",
    "llm.model_name",
    "llm.request.model",
    "llm.response.model",
    "embedding.model_name",
    "ai.model.id",
    "ai.response.model",
    "langfuse.observation.model.name",
    "langsmith.metadata.ls_model_name",
    "mlflow.llm.model",
)
TOOL = ("gen_ai.tool.name", "tool.name", "ai.toolCall.name", "traceloop.entity.name")
INPUT_TOKENS = (
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.prompt_tokens",
    "llm.token_count.prompt",
    "llm.usage.prompt_tokens",
    "ai.usage.promptTokens",
)
OUTPUT_TOKENS = (
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.token_count.completion",
    "llm.usage.completion_tokens",
    "ai.usage.completionTokens",
)
# The words that each convention has for a kind: of gen_ai.operation.name, then of the attribute that names kinds.
_OPERATIONS = {
    "llm": "chat|text_completion|generate_content",
    "embedding": "embeddings",
    "retriever": "retrieval|search_memory",
    "tool": "execute_tool",
    "agent": "invoke_agent|create_agent",
}
_KIND_NAMES = ("openinference.span.kind", "traceloop.span.kind", "langsmith.span.kind", "langfuse.observation.type")
_TEXTS = frozenset({"name", "instrumentation:name", "resource.service.name"})  # Tempo refuses a number for some
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


def query(filters: Iterable[Filter], *, of_spans: bool = False) -> str:
    """TraceQL that finds the traces in which each of these filters may be met; ALL if nothing can be said.

    `of_spans` where rows are spans or calls: a duration is that of a span then, not of its trace.
    """
    build = {**_CONDITIONS, **(_OF_SPANS if of_spans else {})}
    found = dict.fromkeys(
        condition
        for wanted in filters
        if not wanted.negated and wanted.field in build and (condition := build[wanted.field](wanted))
    )
    return " && ".join(f"{{ {condition} }}" for condition in found) or ALL


def of_sessions(names: Sequence[str]) -> str:
    """The traces of any of these sessions."""
    any_of = text("|".join(map(re.escape, names)))
    condition = " || ".join(f"{attribute('span', name)} =~ {any_of}" for name in SESSION)
    return f"{{ {condition} }}"


def text(value: str) -> str:
    """A string of TraceQL; its escapes are those of Go, which JSON's are among."""
    return orjson.dumps(value).decode()


def attribute(scope: str, name: str) -> str:
    """Empty for a name that TraceQL has no way to write: in it, only a quote and a backslash can be escaped."""
    if _PLAIN.fullmatch(name):
        return f"{scope}.{name}"
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'{scope}."{escaped}"' if name.isprintable() else ""


def pattern(value: str) -> str:
    """A value with `*` as a regular expression of RE2; TraceQL anchors it at both ends."""
    return "(?is)" + ".*".join(re.escape(part) for part in value.split("*"))


def compared(field: str, wanted: Filter) -> str:
    """An attribute against the filter's value, as text or, where it reads as one, as a number or a truth value."""
    value = str(wanted.value)
    if not field:
        return ""
    if wanted.comparison == "like":
        return f"{field} =~ {text(pattern(value))}"
    if wanted.comparison != "=":
        return f"{field} {wanted.comparison} {wanted.value}"
    if field not in _TEXTS and re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?|true|false", value):
        return f"{field} = {text(value)} || {field} = {value}"
    return f"{field} = {text(value)}"


def _either(names: Sequence[str]) -> Callable[[Filter], str]:
    return lambda wanted: " || ".join(compared(attribute("span", name), wanted) for name in names)


def _intrinsic(field: str) -> Callable[[Filter], str]:
    return lambda wanted: compared(field, wanted) if isinstance(wanted.value, str) else ""


def _attribute(wanted: Filter) -> str:
    return compared(attribute("span", wanted.key or ""), wanted)


def _resource(wanted: Filter) -> str:
    return compared(attribute("resource", wanted.key or ""), wanted)


def _service(wanted: Filter) -> str:
    return "" if wanted.value == "unknown_service" else compared("resource.service.name", wanted)


def _status(wanted: Filter) -> str:
    return "status = error" if wanted.value == "error" else ""


def _kind(wanted: Filter) -> str:
    kind = str(wanted.value)
    if kind == "db":
        return _any(DB_MARKERS)
    if kind not in _OPERATIONS or wanted.comparison != "=":
        return ""
    parts = [f"span.gen_ai.operation.name =~ {text(_OPERATIONS[kind])}"]
    parts += [f"{attribute('span', name)} =~ {text('(?i)' + _words_of(kind))}" for name in _KIND_NAMES]
    if kind == "llm":
        parts += ["span.llm.request.type != nil", "span.gen_ai.request.model != nil", "span.ai.model.id != nil"]
    return " || ".join(parts)


def _words_of(kind: str) -> str:
    return "llm|generation" if kind == "llm" else kind


def _any(names: Sequence[str]) -> str:
    return " || ".join(f"{attribute('span', name)} != nil" for name in names)


def _has(wanted: Filter) -> str:
    return {
        "error": "status = error",
        "sql": _any(DB_MARKERS),
        "session": _any(SESSION),
        "user": _any(USER),
        "tokens": _any((*INPUT_TOKENS, *OUTPUT_TOKENS)),
        "unpriced": _any(MODEL),
        "cost": _any(MODEL),
    }.get(str(wanted.value), "")


def _tokens(names: Sequence[str]) -> Callable[[Filter], str]:
    """A sum of many spans: whoever has more than none has a span with some."""
    return lambda wanted: _any(names) if wanted.comparison in (">", ">=") and _positive(wanted) else ""


def _positive(wanted: Filter) -> bool:
    return isinstance(wanted.value, int | float) and wanted.value > 0


def _duration(field: str) -> Callable[[Filter], str]:
    """Only what took longer: Tempo knows nothing of spans that have not ended, and rounds a trace's times."""
    return lambda wanted: (
        f"{field} >= {int(float(wanted.value))}ns" if wanted.comparison in (">", ">=") and _positive(wanted) else ""
    )


def _span_id(wanted: Filter) -> str:
    return f"span:id = {text(str(wanted.value).lower().zfill(16))}"


def _trace_id(wanted: Filter) -> str:
    return f"trace:id = {text(str(wanted.value).lower().replace('-', ''))}"


_CONDITIONS: dict[FilterField, Callable[[Filter], str]] = {
    "service": _service,
    "name": _intrinsic("name"),
    "status": _status,
    "kind": _kind,
    "model": _either(MODEL),
    "operation": _either(("gen_ai.operation.name",)),
    "tool": _either(TOOL),
    "session": _either(SESSION),
    "user": _either(USER),
    "attribute": _attribute,
    "resource": _resource,
    "scope": _intrinsic("instrumentation:name"),
    "trace": _trace_id,
    "span": _span_id,
    "has": _has,
    "tokens": _tokens((*INPUT_TOKENS, *OUTPUT_TOKENS)),
    "input_tokens": _tokens(INPUT_TOKENS),
    "output_tokens": _tokens(OUTPUT_TOKENS),
    "duration_ns": _duration("trace:duration"),
    "call_count": _tokens(MODEL),
    "error_count": lambda wanted: "status = error" if wanted.comparison in (">", ">=") and _positive(wanted) else "",
}
_OF_SPANS: dict[FilterField, Callable[[Filter], str]] = {"duration_ns": _duration("span:duration")}
