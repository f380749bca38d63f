"""Shapes of the import."""

from pydantic import BaseModel, ConfigDict, Field


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ImportProblem(_Shape):
    line: int = Field(description="Of the file as it is when it is not compressed; the first is 1")
    message: str


class ImportReport(_Shape):
    """What became of a file. What was refused is told; the rest is stored, each span once."""

    lines: int
    spans: int = Field(description="Read; what was stored before is not stored again")
    log_records: int
    data_points: int
    rejected: int = Field(description="Items whose ids are no ids")
    error_count: int
    errors: list[ImportProblem] = Field(description="The first hundred")
