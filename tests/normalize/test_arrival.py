"""What is noted of the times of a request."""

import time

import pytest

from llm_tracing.normalize.arrival import SAMPLE
from tests.builders import SECOND, batch_of, span, trace_request


def _ages(*seconds: int) -> list[int]:
    """The ends of spans by how long ago they were, sent in this order."""
    now = time.time_ns()
    return [now - age * SECOND for age in seconds]


def test_the_newest_end_of_all_groups_is_noted_and_late_ones_are_counted() -> None:
    ends = _ages(300, 5, 90)
    batch = batch_of(*(trace_request(span("s", n, start=end, duration=0)) for n, end in enumerate(ends, 1)))
    assert batch.counts.newest == {"shop": ends[1]}
    assert batch.counts.late == {"shop": 2}


def test_a_span_that_still_runs_is_not_late() -> None:
    running = span("s", 1, start=_ages(300)[0])
    running.end_time_unix_nano = 0
    batch = batch_of(trace_request(running))
    assert batch.counts.newest == {"shop": running.start_time_unix_nano}
    assert batch.counts.late == {}


@pytest.mark.parametrize("count", [SAMPLE, 10 * SAMPLE + 7])
def test_a_large_request_is_counted_whole_once_its_sample_has_a_late_one(count: int) -> None:
    ends = _ages(*range(count + 70, 70, -1))
    batch = batch_of(trace_request(*(span("s", n, start=end, duration=0) for n, end in enumerate(ends, 1))))
    assert batch.counts.late == {"shop": count}
    assert batch.counts.newest == {"shop": ends[-1]}
