"""The endpoint over a real socket, with the clients that people use."""

from collections.abc import Iterator

import httpx
import openai
import pytest
from langchain_openai import ChatOpenAI
from openai.types.chat import ChatCompletionMessageParam
from pydantic import SecretStr

from llm_tracing.qa.local_server import serving
from llm_tracing.qa.offline.conversation import Message
from llm_tracing.qa.offline.server import MAX_BODY_BYTES, MODEL, create_app
from llm_tracing.qa.offline.usage import text_tokens, usage_of

DDL = "CREATE TABLE Employee (EmployeeId INTEGER PRIMARY KEY, Name TEXT)"
SYSTEM = f"You write SQLite queries.\n\nSchema:\n{DDL}"
QUESTION = "How many employees are there?"
SQL = "SELECT COUNT(*) AS count FROM Employee"
MESSAGES: list[ChatCompletionMessageParam] = [
    {"role": "system", "content": SYSTEM},
    {"role": "user", "content": [{"type": "text", "text": QUESTION}]},
]
USAGE = usage_of([Message("system", SYSTEM), Message("user", QUESTION)], SQL)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(create_app()) as url:
        yield url


@pytest.fixture
def client(address: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{address}/v1", api_key="any", max_retries=0, timeout=30) as client:
        yield client


@pytest.fixture
def http(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=30) as client:
        yield client


def test_the_openai_client_gets_a_completion_with_estimated_usage(client: openai.OpenAI) -> None:
    found = client.chat.completions.create(
        model=MODEL, messages=MESSAGES, temperature=0, seed=1, response_format={"type": "text"}
    )
    assert found.id.startswith("chatcmpl-")
    assert found.model == MODEL
    assert found.choices[0].message.content == SQL
    assert found.choices[0].finish_reason == "stop"
    assert found.usage is not None
    assert found.usage.model_dump(exclude_none=True) == USAGE
    assert USAGE["estimated"] is True


def test_the_openai_client_streams_words_and_the_usage_last(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model=MODEL, messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    words = [c.choices[0].delta.content for c in chunks if c.choices and c.choices[0].delta.content]
    assert words == ["SELECT", " COUNT(*)", " AS", " count", " FROM", " Employee"]
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.model_dump(exclude_none=True) == USAGE
    assert all(c.usage is None for c in chunks[:-1])
    assert len({c.id for c in chunks}) == 1


def test_a_stream_without_the_option_has_no_usage(client: openai.OpenAI) -> None:
    chunks = list(client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True))
    assert all(c.usage is None and c.choices for c in chunks)


@pytest.mark.parametrize("streaming", [False, True])
def test_langchain_reads_the_answer_and_its_usage(address: str, streaming: bool) -> None:
    model = ChatOpenAI(
        model=MODEL, base_url=f"{address}/v1", api_key=SecretStr("any"), streaming=streaming, stream_usage=True
    )
    found = model.invoke([("system", SYSTEM), ("user", QUESTION)])
    assert found.content == SQL
    assert found.usage_metadata is not None
    assert found.usage_metadata["input_tokens"] == USAGE["prompt_tokens"]
    assert found.usage_metadata["output_tokens"] == USAGE["completion_tokens"]


def test_the_only_model_is_listed(client: openai.OpenAI) -> None:
    assert [m.id for m in client.models.list()] == [MODEL]
    assert client.models.retrieve(MODEL).id == MODEL


def test_an_unknown_model_is_not_found(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="gpt-4o-mini", messages=MESSAGES)
    assert caught.value.code == "model_not_found"
    assert caught.value.param == "model"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ("{", None),
        ("[]", None),
        ('{"messages": []}', "model"),
        ('{"model": 5, "messages": []}', "model"),
        ('{"model": "offline-sql"}', "messages"),
        ('{"model": "offline-sql", "messages": []}', "messages"),
        ('{"model": "offline-sql", "messages": "hi"}', "messages"),
        ('{"model": "offline-sql", "messages": ["hi"]}', "messages[0]"),
        ('{"model": "offline-sql", "messages": [{"role": "user", "content": 5}]}', "messages[0]"),
        ('{"model": "offline-sql", "messages": [{"role": "user", "content": [5]}]}', "messages[0]"),
        ('{"model": "offline-sql", "messages": [{"role": "user", "content": "x"}], "stream": "yes"}', "stream"),
        (
            '{"model": "offline-sql", "messages": [{"role": "u", "content": "x"}], "stream_options": 1}',
            "stream_options",
        ),
    ],
)
def test_a_bad_request_is_told_in_the_error_shape(http: httpx.Client, body: str, param: str | None) -> None:
    found = http.post("/v1/chat/completions", content=body)
    assert found.status_code == 400
    error = found.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["type"] == "invalid_request_error"
    assert error["param"] == param


def test_a_body_over_the_limit_is_refused(http: httpx.Client) -> None:
    found = http.post("/v1/chat/completions", content=b" " * (MAX_BODY_BYTES + 1))
    assert found.status_code == 413
    assert found.json()["error"]["type"] == "invalid_request_error"


def test_other_paths_and_methods_answer_in_the_error_shape(http: httpx.Client) -> None:
    assert http.get("/v1/embeddings").status_code == 404
    wrong = http.get("/v1/chat/completions")
    assert wrong.status_code == 405
    assert wrong.headers["allow"] == "POST"
    assert "error" in wrong.json()


def test_it_says_that_it_is_alive(http: httpx.Client) -> None:
    assert http.get("/healthz").json() == {"status": "ok", "model": MODEL}


def test_tokens_are_a_quarter_of_the_bytes_rounded_up() -> None:
    assert [text_tokens(t) for t in ("", "a", "abcd", "abcde", "éé", "ééé")] == [0, 1, 1, 2, 1, 2]
    usage = usage_of([Message("system", "abcd"), Message("user", "abcdefgh")], "abc")
    assert usage == {"prompt_tokens": 13, "completion_tokens": 1, "total_tokens": 14, "estimated": True}
