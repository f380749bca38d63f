"""Real clients around the reference service: whichever is used, the server tells the same of the same question."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest

from llm_tracing.api import schema
from llm_tracing.normalize.preview import PREVIEW
from tests.live.approaches import APPROACHES, Approach
from tests.live.place import QUESTION, Place, Told, place
from tests.live.words import texts

pytestmark = pytest.mark.long
Asked = dict[str, Future[Told]]
each_approach = pytest.mark.parametrize("chosen", APPROACHES, ids=lambda chosen: chosen.name)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """Every client's question, two at a time; each test waits for its own."""
    with place(Path(tmp_path_factory.mktemp("live"))) as at, ThreadPoolExecutor(2) as pool:
        yield {chosen.name: pool.submit(Place.ask, at, chosen) for chosen in APPROACHES}
        pool.shutdown(cancel_futures=True)


def test_the_two_calls_are_those_that_the_service_made(asked: Asked) -> None:
    told = asked["otel"].result()
    write, word = [texts(call) for call in told.calls]
    assert [role for role, _ in write] == [role for role, _ in word] == ["system", "user", "assistant"]
    assert write[0][1].startswith("You write SQLite queries.")
    assert write[1:] == [("user", QUESTION), ("assistant", told.sql)]
    assert word[1][1].startswith(f"Question: {QUESTION}\n\nSQL query:\n{told.sql}\n\nResult (JSON, 5 rows):")
    assert word[2][1].strip() == told.answer
    assert "Minha Historia (27)" in told.answer
    usage, cost = told.trace.trace.usage, told.trace.trace.cost
    assert None not in (usage.input_tokens, usage.output_tokens)
    assert Decimal(str(cost.total_usd)) * 1_000_000 == usage.input_tokens + 2 * usage.output_tokens  # type: ignore[operator]


@each_approach
def test_every_client_shows_the_same_two_calls(asked: Asked, chosen: Approach) -> None:
    told, first = asked[chosen.name].result(), asked["otel"].result()
    assert (told.sql, told.answer) == (first.sql, first.answer)
    assert told.trace.trace.llm_call_count == len(told.calls) == 2
    assert [texts(call) for call in told.calls] == [texts(call) for call in first.calls]


@each_approach
def test_every_client_gives_the_same_tokens_and_cost(asked: Asked, chosen: Approach) -> None:
    told, first = asked[chosen.name].result(), asked["otel"].result()
    assert [_tokens(call.usage) for call in told.calls] == [_tokens(call.usage) for call in first.calls]
    assert _tokens(told.trace.trace.usage) == _tokens(first.trace.trace.usage)
    assert told.trace.trace.cost == first.trace.trace.cost
    assert [call.cost for call in told.calls] == [call.cost for call in first.calls]


@each_approach
def test_every_client_tells_question_answer_and_protocol_in_the_list(asked: Asked, chosen: Approach) -> None:
    told = asked[chosen.name].result()
    summary = told.trace.trace
    assert summary.input == QUESTION
    assert summary.output == told.answer[:PREVIEW]
    assert summary.sources == chosen.sources
    assert summary.models == ["offline-sql"]


def test_runs_sent_by_both_protocols_are_one_tree_below_the_request(asked: Asked) -> None:
    told = asked["langsmith-hybrid"].result()
    assert (told.trace.spans[0].name, told.trace.spans[0].kind) == ("GET /ask", "server")
    assert not any(span.is_orphan for span in told.trace.spans)
    runs = [span for span in told.trace.spans if "langsmith" in span.sources]
    assert Counter(span.name for span in runs) == Counter(
        {"answer question": 1, "write SQL": 1, "run SQL": 1, "word answer": 1, "ChatPromptTemplate": 2, "ChatOpenAI": 2}
    )
    assert {tuple(span.sources) for span in runs} == {("otlp", "langsmith")}
    [whole] = [span for span in runs if span.name == "answer question"]
    assert whole.parent_span_id == told.trace.spans[0].span_id


def _tokens(usage: schema.Usage | None) -> tuple[int | None, int | None, int | None] | None:
    return (usage.input_tokens, usage.output_tokens, usage.total_tokens) if usage else None
