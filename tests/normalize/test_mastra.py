"""Mastra's attributes, of its versions 0.2x and 1, read into the canonical model."""

import json
from typing import Any

import pytest

from llm_tracing.normalize.conventions import read_content, read_facts
from llm_tracing.normalize.conventions.contract import Facts

CALLS = [{"toolCallId": "c1", "toolName": "get_weather", "args": {"city": "Oslo"}}]
STEP = {
    "gen_ai.operation.name": "model.step",
    "mastra.span.type": "model_step",
    "input": json.dumps({"body": {"model": "m", "input": [{"role": "user", "content": "Rain?"}]}}),
    "output": json.dumps({"text": "", "toolCalls": CALLS}),
    "id": "resp_1",
    "modelId": "m-2026",
    "modelMetadata": json.dumps({"modelId": "m", "modelProvider": "openai.responses"}),
    "body": json.dumps(
        {
            "status": "completed",
            "output": [{"type": "function_call", "call_id": "c1", "name": "get_weather", "arguments": "{}"}],
            "usage": {"input_tokens": 9, "output_tokens": 4, "input_tokens_details": {"cached_tokens": 3}},
        }
    ),
    "sessionId": "s1",
    "userId": "u1",
}


def _facts(attributes: dict[str, Any]) -> Facts:
    found = read_facts(attributes)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("sent", "kind", "operation"),
    [
        ({"mastra.span.type": "agent_run", "gen_ai.operation.name": "agent.run"}, "agent", "invoke_agent"),
        ({"mastra.span.type": "model_generation"}, "chain", None),
        ({"mastra.span.type": "model_generation", "gen_ai.request.model": "m"}, "llm", "chat"),
        ({"mastra.span.type": "model_inference", "gen_ai.request.model": "m"}, "llm", "chat"),
        ({"mastra.span.type": "model_step"}, "chain", None),
        ({"mastra.span.type": "mcp_tool_call", "gen_ai.tool.name": "t"}, "tool", "execute_tool"),
        ({"mastra.span.type": "workflow_step"}, "chain", None),
        ({"mastra.span.type": 7}, "chain", None),
    ],
)
def test_each_type_has_its_kind(sent: dict[str, Any], kind: str, operation: str | None) -> None:
    facts = _facts(sent)
    assert facts.kind == kind
    if operation:
        assert facts.operation == operation


def test_a_step_of_version_0_is_the_call() -> None:
    facts = _facts(STEP)
    assert (facts.kind, facts.operation, facts.provider) == ("llm", "chat", "openai")
    assert (facts.request_model, facts.response_model, facts.response_id) == ("m", "m-2026", "resp_1")
    assert (facts.input_tokens, facts.output_tokens, facts.cache_read_tokens) == (9, 4, 3)
    assert (facts.session_id, facts.user_id) == ("s1", "u1")
    content = read_content(STEP)
    assert content.input_messages == [{"role": "user", "parts": [{"type": "text", "content": "Rain?"}]}]
    call = {"type": "tool_call", "id": "c1", "name": "get_weather", "arguments": {"city": "Oslo"}}
    assert content.output_messages == [{"role": "assistant", "parts": [call]}]
    assert content.finish_reasons == ("tool_call",)


def test_a_run_of_version_1_has_what_went_in_and_came_out_under_its_type() -> None:
    run = {
        "mastra.span.type": "agent_run",
        "gen_ai.operation.name": "invoke_agent",
        "mastra.agent_run.input": "Rain?",
        "mastra.agent_run.output": json.dumps({"text": "No.", "files": []}),
        "mastra.metadata.sessionId": "s1",
    }
    content = read_content(run)
    assert content.input_messages == [{"role": "user", "parts": [{"type": "text", "content": "Rain?"}]}]
    assert content.output_messages == [{"role": "assistant", "parts": [{"type": "text", "content": "No."}]}]
    assert _facts(run).session_id == "s1"


def test_a_generation_of_version_0_has_its_cached_tokens_and_its_answer() -> None:
    generation = {
        "mastra.span.type": "model_generation",
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "m",
        "gen_ai.completion": json.dumps({"text": "No.", "files": []}),
        "output": json.dumps({"text": "No.", "files": []}),
        "gen_ai.usage.input_tokens": 9,
        "gen_ai.usage.cached_input_tokens": 3,
    }
    assert _facts(generation).cache_read_tokens == 3
    answer = read_content(generation).output_messages
    assert answer == [{"role": "assistant", "parts": [{"type": "text", "content": "No."}]}]


def test_a_tool_of_version_0_has_its_arguments_and_its_result() -> None:
    tool = read_content(
        {
            "mastra.span.type": "tool_call",
            "gen_ai.tool.name": "get_weather",
            "gen_ai.tool.input": '{"city": "Oslo"}',
            "gen_ai.tool.output": "rain",
        }
    ).tool
    assert tool is not None
    assert (tool.name, tool.arguments, tool.result) == ("get_weather", {"city": "Oslo"}, "rain")


def test_a_call_that_ended_in_an_error_has_failed_though_its_status_does_not_say_so() -> None:
    call = {"mastra.span.type": "model_inference", "gen_ai.request.model": "m"}
    assert _facts(call).error is None
    assert _facts({**call, "gen_ai.response.finish_reasons": '["error"]'}).error is not None
