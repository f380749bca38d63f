"""Requests to one backend until it has them: a few short tries, then an error that reaches the sender of the data.

    taken                      ─▶ done; what it rejected of it is told
    not now (429, 5xx, nobody) ─▶ again for some seconds, then BackendError: nothing is acknowledged
    wrong (401, 404, HTML)     ─▶ BackendError at once
    refused for good (400)     ─▶ in halves, until the records are found that it does not take; those are told

The thread that writes waits meanwhile: that is the back-pressure. After a failure a backend gets one try a batch until
it takes one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import urllib3

from llm_tracing.errors import BackendError, BackendReason
from llm_tracing.exchange.replay.answers import Answer, Sender, one_line
from llm_tracing.exchange.replay.otlp_http import HttpSender
from llm_tracing.lgtm.backend import State
from llm_tracing.lgtm.outgoing import Item, message
from llm_tracing.lgtm.places import Place
from llm_tracing.model import TurnedAway
from llm_tracing.receive.decode import Signal

PATIENCE_S = 5.0  # senders wait ten seconds for an answer
_WAITS_S = (0.1, 0.3, 0.6, 1.0, 1.5)
_TIMEOUT = urllib3.Timeout(connect=3, read=10)
_LONGEST_S = 30.0  # of one batch
_MOST_HALVES = 200  # requests in which the records of one parcel that are refused are looked for
_NEVER = ("invalid temporality",)  # said with a 500, and meant for good


class Sending:
    """The writing half of one backend; for one thread at a time. `state` is how that did of late."""

    def __init__(
        self,
        place: Place,
        signal: Signal,
        sender: Sender | None = None,
        patience_s: float = PATIENCE_S,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.place = place
        self.signal: Signal = signal
        self.state = State()
        self._sender = sender or HttpSender(place.writes, timeout=_TIMEOUT, agent="llm-tracing", through_proxy=False)
        self._patience_s = patience_s
        self._sleep = sleep
        self._until = 0.0  # of time.monotonic(), for the batch that is being sent

    def send(self, parcels: Sequence[Sequence[Item]]) -> list[TurnedAway]:
        """Send all of them; what was refused for good. Raises BackendError, then some may have been taken."""
        refused: list[TurnedAway] = []
        self._until = time.monotonic() + _LONGEST_S
        try:
            for parcel in parcels:
                budget = [_MOST_HALVES]
                refused += self._deliver(parcel, budget)
        except BackendError as error:
            self.state.failed_at, self.state.trouble = time.time(), error
            raise
        if parcels:
            self.state.answered_at, self.state.trouble = time.time(), None
        return refused

    def close(self) -> None:
        self._sender.close()

    def _deliver(self, items: Sequence[Item], budget: list[int]) -> list[TurnedAway]:
        budget[0] -= 1
        answer = self._answer(items)
        if answer.verdict == "taken":
            lost = min(answer.rejected, len(items))
            return [self._refused(items, lost, answer)] if lost else []
        if len(items) > 1 and budget[0] > 0:
            middle = len(items) // 2
            return [*self._deliver(items[:middle], budget), *self._deliver(items[middle:], budget)]
        return [self._refused(items, len(items), answer)]

    def _refused(self, items: Sequence[Item], count: int, answer: Answer) -> TurnedAway:
        said = f"{self.place.name} {'rejected' if answer.verdict == 'taken' else 'refused'} {count} of {self.signal}"
        return TurnedAway(self.signal, tuple(item.place for item in items), count, f"{said}: {one_line(answer.said)}")

    def _answer(self, items: Sequence[Item]) -> Answer:
        """The first answer that is not "later" or "wrong". Raises BackendError."""
        request = message(self.signal, items)
        if time.monotonic() > self._until:
            raise self._error(Answer("later", f"it timed out: a batch took longer than {_LONGEST_S:g} s"))
        until = time.monotonic() + (0.0 if self.state.trouble else self._patience_s)
        for usual in (*_WAITS_S, None):
            answer = self._sender.send(self.signal, request)
            if not _is_later(answer):
                break
            wait = usual if answer.wait_s is None or usual is None else answer.wait_s
            if wait is None or time.monotonic() + wait > until:
                break
            self._sleep(wait)
        if _is_later(answer) or answer.verdict == "wrong":
            raise self._error(answer)
        return answer

    def _error(self, answer: Answer) -> BackendError:
        reason, place = _reason(answer), self.place
        to = place.writes.name
        error = BackendError(place.name, to, reason, _said(answer), _hint(reason, place))
        if answer.wait_s:
            error.retry_after_s = max(1, min(600, round(answer.wait_s)))
        return error


def _is_later(answer: Answer) -> bool:
    """A 500 is not to be sent again by OTLP's rules; but it was not taken, so it must not be acknowledged either."""
    failed = answer.status is not None and answer.status >= 500 and answer.status not in (501, 505)
    return answer.verdict == "later" or (failed and not any(words in answer.said for words in _NEVER))


def _said(answer: Answer) -> str:
    said = one_line(answer.said).rstrip(".")
    if "Errno" in said:  # urllib3's words before those of the system
        return f"no connection ({said.rpartition('] ')[2]}"
    if "<" in said[:40]:
        return f"{said.partition(':')[0]}: a web page"
    return said


def _reason(answer: Answer) -> BackendReason:
    if "no org id" in answer.said:
        return "tenant"
    if answer.status is None:
        said = answer.said.lower()
        if "not otlp" in said or "is not otlp's" in said:
            return "address"
        return "slow" if "timed out" in said and "connect" not in said else "down"
    if answer.status in (401, 403, 407):
        return "access"
    if answer.status in (429, 503):
        return "busy"
    if answer.status >= 500:
        return "slow" if answer.status == 504 else "failing"
    return "address"


def _hint(reason: BackendReason, place: Place) -> str:
    otlp, name = f"{place.setting}_OTLP_URL", place.name
    return {
        "down": f"Start {name}, or name where it takes OTLP/HTTP in {otlp}.",
        "slow": f"Look at the load of {name}; nothing was acknowledged, senders come again.",
        "busy": f"Raise the limits of {name}; nothing was acknowledged, senders come again.",
        "failing": f"Look at the log of {name}; nothing was acknowledged, senders come again.",
        "tenant": f"Set {place.setting}_TENANT to the tenant to write for.",
        "access": f"Set {place.setting}_HEADERS to what it wants, such as Authorization.",
    }.get(reason, f"Name where {name} takes OTLP/HTTP in {otlp}, without /v1/{_SIGNALS[name]}.")


_SIGNALS: dict[str, Signal] = {"Tempo": "traces", "Loki": "logs", "Prometheus": "metrics"}
