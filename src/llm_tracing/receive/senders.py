"""What each sender sent and what became of it, since the start: the doctor's first page.

A sender is a service by its name, or, where a request could not be read at all, the client by its User-Agent. Bounded:
past the limits the rest is counted together.
"""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

MAX_SENDERS = 500
MAX_ATTRIBUTES = 200  # unmapped attributes named per sender
OTHERS = "(others)"


@dataclass(frozen=True, slots=True)
class LastError:
    time_unix_nano: int
    reason: str
    message: str


@dataclass(slots=True)
class Sender:
    """Counts: `received` items by signal, `refused` items or requests by reason, `unmapped` spans by attribute."""

    received: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    unmapped: Counter[str] = field(default_factory=Counter)
    last_seen_unix_nano: int = 0
    last_error: LastError | None = None


class Senders:
    """Counts from several threads."""

    def __init__(self) -> None:
        self.since_unix_nano = time.time_ns()
        self._lock = Lock()
        self._senders: dict[str, Sender] = {}

    def received(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Count items that are on disk: (sender, signal) -> how many."""
        with self._lock:
            for (name, signal), count in counts.items():
                self._of(name).received[signal] += count

    def unmapped(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Count attributes that no reader knows: (sender, attribute) -> on how many spans."""
        with self._lock:
            for (name, attribute), count in counts.items():
                found = self._of(name).unmapped
                known = attribute in found or len(found) < MAX_ATTRIBUTES
                found[attribute if known else OTHERS] += count

    def refused(self, name: str, reason: str, message: str, count: int = 1) -> None:
        with self._lock:
            sender = self._of(name)
            sender.refused[reason] += count
            sender.last_error = LastError(time.time_ns(), reason, message[:1_000])

    def all(self) -> dict[str, Sender]:
        """A copy, the busiest sender first."""
        with self._lock:
            copies = {
                name: Sender(
                    Counter(one.received),
                    Counter(one.refused),
                    Counter(one.unmapped),
                    one.last_seen_unix_nano,
                    one.last_error,
                )
                for name, one in self._senders.items()
            }
        return dict(sorted(copies.items(), key=lambda item: -item[1].received.total()))

    def _of(self, name: str) -> Sender:
        if name not in self._senders and len(self._senders) >= MAX_SENDERS:
            name = OTHERS
        sender = self._senders.setdefault(name, Sender())
        sender.last_seen_unix_nano = time.time_ns()
        return sender
