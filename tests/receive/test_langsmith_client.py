"""The real LangSmith client against a real server: what a traced program did is what the server shows."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from llm_tracing.api import schema
from tests.running import Running

langsmith = pytest.importorskip("langsmith")

Json = Any
ANSWER = {
    "id": "chatcmpl-1",
    "model": "gpt-4o-mini-2024-07-18",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "42 albums."}}],
    "usage_metadata": {"input_tokens": 30, "output_tokens": 4, "input_token_details": {"cache_read": 10}},
}


@pytest.fixture(params=[{}, {"auto_batch_tracing": False}], ids=["multipart", "one by one"])
def client(server: Running, request: pytest.FixtureRequest) -> Iterator[Any]:
    made = langsmith.Client(api_url=f"{server.addresses.http}/langsmith", api_key="x", **request.param)
    with langsmith.tracing_context(enabled=True, client=made, project_name="shop"):
        yield made
    made.cleanup()


def _told(server: Running, client: Any) -> list[schema.Span]:
    client.flush()
    [trace] = server.traces()
    return server.trace(trace.trace_id).spans


def _traced(**settings: Json) -> Callable[..., Any]:
    decorate: Callable[..., Any] = langsmith.traceable(**settings)
    return decorate


def test_a_nested_program(server: Running, client: Any) -> None:
    @_traced(run_type="llm", name="ChatOpenAI", metadata={"ls_provider": "openai", "ls_model_name": "gpt-4o-mini"})
    def ask(messages: list[dict[str, str]]) -> dict[str, Json]:
        return ANSWER

    @_traced(run_type="tool")
    def run_sql(query: str) -> str:
        return '[{"count": 42}]'

    @_traced(metadata={"session_id": "s1", "user_id": "u1"}, tags=["nightly"])
    def answer(question: str) -> str:
        run_sql(query="SELECT count(*) FROM Album")
        said = ask(messages=[{"role": "system", "content": "Be short."}, {"role": "user", "content": question}])
        return str(said["choices"][0]["message"]["content"])

    answer(question="How many albums?")
    root, tool, call = _told(server, client)
    assert [(span.name, span.depth, span.status) for span in (root, tool, call)] == [
        ("answer", 0, "ok"),
        ("run_sql", 1, "ok"),
        ("ChatOpenAI", 1, "ok"),
    ]
    assert (root.input, root.output, root.service) == ({"question": "How many albums?"}, "42 albums.", "shop")
    assert root.attributes["langsmith.span.tags"] == ["nightly"]
    assert (root.session_id, root.user_id) == ("s1", "u1")
    assert tool.tool is not None
    assert (tool.tool.name, tool.tool.arguments) == ("run_sql", {"query": "SELECT count(*) FROM Album"})
    assert tool.tool.result == [{"count": 42}]
    assert (call.kind, call.provider, call.request_model) == ("llm", "openai", "gpt-4o-mini")
    assert (call.response_model, call.finish_reasons) == ("gpt-4o-mini-2024-07-18", ["stop"])
    assert call.usage is not None
    assert (call.usage.input_tokens, call.usage.output_tokens, call.usage.cache_read_tokens) == (30, 4, 10)
    assert [message["role"] for message in call.input_messages or []] == ["system", "user"]
    assert call.output_messages == [{"role": "assistant", "parts": [{"type": "text", "content": "42 albums."}]}]
    assert root.resource.attributes["telemetry.sdk.language"] == "python"


def test_a_failed_step(server: Running, client: Any) -> None:
    @_traced(run_type="tool")
    def divide(a: int) -> float:
        return a / 0

    with pytest.raises(ZeroDivisionError):
        divide(a=1)
    [span] = _told(server, client)
    assert span.status == "error"
    assert span.error is not None
    assert (span.error.type, span.error.message) == ("ZeroDivisionError", "division by zero")
    assert "Traceback" in span.attributes["langsmith.error"]


def test_a_streamed_answer(server: Running, client: Any) -> None:
    @_traced(run_type="llm", name="stream")
    def stream(prompt: str) -> Iterator[str]:
        yield from ("Jazz ", "began ", "there.")

    assert list(stream(prompt="Tell me about jazz")) == ["Jazz ", "began ", "there."]
    [span] = _told(server, client)
    assert (span.kind, span.streaming, span.status) == ("llm", True, "ok")
    assert int(span.time_to_first_token_ns or -1) >= 0
    assert span.input_messages == [{"role": "user", "parts": [{"type": "text", "content": "Tell me about jazz"}]}]
    assert span.output_messages == [{"role": "assistant", "parts": [{"type": "text", "content": "Jazz began there."}]}]


def test_many_runs_of_one_millisecond_are_all_there(server: Running, client: Any) -> None:
    @_traced()
    def step(number: int) -> int:
        return number

    @_traced()
    def loop() -> int:
        return sum(step(number=number) for number in range(60))

    loop()
    root, *steps = _told(server, client)
    assert sorted(span.output for span in steps) == list(range(60))
    assert {span.parent_span_id for span in steps} == {root.span_id}
