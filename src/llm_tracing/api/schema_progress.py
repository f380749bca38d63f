"""The JSON of a comparison: the same question under each approach, what of it was seen, and what that cost."""

from typing import Annotated, Literal

from pydantic import Field

from llm_tracing.api.schema_bill import Shape

Verdict = Literal["yes", "partly", "no", "number", "unknown"]
Text = Annotated[str, Field(max_length=2_000)]
Name = Annotated[str, Field(max_length=200)]


class Evidence(Shape):
    """One place in what was captured that a cell rests on."""

    source: Literal["line", "span", "log", "metric", "traffic", "process", "package", "note"]
    place: Name = Field(description="Where it stands: a line of stderr, a span with its id, a metric, a package.")
    field: Name | None = Field(description="Attribute, field or path within that place.")
    text: Text = Field(description="Excerpt, cut around what was found.")


class ProgressColumn(Shape):
    name: Name
    title: Name
    asks: Text = Field(description="What a cell of it answers, and by what it was decided.")
    group: Literal["seen", "cost"]


class ProgressCell(Shape):
    """`unknown`: it could not be found out here, `word` says why."""

    column: Name
    verdict: Verdict
    word: Name = Field(description="The cell as text, e.g. `no`, `2 of 3 steps`, `1,943`.")
    number: float | None = Field(allow_inf_nan=False)
    unit: Name | None = Field(description="Of `number`.")
    why: Text
    evidence: list[Evidence] = Field(max_length=40)


class ProgressRow(Shape):
    approach: Name
    summary: Text
    outcome: Literal["ran", "missing", "failed"]
    note: Text | None = Field(description="What is missing and the command that installs it, or how it failed.")
    cells: list[ProgressCell] = Field(max_length=40)


class Progress(Shape):
    """One comparison. Costs are medians over `rounds` rounds of `requests_a_round` questions."""

    question: Text
    answer: Text
    sql: Text | None
    failing_question: Text
    created_at_unix_nano: Annotated[str, Field(pattern="^[0-9]{1,20}$")]
    version: Name
    rounds: int = Field(ge=0)
    requests_a_round: int = Field(ge=0)
    columns: list[ProgressColumn] = Field(max_length=40)
    rows: list[ProgressRow] = Field(max_length=40)


class ProgressReport(Shape):
    progress: Progress | None = Field(description="The last comparison; null before the first.")
