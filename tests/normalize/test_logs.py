"""Log records as rows: which of them tell of a GenAI span, what they tell, and that nothing of them is lost."""

from typing import Any

import pytest

from llm_tracing.model import Batch
from llm_tracing.normalize.anyvalue import from_json
from llm_tracing.normalize.payloads import payload_ids, restore
from tests.builders import NOON, TRACE, batch_of, log, log_request

USER, CHOICE = "gen_ai.user.message", "gen_ai.choice"
DETAILS = "gen_ai.client.inference.operation.details"
MESSAGES = [{"role": "user", "parts": [{"type": "text", "content": "Hello"}]}]


def _batch(body: Any = None, *, trace: str | None = TRACE, span_id: int | None = 1, **more: Any) -> Batch:
    return batch_of(log_request(log(body, trace=trace, span_id=span_id, **more)))


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ({"event_name": USER}, USER),
        ({"attributes": {"event.name": USER}}, USER),
        ({"attributes": {"event_name": "gen_ai.content.prompt"}}, "gen_ai.content.prompt"),
        ({"event_name": CHOICE, "attributes": {"event.name": USER}}, CHOICE),
        ({"event_name": DETAILS}, DETAILS),
        ({"attributes": {"gen_ai.input.messages": MESSAGES}}, DETAILS),
        ({"event_name": "mine", "attributes": {"gen_ai.output.messages": "[]"}}, DETAILS),
        ({"event_name": "mine", "attributes": {"gen_ai.system": "openai"}}, None),
        ({"attributes": {"event.name": 7}}, None),
        ({"event_name": USER, "trace": None}, None),
        ({"event_name": USER, "span_id": None}, None),
        ({}, None),
    ],
)
def test_a_record_that_names_its_span_and_a_genai_event_tells_of_it(sent: dict[str, Any], name: str | None) -> None:
    [row] = _batch("text", **sent).logs
    assert (row.genai_event, row.event_name) == (name, sent.get("event_name", ""))


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        (USER, {"content": "Hello"}, ("Hello", None)),
        (CHOICE, {"index": 0, "message": {"content": "Hi"}}, (None, "Hi")),
        ("gen_ai.system.message", {"content": "Be brief."}, None),
        ("gen_ai.tool.message", {"id": "c", "content": "14:05"}, None),
        (USER, {"content": [{"toolResult": {"toolUseId": "c", "content": [{"text": "14:05"}]}}]}, None),
        (DETAILS, {"gen_ai.input.messages": MESSAGES, "gen_ai.output.messages": [{"content": "Hi"}]}, ("Hello", "Hi")),
        (USER, None, None),
    ],
)
def test_the_question_and_the_answer_are_told_and_nothing_else(name: str, body: Any, told: Any) -> None:
    found = [row[2:] for row in _batch(body, event_name=name).previews]
    assert found == ([] if told is None else [(NOON, *told)])


BODY = {
    "role": "assistant",
    "content": [{"type": "text", "text": "short"}, "long " * 100, "", 7, None],
    "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"city": "Paris"}'}}],
}


def test_what_was_said_is_in_payloads_and_the_record_can_be_put_together_again() -> None:
    attributes = {"gen_ai.system": "openai", "gen_ai.input.messages": MESSAGES, "content": "by attribute"}
    batch = _batch(BODY, event_name="gen_ai.assistant.message", attributes=attributes)
    [row] = batch.logs
    contents = {key: payload.content for key, payload in batch.payloads.items()}
    assert restore(from_json(row.body), contents) == BODY
    assert restore(from_json(row.attributes), contents) == attributes
    assert set(contents.values()) == {"short", "long " * 100, '{"city": "Paris"}', "Hello", "by attribute"}
    refs = {ref.payload_id for ref in batch.log_payload_refs}
    assert refs == set(contents) == set(payload_ids([from_json(row.body), from_json(row.attributes)]))
    assert {ref[:3] for ref in batch.log_payload_refs} == {(bytes.fromhex(TRACE), 1, NOON)}


def test_other_records_are_stored_as_sent() -> None:
    batch = _batch(BODY, event_name="mine", attributes={"content": "x" * 1_000})
    assert (batch.payloads, batch.log_payload_refs, batch.previews) == ({}, [], [])
    assert from_json(batch.logs[0].body) == BODY
