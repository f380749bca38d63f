"""The columns that tell what an approach costs: on the wire, in lines and spans, in CPU, in packages."""

from collections.abc import Callable, Sequence
from statistics import median

from llm_tracing.comparison.captured import Captured, Measured
from llm_tracing.comparison.find import note
from llm_tracing.comparison.footprint import Package, brought_by, packages_of, required_by
from llm_tracing.comparison.seen import Found

Weigh = Callable[[Captured, Captured], Found]
"""Of an approach and of `none`, which it is held against."""

_METRICS = "/v1/metrics"


def telemetry_bytes(captured: Captured, _base: Captured) -> Found:
    measured = captured.measured
    sent = {name: counts for name, counts in measured.traffic.items() if counts[1] and not name.endswith(_METRICS)}
    asked = measured.questions
    total = (sum(size for _, size in sent.values()) + measured.line_bytes) / asked
    told = [
        note("traffic", name, f"{size:,} bytes in {count} requests, for {asked} questions")
        for name, (count, size) in sent.items()
    ]
    if measured.line_bytes:
        told.append(note("line", "stdout and stderr", f"{measured.line_bytes:,} bytes in {measured.lines} lines"))
    told += [
        note("traffic", name, f"{size:,} bytes in {count} requests, by the clock and so not counted")
        for name, (count, size) in measured.traffic.items()
        if name.endswith(_METRICS) and count
    ]
    why = "Bytes of lines and of request bodies as sent, a question; metrics go out by the clock and are not in it."
    return Found("number", size_words(total), why, told, round(total), "bytes")


def items(captured: Captured, _base: Captured) -> Found:
    seen = captured.asked
    counts = {"span": len(seen.spans), "record": len(seen.logs), "line": len(seen.lines)}
    words = [f"{count:,} {name}{'' if count == 1 else 's'}" for name, count in counts.items() if count]
    told = [note("note", f"{name}s", f"{count:,} of the one question") for name, count in counts.items() if count]
    total = sum(counts.values())
    return Found("number", ", ".join(words) or "0", "Of the one question.", told, total, "items")


def cpu(captured: Captured, base: Captured) -> Found:
    own, without = _milliseconds(captured.measured), _milliseconds(base.measured)
    if not own or not without:
        why = "The CPU clock of another process can be read on Linux only."
        return Found("unknown", "not measured", why)
    added = median(own) - median(without)
    told = [
        note(
            "process",
            f"under {one.approach.name}",
            f"{_rounds(values)} ms; median {median(values):.1f}",
            "ms a question",
        )
        for one, values in {base.approach.name: (base, without), captured.approach.name: (captured, own)}.values()
    ]
    why = (
        f"CPU of the service's process a question, median of {len(own)} interleaved rounds of "
        f"{captured.measured.questions_a_round}, less that of none ({median(without):.1f} ms)."
    )
    word = "0 ms" if captured is base else f"{'+' if added >= 0 else '−'}{abs(added):.1f} ms"
    return Found("number", word, why, told, 0.0 if captured is base else round(added, 2), "ms")


def packages(captured: Captured, base: Captured) -> Found:
    loaded, without = packages_of(captured.loaded), packages_of(base.loaded)
    brought = brought_by(captured.approach.extra)
    there = required_by(without)
    added = {name: one for name, one in {**brought, **loaded}.items() if name not in there}
    told = [
        note("package", f"{one.name} {one.version}", f"{size_words(one.size)}, {_how(one, loaded, brought)}")
        for one in sorted(added.values(), key=lambda one: -one.size)
    ]
    size = sum(one.size for one in added.values())
    word = f"{len(added)}, {size_words(size)}" if added else "0"
    why = (
        "Packages that the process loads, or that the approach's extra brings, beyond those that it loads under none "
        "and what they require."
    )
    return Found("number", word, why, told[:40], round(size / 1e6, 2), "MB")


def _how(one: Package, loaded: dict[str, Package], brought: dict[str, Package]) -> str:
    how = [*(["loaded"] if one.name in loaded else []), *(["brought by the extra"] if one.name in brought else [])]
    return " and ".join(how)


def _milliseconds(measured: Measured) -> list[float]:
    return [seconds * 1000 / measured.questions_a_round for seconds in measured.cpu_s]


def _rounds(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.1f}" for value in values)


def size_words(size: float) -> str:
    """Bytes as people read them, in powers of 1,000."""
    for unit, factor in (("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size:.0f} B" if size else "0"
