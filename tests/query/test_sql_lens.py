"""Episodes of text-to-SQL in what real clients sent, and in the shapes that such traces have."""

from pathlib import Path
from uuid import UUID

import pytest

from llm_tracing.query.rows_then_and_now import compare_rows
from llm_tracing.query.sql_lens import Episode, sql_episodes
from llm_tracing.query.sql_rows import ResultTable, table_in
from llm_tracing.query.sql_text import placeholders, statement_in, what_changed
from llm_tracing.query.view import trace_view
from llm_tracing.store.duck import DuckDBStore
from tests.builders import batch_of, trace_hex, trace_request
from tests.normalize.corpus import CORPUS, Case, replay
from tests.query.sql_questions import SQL, question, rows

# One of each way to be observed: runs, and spans of every camp, with a chain (s4) and with an agent (s8).
CLIENTS = (
    "langsmith-langchain-0.15.0/s4",
    "langsmith-langchain-0.15.0/s8",
    "langsmith-js-0.12.0/s8",
    "openinference-langchain-old-0.1.29/s4",
    "traceloop-langchain-0.62.4/s4",
    "otel-genai-langchain-event-1.3b0/s8",
    "openlit-langchain-1.45.0/s8",
    "langfuse-openai-5.0.4/s4",
    "pydantic-ai-2.62.0/s8",
    "vercel-ai-sdk-6.0.326/s8",
)


@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_gives_one_episode_with_its_rows(client: str, tmp_path: Path) -> None:
    case = Case(CORPUS / client)
    store = DuckDBStore(tmp_path)
    try:
        replay(case, store)
        stored = [store.trace(UUID(trace).bytes) for trace in case.meta()["on_wire"]["traces"]]
    finally:
        store.close()
    episodes = [episode for trace in stored if trace for episode in sql_episodes(trace_view(trace))]
    assert len(episodes) == 1
    [step] = episodes[0].steps
    assert episodes[0].question is not None
    assert episodes[0].question.text == "list the most popular albums"
    assert episodes[0].answer is not None
    assert "Minha Historia" in episodes[0].answer.text
    assert step.generated is not None
    assert step.generated.text.startswith("SELECT al.Title AS album")
    assert (step.outcome, step.row_count) == ("rows", 3)
    assert step.table is not None
    assert step.table.rows[0] == ["Minha Historia", 27]


def test_a_plain_application_with_a_database_has_no_episode(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path)
    try:
        case = Case(CORPUS / "otel-distro-flask-0.66b1/s5")
        replay(case, store)
        for trace in case.meta()["on_wire"]["traces"]:
            stored = store.trace(UUID(trace).bytes)
            assert stored is not None
            assert sql_episodes(trace_view(stored)) == []
    finally:
        store.close()


def _of(tmp_path: Path, trace: str, *requests: object) -> list[Episode]:
    store = DuckDBStore(tmp_path)
    try:
        store.write(batch_of(*requests))  # type: ignore[arg-type]
        stored = store.trace(bytes.fromhex(trace))
        assert stored is not None
        return sql_episodes(trace_view(stored))
    finally:
        store.close()


def test_a_statement_handed_to_the_tool_otherwise_than_written_is_marked(tmp_path: Path) -> None:
    trace = trace_hex(1)
    [episode] = _of(tmp_path, trace, trace_request(*question(trace, given=f"{SQL} LIMIT 10", result=rows())))
    [step] = episode.steps
    assert (step.executed_by, step.changes, step.outcome) == ("tool", ["LIMIT 10 was added."], "empty")


def test_a_running_tool_is_running(tmp_path: Path) -> None:
    trace = trace_hex(2)
    spans = question(trace, answer=None)
    spans[3].end_time_unix_nano = 0
    [episode] = _of(tmp_path, trace, trace_request(*spans))
    assert episode.steps[0].outcome == "running"


@pytest.mark.parametrize(
    ("reply", "statement", "alone"),
    [
        ("SELECT 1", "SELECT 1", True),
        ("```sql\nSELECT a FROM b;\n```", "SELECT a FROM b", True),
        ("Here it is:\n```\nSELECT a FROM b\n```", "SELECT a FROM b", False),
        ("<think>hm</think>WITH x AS (SELECT 1) SELECT * FROM x", "WITH x AS (SELECT 1) SELECT * FROM x", True),
        ('{"sql": "SELECT a FROM b"}', "SELECT a FROM b", True),
        ("DELETE FROM Album", "DELETE FROM Album", True),
    ],
)
def test_a_statement_is_found_in_a_reply(reply: str, statement: str, alone: bool) -> None:
    assert statement_in(reply) == (statement, alone)


@pytest.mark.parametrize("reply", ["", "Select the best album for me, please?\n\nThanks", "I can't.", "With pleasure."])
def test_a_sentence_is_no_statement(reply: str) -> None:
    assert statement_in(reply) is None


@pytest.mark.parametrize(
    ("written", "executed", "says"),
    [
        ("SELECT a FROM b;", "select  a\nfrom b", []),
        ("SELECT a FROM b", "SELECT a FROM b /*traceparent='00-1'*/", []),
        ("SELECT a FROM b LIMIT 500", "SELECT a FROM b LIMIT 200", ["LIMIT 500 became LIMIT 200."]),
        ("SELECT a FROM b WHERE c = 'x'", "SELECT a FROM b WHERE c = ?", ["1 value is bound as a parameter."]),
        ("SELECT a FROM b", "SELECT z FROM b", ["The statement that ran is worded differently."]),
    ],
)
def test_what_changed_on_the_way_is_said(written: str, executed: str, says: list[str]) -> None:
    assert what_changed(written, executed) == says


def test_a_question_mark_in_a_text_is_no_placeholder() -> None:
    assert placeholders("SELECT 'why?', b::int FROM t WHERE a = ? AND c = :name AND d = %s") == 3


@pytest.mark.parametrize(
    ("result", "table"),
    [
        ('{"columns": ["a"], "rows": [[1]], "truncated": true}', ResultTable(["a"], [[1]], True)),
        ([{"a": 1}, {"b": 2}], ResultTable(["a", "b"], [[1, None], [None, 2]])),
        ("[('Minha Historia', 27)]", ResultTable(["1", "2"], [["Minha Historia", 27]])),
        ({"type": "tool", "data": {"content": "[[1]]"}}, ResultTable(["1"], [[1]])),
        ("", ResultTable([], [])),
        ("Error: no such table", None),
        (3, None),
        ({"rows": "many"}, None),
    ],
)
def test_rows_are_read_in_the_shapes_that_tools_give(result: object, table: ResultTable | None) -> None:
    assert table_in(result) == table


def test_rows_are_compared_by_value_and_count() -> None:
    then = ResultTable(["n"], [[27], ["x"], ["x"]])
    assert compare_rows(then, ResultTable(["n"], [["27.0"], ["x"], ["x"]])).same is True
    assert compare_rows(then, ResultTable(["n"], [["x"], [27], ["x"]])).words.endswith("in another order.")
    less = compare_rows(then, ResultTable(["n"], [[27], ["x"]]))
    assert (less.same, less.gone_rows, less.new_rows) == (False, [2], [])
    assert compare_rows(None, then).same is None
