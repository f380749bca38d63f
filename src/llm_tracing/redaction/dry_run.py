"""What rules would take out of texts that are stored already; nothing is changed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from llm_tracing.redaction.rules import Rules, RuleSet, rules_for

_AROUND = 30  # characters shown on both sides of what would go
_MAX_SAMPLES = 20
_MAX_SAMPLE = 120  # of what would go


@dataclass(frozen=True, slots=True)
class Sample:
    """One place: what stands there, and what would."""

    rule: str
    trace_id: str
    before: str
    after: str


@dataclass(slots=True)
class Found:
    """What was found in `text_count` texts."""

    text_count: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)


def look(texts: Iterable[tuple[str, str, str]], sets: Sequence[RuleSet]) -> Found:
    """Look at (trace id, service, text); of each rule a few places are shown."""
    found = Found()
    shown: Counter[str] = Counter()
    by_service: dict[str, Rules] = {}
    for trace_id, service, text in texts:
        found.text_count += 1
        if service not in by_service:
            by_service[service] = rules_for(sets, service)
        for match in by_service[service].matches(text):
            found.counts[match.rule] += 1
            if shown[match.rule] < _MAX_SAMPLES // 4 and len(found.samples) < _MAX_SAMPLES:
                shown[match.rule] += 1
                left = text[max(0, match.start - _AROUND) : match.start]
                right = text[match.end : match.end + _AROUND]
                gone = text[match.start : match.end][:_MAX_SAMPLE]
                found.samples.append(
                    Sample(match.rule, trace_id, f"{left}{gone}{right}", f"{left}[{match.rule}]{right}")
                )
    return found
