"""The JSON of the text-to-SQL lens."""

from typing import Any, Literal

from pydantic import Field

from llm_tracing.api.schema_bill import Shape

SqlOutcome = Literal["rows", "empty", "nulls", "refused", "failed", "running", "not_seen", "unknown"]


class SaidText(Shape):
    """A text and the span that it was taken from."""

    text: str
    span_id: str


class SqlTable(Shape):
    columns: list[str]
    rows: list[list[Any]] = Field(description="At most 1,000")
    truncated: bool = Field(description="There was more, by the result's own words or beyond what is shown")


class SqlStep(Shape):
    """One statement: as it was written, as it was executed, and what came of it."""

    span_id: str
    generated: SaidText | None
    executed: SaidText | None
    executed_by: Literal["database", "tool", "messages"] | None = Field(
        description="What was observed: the database, the tool that was to run it, or a later call's messages"
    )
    system: str | None
    changes: list[str] = Field(description="What guard or driver did to the statement on its way, in words")
    outcome: SqlOutcome = Field(
        description="`nulls`: one row of NULL, an aggregate over nothing; `not_seen`: no span shows it running"
    )
    table: SqlTable | None
    row_count: int | None
    duration_ns: str | None = Field(description="Of the database's span, else of the tool's")
    error_type: str | None
    error_message: str | None


class SqlEpisode(Shape):
    """One question with all statements that were written for it."""

    span_id: str
    question: SaidText | None
    steps: list[SqlStep]
    answer: SaidText | None
    is_unfounded: bool = Field(description="The last statement returned nothing, and the answer does not say so")


class LensDatabase(Shape):
    """Whether a statement can be explained and replayed."""

    configured: bool
    name: str | None = Field(description="The URL without password, or the file's name")
    problem: str | None
    hint: str | None


class Lens(Shape):
    episodes: list[SqlEpisode]
    database: LensDatabase


class SqlReplay(Shape):
    """The rows that a stored statement gives now, and how they differ from those stored then."""

    sql: str
    table: SqlTable
    duration_ns: str
    same: bool | None = Field(description="null where no rows were stored to compare with")
    new_rows: list[int] = Field(description="Places of rows that were not among the stored ones")
    gone_rows: list[int] = Field(description="Places of stored rows that are not there any more")
    comparison: str = Field(description="The same in words")


class SqlPlan(Shape):
    sql: str
    lines: list[str] = Field(description="A line each step, indented")
