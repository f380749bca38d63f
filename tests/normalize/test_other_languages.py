"""The gen_ai attributes as libraries of Java and .NET write them: Spring AI, LangChain4j, Microsoft's."""

import json
from typing import Any

import pytest

from llm_tracing.normalize.conventions import read_content, read_facts
from llm_tracing.normalize.conventions.contract import Facts, SentEvent

FRAMEWORK = {"gen_ai.operation.name": "framework", "gen_ai.system": "spring_ai"}


def _facts(attributes: dict[str, Any]) -> Facts:
    found = read_facts(attributes)
    assert found is not None
    return found


def _text(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def test_spring_ai_writes_counts_and_reasons_as_text() -> None:
    call = {
        "gen_ai.operation.name": "chat",
        "gen_ai.system": "azure-openai",
        "gen_ai.request.model": "m",
        "gen_ai.response.finish_reasons": '["TOOL_CALLS"]',
        "gen_ai.usage.input_tokens": "31",
        "gen_ai.usage.output_tokens": "22",
    }
    facts = _facts(call)
    assert (facts.kind, facts.provider, facts.input_tokens, facts.output_tokens) == ("llm", "azure.ai.openai", 31, 22)
    assert read_content(call).finish_reasons == ("tool_call",)


@pytest.mark.parametrize(("sent", "kind"), [("chat_client", "chain"), ("advisor", "chain"), ("tool_call", "tool")])
def test_spring_ai_says_what_an_observation_is(sent: str, kind: str) -> None:
    facts = _facts({**FRAMEWORK, "spring.ai.kind": sent})
    assert (facts.kind, facts.provider) == (kind, None)
    assert facts.operation == ("execute_tool" if kind == "tool" else "framework")


def test_spring_ais_client_has_its_conversation_and_its_texts() -> None:
    client = {
        **FRAMEWORK,
        "spring.ai.kind": "chat_client",
        "spring.ai.chat.client.stream": "false",
        "spring.ai.chat.client.conversation.id": "s1",
        "spring.ai.chat.client.system.text": "Be brief.",
        "spring.ai.chat.client.user.text": "Rain?",
    }
    assert _facts(client).session_id == "s1"
    content = read_content(client)
    assert content.streaming is False
    assert content.input_messages == [_text("user", "Rain?")]
    assert content.system_instructions == [{"type": "text", "content": "Be brief."}]


def test_spring_ais_tool_and_vector_store_have_their_content() -> None:
    tool = read_content(
        {
            **FRAMEWORK,
            "spring.ai.kind": "tool_call",
            "spring.ai.tool.definition.name": "sky",
            "spring.ai.tool.call.arguments": '{"at": "Oslo"}',
            "spring.ai.tool.call.result": '"rain"',
        }
    ).tool
    assert tool is not None
    assert (tool.name, tool.arguments, tool.result) == ("sky", {"at": "Oslo"}, "rain")
    store = {"spring.ai.kind": "vector_store", "db.system": "pg_vector", "db.operation.name": "query"}
    query = {**store, "db.vector.query.content": "what", "db.vector.query.response.documents": '["one", "two"]'}
    assert _facts(query).kind == "retriever"
    content = read_content(query)
    assert content.input == "what"
    assert [document["content"] for document in content.documents or []] == ["one", "two"]
    assert _facts({**store, "db.operation.name": "add"}).kind is None


@pytest.mark.parametrize(
    ("sent", "kind", "operation"),
    [
        ("chat.completions", "llm", "chat"),
        ("completion", "llm", "text_completion"),
        ("embedding", "embedding", "embeddings"),
        ("something_new", "llm", "something_new"),
    ],
)
def test_operations_are_known_by_other_words(sent: str, kind: str, operation: str) -> None:
    facts = _facts({"gen_ai.operation.name": sent, "gen_ai.request.model": "m"})
    assert (facts.kind, facts.operation) == (kind, operation)


def test_semantic_kernel_tells_of_a_call_in_events_with_json() -> None:
    call = {
        "gen_ai.operation.name": "chat.completions",
        "gen_ai.system": "openai",
        "gen_ai.request.model": "m",
        "gen_ai.response.prompt_tokens": 31,
        "gen_ai.response.completion_tokens": 22.0,
        "gen_ai.response.finish_reason": "Stop",
    }
    answer = [{"role": "Assistant", "content": "No.", "finish_reason": "Stop", "index": 0}]
    events = [
        SentEvent("gen_ai.content.prompt", {"gen_ai.prompt": json.dumps([{"role": "user", "content": "Rain?"}])}),
        SentEvent("gen_ai.content.completion", {"gen_ai.completion": json.dumps(answer)}),
    ]
    facts = _facts(call)
    assert (facts.input_tokens, facts.output_tokens) == (31, 22)
    content = read_content(call, "", events)
    assert content.input_messages == [_text("user", "Rain?")]
    assert [message["parts"] for message in content.output_messages or []] == [_text("assistant", "No.")["parts"]]
    assert content.finish_reasons == ("stop",)


def test_microsoft_extensions_ai_writes_bodies_of_log_records_as_json_text() -> None:
    call = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.response.input_tokens": 31}
    tool_call = {"id": "c1", "type": "function", "function": {"name": "sky", "arguments": {"at": "Oslo"}}}
    choice = {"finish_reason": "tool_calls", "index": 0, "message": {"tool_calls": [tool_call]}}
    logs = [
        SentEvent("gen_ai.user.message", {"gen_ai.system": "openai"}, '{"content": "Rain?"}'),
        SentEvent("gen_ai.choice", {"gen_ai.system": "openai"}, json.dumps(choice)),
    ]
    assert _facts(call).input_tokens == 31
    content = read_content(call, "", (), logs)
    assert content.input_messages == [_text("user", "Rain?")]
    part = {"type": "tool_call", "id": "c1", "name": "sky", "arguments": {"at": "Oslo"}}
    assert [message["parts"] for message in content.output_messages or []] == [[part]]
    assert content.finish_reasons == ("tool_call",)


def test_langchain4j_in_quarkus_sends_doubles_and_words_of_its_own() -> None:
    call = {
        "gen_ai.request.model": "m",
        "gen_ai.response.finish_reasons": "TOOL_EXECUTION",
        "gen_ai.usage.prompt_tokens": 31.0,
        "gen_ai.usage.completion_tokens": 22.0,
        "gen_ai.prompt": "Rain?",
        "gen_ai.completion": "No.",
    }
    facts = _facts(call)
    assert (facts.kind, facts.input_tokens, facts.output_tokens) == ("llm", 31, 22)
    content = read_content(call)
    assert (content.input_messages, content.output_messages) == ([_text("user", "Rain?")], [_text("assistant", "No.")])
    assert content.finish_reasons == ("tool_call",)
