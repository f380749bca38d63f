"""Each token in exactly one bucket, whatever overlaps in what is sent."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tracing.model import USAGE_DETAILS, SpanFacts
from llm_tracing.normalize.buckets import Buckets, buckets, details_of, from_local_cache
from tests.builders import chat, records, span

BASE = records(span(attributes=chat()))[0].facts()
COUNTS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")


def _usage(details: dict[str, Any] | None = None, **counts: int | None) -> SpanFacts:
    return BASE._replace(**counts, usage_details=None if details is None else orjson.dumps(details).decode())  # type: ignore[arg-type]


counts = st.none() | st.integers(0, 5_000)
usages = st.builds(
    lambda sent, details: _usage(details or None, **dict(zip(COUNTS, sent, strict=True))),
    st.tuples(counts, counts, counts, counts, counts),
    st.dictionaries(st.sampled_from(sorted(USAGE_DETAILS)), st.integers(0, 5_000), max_size=8),
)


@given(usages)
def test_no_bucket_is_negative_and_their_sums_are_all_input_and_output(usage: SpanFacts) -> None:
    found = buckets(usage)
    assert min(found) >= 0
    assert found.output_tokens == (usage.output_tokens or 0)
    assert found.input_tokens == found.fresh_tokens + found.cache_read_tokens + found.cache_write_tokens
    cached = found.cache_read_tokens + found.cache_write_tokens
    sent = usage.input_tokens or 0
    assert found.input_tokens == (sent + cached if cached > sent else sent)


@given(usages)
def test_what_is_stored_of_a_call_gives_its_buckets_again(usage: SpanFacts) -> None:
    found = buckets(usage)
    stored = usage._replace(
        input_tokens=found.input_tokens,
        output_tokens=found.output_tokens,
        cache_read_tokens=found.cache_read_tokens,
        cache_write_tokens=found.cache_write_tokens,
        reasoning_tokens=found.reasoning,
    )
    assert buckets(stored) == found


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (_usage(), Buckets()),
        (_usage(input_tokens=10, output_tokens=5), Buckets(fresh_input=10, output=5)),
        (
            _usage(input_tokens=1861, output_tokens=22, cache_read_tokens=1840),
            Buckets(fresh_input=21, cache_read=1840, output=22),
        ),
        # More cache than input: the source leaves it out of the input (G1).
        (
            _usage(input_tokens=21, output_tokens=22, cache_read_tokens=1000, cache_write_tokens=840),
            Buckets(fresh_input=21, cache_read=1000, cache_write=840, output=22),
        ),
        # Reasoning lies inside output, never on top (G2).
        (_usage(output_tokens=186, reasoning_tokens=128), Buckets(output=58, reasoning=128)),
        (_usage(output_tokens=10, reasoning_tokens=128), Buckets(reasoning=10)),
        # The classes of cache writes are parts of them, also where the whole is left at 0.
        (
            _usage(
                {"cache_write_5m_tokens": 100, "cache_write_1h_tokens": 50}, input_tokens=500, cache_write_tokens=160
            ),
            Buckets(fresh_input=340, cache_write=10, cache_write_5m=100, cache_write_1h=50),
        ),
        (
            _usage({"cache_write_5m_tokens": 100}, input_tokens=500, cache_write_tokens=0),
            Buckets(fresh_input=400, cache_write_5m=100),
        ),
        # Audio is part of the input; cached audio is part of the cache read and of the audio.
        (
            _usage({"input_audio_tokens": 60, "cache_read_audio_tokens": 40}, input_tokens=100, cache_read_tokens=50),
            Buckets(fresh_input=30, input_audio=20, cache_read=10, cache_read_audio=40),
        ),
        (
            _usage({"input_image_tokens": 70, "input_audio_tokens": 60}, input_tokens=100),
            Buckets(input_audio=60, input_image=40),
        ),
        (
            _usage({"output_audio_tokens": 30, "output_image_tokens": 5}, output_tokens=100, reasoning_tokens=50),
            Buckets(output=15, reasoning=50, output_audio=30, output_image=5),
        ),
    ],
)
def test_tokens_lie_in_the_bucket_that_says_most_about_them(usage: SpanFacts, expected: Buckets) -> None:
    assert buckets(usage) == expected


@pytest.mark.parametrize("text", ["", "{", "[]", "5", '"x"', "null", '{"input_audio_tokens": "many", "other": 5}'])
def test_details_that_are_none_say_nothing(text: str) -> None:
    assert details_of(text) == {}
    assert buckets(BASE._replace(input_tokens=7, usage_details=text)) == Buckets(fresh_input=7)


def test_an_answer_from_the_clients_own_cache_is_known_as_such() -> None:
    assert from_local_cache(_usage({"from_local_cache": 1}))
    assert not from_local_cache(_usage({"from_local_cache": 0}))
    assert not from_local_cache(_usage({"input_audio_tokens": 1}))
    assert not from_local_cache(_usage())
