"""What each sender sent and what became of it, since the start: the doctor's first page.

A sender is a service by its name, or, where a request could not be read at all, the client by its User-Agent. Bounded:
past the limits the rest is counted together.
"""

import time
from collections import Counter, deque
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from threading import Lock

from llm_tracing.model import Counts
from llm_tracing.receive.kept import KeptErrors

MAX_SENDERS = 500
MAX_ATTRIBUTES = 200  # unmapped attributes named per sender
OFFSETS = 20  # requests whose newest span is compared with the clock
OTHERS = "(others)"


@dataclass(frozen=True, slots=True)
class LastError:
    time_unix_nano: int
    reason: str
    message: str


@dataclass(slots=True)
class Sender:
    """Counts: `received` items by signal, `refused` items or requests by reason, `unmapped` spans by attribute.

    `ways` are requests by the way they came, `late` and `again` spans that came long after their end or a second time,
    `offsets_ns` how far the newest span of each of the last requests was ahead of the server's clock.
    """

    received: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    unmapped: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)
    late: int = 0
    again: int = 0
    offsets_ns: deque[int] = field(default_factory=lambda: deque(maxlen=OFFSETS))
    last_seen_unix_nano: int = 0
    last_error: LastError | None = None

    @property
    def clock_offset_ns(self) -> int | None:
        """How far the sender's clock is ahead of ours, as its spans have it: they end before they are sent.

        A negative number says only that it is at most that far behind: spans may have waited. None without spans.
        """
        return max(self.offsets_ns, default=None)

    def copy(self) -> "Sender":
        fields = {"received", "refused", "unmapped", "ways", "offsets_ns"}
        return replace(self, **{name: copy(getattr(self, name)) for name in fields})


class Senders:
    """Counts from several threads."""

    def __init__(self, kept: KeptErrors | None = None) -> None:
        self.kept = kept or KeptErrors(None)
        self.since_unix_nano = time.time_ns()
        self._lock = Lock()
        self._senders: dict[str, Sender] = {}

    def arrived(self, way: str, counts: Counts) -> None:
        """Count what one request brought that is on disk now."""
        now = time.time_ns()
        with self._lock:
            for (name, signal), count in counts.received.items():
                self._of(name).received[signal] += count
            if way:
                for name in {name for name, _ in counts.received}:
                    self._of(name).ways[way] += 1
            for name, newest in counts.newest.items():
                self._of(name).offsets_ns.append(newest - now)
            for name, late in counts.late.items():
                self._of(name).late += late
            for (name, attribute), count in counts.unmapped.items():
                found = self._of(name).unmapped
                known = attribute in found or len(found) < MAX_ATTRIBUTES
                found[attribute if known else OTHERS] += count

    def came_again(self, counts: Mapping[str, int]) -> None:
        """Count spans that were stored before: exports that were tried again."""
        if counts:
            with self._lock:
                for name, count in counts.items():
                    self._of(name).again += count

    def refused(self, name: str, reason: str, message: str, count: int = 1) -> None:
        with self._lock:
            sender = self._of(name)
            sender.refused[reason] += count
            sender.last_error = LastError(time.time_ns(), reason, message[:1_000])

    def all(self) -> dict[str, Sender]:
        """A copy, the busiest sender first."""
        with self._lock:
            copies = {name: one.copy() for name, one in self._senders.items()}
        return dict(sorted(copies.items(), key=lambda item: -item[1].received.total()))

    def _of(self, name: str) -> Sender:
        if name not in self._senders and len(self._senders) >= MAX_SENDERS:
            name = OTHERS
        sender = self._senders.setdefault(name, Sender())
        sender.last_seen_unix_nano = time.time_ns()
        return sender
