"""What a target says to a request, in the same words for HTTP and gRPC."""

from dataclasses import dataclass
from typing import Literal, Protocol

from google.protobuf.message import Message
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from llm_tracing.receive.decode import Signal

# taken: all but `rejected` of it; later: the same again after `wait_s`; too_large: in smaller parts;
# refused: this request, for good; wrong: every request would be, because of an address or a key.
Verdict = Literal["taken", "later", "too_large", "refused", "wrong"]

_MOST_WORDS = 400


@dataclass(frozen=True, slots=True)
class Answer:
    verdict: Verdict
    said: str = ""
    rejected: int = 0
    wait_s: float | None = None  # None if the target did not say how long
    status: int | None = None  # of HTTP; None where nobody answered


class Sender(Protocol):
    def send(self, signal: Signal, request: Message) -> Answer:
        """Send one request. Never raises for what the target or the network does."""
        ...

    def close(self) -> None: ...


def one_line(text: str) -> str:
    """Somebody else's words, fit for a terminal: no control characters, not too long."""
    return "".join(char if char.isprintable() else " " for char in " ".join(text.split()))[:_MOST_WORDS]


def taken(answer: Message) -> Answer:
    """Of an Export...ServiceResponse: its partial success has a count and may have words without one."""
    partial = answer.partial_success  # type: ignore[attr-defined]
    count = next((value for field, value in partial.ListFields() if field.name.startswith("rejected")), 0)
    return Answer("taken", partial.error_message, max(0, count))


def seconds(info: RetryInfo) -> float:
    delay = info.retry_delay
    return float(delay.seconds + delay.nanos / 1e9)


def retry_delay(status: Status) -> float | None:
    """Seconds of the RetryInfo in a status; None without one."""
    info = RetryInfo()
    for detail in status.details:
        if detail.Is(RetryInfo.DESCRIPTOR) and detail.Unpack(info):
            return seconds(info)
    return None
