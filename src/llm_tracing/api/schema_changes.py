"""The JSON of a model call against the previous one of its conversation."""

from typing import Any, Literal

from pydantic import Field

from llm_tracing.api.schema_bill import Shape


class PreviousCall(Shape):
    trace_id: str
    span_id: str
    name: str
    model: str | None
    start_time_unix_nano: str
    is_same_trace: bool


class PromptDifference(Shape):
    """Where the prompts part. Bytes are those of the messages as text, roles included, not of the wire."""

    byte: int
    message: int = Field(description="Its place among the messages, from 0, instructions first")
    role: str
    before: str = Field(description="The previous prompt from there on")
    now: str = Field(description="This prompt from there on")
    shared_tail: str = Field(description="The last characters that both share")


class PromptCache(Shape):
    verdict: Literal["kept", "broken", "missed", "too_short", "unknown"]
    words: str
    read_tokens: int | None
    expected_tokens: int | None = Field(description="Tokens of the shared beginning, by its share of the bytes")
    input_tokens: int | None


class PromptChanges(Shape):
    shared_messages: int
    added: list[dict[str, Any]] = Field(description="Messages of this call after the shared ones")
    removed: list[dict[str, Any]] = Field(description="Messages of the previous call after the shared ones")
    answer_was_kept: bool = Field(description="The first added message is the previous call's answer")
    prompt_bytes: int
    previous_bytes: int
    shared_bytes: int
    first_difference: PromptDifference | None = Field(description="null where one prompt begins with the other")
    tools_changed: bool | None
    model_changed: bool
    cache: PromptCache


class CallChanges(Shape):
    """`previous` and `changes` are null for the first call of a conversation."""

    previous: PreviousCall | None
    considered: int = Field(description="Earlier calls of the trace and the session that were looked at")
    changes: PromptChanges | None
