"""The seams between what takes requests and the one thread that stores."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from google.protobuf.message import Message

from llm_tracing.model import Batch
from llm_tracing.receive.runs import RunsRequest
from llm_tracing.receive.senders import Senders

T = TypeVar("T")

# The way a request came, for people.
HTTP_PROTOBUF, HTTP_JSON, GRPC, LANGSMITH = "OTLP/HTTP protobuf", "OTLP/HTTP JSON", "OTLP/gRPC", "LangSmith"

# What a request carries: a signal of OTLP, or runs of LangSmith's protocol.
ReceivedSignal = Literal["traces", "logs", "metrics", "runs"]
Received = Message | RunsRequest


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a request that was taken: the rest of it is on disk."""

    rejected: int = 0
    message: str = ""


class Sink(Protocol):
    @property
    def senders(self) -> Senders:
        """Where refusals are counted."""
        ...

    def submit(self, signal: ReceivedSignal, request: Received, size: int, way: str = "") -> "Future[Accepted]":
        """Take one decoded request of `size` bytes that came this way.

        The future is done when it is durable and queryable; while the store makes a checkpoint, when it is durable.
        Raises ReceiveError (503, with a time to retry after) at once when the queue is full; the future raises
        StoreError when the write failed, and then nothing of the request is kept.
        """
        ...


class Commits(Protocol):
    """For what is not OTLP: rows that are ready, and changes of what is stored."""

    def submit_batch(self, batch: Batch, size: int = 1_024) -> "Future[Accepted]":
        """Take rows of about `size` bytes; raises, and the future is done, as with Sink.submit."""
        ...

    def run(self, job: Callable[[], T]) -> "Future[T]":
        """Run a job on the thread that writes, between two commits: nobody else writes while it does.

        Raises StoreClosed when stopping; the future has what the job returns or raises.
        """
        ...
