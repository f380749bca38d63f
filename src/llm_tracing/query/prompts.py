"""A call's prompt as one text, so that two can be compared byte by byte, as a provider's cache does.

Each message is its role, a colon and a line end, then its parts; tool calls and results are JSON. What a provider adds
around them is unknown here, so places in this text stand for places in the prompt, not for tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from llm_tracing.normalize.anyvalue import to_json
from llm_tracing.query.view import SpanView

Message = dict[str, Any]

# Where clients keep the tools that a model was offered; they stand before the messages in what is sent.
TOOLS = (
    "gen_ai.tool.definitions", "gen_ai.request.tools", "llm.tools", "llm.request.functions", "tools", "ai.prompt.tools",
    "langsmith.metadata.tools", "langfuse.observation.tools", "input.tools",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Prompt:
    """The messages of a call, instructions first, each with its text."""

    messages: list[Message]
    texts: list[str]

    @property
    def whole(self) -> bytes:
        return "".join(self.texts).encode()


def prompt_of(view: SpanView) -> Prompt:
    content = view.content
    instructions = content.system_instructions
    first: list[Message] = [{"role": "system", "parts": instructions}] if instructions else []
    messages = [*first, *(content.input_messages or [])]
    return Prompt(messages, [message_text(message) for message in messages])


def message_text(message: Message) -> str:
    parts = message.get("parts") or []
    return f"{message.get('role', '')}:\n{''.join(_part(part) for part in parts)}\n"


def _part(part: Any) -> str:
    if isinstance(part, dict) and isinstance(part.get("content"), str) and part.get("type") in ("text", "reasoning"):
        return f"{part['content']}\n"
    return f"{to_json(part)}\n"


def shared_messages(one: Sequence[str], other: Sequence[str]) -> int:
    """How many messages at the beginning are the same."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def shared_bytes(one: bytes, other: bytes) -> int:
    """How many bytes at the beginning are the same: prompts have megabytes, so halves are compared, not bytes."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def resumed_bytes(own: Prompt, other: Prompt) -> int:
    """How many bytes are the same once more after the first difference: the rest of its message, and those that follow.

    A time of day in the instructions leaves nearly all of the prompt so: the same, and lost to the cache.
    """
    at = shared_messages(own.texts, other.texts)
    if at >= min(len(own.texts), len(other.texts)):
        return 0
    one, another = own.texts[at].encode(), other.texts[at].encode()
    begun = shared_bytes(one, another)
    rest = shared_bytes(one[begun:][::-1], another[begun:][::-1])
    following = shared_messages(own.texts[at + 1 :], other.texts[at + 1 :])
    return rest + sum(len(text.encode()) for text in own.texts[at + 1 : at + 1 + following])


def tools_of(view: SpanView) -> str | None:
    """The tools that the model was offered, as they were sent; None where the client does not say."""
    found = next((view.attributes[name] for name in TOOLS if view.attributes.get(name)), None)
    return None if found is None else found if isinstance(found, str) else to_json(found)
