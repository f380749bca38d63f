"""LangSmith's runs: their ids, times and fields, and what their inputs and outputs mean."""

import json
from typing import Any
from uuid import UUID

import pytest

from llm_tracing.model import SOURCE_LANGSMITH, STATUS_ERROR, STATUS_OK, STATUS_UNSET, Batch, SpanRecord
from llm_tracing.normalize.conventions import read_content, read_facts
from llm_tracing.normalize.langsmith import add_runs
from llm_tracing.normalize.langsmith_feedback import annotation_row
from llm_tracing.normalize.langsmith_ids import possible_span_ids, segments, span_id_of
from llm_tracing.normalize.payloads import restore
from llm_tracing.normalize.shared import SharedRows
from llm_tracing.normalize.times import segment_unix_nano, unix_nano
from llm_tracing.receive.runs import batch_of_runs
from tests.langsmith_requests import order, run, run_id

Json = Any
SECOND = 1_000_000_000
NOON = 1_795_435_200 * SECOND  # 2026-11-23T12:00:00Z
OLD = "8934bc82-33b8-4da1-af5d-15f71565f307"  # version 4


def _stored(*runs: dict[str, Json]) -> tuple[list[SpanRecord], Batch]:
    batch = Batch.empty()
    add_runs(batch_of_runs(json.dumps({"post": runs}).encode()), SharedRows(), batch)
    return batch.spans, batch


def _span(**fields: Json) -> tuple[SpanRecord, dict[str, Json]]:
    [record], batch = _stored(run(1, 2, **fields))
    contents = {key: row.content for key, row in batch.payloads.items()}
    attributes: dict[str, Json] = restore(json.loads(record.attributes), contents)
    return record, attributes


def _attributes(kind: str | None, inputs: Json = None, outputs: Json = None, **metadata: Json) -> dict[str, Json]:
    found = {"langsmith.span.kind": kind, "langsmith.run_id": run_id(1), "langsmith.trace.name": "step"}
    found |= {"gen_ai.prompt": json.dumps(inputs)} if inputs is not None else {}
    found |= {"gen_ai.completion": json.dumps(outputs)} if outputs is not None else {}
    return found | {f"langsmith.metadata.{key}": value for key, value in metadata.items()}


# ids


def test_a_span_goes_by_the_half_of_its_runs_uuid_that_is_its_own() -> None:
    root, child, old = UUID(run_id(1)), UUID(run_id(2)), UUID(OLD)
    assert span_id_of(root, root) == int(run_id(1).replace("-", "")[:16], 16)
    assert span_id_of(child, root) == int(run_id(2).replace("-", "")[16:], 16)
    assert span_id_of(old, root) == int(OLD.replace("-", "")[:16], 16)
    assert possible_span_ids(child) == (span_id_of(child, child), span_id_of(child, root))
    assert possible_span_ids(old) == (span_id_of(old, old),)


def test_no_run_has_the_span_id_zero() -> None:
    assert span_id_of(UUID(int=5), UUID(int=5)) == 5
    assert span_id_of(UUID(int=7 << 64), UUID(int=1)) == 7


def test_trace_and_parent_are_said_or_stand_in_the_dotted_order() -> None:
    said, _ = _span()
    ordered, _ = _span(trace_id=None, parent_run_id=None)
    alone, _ = _span(trace_id=None, parent_run_id=None, dotted_order=None)
    assert said.trace_id == ordered.trace_id == UUID(run_id(1)).bytes
    assert said.parent_span_id == ordered.parent_span_id == span_id_of(UUID(run_id(1)), UUID(run_id(1)))
    assert (alone.trace_id, alone.parent_span_id) == (UUID(run_id(2)).bytes, None)


@pytest.mark.parametrize("sent", [None, 7, "", "x", "20261123T160000000001Z", order(1) + "."])
def test_a_dotted_order_that_cannot_be_read_has_no_segments(sent: Json) -> None:
    assert segments(sent) == ()


# times


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("2026-11-23T12:00:00.000001+00:00", NOON + 1_000),
        ("2026-11-23T12:00:00.000001", NOON + 1_000),
        ("2026-11-23T12:00:00.123456789Z", NOON + 123_456_789),
        ("2026-11-23 12:00:00Z", NOON),
        ("2026-11-23T13:00:00.5+01:00", NOON + SECOND // 2),
        ("2026-11-23T11:00-0100", NOON),
        (NOON // 1_000_000, NOON),
        (str(NOON // 1_000_000), NOON),
        (NOON / SECOND, NOON),
        (NOON // 1_000, NOON),
        (NOON, NOON),
    ],
)
def test_times_are_nanoseconds(sent: Json, expected: int) -> None:
    assert unix_nano(sent) == expected


@pytest.mark.parametrize(
    "sent",
    [
        None, "", "noon", "2026-13-01T00:00:00", "1960-01-01T00:00:00", "9" * 30, "2026-11-23T12:00:00+99:99", -5, 0,
        True, float("nan"), 1e300, 2**80, [], {},
    ],
)  # fmt: skip
def test_what_is_no_time_is_none(sent: Json) -> None:
    assert unix_nano(sent) is None


def test_a_segment_of_the_dotted_order_has_a_time() -> None:
    assert segment_unix_nano("20261123T120000000001Z") == NOON + 1_000
    assert segment_unix_nano("20261399T120000000001Z") is None


@pytest.mark.parametrize(
    ("fields", "start", "end"),
    [
        ({"start_time": "2026-11-23T12:00:00", "end_time": NOON // 1_000_000 + 5}, NOON, NOON + 5_000_000),
        ({}, NOON + 4 * 3_600 * SECOND + SECOND + 1_000, 0),
        ({"dotted_order": None, "end_time": "2026-11-23T12:00:00Z"}, NOON, NOON),
    ],
)
def test_a_run_starts_when_it_says_or_as_its_order_says(fields: dict[str, Json], start: int, end: int) -> None:
    record, _ = _span(**fields)
    assert (record.start_time_unix_nano, record.end_time_unix_nano) == (start, end)


# fields


@pytest.mark.parametrize(
    ("fields", "status", "message"),
    [
        ({}, STATUS_UNSET, None),
        ({"end_time": "2026-11-23T16:00:04Z"}, STATUS_OK, None),
        ({"error": "ValueError('it\\'s \"no\"')Traceback (most recent call last):\n"}, STATUS_ERROR, 'it\'s "no"'),
        ({"error": "Error: 429 Too many"}, STATUS_ERROR, "Error: 429 Too many"),
        ({"error": "TwoError('a', 'b')\n\nTraceback"}, STATUS_ERROR, "TwoError('a', 'b')"),
        ({"error": "Traceback (most recent call last): x"}, STATUS_ERROR, "Traceback (most recent call last): x"),
        ({"error": {"code": 1}}, STATUS_ERROR, '{"code":1}'),
        ({"error": "", "end_time": 1795449604000}, STATUS_OK, None),
    ],
)
def test_a_run_failed_ended_or_runs(fields: dict[str, Json], status: int, message: str | None) -> None:
    record, _ = _span(**fields)
    assert (record.status_code, record.status_message) == (status, message)


@pytest.mark.parametrize(
    ("error", "name"),
    [("openai.RateLimitError('x')", "openai.RateLimitError"), ("Error: 429", "Error"), ("it broke (badly)", None)],
)
def test_the_type_of_an_error_is_an_attribute(error: str, name: str | None) -> None:
    _, attributes = _span(error=error)
    assert (attributes.get("error.type"), attributes["langsmith.error"]) == (name, error)


def test_nothing_that_was_sent_is_lost() -> None:
    _, attributes = _span(
        run_type="llm",
        inputs={"a": 1},
        outputs={"b": "c" * 500},
        extra={
            "metadata": {"revision": "r", "nested": {"$x": 1}},
            "runtime": {"sdk": "py"},
            "batch_size": 1,
            "options": {"stop": None},
        },
        serialized={"lc": 1},
        tags=["x", "x"],
        session_id="5",
        reference_example_id="e",
        child_runs=[{"id": "c"}],
        start_time="soon",
        events=[{"name": "start", "time": "2026-11-23T16:00:01Z", "kwargs": {"a": 1}}],
    )
    assert attributes == {
        "gen_ai.completion": '{"b":"' + "c" * 500 + '"}',
        "gen_ai.operation.name": "chat",
        "gen_ai.prompt": '{"a":1}',
        "langsmith.child_runs": '[{"id":"c"}]',
        "langsmith.dotted_order": order(1, 2),
        "langsmith.extra": '{"batch_size":1,"options":{"stop":null}}',
        "langsmith.metadata.nested": '{"$x":1}',
        "langsmith.metadata.revision": "r",
        "langsmith.parent_run_id": run_id(1),
        "langsmith.reference_example_id": "e",
        "langsmith.run_id": run_id(2),
        "langsmith.serialized": '{"lc":1}',
        "langsmith.span.kind": "llm",
        "langsmith.span.runtime": '{"sdk":"py"}',
        "langsmith.span.tags": ["x", "x"],
        "langsmith.start_time": "soon",
        "langsmith.trace.name": "run 2",
        "langsmith.trace.session_id": "5",
        "langsmith.trace.session_name": "shop",
        "langsmith.trace_id": run_id(1),
    }


def test_events_are_those_of_the_span_and_tell_the_first_token() -> None:
    at = "2026-11-23T16:00:0{}Z".format
    events = [{"name": "new_token", "time": at(3), "kwargs": {"token": "b"}}, {"name": "new_token", "time": at(2)}]
    record, attributes = _span(run_type="llm", start_time=at(1), events=events)
    assert record.time_to_first_token_ns == SECOND
    assert attributes["langsmith.request.streaming"] is True
    assert [event["time_unix_nano"] // SECOND % 60 for event in json.loads(record.events or "")] == [2, 3]


@pytest.mark.parametrize(
    ("runtime", "expected"),
    [
        ({"runtime": "node", "sdk_version": "0.12.0"}, {"language": "nodejs", "version": "0.12.0"}),
        ({"runtime": "python"}, {"language": "python"}),
        ("odd", {}),
        (None, {}),
    ],
)
def test_the_project_is_the_service_and_the_sdk_is_named(runtime: Json, expected: dict[str, str]) -> None:
    [record], batch = _stored(run(1, extra={"runtime": runtime}))
    sdk = {f"telemetry.sdk.{key}": value for key, value in expected.items()}
    attributes = json.loads(batch.resources[record.resource_id].attributes)
    assert attributes == {"service.name": "shop", "telemetry.sdk.name": "langsmith", **sdk}
    assert (record.service, record.sources, batch.scopes[record.scope_id].name) == (
        "shop",
        SOURCE_LANGSMITH,
        "langsmith",
    )
    assert _stored(run(1, session_name=None))[0][0].service == "default"


# facts


@pytest.mark.parametrize(
    ("run_type", "kind", "operation"),
    [
        ("llm", "llm", "chat"),
        ("LLM", "llm", "chat"),
        ("chain", "chain", None),
        ("tool", "tool", "execute_tool"),
        ("retriever", "retriever", "retrieval"),
        ("embedding", "embedding", "embeddings"),
        ("prompt", "prompt", None),
        ("parser", "chain", None),
        ("of our own", "chain", None),
        (None, None, None),
    ],
)
def test_the_run_type_is_the_kind(run_type: str | None, kind: str | None, operation: str | None) -> None:
    facts = read_facts(_attributes(run_type))
    assert facts is not None
    assert (facts.kind, facts.operation) == (kind, operation)


def test_the_names_of_the_exporter_do_not_say_another_kind() -> None:
    """LangSmith's exporter calls a prompt `chat` and a retriever `embeddings`."""
    for kind, operation in (("prompt", "chat"), ("retriever", "embeddings")):
        facts = read_facts({**_attributes(kind), "gen_ai.operation.name": operation, "gen_ai.system": "langchain"})
        assert facts is not None
        assert (facts.kind, facts.provider) == (kind, None)


LANGCHAIN = {
    "generations": [[{"text": "Hi", "generation_info": {"finish_reason": "stop"}, "message": {
        "lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "AIMessage"], "kwargs": {
            "content": "Hi", "type": "ai", "id": "run--1",
            "response_metadata": {"model_name": "m-2", "id": "c-1", "model_provider": "anthropic"},
            "usage_metadata": {"input_tokens": 10, "output_tokens": 2, "total_cost": 0}}}}]],
}  # fmt: skip


def test_models_come_from_metadata_request_and_answer() -> None:
    for inputs, outputs, metadata, expected in (
        ({"model": "m-1"}, {"model": "m-2", "id": "r"}, {}, ("m-1", "m-2", "r", None)),
        ({}, LANGCHAIN, {"ls_model_name": "m-1"}, ("m-1", "m-2", "c-1", "anthropic")),
        ({}, {}, {"model": "m-1", "ls_provider": "mistralai"}, ("m-1", None, None, "mistral_ai")),
    ):
        facts = read_facts(_attributes("llm", inputs, outputs, **metadata))
        assert facts is not None
        found = (facts.request_model, facts.response_model, facts.response_id, facts.provider)
        assert found == expected


@pytest.mark.parametrize(
    ("usage", "tokens", "details"),
    [
        ({"input_tokens": 3, "output_tokens": 2}, (3, 2, None, None, None), None),
        ("{'input_tokens': 3, 'output_tokens': 2}", (3, 2, None, None, None), None),
        ('{"input_tokens": 3, "output_tokens": 2}', (3, 2, None, None, None), None),
        (
            {"input_tokens": 9, "input_token_details": {"cache_read": 4, "cache_creation": 0,
             "ephemeral_5m_input_tokens": 2, "ephemeral_1h_input_tokens": 1, "audio": 1}},
            (9, None, 4, 3, None),
            {"cache_write_5m_tokens": 2, "cache_write_1h_tokens": 1, "input_audio_tokens": 1},
        ),
        (
            {"input_tokens": 9, "output_tokens": 8, "output_token_details": {"reasoning": 5, "audio": 0},
             "input_token_details": {"cache_read": 3, "cache_read_over_200k": 2, "cache_creation": 1}},
            (9, 8, 5, 1, 5),
            None,
        ),
        ({"input_tokens": 9, "input_token_details": {"priority_cache_read": 3}}, (9, None, 3, None, None), None),
        ({"input_tokens": -1, "output_tokens": "x", "input_token_details": 7}, (None,) * 5, None),
        ("text", (None,) * 5, None),
        (None, (None,) * 5, None),
    ],
)  # fmt: skip
def test_usage_metadata_is_read_in_each_of_its_forms(
    usage: Json, tokens: tuple[int | None, ...], details: Json
) -> None:
    for attributes in (
        _attributes("llm", outputs={"usage_metadata": usage}),
        _attributes("llm", usage_metadata=usage if isinstance(usage, str) else json.dumps(usage)),
    ):
        facts = read_facts(attributes)
        assert facts is not None
        found = (facts.input_tokens, facts.output_tokens, facts.cache_read_tokens, facts.cache_write_tokens)
        assert (*found, facts.reasoning_tokens) == tokens
        assert facts.details == details


@pytest.mark.parametrize(
    ("outputs", "tokens"),
    [
        (
            {"usage": {"prompt_tokens": 5, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 1}}},
            (5, 1),
        ),
        ({"usage": {"input_tokens": 5, "cache_read_input_tokens": 20, "cache_creation_input_tokens": 3}}, (28, 20)),
        ({"usage": {"input_tokens": 5, "input_tokens_details": {"cached_tokens": 2}}}, (5, 2)),
        ({"llm_output": {"token_usage": {"prompt_tokens": 5}}}, (5, None)),
        ({"usage": "none", "llm_output": []}, (None, None)),
    ],
)
def test_a_providers_own_usage_is_read_where_there_is_no_other(outputs: Json, tokens: tuple[int | None, ...]) -> None:
    facts = read_facts(_attributes("llm", outputs=outputs))
    assert facts is not None
    assert (facts.input_tokens, facts.cache_read_tokens) == tokens


def test_an_answer_out_of_langchains_own_cache_is_marked() -> None:
    facts = read_facts(_attributes("llm", outputs=LANGCHAIN))
    assert facts is not None
    assert (facts.details, facts.client_cost_pico_usd) == ({"from_local_cache": 1}, 0)


def test_costs_are_what_the_client_says() -> None:
    for usage, cost in (
        ({"input_tokens": 1, "input_cost": 0.25, "output_cost": "0.5"}, 750_000_000_000),
        ({"input_tokens": 1, "input_cost": 0.25, "total_cost": 1}, 1_000_000_000_000),
    ):
        facts = read_facts(_attributes("llm", outputs={"usage_metadata": usage}))
        assert facts is not None
        assert (facts.client_cost_pico_usd, facts.details) == (cost, None)


def test_usage_inside_inputs_or_of_a_chain_is_not_counted() -> None:
    told = {"messages": [{"type": "ai", "content": "x", "usage_metadata": {"input_tokens": 5}}]}
    for attributes in (_attributes("llm", told), _attributes("chain", told, {"usage_metadata": {"input_tokens": 5}})):
        facts = read_facts(attributes)
        assert facts is not None
        assert facts.input_tokens is None


@pytest.mark.parametrize("key", ["session_id", "thread_id", "conversation_id"])
def test_a_conversation_is_named_in_the_metadata(key: str) -> None:
    facts = read_facts({**_attributes("chain", user_id="u", **{key: "s"}), "langsmith.trace.session_id": "project"})
    assert facts is not None
    assert (facts.session_id, facts.user_id) == ("s", "u")


# content


def _message(role: str, *parts: Json) -> Json:
    texts = [{"type": "text", "content": part} if isinstance(part, str) else part for part in parts]
    return {"role": role, "parts": texts}


def _lc(kind: str, **fields: Json) -> Json:
    return {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", kind], "kwargs": fields}


CALL = {"type": "tool_call", "id": "c1", "name": "add", "arguments": {"a": 1}}
RESULT = {"type": "tool_call_response", "id": "c1", "response": {"sum": 2}}
OPENAI_CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
CONVERSATION = [_message("user", "one"), _message("assistant", CALL), _message("tool", RESULT)]


@pytest.mark.parametrize(
    "inputs",
    [
        {"messages": [
            {"role": "user", "content": "one"},
            {"role": "assistant", "content": None, "tool_calls": [OPENAI_CALL]},
            {"role": "tool", "tool_call_id": "c1", "content": '{"sum": 2}'},
        ]},
        {"messages": [[
            _lc("HumanMessage", content="one", type="human"),
            _lc("AIMessage", content="", tool_calls=[{"id": "c1", "name": "add", "args": {"a": 1}}]),
            _lc("ToolMessage", content='{"sum": 2}', tool_call_id="c1"),
        ]]},
        {"messages": [
            {"type": "human", "content": "one", "additional_kwargs": {}},
            {"type": "ai", "content": "", "tool_calls": [], "additional_kwargs": {"tool_calls": [OPENAI_CALL]}},
            {"type": "tool", "content": '{"sum": 2}', "tool_call_id": "c1", "name": None},
        ]},
        {"input": [
            {"role": "user", "content": [{"type": "input_text", "text": "one"}]},
            {"type": "function_call", "call_id": "c1", "name": "add", "arguments": '{"a": 1}'},
            {"type": "function_call_output", "call_id": "c1", "output": '{"sum": 2}'},
        ]},
    ],
)  # fmt: skip
def test_messages_are_read_in_each_of_their_shapes(inputs: Json) -> None:
    assert read_content(_attributes("llm", inputs)).input_messages == CONVERSATION


def test_anthropics_tool_results_stay_with_the_user() -> None:
    inputs = {
        "system": [{"type": "text", "text": "Be short."}],
        "messages": [
            {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "add", "input": {"a": 1}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": '{"sum": 2}'}]},
        ],
    }
    content = read_content(_attributes("llm", inputs))
    assert content.input_messages == [_message("assistant", CALL), _message("user", RESULT)]
    assert content.system_instructions == [{"type": "text", "content": "Be short."}]


@pytest.mark.parametrize(
    ("inputs", "texts"),
    [
        ({"prompts": ["one", "two"]}, ["one", "two"]),
        ({"prompt": "one", "stream": True}, ["one"]),
        ({"question": "one", "k": 3}, ["one"]),
        ({"anything": "one"}, ["one"]),
        ({"messages": [["human", "one"], ["human", "two"]]}, ["one", "two"]),
    ],
)
def test_plain_prompts_are_what_a_user_says(inputs: Json, texts: list[str]) -> None:
    assert read_content(_attributes("llm", inputs)).input_messages == [_message("user", text) for text in texts]


@pytest.mark.parametrize(
    ("outputs", "parts", "reasons"),
    [
        ({"choices": [{"finish_reason": "stop", "message": {"content": "Hi"}}]}, ["Hi"], ("stop",)),
        ({"choices": [{"finish_reason": "length", "text": "Hi"}]}, ["Hi"], ("length",)),
        (
            {"choices": [{"finish_reason": "tool_calls", "message": {"content": None, "tool_calls": [OPENAI_CALL]}}]},
            [CALL],
            ("tool_call",),
        ),
        (LANGCHAIN, ["Hi"], ("stop",)),
        ({"generations": [[{"text": "Hi"}]]}, ["Hi"], ()),
        (
            {"generations": [[{"message": _lc("AIMessageChunk", content=[{"type": "text", "text": "Hi"},
              {"type": "tool_use", "id": "c1", "name": "add", "input": {}}],
              tool_calls=[{"id": "c1", "name": "add", "args": {"a": 1}}])}]]},
            ["Hi", CALL],
            (),
        ),
        ({"content": [{"type": "text", "text": "Hi"}], "stop_reason": "end_turn"}, ["Hi"], ("stop",)),
        ({"content": None, "role": "assistant", "tool_calls": [OPENAI_CALL], "stop_reason": "tool_use"}, [CALL],
         ("tool_call",)),
        (
            {"status": "completed", "output": [
                {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]},
                {"type": "function_call", "call_id": "c1", "name": "add", "arguments": '{"a": 1}'}]},
            None,
            ("tool_call",),
        ),
        ({"output": "Hi"}, ["Hi"], ()),
        ({"outputs": "Hi"}, ["Hi"], ()),
        ({"output": ["H", "i"]}, ["Hi"], ()),
        ({"output": _lc("AIMessage", content="Hi", type="ai")}, ["Hi"], ()),
        ({"output": [{"choices": [{"delta": {"content": said}}]} for said in "Hi"]}, ["Hi"], ()),
        (
            {"output": [{"choices": [{"delta": {"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "add",
             "arguments": '{"a"'}}]}}]}, {"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {
             "arguments": ": 1}"}}]}}]}]},
            [CALL],
            (),
        ),
        ({"message": {"role": "assistant", "content": "Hi"}}, ["Hi"], ()),
        ({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "Hi"}]}, ["Hi"], ()),
    ],
)  # fmt: skip
def test_answers_are_read_in_each_of_their_shapes(outputs: Json, parts: Json, reasons: tuple[str, ...]) -> None:
    content = read_content(_attributes("llm", {"prompt": "x"}, outputs))
    assert content.output_messages is not None
    assert all(message["role"] == "assistant" for message in content.output_messages)
    if parts is not None:
        assert [part for message in content.output_messages for part in message["parts"]] == _message("x", *parts)[
            "parts"
        ]
    assert content.finish_reasons == reasons
    assert content.output is None


@pytest.mark.parametrize(
    ("inputs", "outputs", "arguments", "result"),
    [
        ({"a": 1}, {"output": '{"sum": 2}'}, {"a": 1}, {"sum": 2}),
        ({"a": 1}, {"outputs": '"{\\"sum\\": 2}"'}, {"a": 1}, {"sum": 2}),
        ({"a": 1}, {"sum": 2}, {"a": 1}, {"sum": 2}),
        ({"input": "{'a': 1}"}, {"output": {"type": "tool", "content": '{"sum": 2}', "tool_call_id": "c1"}}, {"a": 1},
         {"sum": 2}),
        ({"input": '{"a": 1}'}, {"output": _lc("ToolMessage", content="two", tool_call_id="c1")}, {"a": 1}, "two"),
        ({"input": "plain"}, {"output": None}, {"input": "plain"}, None),
        ({}, None, {}, None),
    ],
)  # fmt: skip
def test_a_tool_has_arguments_and_a_result(inputs: Json, outputs: Json, arguments: Json, result: Json) -> None:
    tool = read_content(_attributes("tool", inputs, outputs)).tool
    assert tool is not None
    assert (tool.name, tool.arguments, tool.result) == ("step", arguments, result)


@pytest.mark.parametrize(
    "outputs",
    [
        {"documents": [{"page_content": "one", "metadata": {"n": 1}, "type": "Document"}]},
        {"documents": [{"pageContent": "one", "metadata": {"n": 1}}]},
        {"output": [{"lc": 1, "id": ["Document"], "kwargs": {"page_content": "one", "metadata": {"n": 1}}}]},
    ],
)
def test_a_retriever_gives_documents(outputs: Json) -> None:
    content = read_content(_attributes("retriever", {"query": "why"}, outputs))
    assert (content.input, content.documents) == ("why", [{"content": "one", "metadata": {"n": 1}}])


@pytest.mark.parametrize("kind", ["chain", "parser", "prompt", "of our own"])
def test_a_chain_has_values_or_the_messages_of_its_state(kind: str) -> None:
    plain = read_content(_attributes(kind, {"question": "a", "k": 1}, {"output": "b"}))
    assert (plain.input, plain.output) == ({"question": "a", "k": 1}, "b")
    state = {"messages": [{"type": "human", "content": "a"}, {"type": "ai", "content": "b", "tool_calls": []}]}
    talk = read_content(_attributes(kind, {"messages": state["messages"][:1]}, state))
    assert (talk.input_messages, talk.output_messages) == ([_message("user", "a")], [_message("assistant", "b")])


def test_what_stands_in_the_prompt_attribute_is_not_taken_for_messages() -> None:
    content = read_content({**_attributes("chain", {"a": 1}, {"b": 2}), "gen_ai.operation.name": "chain"})
    assert (content.input, content.output) == ({"a": 1}, {"b": 2})
    assert (content.input_messages, content.output_messages) == (None, None)


# feedback


def test_feedback_is_an_annotation() -> None:
    sent = {
        "id": run_id(9), "run_id": run_id(2), "trace_id": run_id(1), "key": "taste", "score": True, "value": {"a": 1},
        "comment": "good", "correction": {"b": 2}, "feedback_source": {"type": "api"}, "created_at":
        "2026-11-23T12:00:00Z", "session_id": "p",
    }  # fmt: skip
    row = annotation_row(sent)
    assert row.annotation_id == UUID(run_id(9)).bytes
    assert (row.created_at_unix_nano, row.modified_at_unix_nano) == (NOON, NOON)
    assert (row.trace_id, row.span_id) == (UUID(run_id(1)).bytes, span_id_of(UUID(run_id(2)), UUID(run_id(1))))
    assert (row.run_id, row.key, row.score, row.value, row.comment, row.correction, row.source, row.extra) == (
        UUID(run_id(2)).bytes, "taste", 1.0, '{"a":1}', "good", '{"b":2}', '{"type":"api"}', '{"session_id":"p"}',
    )  # fmt: skip


def test_feedback_that_says_little_is_kept() -> None:
    row = annotation_row({"score": "high", "run_id": "x"})
    assert (row.run_id, row.trace_id, row.key, row.score) == (None, None, "unnamed", None)
    assert json.loads(row.extra) == {"score": "high"}
    assert row.annotation_id == annotation_row({"score": "high", "run_id": "x"}).annotation_id
