"""One batch to a target: again while it says "later", in halves where it is too large, told where it is refused."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from llm_tracing.errors import LlmTracingError
from llm_tracing.exchange.fields import Fields
from llm_tracing.exchange.otlp_json import Record, request
from llm_tracing.exchange.otlp_wire import fill
from llm_tracing.exchange.replay.answers import Answer, Sender, one_line
from llm_tracing.receive.decode import REQUESTS, Signal

SIGNALS: dict[Record, Signal] = {"span": "traces", "log": "logs", "point": "metrics"}
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 30.0
_LONGEST_NAMED_S = 600.0  # a wait that the target asks for


@dataclass(frozen=True, slots=True)
class Item:
    """A record ready to be sent; `key` and `place` are what it is remembered by once it is taken."""

    row: Fields
    key: bytes
    place: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of some items. `rejected` of the taken ones the target did not keep; it does not say which."""

    taken: Sequence[Item] = ()
    rejected: int = 0
    refused: Sequence[Item] = ()
    said: str = ""


class TargetWrong(LlmTracingError):
    """No request would be taken: the address, a key, the protocol."""


class GaveUp(LlmTracingError):
    """The target did not take a request for as long as was to be waited."""


class Delivery:
    """`tell` is told what the target said while it is waited for."""

    def __init__(
        self,
        sender: Sender,
        address: str,
        patience_s: float,
        tell: Callable[[str], None],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._sender = sender
        self._address = address
        self._patience_s = patience_s
        self._tell = tell
        self._sleep = sleep

    def deliver(self, record: Record, items: Sequence[Item]) -> list[Outcome]:
        """What became of each part, as many parts as it took. Raises TargetWrong, GaveUp."""
        answer = self._answer(record, items)
        if answer.verdict == "taken":
            return [Outcome(taken=items, rejected=min(answer.rejected, len(items)), said=answer.said)]
        if answer.verdict == "too_large" and len(items) > 1:
            middle = len(items) // 2
            return [*self.deliver(record, items[:middle]), *self.deliver(record, items[middle:])]
        return [Outcome(refused=items, said=answer.said)]

    def _answer(self, record: Record, items: Sequence[Item]) -> Answer:
        """The first answer that is not "later"."""
        signal = SIGNALS[record]
        message = REQUESTS[signal]()
        fill(message, request(record, [item.row for item in items]))
        waited, usual = 0.0, _FIRST_WAIT_S
        while True:
            answer = self._sender.send(signal, message)
            answer = replace(answer, said=one_line(answer.said))
            if answer.verdict == "wrong":
                raise TargetWrong(
                    f"{self._address} does not take {signal}: {answer.said}.",
                    f"Look at --to, --protocol and --header. Over HTTP, /v1/{signal} is added to the address.",
                )
            if answer.verdict != "later":
                return answer
            wait = usual * random.uniform(0.8, 1.2) if answer.wait_s is None else min(answer.wait_s, _LONGEST_NAMED_S)  # noqa: S311 - no secret
            if waited + wait > self._patience_s:
                raise GaveUp(
                    f"{self._address} takes nothing after {waited:.0f} s: {answer.said}.",
                    "Run the same command again later: it goes on from here. --patience waits longer.",
                )
            self._tell(f"{answer.said}; again in {wait:.0f} s")
            self._sleep(wait)
            waited, usual = waited + wait, min(usual * 2, _LONGEST_WAIT_S)
