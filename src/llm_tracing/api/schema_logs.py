"""Shapes of how many log records there are."""

from pydantic import BaseModel, ConfigDict, Field


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LogCountRow(_Shape):
    """Log records of one step of time, by severity."""

    time_unix_nano: str = Field(description="Start of the step")
    unset: int
    trace: int
    debug: int
    info: int
    warn: int
    error: int
    fatal: int


class LogCounts(_Shape):
    step_ns: str
    rows: list[LogCountRow] = Field(description="Oldest first; a step without records is left out")
    whole_since_unix_nano: str | None = Field(
        description="Set where only a part of the time was read from Loki so far: counts are of the records since then."
    )
