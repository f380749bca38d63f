"""The seam for GenAI conventions: one module each, found through the table in `__init__.py`.

A convention reads attributes and says what they mean; it never changes or hides them. What it says is in two parts:
`Facts`, small and worked out once when a span arrives, and `Content`, worked out from the stored attributes whenever
somebody looks, so that a better reader makes old spans better too.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from llm_tracing.model import Attributes
from llm_tracing.normalize.messages import Messages


class Facts(NamedTuple):
    """What a span is, in the canonical model's words; None where the span does not say.

    `usage_sources` names the attribute that each token bucket came from.
    """

    kind: str | None = None
    provider: str | None = None
    operation: str | None = None
    request_model: str | None = None
    response_model: str | None = None
    response_id: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None
    client_cost_pico_usd: int | None = None
    time_to_first_token_ns: int | None = None
    session_id: str | None = None
    user_id: str | None = None
    usage_sources: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ToolUse:
    """One execution of a tool; arguments and result are JSON values where they came as JSON text."""

    name: str | None
    call_id: str | None
    arguments: Any
    result: Any


@dataclass(frozen=True, slots=True)
class Content:
    """What went in and came out. Messages have the JSON form of the OpenTelemetry GenAI conventions."""

    input: Any = None
    output: Any = None
    input_messages: Messages | None = None
    output_messages: Messages | None = None
    system_instructions: Messages | None = None
    tool: ToolUse | None = None
    documents: list[dict[str, Any]] | None = None
    streaming: bool | None = None
    finish_reasons: tuple[str, ...] = ()


class Convention(Protocol):
    """A way of writing GenAI facts as span attributes."""

    @property
    def name(self) -> str: ...

    @property
    def markers(self) -> frozenset[str]:
        """Attributes of which one is enough to say that a span speaks this convention."""
        ...

    @property
    def content_attributes(self) -> frozenset[str]:
        """Attributes that hold prompts, answers or documents: kept as payloads, searched as text."""
        ...

    @property
    def content_roots(self) -> frozenset[str]:
        """Beginnings of the names of flattened content, each with its closing dot; see flattened.py."""
        ...

    def facts(self, attributes: Attributes) -> Facts: ...

    def content(self, attributes: Attributes) -> Content: ...
