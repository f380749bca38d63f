"""The whole replay: look, settle the shift, send what was not taken yet, remember what is."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from llm_tracing.errors import ConfigError
from llm_tracing.exchange.fields import Fields
from llm_tracing.exchange.otlp_json import Record
from llm_tracing.exchange.replay.acknowledged import Acknowledged, key_of
from llm_tracing.exchange.replay.delivery import SIGNALS, Delivery, Item
from llm_tracing.exchange.replay.langsmith_names import with_genai_names
from llm_tracing.exchange.replay.looking import Seen, is_running, look, oldest_first
from llm_tracing.exchange.replay.shift import shifted
from llm_tracing.exchange.replay.sources import Rows, Source
from llm_tracing.receive.decode import Signal

BATCH = 1_000  # records of a request
BATCH_BYTES = 2 * 1024 * 1024  # of their JSON; receivers over gRPC take messages of 4 MiB unless told otherwise
_AROUND_NS = 3_600 * 1_000_000_000  # how far outside of its traces their log records are looked for
RECORDS: dict[Signal, Record] = {signal: record for record, signal in SIGNALS.items()}


@dataclass(frozen=True, slots=True)
class Choice:
    """What is sent. Times are nanoseconds since the epoch, `since` in the range and `until` not."""

    signals: Sequence[Signal] = ("traces", "logs", "metrics")
    q: str = ""
    since: int | None = None
    until: int | None = None
    shift_to_now: bool = False
    batch: int = BATCH


@dataclass(slots=True)
class Counts:
    """Of one signal. `refused` holds the records that the target did not keep, by what it said of them."""

    found: int = 0
    already: int = 0
    running: int = 0
    sent: int = 0
    refused: dict[str, int] = field(default_factory=dict)

    @property
    def refused_count(self) -> int:
        return sum(self.refused.values())


class Watcher(Protocol):
    """Who shows how it goes."""

    def looked(self, signal: Signal, count: int) -> None: ...

    def starts(self, signal: Signal, waiting: int) -> None: ...

    def went_on(self, signal: Signal, counts: Counts) -> None: ...

    def refused(self, signal: Signal, count: int, of: int, said: str) -> None: ...


class Replay:
    def __init__(self, source: Source, known: Acknowledged, choice: Choice, watcher: Watcher) -> None:
        self._source = source
        self._known = known
        self._choice = choice
        self._watcher = watcher
        self._shift_ns = 0
        self._until = choice.until
        self._seen: dict[Signal, Seen] = {}
        self.counts: dict[Signal, Counts] = {signal: Counts() for signal in choice.signals}

    @property
    def shift_ns(self) -> int:
        return self._shift_ns

    def look(self) -> None:
        """Count what is there. Raises ConfigError, LlmTracingError."""
        settled = self._known.shift() if self._choice.shift_to_now else None
        if settled is not None:
            self._until = min(settled[1], self._choice.until or settled[1])
        for signal in self._looked_at():
            seen = look(RECORDS[signal], self._rows(signal), self._known, self._noting(signal))
            self._seen[signal] = seen
            if signal in self.counts:
                self.counts[signal] = Counts(seen.found, seen.found - seen.waiting, seen.running)
        last = max((self._seen[signal].last for signal in self.counts), default=0)
        if settled is not None:
            self._shift_ns = settled[0]
        elif self._choice.shift_to_now and last:
            self._shift_ns, self._until = time.time_ns() - last, last + 1

    def send(self, delivery: Delivery) -> None:
        """Raises TargetWrong, GaveUp, LlmTracingError; what was taken until then is kept."""
        if self._choice.shift_to_now and self._shift_ns:
            self._known.settle_shift(self._shift_ns, self._until or 0)
        for signal, counts in self.counts.items():
            self._watcher.starts(signal, counts.found - counts.already)
            if counts.found > counts.already:
                self._send(signal, counts, delivery)

    def _send(self, signal: Signal, counts: Counts, delivery: Delivery) -> None:
        record = RECORDS[signal]
        for batch in self._batches(record, self._in_order(signal)):
            for outcome in delivery.deliver(record, batch):
                if outcome.taken:
                    self._known.add((item.key, item.place) for item in outcome.taken)
                lost = outcome.rejected or len(outcome.refused)
                counts.sent += len(outcome.taken) - outcome.rejected
                if lost or outcome.said:
                    counts.refused[outcome.said] = counts.refused.get(outcome.said, 0) + lost
                    self._watcher.refused(signal, lost, len(outcome.taken) + len(outcome.refused), outcome.said)
            self._watcher.went_on(signal, counts)

    def _batches(self, record: Record, rows: Iterator[Fields]) -> Iterator[list[Item]]:
        batch: list[Item] = []
        size = 0
        self._known.start_walk()
        for row in rows:
            if is_running(record, row):
                continue
            key, row_bytes = key_of(record, row)
            if not (place := self._known.meet(key)):
                continue
            if batch and (len(batch) >= self._choice.batch or size + row_bytes > BATCH_BYTES):
                yield batch
                batch, size = [], 0
            batch.append(Item(self._made(record, row), key, place))
            size += row_bytes
        if batch:
            yield batch

    def _made(self, record: Record, row: Fields) -> Fields:
        row = shifted(record, row, self._shift_ns)
        return with_genai_names(row) if record == "span" else row

    def _looked_at(self) -> list[Signal]:
        """A filter is one of traces: those are looked at, too, to know whose log records are asked for."""
        signals: list[Signal] = [signal for signal in RECORDS if signal in self.counts]
        return ["traces", *signals] if self._choice.q and "traces" not in signals else signals

    def _noting(self, signal: Signal) -> Callable[[Fields], None]:
        seen = 0
        choosing = bool(self._choice.q) and signal == "traces" and "logs" in self.counts

        def each(row: Fields) -> None:
            nonlocal seen
            seen += 1
            if choosing:
                self._known.choose(row["trace_id"])
            if seen % BATCH == 0:
                self._watcher.looked(signal, seen)

        return each

    def _rows(self, signal: Signal) -> Rows:
        return self._read(signal)(*self._range(signal))

    def _in_order(self, signal: Signal) -> Iterator[Fields]:
        if signal == "traces":
            return self._rows(signal)
        return oldest_first(self._read(signal), *self._range(signal), self._seen[signal])

    def _range(self, signal: Signal) -> tuple[int | None, int | None]:
        if signal == "logs" and self._choice.q:
            traces = self._seen["traces"]
            return max(traces.first - _AROUND_NS, 0), traces.last + _AROUND_NS
        return self._choice.since, self._until

    def _read(self, signal: Signal) -> Callable[[int | None, int | None], Rows]:
        if signal == "traces":
            return lambda since, until: self._source.spans(self._choice.q, since, until)
        if signal == "metrics":
            return self._source.points
        if not self._choice.q:
            return self._source.logs
        return lambda since, until: (
            row for row in self._source.logs(since, until) if self._known.is_chosen(row["trace_id"])
        )


def signals_of(named: Sequence[str], q: str) -> tuple[list[Signal], bool]:
    """The signals that are sent, and whether metrics were left out because no filter can choose among them.

    Raises ConfigError.
    """
    known = list(RECORDS)
    for name in named:
        if name not in known:
            raise ConfigError(f"{name} is no signal.", f"There are {', '.join(known)}.")
    if q and "metrics" in named:
        raise ConfigError("--q chooses traces, and a data point belongs to none.", "Send metrics without --q.")
    left_out = bool(q) and not named
    return [
        signal for signal in known if signal in (named or known) and not (left_out and signal == "metrics")
    ], left_out
