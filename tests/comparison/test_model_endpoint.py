"""The model of the comparison, and the proxy that counts: over real sockets."""

from collections.abc import Iterator

import httpx
import pytest

from llm_tracing.comparison.model_endpoint import BAD_STATEMENT, FAILING_QUESTION, ModelEndpoint
from llm_tracing.comparison.traffic import Traffic
from llm_tracing.qa.local_server import serving


@pytest.fixture
def endpoint() -> ModelEndpoint:
    return ModelEndpoint()


@pytest.fixture
def http(endpoint: ModelEndpoint) -> Iterator[httpx.Client]:
    with serving(endpoint) as address, httpx.Client(base_url=address, trust_env=False) as client:
        yield client


def _complete(http: httpx.Client, text: str) -> httpx.Response:
    messages = [{"role": "system", "content": "You write SQLite queries."}, {"role": "user", "content": text}]
    return http.post("/v1/chat/completions", json={"model": "offline-sql", "messages": messages})


def test_it_refuses_once_and_then_answers_and_keeps_what_it_was_sent(
    endpoint: ModelEndpoint, http: httpx.Client
) -> None:
    endpoint.refuse_next = True
    assert [_complete(http, "hello").status_code for _ in range(2)] == [429, 200]
    assert [messages[1]["content"] for messages in endpoint.taken] == ["hello"]


def test_of_one_question_it_writes_a_statement_that_fails(http: httpx.Client) -> None:
    answer = _complete(http, FAILING_QUESTION).json()
    assert answer["choices"][0]["message"]["content"] == BAD_STATEMENT
    assert http.post("/v1/chat/completions", content=b"{").status_code == 400


def test_the_proxy_passes_all_on_and_counts_bytes_by_path(http: httpx.Client) -> None:
    traffic = Traffic(str(http.base_url))
    with serving(traffic) as address, httpx.Client(base_url=address, trust_env=False) as through:
        assert through.get("/healthz?x=1").json()["status"] == "ok"
        assert through.post("/v1/chat/completions", content=b"{").status_code == 400
        assert through.get("/nowhere").status_code == 404
    assert traffic.counted() == {
        "GET /healthz": (1, 0),
        "POST /v1/chat/completions": (1, 1),
        "GET /nowhere": (1, 0),
    }


def test_a_server_that_is_gone_is_a_bad_gateway() -> None:
    with serving(Traffic("http://127.0.0.1:1")) as address:
        assert httpx.get(f"{address}/v1/traces", trust_env=False).status_code == 502
