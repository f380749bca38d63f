"""What waits for the thread that writes."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from opentelemetry.trace import SpanContext

from llm_tracing.model import Batch
from llm_tracing.normalize.langsmith import add_runs
from llm_tracing.normalize.logs import add_logs
from llm_tracing.normalize.metrics import add_metrics
from llm_tracing.normalize.shared import SharedRows
from llm_tracing.normalize.spans import add_spans
from llm_tracing.receive.sink import Accepted, Received, ReceivedSignal

NORMALIZERS: dict[ReceivedSignal, Callable[[Any, SharedRows, Batch], Accepted]] = {
    "traces": add_spans,
    "logs": add_logs,
    "metrics": add_metrics,
    "runs": add_runs,
}


@dataclass(slots=True)
class Pending:
    """What waits for a commit: what a receiver took, or with `signal` None rows that are ready."""

    signal: ReceivedSignal | None
    request: Received | Batch
    size: int
    future: Future[Accepted]
    way: str = ""
    behind: SpanContext | None = None  # the span of our own that brought it

    def add_to(self, batch: Batch, shared: SharedRows) -> Accepted:
        if isinstance(self.request, Batch):
            batch.add(self.request)
            return Accepted()
        assert self.signal is not None
        return NORMALIZERS[self.signal](self.request, shared, batch)


@dataclass(slots=True)
class Job:
    """Something else that only the writer's thread may do."""

    work: Callable[[], Any]
    future: Future[Any]

    def run(self) -> None:
        if not self.future.set_running_or_notify_cancel():
            return  # who asked is gone
        try:
            self.future.set_result(self.work())
        except Exception as error:
            self.future.set_exception(error)

    def refuse(self, error: Exception) -> None:
        """It is not run, for this."""
        if self.future.set_running_or_notify_cancel():
            self.future.set_exception(error)
