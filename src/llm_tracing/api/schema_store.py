"""The JSON of where the data lies and how its backends do; schema.py has the rest."""

from typing import Literal

from pydantic import Field

from llm_tracing.api.schema_bill import Shape
from llm_tracing.errors import BackendReason


class BackendTrouble(Shape):
    doing: Literal["reading", "writing"] = Field(description="Writing: nothing that needs it is acknowledged.")
    reason: BackendReason
    address: str
    said: str = Field(description="What it answered, in one line.")
    hint: str | None = Field(description="What to set or to do.")


class BackendState(Shape):
    name: Literal["Tempo", "Loki", "Prometheus"]
    address: str = Field(description="Where it is asked, without credentials.")
    otlp_address: str = Field(description="Where it takes OTLP.")
    ok: bool
    troubles: list[BackendTrouble]
    answered_unix_nano: str | None = Field(description="When it answered last.")
    taken_unix_nano: str | None = Field(description="When it took something last.")


class ObjectsTrouble(Shape):
    said: str = Field(description="Which object store, and what failed.")
    hint: str | None = Field(description="What to set or to do.")


class MissingFeature(Shape):
    feature: str
    reason: str


class NotWritten(Shape):
    said: str = Field(description="Why nothing new can be kept in the data folder.")
    hint: str | None = Field(description="What to do.")


class StoreKind(Shape):
    kind: Literal["embedded", "lgtm"]
    not_written: NotWritten | None = Field(description="Null while what arrives can be kept.")
    backends: list[BackendState] = Field(description="Empty for the embedded store.")
    objects: str | None = Field(description="Where long texts lie, and what all servers share.")
    objects_trouble: ObjectsTrouble | None = Field(
        description="Until it is mended, annotations, views, pins and projects of other servers are not seen."
    )
    search_lag_s: float | None = Field(
        description="How far lists are behind in what others sent; a trace opened by its id is not."
    )
    traces_since_unix_nano: str | None = Field(description="Since when figures rest on every trace.")
    logs_since_unix_nano: str | None = Field(description="Since when counts rest on every log record.")
    partial_traces: int = Field(description="Traces of which Tempo gives a part only.")
    missing: list[MissingFeature] = Field(description="What this store cannot do, with the reason.")
