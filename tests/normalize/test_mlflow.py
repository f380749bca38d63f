"""MLflow's attributes, JSON text all of them, read into the canonical model."""

import json
from typing import Any

import pytest

from llm_tracing.normalize.conventions import CONTENT_ATTRIBUTES, read_content, read_facts
from llm_tracing.normalize.conventions.contract import Facts, SentEvent

REQUEST = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hi"}]}
RESPONSE = {
    "id": "chatcmpl-1",
    "model": "gpt-4o-mini-2024-07-18",
    "choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": "Hello"}}],
    "usage": {
        "prompt_tokens": 1312,
        "completion_tokens": 186,
        "completion_tokens_details": {"reasoning_tokens": 128},
    },
}
CALL = {
    "mlflow.spanType": '"CHAT_MODEL"',
    "mlflow.spanInputs": json.dumps(REQUEST),
    "mlflow.spanOutputs": json.dumps(RESPONSE),
    "mlflow.message.format": '"openai"',
    "mlflow.llm.model": '"gpt-4o-mini-2024-07-18"',
    "mlflow.chat.tokenUsage": '{"input_tokens": 1312, "output_tokens": 186, "cache_read_input_tokens": 1024}',
}


def _facts(attributes: dict[str, Any]) -> Facts:
    found = read_facts(attributes)
    assert found is not None
    return found


def _text(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("LLM", "llm"), ("CHAT_MODEL", "llm"), ("EMBEDDING", "embedding"), ("RETRIEVER", "retriever"),
        ("RERANKER", "reranker"), ("TOOL", "tool"), ("AGENT", "agent"), ("CHAIN", "chain"), ("PARSER", "chain"),
        ("MEMORY", "chain"), ("WORKFLOW", "chain"), ("TASK", "chain"), ("GUARDRAIL", "guardrail"),
        ("EVALUATOR", "evaluator"), ("UNKNOWN", "chain"), ("MY_OWN", None),
    ],
)  # fmt: skip
def test_the_type_is_the_kind_quoted_or_not(type_: str, kind: str | None) -> None:
    assert _facts({"mlflow.spanType": f'"{type_}"'}).kind == kind
    assert _facts({"mlflow.spanType": type_}).kind == kind


def test_models_tokens_and_id_are_those_of_attributes_and_response() -> None:
    facts = _facts(CALL)
    assert (facts.operation, facts.provider, facts.response_id) == ("chat", "openai", "chatcmpl-1")
    assert (facts.request_model, facts.response_model) == ("gpt-4o-mini", "gpt-4o-mini-2024-07-18")
    assert (facts.input_tokens, facts.output_tokens) == (1312, 186)
    assert (facts.cache_read_tokens, facts.reasoning_tokens) == (1024, 128)
    assert dict(facts.usage_sources) == {
        "input_tokens": "mlflow.chat.tokenUsage",
        "output_tokens": "mlflow.chat.tokenUsage",
        "cache_read_tokens": "mlflow.chat.tokenUsage",
        "reasoning_tokens": "mlflow.spanOutputs",
    }


def test_a_failed_call_has_only_the_model_it_asked_for() -> None:
    failed = {name: value for name, value in CALL.items() if name not in ("mlflow.spanOutputs", "mlflow.llm.model")}
    assert (_facts(failed).request_model, _facts(failed).response_model) == ("gpt-4o-mini", None)


def test_the_cache_is_part_of_the_input_where_anthropic_leaves_it_out() -> None:
    usage = {"input_tokens": 2021, "output_tokens": 9, "cache_read_input_tokens": 40, "cache_creation_input_tokens": 0}
    response = {"role": "assistant", "content": [{"type": "text", "text": "Hello"}], "usage": usage}
    own = {"mlflow.chat.tokenUsage": json.dumps({**usage, "total_tokens": 2030})}
    anthropic = {**CALL, **own, "mlflow.message.format": '"anthropic"', "mlflow.spanOutputs": json.dumps(response)}
    facts = _facts(anthropic)
    assert (facts.provider, facts.input_tokens, facts.cache_read_tokens) == ("anthropic", 2061, 40)
    assert _facts({**anthropic, "mlflow.spanOutputs": '"Hello"'}).input_tokens == 2021
    few = json.dumps({"input_tokens": 21, "output_tokens": 9, "cache_read_input_tokens": 1840})
    assert _facts({**anthropic, "mlflow.spanOutputs": '"Hello"', "mlflow.chat.tokenUsage": few}).input_tokens == 1861


@pytest.mark.parametrize(
    ("attributes", "provider"),
    [
        ({"mlflow.llm.provider": '"anthropic"', "mlflow.message.format": '"langchain"'}, "anthropic"),
        ({"mlflow.message.format": '"gemini"'}, "gcp.gemini"),
        ({"mlflow.message.format": '"vercel_ai"'}, None),
        ({"mlflow.message.format": '"dspy"'}, None),
        ({"mlflow.message.format": '"langchain"', "metadata": '{"ls_provider": "openai"}'}, "openai"),
    ],
)
def test_a_format_is_a_provider_unless_it_is_a_framework(attributes: dict[str, Any], provider: str | None) -> None:
    assert _facts({"mlflow.spanType": '"LLM"', **attributes}).provider == provider


def test_session_user_and_cost_are_read() -> None:
    facts = _facts(
        {**CALL, "mlflow.trace.session": '"s"', "mlflow.trace.user": '"u"', "mlflow.llm.cost": '{"total_cost": 0.5}'}
    )
    assert (facts.session_id, facts.user_id, facts.client_cost_pico_usd) == ("s", "u", 500_000_000_000)
    assert _facts({**CALL, "mlflow.llm.cost": '{"total_cost": 0}'}).client_cost_pico_usd is None


def test_the_exchange_is_the_providers_own() -> None:
    content = read_content(CALL)
    assert content.input_messages == [_text("user", "Hi")]
    assert content.output_messages == [{**_text("assistant", "Hello"), "finish_reason": "stop"}]
    assert content.finish_reasons == ("stop",)
    assert (content.input, content.output, content.streaming) == (None, None, None)


@pytest.mark.parametrize(
    ("attributes", "events"),
    [
        ({"mlflow.spanInputs": json.dumps({**REQUEST, "stream": True})}, ()),
        ({"stream": "true"}, ()),
        ({}, (SentEvent("mlflow.chunk.item.0", {}),)),
    ],
)
def test_a_stream_is_told_by_the_request_or_by_its_chunks(attributes: dict[str, Any], events: Any) -> None:
    assert read_content({**CALL, **attributes}, "", events).streaming is True


def test_langchain_messages_and_results_are_read() -> None:
    asked = [[{"type": "system", "content": "Be kind."}, {"type": "human", "content": "Hi"}]]
    message = {
        "type": "ai",
        "content": "Hello",
        "response_metadata": {"model_name": "gpt-4o-2024", "finish_reason": "stop"},
        "usage_metadata": {"input_tokens": 9, "output_tokens": 3, "input_token_details": {"cache_read": 4}},
    }
    told = {"generations": [[{"text": "Hello", "message": message}]], "llm_output": {}}
    langchain = {
        "mlflow.spanType": '"CHAT_MODEL"',
        "mlflow.spanInputs": json.dumps(asked),
        "mlflow.spanOutputs": json.dumps(told),
        "invocation_params": '{"model": "gpt-4o"}',
    }
    facts, content = _facts(langchain), read_content(langchain)
    assert (facts.request_model, facts.response_model) == ("gpt-4o", "gpt-4o-2024")
    assert (facts.input_tokens, facts.output_tokens, facts.cache_read_tokens) == (9, 3, 4)
    assert content.input_messages == [_text("system", "Be kind."), _text("user", "Hi")]
    assert content.output_messages == [_text("assistant", "Hello")]
    assert content.finish_reasons == ("stop",)


def test_a_tool_is_named_by_its_function_and_its_result_is_json_in_json() -> None:
    tool = read_content(
        {
            "mlflow.spanType": '"TOOL"',
            "mlflow.spanFunctionName": '"get_weather"',
            "mlflow.spanInputs": '{"city": "Paris"}',
            "mlflow.spanOutputs": '"{\\"temp\\": 18}"',
        },
        "a span",
    ).tool
    assert tool is not None
    assert (tool.name, tool.arguments, tool.result) == ("get_weather", {"city": "Paris"}, {"temp": 18})
    unnamed = read_content({"mlflow.spanType": '"TOOL"', "mlflow.spanOutputs": '"14:05"'}, "get_time").tool
    assert unnamed is not None
    assert (unnamed.name, unnamed.result) == ("get_time", "14:05")


def test_retrieved_documents_are_texts_or_mlflows_documents() -> None:
    documents = [{"page_content": "Refunds.", "metadata": {"doc_uri": "a"}, "id": "1"}, "Gift cards."]
    content = read_content(
        {
            "mlflow.spanType": '"RETRIEVER"',
            "mlflow.spanInputs": '{"q": "refunds?"}',
            "mlflow.spanOutputs": json.dumps(documents),
        }
    )
    assert (content.input, content.output) == ("refunds?", None)
    assert content.documents == [
        {"id": "1", "content": "Refunds.", "metadata": {"doc_uri": "a"}},
        {"content": "Gift cards.", "metadata": None},
    ]


def test_an_embedding_shows_its_texts_and_counts_them() -> None:
    embedding = {
        "mlflow.spanType": '"EMBEDDING"',
        "mlflow.spanInputs": '{"model": "text-embedding-3-small", "input": ["a", "b"]}',
        "mlflow.spanOutputs": '{"data": [], "model": "text-embedding-3-small", "usage": {"prompt_tokens": 6}}',
    }
    assert read_content(embedding).input == ["a", "b"]
    facts = _facts(embedding)
    assert (facts.kind, facts.input_tokens, facts.response_model) == ("embedding", 6, "text-embedding-3-small")


def test_inputs_and_outputs_are_content() -> None:
    assert {"mlflow.spanInputs", "mlflow.spanOutputs"} <= CONTENT_ATTRIBUTES


@pytest.mark.parametrize("value", ["{", "[]", "null", '"x', 7, True, float("nan"), "[" * 5000, '{"usage": 3}', [1]])
def test_odd_values_raise_nothing(value: Any) -> None:
    for kind in ("CHAT_MODEL", "TOOL", "RETRIEVER", "EMBEDDING", "CHAIN", value):
        attributes = {**dict.fromkeys(CALL, value), "mlflow.spanType": kind, "mlflow.llm.cost": value, "model": value}
        assert read_facts(attributes) is not None
        read_content(attributes, "x")


def test_the_format_names_the_provider_that_serves_the_models_of_others() -> None:
    sent = {"mlflow.spanType": '"CHAT_MODEL"', "mlflow.llm.provider": '"anthropic"'}
    facts = read_facts({**sent, "mlflow.message.format": '"bedrock"'})
    assert facts is not None
    assert facts.provider == "aws.bedrock"
    facts = read_facts({**sent, "mlflow.message.format": '"langchain"'})
    assert facts is not None
    assert facts.provider == "anthropic"


def test_a_request_whose_body_is_json_text_has_its_messages() -> None:
    body = json.dumps({"system": "Be kind.", "messages": [{"role": "user", "content": "Hi?"}]})
    asked = json.dumps({"modelId": "m", "body": body})
    content = read_content({"mlflow.spanType": '"LLM"', "mlflow.spanInputs": asked})
    assert content.input_messages == [{"role": "user", "parts": [{"type": "text", "content": "Hi?"}]}]
    assert content.system_instructions == [{"type": "text", "content": "Be kind."}]
