"""Attributes that no reader knows are counted; those of the conventions are not."""

import pytest

from llm_tracing.normalize.unmapped import unmapped
from tests.builders import batch_of, chat, span, trace_request


def test_an_attribute_that_nobody_reads_is_named() -> None:
    assert unmapped({"gen_ai.request.model": "m", "gen_ai.mood": "good", "http.route": "/", "llm.flavour": 1}) == (
        "gen_ai.mood",
        "llm.flavour",
    )


@pytest.mark.parametrize(
    "name",
    [
        "gen_ai.usage.input_tokens", "gen_ai.system", "gen_ai.request.temperature", "gen_ai.tool.definitions",
        "llm.token_count.prompt", "llm.input_messages.0.message.role", "gen_ai.prompt.7.content",
        "llm.usage.total_tokens", "ai.usage.inputTokenDetails.noCacheTokens", "ai.prompt.toolChoice",
        "traceloop.entity.input", "traceloop.association.properties.anything", "gen_ai.agent.name",
    ],
)  # fmt: skip
def test_what_a_convention_names_is_known(name: str) -> None:
    assert unmapped({name: "x"}) == ()


def test_they_are_counted_by_service_and_span() -> None:
    odd = {**chat(), "gen_ai.mood": "good"}
    batch = batch_of(trace_request(span("a", 1, attributes=odd), span("b", 2, attributes=odd), span("c", 3)))
    assert batch.unmapped == {("shop", "gen_ai.mood"): 2}
    assert batch.received == {("shop", "traces"): 3}
