"""What was measured as tables: CPU with its spread, what was sent, memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.table import show


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement, per piece of work: CPU in us, what the sink got, bytes written to standard error."""

    cpu_us: float
    sent: Mapping[str, float]
    written_bytes: float
    resident_mb: Sequence[float]
    """After warm-up and flush, after each tenth of the work with what waits to be sent, after the last flush."""

    @classmethod
    def read(cls, told: dict[str, Any], times: int) -> "Measured":
        sent = {name: count / times for name, count in told["taken"].items()}
        return cls(told["cpu_us"], sent, told["written_bytes"] / times, told["resident_mb"])


Rounds = Mapping[str, Sequence[Measured]]


def _spread(values: Sequence[float], digits: int = 0) -> list[str]:
    """Median, and minimum to maximum."""
    return [f"{median(values):,.{digits}f}", f"{min(values):,.{digits}f} to {max(values):,.{digits}f}"]


def added(rounds: Rounds, name: str) -> list[float]:
    """us over `bare`, round by round."""
    return [own.cpu_us - bare.cpu_us for own, bare in zip(rounds[name], rounds["bare"], strict=True)]


def show_load(load: str, rounds: Rounds, times: int) -> None:
    count = len(rounds["bare"])
    show(
        f"CPU of one {load}: {count} rounds of {times} each, median, minimum to maximum",
        ["", "us", "", "over bare, us", "", "lowest - bare's lowest", "/ bare", "over bare / otel's"],
        [_cpu_row(rounds, name) for name in rounds],
    )
    show(
        f"What one {load} sends",
        ["", "requests", "spans, runs", "log records", "bytes", "on the wire", "prompts", "answers"],
        [_sent_row(name, measured[-1]) for name, measured in rounds.items()],
    )


def _cpu_row(rounds: Rounds, name: str) -> list[str]:
    row = [f"`{name}`", *_spread([each.cpu_us for each in rounds[name]])]
    if name == "bare":
        return [*row, "", "", "", "1.00", ""]
    over = added(rounds, name)
    ratio = median(own.cpu_us / bare.cpu_us for own, bare in zip(rounds[name], rounds["bare"], strict=True))
    lowest = min(each.cpu_us for each in rounds[name]) - min(each.cpu_us for each in rounds["bare"])
    row += [*_spread(over), f"{lowest:,.0f}", f"{ratio:.2f}"]
    return [*row, f"{median(over) / median(added(rounds, 'otel')):.2f}" if "otel" in rounds else ""]


def _sent_row(name: str, measured: Measured) -> list[str]:
    sent = measured.sent
    plain = sent.get("plain_bytes", 0) + measured.written_bytes
    wire = sent.get("wire_bytes", 0) + measured.written_bytes
    spans = sent.get("spans", 0) + sent.get("runs", 0)
    return [
        f"`{name}`",
        f"{sent.get('requests', 0):.2f}",
        f"{spans:.2f}",
        f"{sent.get('log_records', 0):.2f}",
        f"{plain:,.0f}",
        f"{wire:,.0f}",
        f"{sent.get('prompts', 0):.1f}",
        f"{sent.get('answers', 0):.1f}",
    ]


def show_memory(measured: Mapping[str, Measured], warm_up: int, times: int) -> None:
    show(
        f"Memory over {times:,} calls, resident MB",
        ["", f"after {warm_up:,}", "half way", "flushed at the end", "growth", "highest"],
        [[f"`{name}`", *_memory_row(one.resident_mb)] for name, one in measured.items()],
    )


def _memory_row(resident: Sequence[float]) -> list[str]:
    first, middle, last = resident[0], resident[len(resident) // 2], resident[-1]
    return [f"{first:.1f}", f"{middle:.1f}", f"{last:.1f}", f"{last - first:+.1f}", f"{max(resident):.1f}"]
