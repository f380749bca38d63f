"""Token usage by one documented rule, always marked as estimated.

A text has ceil(UTF-8 bytes / 4) tokens. A prompt has those of its messages, 4 more for each message
and 2 for the whole.
"""

from collections.abc import Sequence

from llm_tracing.qa.offline.conversation import Message

PER_MESSAGE = 4
PER_PROMPT = 2


def text_tokens(text: str) -> int:
    """ceil(UTF-8 bytes / 4)."""
    return -(-len(text.encode("utf-8", "replace")) // 4)


def usage_of(messages: Sequence[Message], completion: str) -> dict[str, int | bool]:
    """The `usage` object of a response; `estimated` is an extra field that clients ignore."""
    prompt = sum(text_tokens(m.text) + PER_MESSAGE for m in messages) + PER_PROMPT
    output = text_tokens(completion)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": output,
        "total_tokens": prompt + output,
        "estimated": True,
    }
