"""What arrived lately, for the doctor."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from llm_tracing.model import ResourceRow, ScopeRow, SpanFacts


@dataclass(frozen=True, slots=True)
class RecentSource:
    """What one scope of one resource sent of late. Without spans, it sent log records only.

    `calls` are LLM calls with tokens, `silent_calls` those of them without any text.
    """

    service: str
    resource: ResourceRow
    scope: ScopeRow | None
    spans: int = 0
    cut: int = 0
    running: int = 0
    calls: int = 0
    silent_calls: int = 0


class UnpricedModel(NamedTuple):
    service: str
    provider: str | None
    model: str | None
    calls: int


class RecentSpan(NamedTuple):
    facts: SpanFacts
    scope_id: bytes
    flags: int


@dataclass(frozen=True, slots=True)
class Recent:
    """What came of late. `traces` are the newest, whole, with both reports of a run; `span_count` is that of all."""

    sources: list[RecentSource]
    unpriced: list[UnpricedModel]
    traces: list[list[RecentSpan]]
    scopes: dict[bytes, ScopeRow]
    span_count: int


class Examiner(Protocol):
    def recent(self, since: int, max_spans: int) -> Recent:
        """What the doctor looks at: what came with times after `since`, whole traces of at most `max_spans` spans."""
        ...
