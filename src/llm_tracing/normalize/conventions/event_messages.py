"""The messages of a call out of its events, one event a message or one event a whole prompt.

Source: OpenTelemetry semantic-conventions, docs/gen-ai/gen-ai-events.md: 1.28 to 1.36 for gen_ai.user.message and the
like, up to 1.27 for gen_ai.content.prompt and gen_ai.content.completion; OpenLIT 1.33, LiteLLM and Langtrace for how
these are filled.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from llm_tracing.normalize import words
from llm_tracing.normalize.anyvalue import to_json
from llm_tracing.normalize.conventions.contract import SentEvent
from llm_tracing.normalize.conventions.event_fields import Fields, blocks_of, fields_of
from llm_tracing.normalize.conventions.serialized import literal
from llm_tracing.normalize.messages import Messages, messages_of
from llm_tracing.normalize.values import as_list, first, from_json_text

# Event -> role of its message.
MESSAGES: dict[str, str] = {
    "gen_ai.system.message": "system",
    "gen_ai.developer.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}
CHOICES = frozenset({"gen_ai.choice"})
# Event -> attributes that hold the whole prompt, or the whole answer.
PROMPTS: dict[str, tuple[str, ...]] = {
    "gen_ai.content.prompt": ("gen_ai.prompt", "llm.prompts", "prompt"),
    "llm.content.prompt": ("llm.prompts", "gen_ai.prompt", "prompt"),
}
COMPLETIONS: dict[str, tuple[str, ...]] = {
    "gen_ai.content.completion": ("gen_ai.completion", "llm.completions", "llm.responses", "completion"),
    "llm.content.completion": ("llm.completions", "llm.responses", "gen_ai.completion", "completion"),
}
# A streamed answer, one event a chunk: Langtrace.
CHUNKS: dict[str, tuple[str, ...]] = {
    "gen_ai.content.completion.chunk": ("gen_ai.completion.chunk",),
    "llm.content.completion.chunk": ("llm.completion.chunk", "gen_ai.completion.chunk"),
}
INPUTS = frozenset({*MESSAGES, *PROMPTS})
OUTPUTS = frozenset({*CHOICES, *COMPLETIONS, *CHUNKS})

_ROLE_LINE = re.compile(r"^(system|developer|user|human|assistant|ai|model|tool|function): ?", re.M)
_MISSING = frozenset({"", "None", "null"})
_MESSAGE_KEYS = frozenset({"role", "content", "parts", "message"})


def asked(events: Iterable[SentEvent]) -> Messages:
    """The conversation up to the call. The result of a tool call that is told twice counts once: botocore does."""
    found: Messages = []
    known: set[str] = set()
    for event in events:
        if event.name in MESSAGES:
            messages = _message(fields_of(event), MESSAGES[event.name])
        elif event.name in PROMPTS:
            messages = _whole(event, PROMPTS[event.name], "user")
        else:
            continue
        for message in messages:
            parts = [part for part in message["parts"] if _is_news(part, known)]
            if parts:
                found.append({**message, "parts": parts})
    return found


def _is_news(part: Fields, known: set[str]) -> bool:
    identifier = part.get("id")
    if part.get("type") != "tool_call_response" or not isinstance(identifier, str) or not identifier:
        return True
    if identifier in known:
        return False
    known.add(identifier)
    return True


def answered(events: Sequence[SentEvent]) -> Messages:
    """What came out: one message a choice."""
    found: Messages = []
    chunks: list[str] = []
    for event in events:
        if event.name in CHOICES:
            found += choice(fields_of(event))
        elif event.name in COMPLETIONS:
            found += _whole(event, COMPLETIONS[event.name], "assistant")
        elif event.name in CHUNKS and isinstance(text := first(event.attributes, CHUNKS[event.name]), str):
            chunks.append(text)
    if not found and chunks:
        return messages_of("".join(chunks), "assistant") or []
    return [message for message in found if message["parts"]]


def choice(fields: Fields) -> Messages:
    """{index, finish_reason, message: {...}}; older ones have the message's fields, or its calls, beside it."""
    sent = from_json_text(fields.get("message"))
    if isinstance(sent, dict):
        inner = sent
    elif sent is not None:
        inner = {"content": sent}
    else:
        inner = {key: fields[key] for key in ("role", "content") if key in fields}
    if fields.get("tool_calls") and not inner.get("tool_calls"):
        inner = {**inner, "tool_calls": fields["tool_calls"]}
    messages = _message(inner, "assistant")
    reason = words.finish_reason(fields.get("finish_reason"))
    return [{**message, "finish_reason": reason} for message in messages] if reason else messages


def _message(fields: Fields, default_role: str) -> Messages:
    sent = fields.get("content")
    role = fields.get("role") or (sent.get("role") if isinstance(sent, dict) else None)
    clean: Fields = {
        "role": words.role(role, default_role),
        "content": blocks_of(sent),
        "tool_calls": as_list(literal(from_json_text(fields.get("tool_calls")))),
    }
    if "parts" in fields and sent is None:
        clean["content"] = blocks_of([{"parts": as_list(fields["parts"])}])
    if default_role == "tool" or clean["role"] == "tool":
        clean["name"] = fields.get("name")
        if "content" in fields:
            clean["tool_call_id"] = fields.get("tool_call_id", fields.get("id"))
    return messages_of([clean], default_role) or []


def _whole(event: SentEvent, names: tuple[str, ...], role: str) -> Messages:
    """A prompt or an answer in one event: a message as body, or a text, JSON, Python's repr or lines as attribute."""
    body = from_json_text(event.body)
    if isinstance(body, dict) and body:
        return choice(body) if role == "assistant" and "message" in body else _message(body, role)
    sent = first(event.attributes, names)
    return prompt_messages(sent if sent is not None else body, role)


def prompt_messages(sent: Any, role: str) -> Messages:
    """A whole prompt: a list of messages or texts, in JSON or as Python writes it, `role: text` lines, or one text."""
    tree = literal(from_json_text(sent))
    if isinstance(tree, dict) and isinstance(tree.get("messages"), list):
        tree = tree["messages"]
    items = as_list(tree)
    if not all(isinstance(item, str) or _is_message(item) for item in items):
        items = [sent if isinstance(sent, str) else to_json(sent)]  # a text that happens to be JSON
    found: Messages = []
    for item in items:
        if isinstance(item, str):
            found += _from_lines(item, role)
        else:
            found += choice(item) if "message" in item else _message(item, role)
    return [message for message in found if message["parts"]]


def _is_message(item: Any) -> bool:
    return isinstance(item, dict) and not _MESSAGE_KEYS.isdisjoint(item)


def _from_lines(text: str, role: str) -> Messages:
    """OpenLIT's prompt: each message starts a line with its role, a missing text is the word None."""
    starts = list(_ROLE_LINE.finditer(text)) if role == "user" else []
    if not starts or starts[0].start() != 0:
        return [] if text.strip() in _MISSING else messages_of([text], role) or []
    ends = [start.start() - 1 for start in starts[1:]] + [len(text)]
    found: Messages = []
    for start, end in zip(starts, ends, strict=True):
        said = text[start.end() : end]
        if said.strip() not in _MISSING:
            found += _message({"role": start[1], "content": said}, "user")
    return found
