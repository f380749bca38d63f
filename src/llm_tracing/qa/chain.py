"""Question -> the model writes SQL -> guarded execution -> the model words the answer.

LangChain runnables under the names `answer question`, `write SQL`, `run SQL`, `word answer`, so that any
LangChain instrumentation shows the steps; the statement runs as the tool `run_sql`.
"""

import json
import logging
import time
from dataclasses import dataclass, field, replace
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from langchain_core.tools import BaseTool, StructuredTool

from llm_tracing.qa.database import Database
from llm_tracing.qa.errors import StatementProblem, StatementRefused
from llm_tracing.qa.guard import Sentence, read_reply
from llm_tracing.qa.model import ModelChoice, model_problem
from llm_tracing.qa.prompts import DIALECT_NAMES, WORD_ANSWER, WRITE_SQL, count_words, retry_messages
from llm_tracing.qa.settings import QaSettings
from llm_tracing.readonly.database import Rows
from llm_tracing.readonly.guard import check_statement
from llm_tracing.readonly.values import Json

log = logging.getLogger(__name__)

# The result in the prompt is cut to whole rows within this: about 15,000 tokens.
MAX_RESULT_CHARS = 60_000


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of all calls of one question, as the endpoint counted them; None if one of them did not say."""

    input_tokens: int
    output_tokens: int
    total_tokens: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """A statement that gave no rows, and why."""

    sql: str
    problem: str


@dataclass(frozen=True, slots=True)
class Answer:
    """How a question ended. Without `error`, either rows were read or the model said why it cannot answer."""

    text: str
    sql: str | None = None
    rows: Rows | None = None
    error: StatementProblem | None = None
    attempts: tuple[Attempt, ...] = ()
    usage: Usage | None = None
    duration_ms: float = 0.0


@dataclass(slots=True)
class _Tally:
    """Usage summed over the calls of one question."""

    calls: list[Usage | None] = field(default_factory=list)

    def add(self, message: AIMessage) -> None:
        given = message.usage_metadata
        self.calls.append(
            Usage(given["input_tokens"], given["output_tokens"], given["total_tokens"]) if given else None
        )

    def total(self) -> Usage | None:
        known = [usage for usage in self.calls if usage is not None]
        if not known or len(known) < len(self.calls):
            return None
        return Usage(
            sum(usage.input_tokens for usage in known),
            sum(usage.output_tokens for usage in known),
            sum(usage.total_tokens for usage in known),
        )


class QuestionChain:
    """Answers questions about one database with one model."""

    def __init__(self, database: Database, model: BaseChatModel, choice: ModelChoice, settings: QaSettings) -> None:
        self._database = database
        self._choice = choice
        self._settings = settings
        self._write: Runnable[Any, BaseMessage] = (WRITE_SQL | model).with_config(run_name="write SQL")
        self._word: Runnable[Any, BaseMessage] = (WORD_ANSWER | model).with_config(run_name="word answer")
        self._run_sql = run_sql_tool(database)

    def ask(self, question: str, *, session_id: str | None = None, user_id: str | None = None) -> Answer:
        """Answer `question`.

        Raises ModelProblem when the endpoint fails, DatabaseProblem when the database cannot be reached.
        """
        started = time.perf_counter()
        tally = _Tally()

        ended: list[Answer] = []

        def answer_question(text: str, config: RunnableConfig) -> dict[str, object]:
            answer = self._answer(text, config, tally)
            ended.append(answer)
            return {"answer": answer.text, "sql": answer.sql}

        metadata = {"session_id": session_id, "user_id": user_id}
        RunnableLambda(answer_question).invoke(
            question,
            config={
                "run_name": "answer question",
                "metadata": {name: value for name, value in metadata.items() if value},
            },
        )
        duration_ms = (time.perf_counter() - started) * 1000
        log.info("answered in %.0f ms: %r", duration_ms, question)
        return replace(ended[-1], usage=tally.total(), duration_ms=duration_ms)

    def _answer(self, question: str, config: RunnableConfig, tally: _Tally) -> Answer:
        asked = {
            "dialect": DIALECT_NAMES.get(self._database.dialect, self._database.dialect),
            "ddl": self._database.schema_text(),
            "question": question,
        }
        retry: list[BaseMessage] = []
        attempts: list[Attempt] = []
        while True:
            reply = self._call(self._write, {**asked, "retry": retry}, config, tally)
            sql = ""
            try:
                read = read_reply(reply)
                if isinstance(read, Sentence):
                    return Answer(read.text, attempts=tuple(attempts))
                sql = read.sql
                rows = self._rows(sql, config)
            except StatementProblem as problem:
                attempts.append(Attempt(sql, problem.message))
                log.warning("the statement %s: %s %r", problem.told, problem.message, sql)
                if len(attempts) == 2:
                    return _gave_up(tuple(attempts), problem)
                retry = retry_messages(reply, problem.told, problem.message)
                continue
            text = self._call(self._word, _word_input(question, sql, rows), config, tally)
            return Answer(text.strip(), sql, rows, attempts=tuple(attempts))

    def _call(
        self, step: Runnable[Any, BaseMessage], given: dict[str, Any], config: RunnableConfig, tally: _Tally
    ) -> str:
        try:
            message = step.invoke(given, config)
        except Exception as error:  # every provider's package has its own exceptions
            raise model_problem(error, self._choice, self._settings) from error
        if isinstance(message, AIMessage):
            tally.add(message)
        # A model can send half a character as well; it is replaced, since no response could carry it.
        return str(message.text).encode("utf-8", "replace").decode("utf-8")

    def _rows(self, sql: str, config: RunnableConfig) -> Rows:
        result = json.loads(self._run_sql.invoke({"query": sql}, config={**config, "run_name": "run SQL"}))
        log.info("the statement gave %d rows: %r", result["row_count"], sql)
        return Rows(result["columns"], result["rows"], result["truncated"])


def run_sql_tool(database: Database) -> BaseTool:
    """The tool `run_sql`: gives `{"columns", "rows", "row_count", "truncated"}` of a checked statement."""

    def run_sql(query: str) -> str:
        """Run one read-only SELECT statement and return its rows as JSON."""
        check_statement(query, database.dialect)
        found = database.run(query)
        return _dump(
            {
                "columns": found.columns,
                "rows": found.rows,
                "row_count": len(found.rows),
                "truncated": found.truncated,
            }
        )

    return StructuredTool.from_function(run_sql, name="run_sql")


def _word_input(question: str, sql: str, found: Rows) -> dict[str, str]:
    rows = _rows_that_fit(found.rows)
    return {
        "question": question,
        "sql": sql,
        "count": count_words(len(rows), found.truncated or len(rows) < len(found.rows)),
        "result": _dump({"columns": found.columns, "rows": rows}),
    }


def _rows_that_fit(rows: list[list[Json]]) -> list[list[Json]]:
    size = 0
    for index, row in enumerate(rows):
        size += len(_dump(row)) + 2
        if size > MAX_RESULT_CHARS:
            return rows[:index]
    return rows


def _gave_up(attempts: tuple[Attempt, ...], problem: StatementProblem) -> Answer:
    verb = "refused" if isinstance(problem, StatementRefused) else "not carried out"
    text = (
        f"I could not answer this. The model was asked twice for a statement, and its last one was {verb}: "
        f"{problem.message}"
    )
    return Answer(text, attempts[-1].sql or None, error=problem, attempts=attempts)


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
