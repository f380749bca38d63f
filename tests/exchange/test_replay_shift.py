"""Every time of a record moves by the same; what has none gets none."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from llm_tracing.exchange.replay.shift import last_time, shifted

SPAN: dict[str, Any] = {
    "name": "ask",
    "start_time_unix_nano": "1000",
    "end_time_unix_nano": "5000",
    "events": [{"name": "first", "time_unix_nano": "2000"}, {"name": "timeless", "time_unix_nano": "0"}],
}
POINT: dict[str, Any] = {
    "time_unix_nano": "9000",
    "start_time_unix_nano": "0",
    "exemplars": [{"value": 1, "time_unix_nano": "8000"}],
}
LOG: dict[str, Any] = {"time_unix_nano": "0", "observed_time_unix_nano": "7000", "body": "at 7000"}


def test_events_and_exemplars_move_with_what_they_belong_to() -> None:
    assert shifted("span", SPAN, 10) == {
        "name": "ask",
        "start_time_unix_nano": "1010",
        "end_time_unix_nano": "5010",
        "events": [{"name": "first", "time_unix_nano": "2010"}, {"name": "timeless", "time_unix_nano": "0"}],
    }
    assert shifted("point", POINT, -10) == {
        "time_unix_nano": "8990",
        "start_time_unix_nano": "0",
        "exemplars": [{"value": 1, "time_unix_nano": "7990"}],
    }
    assert shifted("log", LOG, 10) == {"time_unix_nano": "0", "observed_time_unix_nano": "7010", "body": "at 7000"}


def test_the_last_time_is_that_of_the_end() -> None:
    assert (last_time("span", SPAN), last_time("log", LOG), last_time("point", POINT)) == (5000, 7000, 9000)


@given(st.integers(0, 2**64 - 1), st.integers(-(2**63), 2**63 - 1))
def test_a_moved_time_is_always_one_that_otlp_can_hold(at: int, by: int) -> None:
    moved = int(shifted("log", {**LOG, "time_unix_nano": str(at)}, by)["time_unix_nano"])
    assert 0 <= moved < 2**64
    assert (moved == 0) == (at == 0)
