"""Token counts as they are sent to buckets in which each token lies once.

What is sent overlaps: input includes the cached tokens (mostly), output includes reasoning, either includes audio and
images. Here every token is in exactly one bucket, no bucket is negative, and their sums are all input and all output.
"""

from typing import NamedTuple, Protocol

import orjson

from llm_tracing.model import USAGE_DETAILS
from llm_tracing.normalize.values import as_int


class Usage(Protocol):
    """Token counts as a span or a stored call has them; `usage_details` is JSON text of model.USAGE_DETAILS."""

    @property
    def input_tokens(self) -> int | None: ...
    @property
    def output_tokens(self) -> int | None: ...
    @property
    def cache_read_tokens(self) -> int | None: ...
    @property
    def cache_write_tokens(self) -> int | None: ...
    @property
    def reasoning_tokens(self) -> int | None: ...
    @property
    def usage_details(self) -> str | None: ...


class Buckets(NamedTuple):
    """Disjoint token counts, input first. `fresh_input` and `output` are what no other bucket of their side holds.

    `cache_write` is what is kept for a time that the client does not say.
    """

    fresh_input: int = 0
    input_audio: int = 0
    input_image: int = 0
    cache_read: int = 0
    cache_read_audio: int = 0
    cache_write: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0
    output_audio: int = 0
    output_image: int = 0

    @property
    def input_tokens(self) -> int:
        """All input, cache included."""
        return sum(self[:INPUTS])

    @property
    def output_tokens(self) -> int:
        """All output, reasoning included."""
        return sum(self[INPUTS:])

    @property
    def fresh_tokens(self) -> int:
        """Input that no cache had to do with, of any modality."""
        return self.fresh_input + self.input_audio + self.input_image

    @property
    def cache_read_tokens(self) -> int:
        return self.cache_read + self.cache_read_audio

    @property
    def cache_write_tokens(self) -> int:
        return self.cache_write + self.cache_write_5m + self.cache_write_1h

    @property
    def answer_tokens(self) -> int:
        """Output without reasoning, of any modality."""
        return self.output + self.output_audio + self.output_image


BUCKETS: tuple[str, ...] = Buckets._fields
INPUTS = BUCKETS.index("output")


def details_of(usage_details: str | None) -> dict[str, int]:
    """The rarer buckets out of their JSON text; what is no count or no such bucket is left out."""
    if usage_details is None:
        return {}
    try:
        found = orjson.loads(usage_details)
    except orjson.JSONDecodeError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        name: count for name, value in found.items() if name in USAGE_DETAILS and (count := as_int(value)) is not None
    }


def from_local_cache(usage: Usage) -> bool:
    """The answer came from the client's own cache: nothing was called."""
    return usage.usage_details is not None and bool(details_of(usage.usage_details).get("from_local_cache"))


def buckets(usage: Usage) -> Buckets:
    """Source: conventions.md, rules G1 and G2. The same counts give the same buckets once more, if fed back."""
    sent, output = usage.input_tokens or 0, usage.output_tokens or 0
    cache_read, cache_write = usage.cache_read_tokens or 0, usage.cache_write_tokens or 0
    reasoning = min(usage.reasoning_tokens or 0, output)
    if usage.usage_details is None:
        fresh = _fresh(sent, cache_read + cache_write)
        return Buckets(fresh, 0, 0, cache_read, 0, cache_write, 0, 0, output - reasoning, reasoning)
    details = details_of(usage.usage_details)

    def told(name: str) -> int:
        return details.get(name, 0)

    write_5m, write_1h = told("cache_write_5m_tokens"), told("cache_write_1h_tokens")
    cache_write = max(cache_write, write_5m + write_1h)  # LangChain leaves the sum at 0 where it tells the classes
    read_audio = told("cache_read_audio_tokens")
    cache_read = max(cache_read, read_audio)
    fresh = _fresh(sent, cache_read + cache_write)
    audio = min(_fresh(told("input_audio_tokens"), read_audio), fresh)
    image = min(told("input_image_tokens"), fresh - audio)
    answer = output - reasoning
    said = min(told("output_audio_tokens"), answer)
    drawn = min(told("output_image_tokens"), answer - said)
    return Buckets(
        fresh - audio - image,
        audio,
        image,
        cache_read - read_audio,
        read_audio,
        cache_write - write_5m - write_1h,
        write_5m,
        write_1h,
        answer - said - drawn,
        reasoning,
        said,
        drawn,
    )


def _fresh(sent: int, cached: int) -> int:
    """Of a count that includes the cached tokens, the rest; more cache than that says that they are left out of it."""
    return sent if cached > sent else sent - cached
