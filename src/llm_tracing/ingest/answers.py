"""What a request is answered with beside its own refusals: what the store has no place for, a backend turns away."""

from bisect import bisect_right
from collections import Counter
from typing import NamedTuple

from llm_tracing.model import Batch, Counts
from llm_tracing.receive.sink import Accepted

_MOST_SAID = 1_000  # characters of an answer
_TOO_MANY = "spans_per_trace"


def leave_out(batch: Batch, starts: list[int], answers: list[Accepted], counts: list[Counts]) -> list[Accepted]:
    """The answers with the spans that their trace had no place for, which are counted per sender too."""
    found = []
    for start, end, answer, one in zip(starts, [*starts[1:], len(batch.spans)], answers, counts, strict=True):
        gone = [s for s in batch.spans[start:end] if (s.trace_id, s.span_id, s.start_time_unix_nano) in batch.left_out]
        if gone:
            one.refused.update((span.service, _TOO_MANY) for span in gone)
            answer = Accepted(answer.rejected + len(gone), f"{answer.message} {_too_many(len(gone))}".lstrip())
        found.append(answer)
    return found


class Starts(NamedTuple):
    """Where the rows of a request begin in a batch."""

    traces: int
    logs: int
    metrics: int


def turn_away(batch: Batch, starts: list[Starts], answers: list[Accepted], counts: list[Counts]) -> list[Accepted]:
    """The answers with the rows that a backend behind the store does not take, counted per sender too."""
    found = list(answers)
    for signal, places, lost, said in batch.turned_away:
        begin = [getattr(start, signal) for start in starts]
        for at, count in Counter(bisect_right(begin, place) - 1 for place in places[:lost]).items():
            found[at] = Accepted(found[at].rejected + count, f"{found[at].message} {said}".strip()[:_MOST_SAID])
        for place in places[:lost]:
            counts[bisect_right(begin, place) - 1].refused[_service(batch, signal, place), "backend"] += 1
    return found


def _service(batch: Batch, signal: str, place: int) -> str:
    if signal == "metrics":
        return batch.metrics[batch.metric_points[place].metric_id].service
    return batch.spans[place].service if signal == "traces" else batch.logs[place].service


def refused_late(batch: Batch) -> dict[tuple[str, str], tuple[int, str]]:
    """(service, reason) -> how many spans the store had no place for after their senders were answered, and words."""
    gone = Counter(s.service for s in batch.spans if (s.trace_id, s.span_id, s.start_time_unix_nano) in batch.left_out)
    return {(service, _TOO_MANY): (count, _too_many(count)) for service, count in gone.items()}


def _too_many(count: int) -> str:
    return f"{count} spans refused: their trace has as many as it may (LLM_TRACING_MAX_TRACE_SPANS)."
