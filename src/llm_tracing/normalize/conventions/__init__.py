"""The GenAI conventions that are read. A new one is a module beside this file and a line in the table.

A span may speak several: the AI SDK sends OpenInference's names beside OpenTelemetry's, OpenLLMetry adds to the latter.
They are merged field by field:

- Facts come from the first convention of the table that has them, each token count with its own attribute. The
  conventions of instrumentations stand first: their kinds are said outright, while a gen_ai attribute may only
  hint (`gen_ai.agent.name` stands on everything an agent calls). LiteLLM stands before OpenLLMetry, whose request
  types it uses in a sense of its own.
- Messages and documents come from the convention that gives most parts of them, the first of those that are equal: two
  renderings of one exchange cannot be mixed. A tool's use and all other content is taken like facts.
- What the user's own mapping (`own.py`) names comes first, messages too.
- Generic input and output are taken only where no convention has messages: they are the same thing in raw form.
"""

from collections.abc import Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any

from llm_tracing.model import Attributes
from llm_tracing.normalize.conventions.contract import Content, Convention, Facts, Sent, SentEvent, ToolUse
from llm_tracing.normalize.conventions.events import GenAIEvents
from llm_tracing.normalize.conventions.genkit import Genkit
from llm_tracing.normalize.conventions.google_adk import GoogleADK
from llm_tracing.normalize.conventions.haystack import Haystack
from llm_tracing.normalize.conventions.langfuse import Langfuse
from llm_tracing.normalize.conventions.langsmith import LangSmith
from llm_tracing.normalize.conventions.langtrace import Langtrace
from llm_tracing.normalize.conventions.litellm import LiteLLM
from llm_tracing.normalize.conventions.logfire import Logfire, is_pending
from llm_tracing.normalize.conventions.mastra import Mastra
from llm_tracing.normalize.conventions.mlflow import MLflow
from llm_tracing.normalize.conventions.openinference import OpenInference
from llm_tracing.normalize.conventions.openlit import OpenLIT
from llm_tracing.normalize.conventions.openllmetry import OpenLLMetry
from llm_tracing.normalize.conventions.otel_genai import OtelGenAI, without_system
from llm_tracing.normalize.conventions.own import OwnMapping
from llm_tracing.normalize.conventions.pydantic_ai import CONVERSATION_ID, PydanticAI, names_own_conversation
from llm_tracing.normalize.conventions.spring_ai import SpringAI
from llm_tracing.normalize.conventions.vercel_ai import VercelAI
from llm_tracing.normalize.providers import CACHE_BESIDE_INPUT, MODEL_NOT_IN_ANSWER, THOUGHTS_BESIDE_OUTPUT
from llm_tracing.normalize.values import as_int, first

CONVENTIONS: list[Convention] = [
    VercelAI(),  # first: what others say of its spans was translated from it
    LangSmith(),  # before those that would take the inputs and outputs of its runs for messages
    Mastra(),
    Genkit(),
    OpenInference(),
    LiteLLM(),
    OpenLLMetry(),
    Langfuse(),
    MLflow(),
    Logfire(),
    GoogleADK(),
    Haystack(),
    Langtrace(),
    PydanticAI(),
    OpenLIT(),
    SpringAI(),
    OtelGenAI(),
    GenAIEvents(),
]

# Filled from the table by _tabulate; the sets stay the same objects, so that other modules may hold them.
MARKERS: set[str] = set()
MARKER_EVENTS: set[str] = set()

# Kind -> the operation of a span whose attributes name none, in the words of OpenTelemetry's GenAI conventions.
OPERATIONS: dict[str, str] = {
    "llm": "chat",
    "embedding": "embeddings",
    "retriever": "retrieval",
    "tool": "execute_tool",
    "agent": "invoke_agent",
}
TOTAL_TOKENS = ("gen_ai.usage.total_tokens", "llm.usage.total_tokens", "llm.token_count.total")
_CONTENT_FIELDS = tuple(field.name for field in fields(Content))
_FULLEST = frozenset({"input_messages", "output_messages", "system_instructions", "documents"})
# Written by clients whose input tokens include the cached ones whatever the provider says: LangChain's reading of an
# answer, Logfire, LiteLLM.
_CACHE_IN_INPUT = frozenset(
    {"traceloop.association.properties.ls_provider", "gen_ai.usage.raw", "metadata.usage_object", "litellm.call_id"}
)
# Beginnings of the attributes whose readers have made the input whole already.
_WHOLE_INPUT = ("ai.", "gen_ai.completion", "langfuse.", "langsmith.", "llm.token_count.", "mlflow.")


class _ContentAttributes(set[str]):
    """The names of attributes with content; of flattened content, those whose value is text that was said."""

    roots: tuple[str, ...] = ()
    _leaves = (".content", ".text", ".arguments")

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or (
            isinstance(name, str) and name.endswith(self._leaves) and name.startswith(self.roots)
        )


CONTENT_ATTRIBUTES = _ContentAttributes()


_KEPT = 4_096
_spoken_by_names: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Convention]] = {}


@lru_cache(maxsize=4_096)
def is_content(name: str) -> bool:
    """Whether an attribute of this name, of at most 256 characters, holds content. The names are few."""
    return name in CONTENT_ATTRIBUTES


def _tabulate() -> None:
    _spoken_by_names.clear()
    is_content.cache_clear()
    for known, names in (
        (MARKERS, [c.markers for c in CONVENTIONS]),
        (MARKER_EVENTS, [c.marker_events for c in CONVENTIONS]),
        (CONTENT_ATTRIBUTES, [c.content_attributes for c in CONVENTIONS]),
    ):
        known.clear()
        known.update(*names)
    CONTENT_ATTRIBUTES.roots = tuple(sorted({root for c in CONVENTIONS for root in c.content_roots}))


_tabulate()


def use_mapping(mapping: OwnMapping | None) -> None:
    """Read the user's own attributes too, before all others; None reads them no longer. For the start of a process."""
    others = [c for c in CONVENTIONS if not isinstance(c, OwnMapping)]
    use_conventions(others if mapping is None else [mapping, *others])


def use_conventions(found: Sequence[Convention]) -> None:
    """Read these conventions and no others."""
    CONVENTIONS[:] = found
    _tabulate()


def _spoken(sent: Sent) -> list[Convention]:
    """The conventions of a span. Its names tell, and the spans of a process share a few sets of names."""
    names = (tuple(sent.attributes), tuple([event.name for events in (sent.events, sent.logs) for event in events]))
    found = _spoken_by_names.get(names)
    if found is None:
        if len(_spoken_by_names) >= _KEPT:
            _spoken_by_names.clear()
        attributes, events = names
        found = [
            c for c in CONVENTIONS if not c.markers.isdisjoint(attributes) or not c.marker_events.isdisjoint(events)
        ]
        _spoken_by_names[names] = found
    return found


def read_facts(attributes: Attributes, name: str = "", events: Sequence[SentEvent] = ()) -> Facts | None:
    """What is said of a GenAI span; None if it speaks no convention."""
    sent = Sent(attributes, name, events)
    return _facts(sent, _spoken(sent))


def read_both(attributes: Attributes, name: str = "", events: Sequence[SentEvent] = ()) -> tuple[Facts | None, Content]:
    """As `read_facts` and `read_content`, when a span arrives: what both look into is opened once."""
    sent = Sent(attributes, name, events, opened={})
    spoken = _spoken(sent)
    return _facts(sent, spoken), _content(sent, spoken)


def _facts(sent: Sent, spoken: Sequence[Convention]) -> Facts | None:
    attributes = sent.attributes
    found = [convention.facts(sent) for convention in spoken]
    if not found:
        return None
    facts = found[0] if len(found) == 1 else _merged_facts(found)
    facts = _with_cache_in_input(_with_model_that_answered(facts), attributes)
    facts = _with_thoughts_in_output(facts, attributes)
    facts = facts._replace(operation=facts.operation or OPERATIONS.get(facts.kind or ""))
    if facts.session_id == attributes.get(CONVERSATION_ID) and names_own_conversation(attributes):
        facts = facts._replace(session_id=None)
    return facts._replace(kind=None) if is_pending(attributes) else facts


def _merged_facts(found: Sequence[Facts]) -> Facts:
    facts = Facts._make(next((v for v in values if v not in (None, ())), None) for values in zip(*found, strict=True))
    details = {bucket: count for one in reversed(found) for bucket, count in (one.details or {}).items()}
    sources = {field: attribute for one in reversed(found) for field, attribute in one.usage_sources}
    return facts._replace(details=details or None, usage_sources=tuple(sources.items()))


def _with_model_that_answered(facts: Facts) -> Facts:
    """Where a provider's answers name no model, the one that was asked answered; an ARN names no model."""
    asked = facts.request_model
    if facts.provider not in MODEL_NOT_IN_ANSWER or facts.response_model or not asked or asked.startswith("arn:"):
        return facts
    return facts._replace(response_model=asked)


def _with_cache_in_input(facts: Facts, attributes: Attributes) -> Facts:
    """Input tokens include the cached ones, also where the client's own numbers leave them out.

    More cache than input tells that of any client.
    """
    cached = (facts.cache_read_tokens or 0) + (facts.cache_write_tokens or 0)
    if not cached or facts.input_tokens is None:
        return facts
    beside = facts.provider in CACHE_BESIDE_INPUT and _CACHE_IN_INPUT.isdisjoint(attributes)
    if beside and dict(facts.usage_sources).get("input_tokens", "").startswith(_WHOLE_INPUT):
        beside = False
    return facts._replace(input_tokens=facts.input_tokens + cached) if beside or cached > facts.input_tokens else facts


def _with_thoughts_in_output(facts: Facts, attributes: Attributes) -> Facts:
    """Output tokens include the thoughts, also where a client sends Gemini's count of the answer alone, and a total.

    Source: the Gemini API, UsageMetadata: totalTokenCount is prompt, candidates and thoughts.
    """
    total = as_int(first(attributes, TOTAL_TOKENS)) if facts.provider in THOUGHTS_BESIDE_OUTPUT else None
    if total is None or facts.input_tokens is None or facts.output_tokens is None:
        return facts
    thoughts = total - facts.input_tokens - facts.output_tokens
    if thoughts <= 0 or facts.reasoning_tokens not in (None, thoughts):
        return facts
    told_by = next(name for name in TOTAL_TOKENS if name in attributes)
    return facts._replace(
        output_tokens=facts.output_tokens + thoughts,
        reasoning_tokens=thoughts,
        usage_sources=(*facts.usage_sources, ("reasoning_tokens", told_by)),
    )


def read_content(
    attributes: Attributes, name: str = "", events: Sequence[SentEvent] = (), logs: Sequence[SentEvent] = ()
) -> Content:
    """What went in and came out of a span."""
    sent = Sent(attributes, name, events, logs)
    return _content(sent, _spoken(sent))


def _content(sent: Sent, spoken: Sequence[Convention]) -> Content:
    own = bool(spoken) and isinstance(spoken[0], OwnMapping)
    found = [convention.content(sent) for convention in spoken]
    if len(found) <= 1:
        return found[0] if found else Content()
    merged: dict[str, Any] = {}
    for field in _CONTENT_FIELDS:
        values = [value for content in found if (value := getattr(content, field)) not in (None, ())]
        if field in _FULLEST and own and getattr(found[0], field):
            merged[field] = getattr(found[0], field)
        elif field in _FULLEST:
            merged[field] = max(values, key=_parts, default=None)
        elif field == "tool":
            merged[field] = _merged_tool(values)
        elif values:
            merged[field] = values[0]
    merged["input_messages"] = without_system(merged["system_instructions"], merged["input_messages"])
    if merged["input_messages"]:
        merged.pop("input", None)
    if merged["output_messages"]:
        merged.pop("output", None)
    return Content(**merged)


def _parts(items: Sequence[Any]) -> int:
    return sum(len(item.get("parts", "1")) if isinstance(item, dict) else 1 for item in items)


def _merged_tool(found: Sequence[ToolUse]) -> ToolUse | None:
    if len(found) <= 1:
        return found[0] if found else None

    def known(field: str) -> Any:
        return next((value for use in found if (value := getattr(use, field)) is not None), None)

    return ToolUse(known("name"), known("call_id"), known("arguments"), known("result"))
