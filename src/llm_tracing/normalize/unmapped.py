"""Attributes in a GenAI namespace that no reader knows: kept and shown raw, and counted so that they can be mapped.

A reader knows the attributes that its module's tables name. Names that the conventions define and that have no field of
their own in the canonical model are in KEPT_RAW.
"""

import re
import sys
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

from llm_tracing.normalize import conventions

NAMESPACES = ("gen_ai.", "llm.", "ai.", "traceloop.", "langfuse.", "mlflow.", "langsmith.", "embedding.", "reranker.")

# Beginnings of names that the conventions define and that are shown as they are: request parameters, tool definitions,
# names of agents, workflows and prompts, settings of the client.
KEPT_RAW = (
    "gen_ai.agent.", "gen_ai.conversation.", "gen_ai.data_source.", "gen_ai.embeddings.", "gen_ai.evaluation.",
    "gen_ai.input.messages.ref", "gen_ai.memory.", "gen_ai.openai.", "gen_ai.output.messages.ref", "gen_ai.output.type",
    "gen_ai.prompt.name", "gen_ai.prompt.version", "gen_ai.request.", "gen_ai.response.service_tier",
    "gen_ai.response.system_fingerprint", "gen_ai.retrieval.", "gen_ai.serialized.", "gen_ai.server.",
    "gen_ai.system_instructions.ref", "gen_ai.token.type", "gen_ai.tool.", "gen_ai.workflow.", "gen_ai.environment",
    "gen_ai.application_name", "gen_ai.sdk.", "gen_ai.usage.total_tokens", "gen_ai.client.", "gen_ai.execute_tool.",
    "gen_ai.usage.input_token_details", "gen_ai.usage.output_token_details",
    "llm.chat.", "llm.frequency_penalty", "llm.headers", "llm.is_streaming", "llm.presence_penalty",
    "llm.prompt_template.", "llm.request.", "llm.response.", "llm.top_k", "llm.tools.", "llm.usage.total_tokens",
    "llm.token_count.total", "llm.cost.", "llm.invocation_parameters", "llm.function_call",
    "ai.settings.", "ai.telemetry.", "ai.request.", "ai.response.", "ai.model.", "ai.schema", "ai.values",
    "ai.embedding", "ai.prompt.tool", "ai.stream.", "ai.usage.totalTokens", "ai.usage.inputTokenDetails.",
    "ai.usage.outputTokenDetails.",
    "traceloop.association.properties.", "traceloop.prompt.", "traceloop.workflow.", "traceloop.entity.",
    "langfuse.environment", "langfuse.release", "langfuse.version", "langfuse.internal.", "langfuse.observation.",
    "langfuse.trace.", "langfuse.experiment.", "mlflow.trace", "mlflow.source.", "mlflow.user", "mlflow.experiment",
    "mlflow.span", "langsmith.", "embedding.invocation_parameters", "reranker.",
)  # fmt: skip

_NAME = re.compile(r"[A-Za-z_][\w-]*(?:\.[\w-]+)+\.?")
_KEPT = 10_000
_known: set[str] | None = None
_roots: tuple[str, ...] = ()
_by_names: dict[tuple[str, ...], tuple[str, ...]] = {}


def unmapped(attributes: Mapping[str, Any]) -> tuple[str, ...]:
    """The names among these that are in a GenAI namespace and that nobody reads; spans repeat a few sets of names."""
    names = tuple(attributes)
    found = _by_names.get(names)
    if found is None:
        if len(_by_names) >= _KEPT:
            _by_names.clear()
        found = _by_names[names] = tuple(name for name in names if name.startswith(NAMESPACES) and not is_known(name))
    return found


def is_known(name: str) -> bool:
    global _known, _roots
    if _known is None:
        _known, _roots = known_names(), tuple(root for c in conventions.CONVENTIONS for root in c.content_roots)
    return name in _known or name.startswith((*KEPT_RAW, *_roots))


def forget() -> None:
    """After the table of conventions has changed."""
    global _known
    _known = None
    _by_names.clear()


def known_names() -> set[str]:
    """Every attribute name in the tables of the modules that read conventions."""
    prefix = conventions.__name__ + "."
    modules = [module for name, module in sys.modules.items() if name.startswith(prefix)]
    found = {name for module in modules for name in _names_in(module)}
    return found.union(*(c.markers | c.content_attributes for c in conventions.CONVENTIONS))


def _names_in(module: ModuleType) -> Iterable[str]:
    stack: list[Any] = [value for key, value in vars(module).items() if not key.startswith("__")]
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            if _NAME.fullmatch(value):
                yield value
        elif isinstance(value, dict):
            stack += [*value, *value.values()]
        elif isinstance(value, list | tuple | set | frozenset):
            stack += value
