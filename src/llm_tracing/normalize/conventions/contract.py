"""The seam for GenAI conventions: one module each, found through the table in `__init__.py`.

A convention reads what was sent of a span and says what it means; it never changes or hides it. What it says is in two
parts: `Facts`, small and worked out once when a span arrives, and `Content`, worked out from what is stored whenever
somebody looks, so that a better reader makes old spans better too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from llm_tracing.model import Attributes
from llm_tracing.normalize.messages import Messages


class SentEvent(NamedTuple):
    """An event of a span, or a log record that names the span and is an event.

    `name` is OTLP's event_name, else the attribute `event.name`; an event of a span has no body.
    """

    name: str
    attributes: Attributes
    body: Any = None
    time_unix_nano: int = 0


class Sent(NamedTuple):
    """What was sent of one span, by whichever signal; log records may have come long before or after it.

    `events` are the span's own in the order sent, `logs` the GenAI events among its log records by time. Facts are
    worked out without the logs, content with them. `opened` is for what a convention has read of it, where both are
    worked out one after the other.
    """

    attributes: Attributes
    name: str = ""
    events: Sequence[SentEvent] = ()
    logs: Sequence[SentEvent] = ()
    opened: dict[str, Any] | None = None


class Facts(NamedTuple):
    """What a span is, in the canonical model's words; None where the span does not say.

    `details` holds the rarer token buckets by the names of DETAILS. `error` is what went wrong, of a span whose
    convention says so beside OTLP's status. `usage_sources` names the attribute that each token bucket came from.
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
    details: Mapping[str, int] | None = None
    client_cost_pico_usd: int | None = None
    time_to_first_token_ns: int | None = None
    session_id: str | None = None
    user_id: str | None = None
    error: str | None = None
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
    """A way of writing GenAI facts as span attributes, span events and log events."""

    @property
    def name(self) -> str: ...

    @property
    def markers(self) -> frozenset[str]:
        """Attributes of which one is enough to say that a span speaks this convention."""
        ...

    @property
    def marker_events(self) -> frozenset[str]:
        """Names of span events and log events of which one is enough, where the attributes have no marker."""
        ...

    @property
    def content_attributes(self) -> frozenset[str]:
        """Attributes that hold prompts, answers or documents: kept as payloads, searched as text."""
        ...

    @property
    def content_roots(self) -> frozenset[str]:
        """Beginnings of the names of flattened content, each with its closing dot; see flattened.py."""
        ...

    def facts(self, sent: Sent) -> Facts: ...

    def content(self, sent: Sent) -> Content: ...
