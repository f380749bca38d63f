"""The service as it starts with nothing set: the offline model answers over a real socket."""

import threading
from collections.abc import Iterator

import httpx
import pytest

from llm_tracing.qa.service import serve
from llm_tracing.qa.settings import QaSettings


@pytest.fixture
def client(settings: QaSettings) -> Iterator[httpx.Client]:
    urls: list[str] = []
    is_ready, stop = threading.Event(), threading.Event()

    def on_ready(url: str) -> None:
        urls.append(url)
        is_ready.set()

    thread = threading.Thread(target=serve, args=(settings, on_ready, stop))
    thread.start()
    try:
        assert is_ready.wait(30)
        with httpx.Client(base_url=urls[0], timeout=60) as client:
            yield client
    finally:
        stop.set()
        thread.join(10)


def test_the_two_known_questions_are_answered_rightly(client: httpx.Client) -> None:
    albums = client.get("/ask", params={"question": "list the most popular albums"}).json()
    assert albums["error"] is None
    found = [(title, sold) for title, sold in (row[-2:] for row in albums["rows"][:5])]
    assert found == [
        ("Minha Historia", 27),
        ("Greatest Hits", 26),
        ("Unplugged", 25),
        ("Acústico", 22),
        ("Greatest Kiss", 20),
    ]
    for title, sold in found:
        assert title in albums["answer"]
        assert str(sold) in albums["answer"]

    employees = client.get("/ask", params={"question": "How many employees are there?"}).json()
    assert employees["rows"] == [[8]]
    assert "8" in employees["answer"]
    assert employees["model"] == "offline-sql"
    assert employees["usage"]["total_tokens"] > 0


@pytest.mark.parametrize(
    "question",
    [
        "Which country has the most customers?",
        "What are the total sales per year?",
        "Which genre has the most tracks?",
        "Who are the top 5 customers by total spent?",
    ],
)
def test_every_example_of_the_page_is_answered(client: httpx.Client, question: str) -> None:
    body = client.get("/ask", params={"question": question}).json()
    assert body["error"] is None
    assert body["sql"], body["answer"]
    assert body["row_count"] > 0


def test_what_the_schema_cannot_tell_is_said_and_not_invented(client: httpx.Client) -> None:
    body = client.get("/ask", params={"question": "What is the weather in Lisbon tomorrow?"}).json()
    assert (body["sql"], body["rows"]) == (None, [])
    assert body["answer"]
