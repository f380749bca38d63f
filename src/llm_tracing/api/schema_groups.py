"""The JSON of sessions, users and models; schema.py has the rest."""

from pydantic import Field

from llm_tracing.api.schema_bill import ModelPrices, Shape
from llm_tracing.api.schema_stats import Figures
from llm_tracing.api.schema_trace import TraceCost, TraceSummary, Usage


class _Group(Shape):
    """Sums over some traces; times are those at which the traces began."""

    first_time_unix_nano: str
    last_time_unix_nano: str
    trace_count: int
    failed_count: int = Field(description="Traces that ended in an error.")
    llm_call_count: int
    usage: Usage
    cost: TraceCost
    services: list[str]
    models: list[str]


class Session(_Group):
    """A conversation: the traces that name one session."""

    session_id: str
    first_input: str | None = Field(description="Preview of what its first trace was asked.")
    users: list[str] = Field(description="At most a hundred.")
    user_count: int


class SessionList(Shape):
    sessions: list[Session]
    next_cursor: str | None


class TurnText(Shape):
    text: str = Field(description="At most 100,000 characters.")
    length: int = Field(description="Characters of the whole.")


class Turn(Shape):
    """One trace of a conversation: what is new in it, without the history that its calls repeat."""

    trace: TraceSummary
    question: TurnText | None
    answer: TurnText | None = Field(description="The error, if the trace failed.")


class SessionDetail(Shape):
    session: Session
    turns: list[Turn] = Field(description="Oldest first.")
    next_cursor: str | None


class User(_Group):
    user_id: str
    sessions: list[str] = Field(description="At most a hundred.")
    session_count: int


class UserList(Shape):
    users: list[User]
    next_cursor: str | None


class Model(Shape):
    """A model that calls used. Without a price now, `prices` is null."""

    provider: str | None
    model: str | None = Field(description="The returned one, else the requested one.")
    kind: str
    services: list[str]
    figures: Figures
    prices: ModelPrices | None


class ModelList(Shape):
    models: list[Model]
