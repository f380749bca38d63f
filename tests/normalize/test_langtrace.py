"""What Langtrace adds to OpenTelemetry's names, read into the canonical model."""

from typing import Any

import pytest

from llm_tracing.normalize.conventions import read_content, read_facts
from tests.builders import records, span

LANGTRACE = {"langtrace.sdk.name": "langtrace-python-sdk", "langtrace.service.type": "llm"}


@pytest.mark.parametrize(
    ("sent", "kind", "operation"),
    [
        ({"gen_ai.operation.name": "chat"}, "llm", "chat"),
        ({"gen_ai.operation.name": "openai.responses.create"}, "llm", "chat"),
        ({"gen_ai.operation.name": "embed", "gen_ai.request.model": "e-1"}, "embedding", "embeddings"),
        ({"langtrace.service.type": "framework"}, "chain", None),
    ],
)
def test_the_operation_is_a_word_of_its_own(sent: dict[str, Any], kind: str, operation: str | None) -> None:
    [record] = records(span(attributes={**LANGTRACE, **sent}))
    assert (record.kind, record.operation) == (kind, operation)


def test_instructions_response_id_and_embedded_texts_have_names_of_their_own() -> None:
    sent = {**LANGTRACE, "gen_ai.operation.name": "openai.responses.create", "instructions": "Be kind."}
    assert read_content(sent).system_instructions == [{"type": "text", "content": "Be kind."}]
    facts = read_facts({**sent, "gen_ai.response_id": "resp_1"})
    assert facts is not None
    assert facts.response_id == "resp_1"
    sent = {**LANGTRACE, "gen_ai.operation.name": "embed", "gen_ai.request.embedding_inputs": '[["a", "b"]]'}
    assert read_content(sent).input == ["a", "b"]
