"""The chain against an endpoint that says what the test gave it, over a real socket."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.tracers.context import register_configure_hook

from llm_tracing.qa.chain import MAX_RESULT_CHARS, QuestionChain, run_sql_tool
from llm_tracing.qa.database import Database
from llm_tracing.qa.errors import ModelProblem, ModelTimeout, StatementRefused
from llm_tracing.qa.model import choose_model, open_model
from llm_tracing.qa.settings import QaSettings
from tests.qa.scripted import Failure, Scripted, scripted_endpoint

COUNT = "SELECT COUNT(*) AS n FROM Employee"

Start = Callable[..., tuple[QuestionChain, Scripted]]


@pytest.fixture
def start(chinook: Database, settings: QaSettings) -> Iterator[Start]:
    with ExitStack() as stack:

        def make(*replies: str | Failure, usage: bool = True, **changes: object) -> tuple[QuestionChain, Scripted]:
            script = stack.enter_context(scripted_endpoint(*replies, usage=usage))
            used = settings.model_copy(update={"model": "scripted", "base_url": script.base_url, **changes})
            choice = choose_model(used)
            return QuestionChain(chinook, open_model(choice, used), choice, used), script

        yield make


def test_a_question_takes_two_calls_with_the_agreed_prompts(start: Start, chinook: Database) -> None:
    chain, script = start(COUNT, "There are 8 employees.")
    answer = chain.ask("How many employees are there?")

    assert (answer.text, answer.sql, answer.error) == ("There are 8 employees.", COUNT, None)
    assert answer.rows is not None
    assert (answer.rows.columns, answer.rows.rows) == (["n"], [[8]])
    assert len(script.requests) == 2
    assert script.messages(0) == [
        (
            "system",
            "You write SQLite queries. Reply with one read-only SELECT statement and nothing else. "
            "If the question cannot be answered from this schema, reply with one sentence that says why."
            f"\n\nSchema:\n{chinook.schema_text()}",
        ),
        ("user", "How many employees are there?"),
    ]
    assert script.messages(1) == [
        (
            "system",
            "You answer questions about a database from the result of a query. Use only the result. "
            "If the result is empty, say so.",
        ),
        (
            "user",
            "Question: How many employees are there?\n\nSQL query:\nSELECT COUNT(*) AS n FROM Employee\n\n"
            'Result (JSON, 1 rows):\n{"columns": ["n"], "rows": [[8]]}',
        ),
    ]
    assert [(call["temperature"], call.get("stream", False)) for call in script.requests] == [(0.0, False)] * 2


def test_usage_is_the_sum_of_the_calls(start: Start) -> None:
    chain, _ = start("DROP TABLE Artist", COUNT, "8")
    usage = chain.ask("How many employees?").usage
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens, usage.total_tokens) == (300, 30, 330)


def test_usage_is_unknown_when_the_endpoint_does_not_tell(start: Start) -> None:
    chain, _ = start(COUNT, "8", usage=False)
    assert chain.ask("How many employees?").usage is None


def test_a_refused_statement_is_told_to_the_model_once(start: Start) -> None:
    chain, script = start("```sql\nDELETE FROM Employee;\n```", COUNT, "There are 8.")
    answer = chain.ask("How many employees?")

    assert (answer.text, answer.sql, answer.error) == ("There are 8.", COUNT, None)
    [attempt] = answer.attempts
    assert attempt.sql == "DELETE FROM Employee"
    assert script.messages(1) == [
        *script.messages(0),
        ("assistant", "```sql\nDELETE FROM Employee;\n```"),
        ("user", "The statement was refused: Only a SELECT may run, this is DELETE. Write another one."),
    ]


def test_a_failing_statement_is_told_to_the_model_in_the_words_of_the_database(start: Start) -> None:
    chain, script = start("SELECT Nme FROM Employee", COUNT, "There are 8.")
    assert chain.ask("How many employees?").text == "There are 8."
    assert script.messages(1)[-1] == (
        "user",
        "The statement failed: no such column: Nme. Write another one.",
    )


def test_the_second_refusal_is_told_to_the_person(start: Start) -> None:
    chain, script = start("DELETE FROM Employee", "DROP TABLE Employee")
    answer = chain.ask("Remove all employees")

    assert len(script.requests) == 2, "the model is asked for a statement twice and no more"
    assert isinstance(answer.error, StatementRefused)
    assert "refused: Only a SELECT may run, this is DROP." in answer.text
    assert answer.sql == "DROP TABLE Employee"
    assert answer.rows is None
    assert [attempt.sql for attempt in answer.attempts] == ["DELETE FROM Employee", "DROP TABLE Employee"]


def test_a_sentence_goes_on_to_the_person(start: Start) -> None:
    chain, script = start("The schema has no weather data.")
    answer = chain.ask("How is the weather?")
    assert (answer.text, answer.sql, answer.rows, answer.error) == (
        "The schema has no weather data.",
        None,
        None,
        None,
    )
    assert len(script.requests) == 1


def test_a_sentence_after_a_refusal_goes_on_to_the_person(start: Start) -> None:
    chain, _ = start("DELETE FROM Employee", "I may only read.")
    answer = chain.ask("Remove all employees")
    assert (answer.text, answer.error, len(answer.attempts)) == ("I may only read.", None, 1)


def test_half_a_character_in_a_reply_is_replaced(start: Start) -> None:
    chain, _ = start(COUNT, "There are 8 \ud83d.")
    assert chain.ask("How many employees?").text == "There are 8 ?."


def test_an_empty_reply_is_told_and_asked_again(start: Start) -> None:
    chain, script = start("", COUNT, "8")
    assert chain.ask("How many employees?").text == "8"
    assert script.messages(1)[-1][1].startswith("The statement was refused: The model's reply was empty.")


def test_a_long_result_is_cut_to_whole_rows_in_the_prompt(start: Start) -> None:
    rows = (
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 150) SELECT x, hex(zeroblob(2000)) FROM c"
    )
    chain, script = start(rows.replace("hex(zeroblob(2000))", "printf('%04000d', x)"), "Many.")
    answer = chain.ask("Give me much")
    assert answer.rows is not None
    assert (len(answer.rows.rows), answer.rows.truncated) == (150, False)
    sent = script.messages(1)[1][1]
    shown = json.loads(sent.split("):\n")[-1])["rows"]
    assert 5 < len(shown) < 150
    assert f"Result (JSON, {len(shown)} rows, truncated):" in sent
    assert len(sent) < MAX_RESULT_CHARS + 1000


def test_a_broken_endpoint_is_a_model_problem_without_the_key(start: Start, settings: QaSettings) -> None:
    from pydantic import SecretStr

    chain, script = start(Failure(400, "bad key sk-very-secret-key given"), api_key=SecretStr("sk-very-secret-key"))
    with pytest.raises(ModelProblem) as problem:
        chain.ask("How many employees?")
    assert "bad key *** given" in problem.value.message
    assert "secret" not in problem.value.message
    assert problem.value.status == 502
    assert script.authorizations == ["Bearer sk-very-secret-key"]


def test_an_endpoint_that_is_not_there_is_a_model_problem(start: Start) -> None:
    chain, _ = start("x", base_url="http://127.0.0.1:1/v1")
    with pytest.raises(ModelProblem, match=r"http://127\.0\.0\.1:1/v1"):
        chain.ask("How many employees?")


def test_a_slow_endpoint_is_a_timeout(start: Start) -> None:
    chain, _ = start(Failure(delay_s=1.5), model_timeout=0.2)
    with pytest.raises(ModelTimeout, match=r"no answer in 0\.2 s"):
        chain.ask("How many employees?")


def test_the_tool_guards_whoever_calls_it(chinook: Database) -> None:
    tool = run_sql_tool(chinook)
    assert tool.name == "run_sql"
    assert list(tool.args) == ["query"]
    assert json.loads(tool.invoke({"query": COUNT})) == {
        "columns": ["n"],
        "rows": [[8]],
        "row_count": 1,
        "truncated": False,
    }
    with pytest.raises(StatementRefused):
        tool.invoke({"query": "DELETE FROM Employee"})


class _Steps(BaseCallbackHandler):
    """What any LangChain instrumentation is told."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        self.metadata: dict[str, Any] = {}
        self.tools: list[tuple[dict[str, Any] | None, str]] = []

    def on_chain_start(self, serialized: object, inputs: object, **given: Any) -> None:
        self.seen.append(("chain", given["name"]))
        self.metadata.update(given["metadata"] or {})

    def on_chat_model_start(self, serialized: object, messages: object, **given: Any) -> None:
        self.seen.append(("llm", "a call of the model"))

    def on_tool_start(self, serialized: dict[str, Any], input_str: str, **given: Any) -> None:
        self.seen.append(("tool", f"{serialized['name']} as {given['name']}"))
        self.tools.append((given["inputs"], ""))

    def on_tool_end(self, output: Any, **given: Any) -> None:
        self.tools[-1] = (self.tools[-1][0], str(getattr(output, "content", output)))


def test_instrumentation_sees_named_steps_and_the_statement_as_a_tool(start: Start) -> None:
    from contextvars import ContextVar

    watching: ContextVar[BaseCallbackHandler | None] = ContextVar("watching", default=None)
    register_configure_hook(watching, inheritable=True)
    steps = _Steps()
    token = watching.set(steps)
    chain, _ = start(COUNT, "There are 8.")
    try:
        chain.ask("How many employees?", session_id="s1", user_id="u7")
    finally:
        watching.reset(token)

    named = [step for step in steps.seen if step[1] not in ("ChatPromptTemplate",)]
    assert named == [
        ("chain", "answer question"),
        ("chain", "write SQL"),
        ("llm", "a call of the model"),
        ("tool", "run_sql as run SQL"),
        ("chain", "word answer"),
        ("llm", "a call of the model"),
    ]
    [(inputs, output)] = steps.tools
    assert inputs == {"query": COUNT}
    assert json.loads(output)["rows"] == [[8]]
    assert steps.metadata["session_id"] == "s1"
    assert steps.metadata["user_id"] == "u7"
