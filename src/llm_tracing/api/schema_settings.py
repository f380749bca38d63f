"""The JSON of what the server runs with; schema.py has the rest."""

from pydantic import Field

from llm_tracing.api.schema_bill import ModelPrices, Shape


class Setting(Shape):
    variable: str = Field(description="The environment variable that sets it.")
    value: str | None = Field(description="null if it is unset; a secret is masked.")
    default: str | None
    is_default: bool
    of_project: bool = Field(description="Whether the project has it of its own; else it is the server's.")
    meaning: str


class StoreExtent(Shape):
    folder: str
    size_bytes: int
    schema_version: int
    rows: dict[str, int] = Field(description="Table -> rows.")
    first_time_unix_nano: str | None = Field(description="When the first trace began.")
    last_time_unix_nano: str | None


class PriceSource(Shape):
    file: str | None = Field(description="The file of LLM_TRACING_PRICES; null if it is unset.")
    public_list: str = Field(description="The public list and its version.")
    entries: list[ModelPrices] = Field(description="Those of the file, and those that come with LLM Tracing.")


class ServerState(Shape):
    version: str
    project: str = Field(description="The project that is seen.")
    settings: list[Setting]
    store: StoreExtent
    prices: PriceSource
