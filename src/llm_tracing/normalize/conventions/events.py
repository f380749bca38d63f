"""GenAI events: content that came as span events or log records and not, or not only, in the span's attributes.

Three generations are read, and where several tell of one call the one that says most: an event for each message
(gen_ai.user.message ... gen_ai.choice), an event for a whole prompt or answer (gen_ai.content.prompt), and one event
for the whole exchange (gen_ai.client.inference.operation.details), whose names and values are those of a span.

Source: OpenTelemetry semantic-conventions up to 1.41, docs/gen-ai/gen-ai-events.md, then semantic-conventions-genai.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from functools import reduce
from math import gcd
from typing import Any

from llm_tracing.model import Attributes
from llm_tracing.normalize import words
from llm_tracing.normalize.anyvalue import to_json
from llm_tracing.normalize.conventions.contract import Content, Facts, Sent, SentEvent, ToolUse
from llm_tracing.normalize.conventions.event_fields import EVENT_CONTENT, blocks_of, fields_of, place_of
from llm_tracing.normalize.conventions.event_messages import (
    CHUNKS,
    COMPLETIONS,
    INPUTS,
    OUTPUTS,
    PROMPTS,
    answered,
    asked,
)
from llm_tracing.normalize.conventions.otel_genai import OtelGenAI
from llm_tracing.normalize.conventions.serialized import literal
from llm_tracing.normalize.messages import Messages, messages_of, response_of, with_calls
from llm_tracing.normalize.providers import provider_name
from llm_tracing.normalize.values import as_text, first, from_json_text

DETAILS = "gen_ai.client.inference.operation.details"
PROVIDER = ("gen_ai.provider.name", "gen_ai.system")
# The tools an answer asks for, beside an event without them: OpenLIT 1.33 writes them as Python does.
TOOL_CALLS = ("gen_ai.response.tool_calls",)
CYCLE = "event_loop.cycle_id"  # Strands: a model's call and the tools it asks for
# Attributes that say themselves what a span is: then its events do not.
OWN_KIND = frozenset(
    {
        "gen_ai.operation.name", "gen_ai.tool.name", "gen_ai.agent.name", "gen_ai.workflow.name",
        "openinference.span.kind", "traceloop.span.kind", "llm.request.type", "langfuse.observation.type",
        "langsmith.span.kind", "ai.operationId", "mlflow.spanType", "agent_name", CYCLE,
    }
)  # fmt: skip
EMBEDDINGS = frozenset({"embeddings", "embedding"})
# Attributes of log records that tell of a whole exchange, whatever the event's name.
LOG_MARKERS = frozenset({"gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions"})
# Attributes of an event that hold what was said.
EVENT_CONTENT_ATTRIBUTES = frozenset(
    {
        EVENT_CONTENT, "content", "message", "tool_calls", "message.content",
        *(name for table in (PROMPTS, COMPLETIONS, CHUNKS) for names in table.values() for name in names),
    }
)  # fmt: skip

_OTEL = OtelGenAI()
_MESSAGE_FIELDS = ("input_messages", "output_messages", "system_instructions", "documents")


class GenAIEvents:
    name = "events"
    markers: frozenset[str] = frozenset()
    marker_events = INPUTS | OUTPUTS | {DETAILS}
    content_attributes = frozenset(TOOL_CALLS)
    content_roots: frozenset[str] = frozenset()

    def facts(self, sent: Sent) -> Facts:
        """What only the span's own events say of it; its log records may not be here yet."""
        details = next((event for event in sent.events if event.name == DETAILS), None)
        told = next((event for event in sent.events if event.name in INPUTS or event.name in OUTPUTS), None)
        if details is not None:
            return _OTEL.facts(Sent(_details(details)))
        if told is None:
            return Facts()
        provider = provider_name(first(told.attributes, PROVIDER))
        if OWN_KIND.isdisjoint(sent.attributes):
            return Facts(kind="llm", provider=provider, operation="chat")
        return Facts(kind="chain" if CYCLE in sent.attributes else None, provider=provider)

    def content(self, sent: Sent) -> Content:
        logs = in_order(once(sent.logs))
        found = [content for events in (sent.events, logs) if events for content in _contents(sent.attributes, events)]
        if len(found) <= 1:
            return found[0] if found else Content()
        merged = {field.name: _best(field.name, found) for field in fields(Content)}
        return Content(**{name: value for name, value in merged.items() if value is not None})


def in_order(events: Sequence[SentEvent]) -> list[SentEvent]:
    """By time, then by the index that they have, then as sent."""
    return sorted(events, key=lambda event: (event.time_unix_nano, place_of(event)))


def once(events: Sequence[SentEvent]) -> list[SentEvent]:
    """Log records without those that a retried export sent again.

    A retry repeats all records of its time; what is there more often than that was said more often: "yes" and "yes"
    again, by a client whose clock counts milliseconds.
    """
    if len(events) < 2:
        return list(events)
    keys = [to_json([event.time_unix_nano, event.name, event.body, event.attributes]) for event in events]
    counts = Counter(keys)
    times: dict[int, set[str]] = {}
    for event, key in zip(events, keys, strict=True):
        times.setdefault(event.time_unix_nano, set()).add(key)
    sent = {time: reduce(gcd, (counts[key] for key in found)) for time, found in times.items()}
    left = {key: counts[key] // sent[event.time_unix_nano] for event, key in zip(events, keys, strict=True)}
    kept: list[SentEvent] = []
    for event, key in zip(events, keys, strict=True):
        if left[key]:
            left[key] -= 1
            kept.append(event)
    return kept


def _contents(attributes: Attributes, events: Sequence[SentEvent]) -> list[Content]:
    """What the events of one signal tell: once from messages and prompts, once from each event with all details."""
    found = [_OTEL.content(Sent(_details(event))) for event in events if event.name == DETAILS]
    told = [event for event in events if event.name in INPUTS or event.name in OUTPUTS]
    if told:
        found.insert(0, _told(attributes, told))
    return found


def _details(event: SentEvent) -> Attributes:
    """The attributes of the event, and those that older clients wrote into its body."""
    body = from_json_text(event.body)
    return {**body, **event.attributes} if isinstance(body, dict) else event.attributes


def _told(attributes: Attributes, events: Sequence[SentEvent]) -> Content:
    operation = as_text(attributes.get("gen_ai.operation.name"))
    if operation == "execute_tool" or (operation is None and "gen_ai.tool.name" in attributes):
        return Content(tool=_tool(attributes, events))
    if operation in EMBEDDINGS:
        texts = [first(event.attributes, PROMPTS[event.name]) for event in events if event.name in PROMPTS]
        return Content(input=literal(from_json_text(texts[0]))) if texts else Content()
    messages = answered(events)
    calls = _calls_beside(attributes) if any(event.name in OUTPUTS for event in events) else []
    if calls:
        last: dict[str, Any] = messages.pop() if messages else {"role": "assistant", "parts": []}
        messages.append({**last, "parts": with_calls(last["parts"], calls)})
    return Content(
        input_messages=asked(events) or None,
        output_messages=messages or None,
        finish_reasons=words.finish_reasons([message.get("finish_reason") for message in messages]),
    )


def _calls_beside(attributes: Attributes) -> list[dict[str, Any]]:
    sent = literal(from_json_text(first(attributes, TOOL_CALLS)))
    messages = messages_of([{"tool_calls": sent}], "assistant") if isinstance(sent, list) else None
    return messages[0]["parts"] if messages else []


def _tool(attributes: Attributes, events: Sequence[SentEvent]) -> ToolUse:
    """One execution of a tool, told as Strands does: its arguments as a tool's message, its result as a choice."""
    use: dict[str, Any] = {}
    for event in events:
        told = fields_of(event)
        if event.name in INPUTS:
            use.setdefault("arguments", from_json_text(told.get("content")))
            use.setdefault("call_id", as_text(told.get("id")))
        else:
            use.setdefault("result", from_json_text(response_of(blocks_of(_given(told)))))
    name = as_text(attributes.get("gen_ai.tool.name"))
    return ToolUse(name, use.get("call_id"), use.get("arguments"), use.get("result"))


def _given(told: dict[str, Any]) -> Any:
    message = told.get("message", told.get("content"))
    return message.get("content") if isinstance(message, dict) and "content" in message else message


def _best(name: str, found: Sequence[Content]) -> Any:
    """Of messages those with most parts; of all else the first."""
    values = [value for content in found if (value := getattr(content, name)) not in (None, ())]
    return max(values, key=_parts, default=None) if name in _MESSAGE_FIELDS else next(iter(values), None)


def _parts(items: Messages) -> int:
    return sum(len(item.get("parts", "1")) for item in items)
