"""Traces, spans and log records, as they are stored."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from llm_tracing.model import LogRow, ResourceRow, ScopeRow, SpanRecord, TraceRow
from llm_tracing.store.contract.filters import Page


@dataclass(frozen=True, slots=True)
class StoredTrace:
    """One trace with all that its spans refer to; `payloads` and `logs` are empty if content was not asked for.

    `logs` are the GenAI events among the log records of the trace, or of the one span, by time and then as stored.
    Without content `tools` has the name of the tool that a span ran, by the span's id.
    """

    trace: TraceRow
    spans: list[SpanRecord]
    resources: dict[bytes, ResourceRow]
    scopes: dict[bytes, ScopeRow]
    payloads: dict[bytes, str]
    logs: list[LogRow] = field(default_factory=list)
    tools: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredLogs:
    """Log records and what they refer to; `places` are numbers that order records of the same time."""

    logs: list[LogRow]
    places: list[int]
    resources: dict[bytes, ResourceRow]
    scopes: dict[bytes, ScopeRow]
    payloads: dict[bytes, str]


class SpanPlace(NamedTuple):
    """Where a walk over whole spans goes on: `row` tells spans of the same ids and start apart."""

    start_time_unix_nano: int
    trace_id: bytes
    span_id: int
    row: int


@dataclass(frozen=True, slots=True)
class StoredSpans:
    """Whole spans as stored, with what they refer to; `after` is where the next page goes on, None at the end."""

    spans: list[SpanRecord]
    resources: dict[bytes, ResourceRow]
    scopes: dict[bytes, ScopeRow]
    payloads: dict[bytes, str]
    after: SpanPlace | None


@dataclass(frozen=True, slots=True)
class LogCount:
    """Log records of one severity in one bucket of time."""

    time_unix_nano: int
    severity_number: int
    count: int


@dataclass(frozen=True, slots=True)
class LogCounts:
    """How many log records there are over time; a bucket without any is left out.

    `since` is set where the store has read only a part of the time so far: every record from then on is counted.
    """

    step_ns: int
    counts: list[LogCount]
    since: int | None = None


class TraceReader(Protocol):
    def traces(self, page: Page) -> list[TraceRow]:
        """Roll-ups, newest start first, ties by trace id."""
        ...

    def trace(
        self, trace_id: bytes, *, content: bool = True, span_ids: Sequence[int] | None = None
    ) -> StoredTrace | None:
        """One trace, or some spans of it; None if no such trace is stored.

        The id of a trace that is part of another (LangSmith's runs, whose copies came over OTLP) gives the whole; its
        spans are as stored, two for a run that both protocols reported.

        Without `content`, span attributes are read as an empty object and payloads not at all.
        """
        ...

    def linking_spans(self, trace_id: bytes, limit: int) -> list[SpanRecord]:
        """Slim spans, with their links, of which a link goes to a trace; newest first."""
        ...

    def spans(self, page: Page) -> list[SpanRecord]:
        """Slim spans of many traces, newest start first: attributes, events and links are left empty."""
        ...


class LogReader(Protocol):
    def logs(self, page: Page) -> StoredLogs:
        """Log records, newest first."""
        ...

    def log_counts(self, page: Page, buckets: int) -> LogCounts:
        """Log records by time and severity, in at most about `buckets` steps; the page's limit says nothing.

        The range is the page's; where it has no end, that of the records. Steps are 1, 2, 5, 10, 15 or 30 of a unit.
        """
        ...


class SpanWalker(Protocol):
    def whole_spans(
        self, page: Page, after: SpanPlace | None = None, *, traces: Sequence[bytes] | None = None
    ) -> StoredSpans:
        """Whole spans, newest start first, as stored: a run that was reported twice is there twice.

        `traces` asks for those of these traces and of what is part of them. The page's own `after` says nothing.
        """
        ...
