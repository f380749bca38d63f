"""OpenLLMetry's attributes, of today and of before, read into the canonical model."""

import json
from typing import Any

import pytest

from llm_tracing.normalize.conventions import read_content, read_facts
from llm_tracing.normalize.conventions.contract import Facts
from tests.builders import records, span

OLD = {"llm.request.type": "chat", "gen_ai.system": "OpenAI"}
TOOL = {"traceloop.span.kind": "tool", "traceloop.entity.name": "get_weather"}
PROPERTIES = "traceloop.association.properties"


def _facts(attributes: dict[str, Any]) -> Facts:
    found = read_facts(attributes)
    assert found is not None
    return found


def _text(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        ({"traceloop.span.kind": "workflow"}, "chain"),
        ({"traceloop.span.kind": "task"}, "chain"),
        ({"traceloop.span.kind": "agent"}, "agent"),
        ({"traceloop.span.kind": "tool", "gen_ai.agent.name": "sql_agent"}, "tool"),
        ({"traceloop.span.kind": "task", "gen_ai.operation.name": "vector_db_retrieve"}, "retriever"),
        ({"traceloop.span.kind": "task", "gen_ai.operation.name": "execute_task"}, "chain"),
        ({"traceloop.span.kind": "workflow", "gen_ai.operation.name": "invoke_agent"}, "agent"),
        ({"llm.request.type": "chat"}, "llm"),
        ({"llm.request.type": "completion"}, "llm"),
        ({"llm.request.type": "embedding"}, "embedding"),
        ({"llm.request.type": "rerank"}, "reranker"),
        ({"traceloop.workflow.name": "qa", "db.system": "sqlite"}, "db"),
        ({"traceloop.workflow.name": "qa", "gen_ai.agent.name": "sql_agent", "db.system": "sqlite"}, "db"),
    ],
)
def test_the_kind_is_that_of_the_entity_or_of_the_request(attributes: dict[str, Any], kind: str) -> None:
    assert records(span(attributes=attributes))[0].kind == kind


def test_a_request_type_is_named_as_opentelemetry_names_the_operation() -> None:
    assert _facts({"llm.request.type": "chat"}).operation == "chat"
    assert _facts({"llm.request.type": "completion"}).operation == "text_completion"
    assert _facts({"llm.request.type": "embedding"}).operation == "embeddings"


def test_a_framework_is_not_the_provider_of_a_step() -> None:
    assert _facts({"traceloop.span.kind": "task", "gen_ai.provider.name": "langchain"}).provider is None


def test_tokens_of_both_generations_are_read() -> None:
    before = _facts({**OLD, "gen_ai.usage.prompt_tokens": 31, "gen_ai.usage.cache_read_input_tokens": 4})
    assert (before.input_tokens, before.cache_read_tokens) == (31, 4)
    assert dict(before.usage_sources)["input_tokens"] == "gen_ai.usage.prompt_tokens"
    first = _facts({**OLD, "llm.usage.prompt_tokens": 31, "llm.usage.completion_tokens": 22})
    assert (first.input_tokens, first.output_tokens) == (31, 22)


@pytest.mark.parametrize("session", ["session_id", "sessionId", "thread_id"])
@pytest.mark.parametrize("user", ["user_id", "userId"])
def test_session_and_user_are_association_properties(session: str, user: str) -> None:
    [record] = records(span(attributes={f"{PROPERTIES}.{session}": "s", f"{PROPERTIES}.{user}": "u"}))
    assert (record.session_id, record.user_id) == ("s", "u")


def test_flattened_prompts_and_completions_are_messages() -> None:
    content = read_content(
        {
            **OLD,
            "gen_ai.prompt.10.role": "tool",
            "gen_ai.prompt.10.tool_call_id": "call_1",
            "gen_ai.prompt.10.content": '{"temp": 18}',
            "gen_ai.prompt.2.role": "assistant",
            "gen_ai.prompt.2.tool_calls.0.id": "call_1",
            "gen_ai.prompt.2.tool_calls.0.name": "get_weather",
            "gen_ai.prompt.2.tool_calls.0.arguments": '{"city": "Paris"}',
            "gen_ai.prompt.1.role": "human",
            "gen_ai.prompt.1.content": "And in Paris?",
            "gen_ai.completion.0.content": "18 degrees",
            "gen_ai.completion.0.finish_reason": "end_turn",
            "llm.is_streaming": True,
        }
    )
    call = {"type": "tool_call", "id": "call_1", "name": "get_weather", "arguments": {"city": "Paris"}}
    answer = {"type": "tool_call_response", "id": "call_1", "response": {"temp": 18}}
    assert content.input_messages == [
        _text("user", "And in Paris?"),
        {"role": "assistant", "parts": [call]},
        {"role": "tool", "parts": [answer]},
    ]
    assert content.output_messages == [{**_text("assistant", "18 degrees"), "finish_reason": "stop"}]
    assert (content.finish_reasons, content.streaming) == (("stop",), True)


def test_content_that_is_a_list_of_parts_is_read_as_parts_and_other_json_as_text() -> None:
    parts = json.dumps([{"type": "text", "text": "Hi"}, {"type": "image_url", "image_url": {"url": "u"}}])
    content = read_content({**OLD, "gen_ai.prompt.0.content": parts, "gen_ai.prompt.1.content": "[1, 2]"})
    assert content.input_messages is not None
    assert content.input_messages[0]["parts"] == [
        {"type": "text", "content": "Hi"},
        {"type": "image_url", "image_url": {"url": "u"}},
    ]
    assert content.input_messages[1] == _text("user", "[1, 2]")


@pytest.mark.parametrize(
    "sent",
    [
        '{"args": [], "kwargs": {"city": "Paris"}}',
        '{"args": [{"city": "Paris"}], "kwargs": {}}',
        '{"input_str": "{\'city\': \'Paris\'}", "tags": [], "inputs": {"city": "Paris"}}',
        '{"input_str": "{\'city\': \'Paris\'}", "tags": []}',
    ],
)
def test_a_tools_arguments_are_what_it_was_called_with(sent: str) -> None:
    tool = read_content({**TOOL, "traceloop.entity.input": sent}).tool
    assert tool is not None
    assert (tool.name, tool.arguments) == ("get_weather", {"city": "Paris"})


@pytest.mark.parametrize(
    ("sent", "result"),
    [
        ('"14:05"', "14:05"),
        ('"{\\"temp\\": 18}"', {"temp": 18}),
        ('{"output": {"lc": 1, "id": ["ToolMessage"], "kwargs": {"content": "14:05"}}, "kwargs": {}}', "14:05"),
        ("not JSON", "not JSON"),
    ],
)
def test_a_tools_result_is_what_it_gave_back(sent: str, result: Any) -> None:
    tool = read_content({**TOOL, "traceloop.entity.output": sent}).tool
    assert tool is not None
    assert tool.result == result


def test_a_tool_that_also_speaks_opentelemetry_is_shown_without_the_wrapping() -> None:
    wrapped = '{"input_str": "{}", "inputs": {"city": "Paris"}}'
    [record] = records(
        span(
            attributes={
                **TOOL,
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.name": "get_weather",
                "gen_ai.tool.call.id": "call_1",
                "gen_ai.tool.call.arguments": wrapped,
                "traceloop.entity.input": wrapped,
            }
        )
    )
    assert (record.kind, record.operation, record.input_preview) == ("tool", "execute_tool", "Paris")


def test_a_workflow_shows_its_question_and_answer() -> None:
    [record] = records(
        span(
            attributes={
                "traceloop.span.kind": "workflow",
                "traceloop.entity.input": '{"args": ["What is the weather?"], "kwargs": {}}',
                "traceloop.entity.output": '"Sunny"',
            }
        )
    )
    assert (record.input_preview, record.output_preview) == ("What is the weather?", "Sunny")


def test_a_retriever_shows_its_query_and_documents() -> None:
    content = read_content(
        {
            "traceloop.span.kind": "task",
            "gen_ai.operation.name": "vector_db_retrieve",
            "traceloop.entity.input": '{"query": "refunds?", "tags": []}',
            "traceloop.entity.output": '{"documents": [{"page_content": "Refunds", "metadata": {"page": 1}}]}',
        }
    )
    assert content.input == "refunds?"
    assert content.documents == [{"content": "Refunds", "metadata": {"page": 1}}]


def test_a_tool_of_langchain_js_has_the_name_that_its_message_has() -> None:
    message = {
        "lc": 1,
        "id": ["langchain_core", "messages", "ToolMessage"],
        "kwargs": {"content": "rain", "tool_call_id": "c1", "name": "sky"},
    }
    tool = read_content(
        {
            "gen_ai.operation.name": "execute_tool",
            "traceloop.span.kind": "task",
            "traceloop.entity.name": "DynamicStructuredTool",
            "traceloop.entity.input": json.dumps({"args": ['{"at": "Oslo"}']}),
            "traceloop.entity.output": json.dumps(message),
        }
    ).tool
    assert tool is not None
    assert (tool.name, tool.call_id, tool.arguments, tool.result) == ("sky", "c1", {"at": "Oslo"}, "rain")


def test_a_workflow_that_returns_a_providers_response_returns_its_message() -> None:
    answer = {"object": "chat.completion", "choices": [{"message": {"role": "assistant", "content": "No."}}]}
    content = read_content(
        {
            "traceloop.span.kind": "workflow",
            "traceloop.entity.input": '{"args": [], "kwargs": {}}',
            "traceloop.entity.output": json.dumps(answer),
        }
    )
    assert content.input is None
    assert content.output_messages == [{"role": "assistant", "parts": [{"type": "text", "content": "No."}]}]


def test_a_task_that_gave_llamaindexs_nodes_is_a_retriever() -> None:
    node = {"id_": "n1", "text": "one", "metadata": {"page": 1}}
    sent = {
        "traceloop.span.kind": "task",
        "traceloop.entity.input": json.dumps({"args": ["what"], "kwargs": {}}),
        "traceloop.entity.output": json.dumps([{"node": node, "score": 0.5}]).replace(": ", ":"),
    }
    facts = read_facts(sent)
    assert facts is not None
    assert facts.kind == "retriever"
    content = read_content(sent)
    assert content.input == "what"
    assert content.documents == [{"id": "n1", "score": 0.5, "content": "one", "metadata": {"page": 1}}]


def test_a_graph_is_asked_in_the_messages_of_its_state() -> None:
    state = {"messages": [{"role": "user", "content": "Rain?"}]}
    sent = {"traceloop.span.kind": "workflow", "traceloop.entity.input": json.dumps({"inputs": state, "tags": []})}
    asked = read_content(sent).input_messages
    assert asked == [{"role": "user", "parts": [{"type": "text", "content": "Rain?"}]}]
