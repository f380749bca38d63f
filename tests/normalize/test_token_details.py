"""The rarer token buckets of each convention, with the attribute that each came from."""

import orjson
import pytest

from llm_tracing.model import USAGE_DETAILS
from llm_tracing.normalize.conventions import otel_genai, read_facts
from tests.builders import chat, records, span

OPENINFERENCE = {"openinference.span.kind": "LLM", "llm.model_name": "gpt-4o"}
PROMPT, COMPLETION = "llm.token_count.prompt_details.", "llm.token_count.completion_details."


@pytest.mark.parametrize(
    ("marker", "attribute", "bucket"),
    [
        *((chat(), name, bucket) for bucket in sorted(USAGE_DETAILS) for name in otel_genai.TOKENS.get(bucket, ())),
        (OPENINFERENCE, PROMPT + "audio", "input_audio_tokens"),
        (OPENINFERENCE, COMPLETION + "audio", "output_audio_tokens"),
        (OPENINFERENCE, PROMPT + "image", "input_image_tokens"),
        (OPENINFERENCE, COMPLETION + "image", "output_image_tokens"),
        (OPENINFERENCE, PROMPT + "cache_write_5m", "cache_write_5m_tokens"),
        (OPENINFERENCE, PROMPT + "cache_write_1h", "cache_write_1h_tokens"),
        (OPENINFERENCE, PROMPT + "cache_read_audio", "cache_read_audio_tokens"),
        ({"llm.request.type": "chat"}, "llm.usage.cache_creation.ephemeral_1h_input_tokens", "cache_write_1h_tokens"),
        ({"llm.request.type": "chat"}, "llm.usage.prompt_audio_tokens", "input_audio_tokens"),
    ],
)  # fmt: skip
def test_each_spelling_is_read_into_its_bucket(marker: dict[str, object], attribute: str, bucket: str) -> None:
    facts = read_facts({**marker, attribute: 7})
    assert facts is not None
    assert dict(facts.details or {}) == {bucket: 7}
    assert (bucket, attribute) in facts.usage_sources


def test_details_are_stored_with_the_span() -> None:
    attributes = chat(tokens=(100, 0)) | {"gen_ai.usage.audio.input_tokens": 30}
    [record] = records(span(attributes=attributes))
    assert orjson.loads(record.usage_details or "null") == {"input_audio_tokens": 30}
    assert records(span(attributes=chat(tokens=(100, 0))))[0].usage_details is None
