"""What became of what was sent, since the start: kept by the ingest, shown as the server's own metrics."""

from dataclasses import dataclass, field
from typing import get_args

from llm_tracing.receive.sink import ReceivedSignal


@dataclass(slots=True)
class Counters:
    requests: dict[str, int] = field(default_factory=lambda: dict.fromkeys(get_args(ReceivedSignal), 0))
    spans: int = 0
    logs: int = 0
    metric_points: int = 0
    rejected: int = 0
    refused_queue_full: int = 0
    failed_writes: int = 0
    commits: int = 0
