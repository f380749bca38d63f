"""The JSON of the reference service: what is taken and what is given, the source of its OpenAPI document."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field

from llm_tracing.qa.chain import Answer
from llm_tracing.qa.errors import StatementRefused


def _whole(text: str) -> str:
    """JSON can carry half a character (a lone surrogate), which nothing further on can encode."""
    if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("holds half a character")
    return text


Text = Annotated[str, AfterValidator(_whole)]


class Question(BaseModel):
    question: Text
    session_id: Text | None = Field(None, max_length=200, description="Groups the questions of one conversation.")
    user_id: Text | None = Field(None, max_length=200, description="Who asks; a name or an id, shown in the traces.")


class ErrorBody(BaseModel):
    code: str
    message: str
    hint: str


class ErrorReply(BaseModel):
    error: ErrorBody


class UsageBody(BaseModel):
    input_tokens: int
    output_tokens: int
    total_tokens: int


class AttemptBody(BaseModel):
    sql: str
    problem: str


class AnswerReply(BaseModel):
    """`refused` and `error` are null when rows were read or the model said why it cannot answer.

    `attempts` are the statements that gave no rows; one of them is normal when the model corrected itself.
    """

    question: str
    answer: str
    sql: str | None
    columns: list[str]
    rows: list[list[Any]]
    row_count: int
    truncated: bool = Field(description="True if the database had more rows than the limit.")
    refused: str | None = Field(description="Why the last statement was not allowed to run.")
    error: ErrorBody | None
    attempts: list[AttemptBody]
    trace_id: str | None = Field(description="32 hex digits; null when the request is not traced.")
    trace_url: str | None
    model: str
    usage: UsageBody | None = Field(description="All calls of this question; null if the endpoint did not say.")
    duration_ms: float


def answer_reply(
    question: str, answer: Answer, *, model: str, trace_id: str | None, trace_url: str | None
) -> AnswerReply:
    rows, usage, error = answer.rows, answer.usage, answer.error
    return AnswerReply(
        question=question,
        answer=answer.text,
        sql=answer.sql,
        columns=rows.columns if rows else [],
        rows=list(rows.rows) if rows else [],
        row_count=len(rows.rows) if rows else 0,
        truncated=rows.truncated if rows else False,
        refused=error.message if isinstance(error, StatementRefused) else None,
        error=ErrorBody(**error.as_json()) if error else None,
        attempts=[AttemptBody(sql=attempt.sql, problem=attempt.problem) for attempt in answer.attempts],
        trace_id=trace_id,
        trace_url=trace_url,
        model=model,
        usage=UsageBody(
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            total_tokens=usage.total_tokens,
        )
        if usage
        else None,
        duration_ms=round(answer.duration_ms, 1),
    )
