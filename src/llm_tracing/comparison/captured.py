"""What was captured of one service under one approach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from llm_tracing.api import schema
from llm_tracing.telemetry.approaches import Approach


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question over HTTP and what came back. Times are nanoseconds since the epoch."""

    question: str
    status: int
    reply: Mapping[str, Any]
    headers: Mapping[str, str]
    """Of the response, names in lower case."""
    started_ns: int
    ended_ns: int
    first_line: int
    """Lines that the process had written before."""
    last_line: int
    sent: tuple[list[dict[str, Any]], ...] = ()
    """The messages of each call that the model answered."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that the process wrote, numbered from 1."""

    number: int
    stream: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """An exchange, and what the approach let us see of it. Two are the same only if they are one."""

    exchange: Exchange
    lines: Sequence[Line]
    traces: Sequence[schema.TraceDetail]
    logs: Sequence[schema.LogRecord]

    @property
    def spans(self) -> list[schema.Span]:
        return [span for trace in self.traces for span in trace.spans]


@dataclass(slots=True)
class Measured:
    """`cpu_s`: CPU seconds of the process, one number a round; empty where they cannot be read.

    `traffic` and `line_bytes` are of all measured questions together.
    """

    questions_a_round: int
    rounds: int = 0
    cpu_s: list[float] = field(default_factory=list)
    traffic: dict[str, tuple[int, int]] = field(default_factory=dict)
    lines: int = 0
    line_bytes: int = 0

    @property
    def questions(self) -> int:
        return max(1, self.questions_a_round * self.rounds)


@dataclass(frozen=True, slots=True)
class Captured:
    approach: Approach
    asked: Seen
    failed: Seen
    retried: Seen
    metrics: Sequence[schema.MetricSummary]
    measured: Measured
    loaded: frozenset[str]
    """The files of the modules that the process had loaded when it ended."""
