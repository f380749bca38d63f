"""The seam between the receivers and what stores: one method."""

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal, Protocol

from google.protobuf.message import Message

from llm_tracing.receive.runs import RunsRequest
from llm_tracing.receive.senders import Senders

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

    def submit(self, signal: ReceivedSignal, request: Received, size: int) -> "Future[Accepted]":
        """Take one decoded request of `size` bytes; the future is done when it is durable and queryable.

        Raises ReceiveError (503, with a time to retry after) at once when the queue is full; the future raises
        StoreError when the write failed, and then nothing of the request is kept.
        """
        ...
