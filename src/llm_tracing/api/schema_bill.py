"""The JSON of the bill, of what a trace would have cost elsewhere, and of price lists; schema.py has the rest.

Money is a decimal string in USD, null where no price is known.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    """Of all shapes of the API."""

    model_config = ConfigDict(extra="forbid")


class LedgerBucket(Shape):
    """Tokens of one kind; each token of a call is in exactly one bucket."""

    bucket: Literal[
        "fresh_input", "input_audio", "input_image", "cache_read", "cache_read_audio", "cache_write", "cache_write_5m",
        "cache_write_1h", "output", "reasoning", "output_audio", "output_image",
    ] = Field(description="`fresh_input` and `output`: what no other bucket of input or output holds.")  # fmt: skip
    tokens: int
    attribute: str | None = Field(description="The attribute that its number came from.")
    usd_per_million: str | None = Field(description="Unit price; null if the line is not priced.")
    usd: str | None


class LedgerLine(Shape):
    """One line of the bill: a counted call, or a span with tokens that is not counted and why.

    The five counts sum up `buckets`: audio and images are in `fresh_input_tokens` (cached audio in `cache_read_tokens`)
    and in `output_tokens`, all classes of cache writes in `cache_write_tokens`. `total_usd` is the exact sum of the
    buckets' amounts and `call_usd`; the sum of the lines is the cost of the trace.
    """

    span_id: str
    name: str
    provider: str | None
    model: str | None
    counted: bool
    not_counted_because: str | None
    fresh_input_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    output_tokens: int = Field(description="Output without reasoning.")
    reasoning_tokens: int
    attributes: dict[str, str] = Field(description="token count as it was sent -> the attribute it came from")
    buckets: list[LedgerBucket] = Field(description="Those that hold tokens.")
    call_usd: str | None = Field(description="What the call costs beside its tokens; null if nothing.")
    total_usd: str | None
    unpriced_because: str | None
    price_source: str | None = Field(description="The price list and its version, or the file and its entry.")
    priced_as: str | None = Field(description="`provider/model` there.")
    client_usd: str | None = Field(description="What the client says that it cost.")
    provider_total_tokens: int | None = Field(description="The total that was sent beside the counts.")
    provider_total_attribute: str | None
    total_disagrees: bool = Field(description="That total is not the sum of the buckets.")


class CostOnLine(Shape):
    span_id: str
    usd: str | None


class CostOnModel(Shape):
    """A trace as if its model calls had gone to one model; embeddings stay where they were."""

    model: str
    provider: str | None = Field(description="Whose price it is; null if the model is not known.")
    total_usd: str | None
    unpriced_calls: int
    lines: list[CostOnLine] = Field(description="Every counted call.")


class CostOn(Shape):
    models: list[CostOnModel]


class UsdPerMillion(Shape):
    """Unit prices in USD per million tokens."""

    input: str
    cache_read: str
    cache_write: str
    cache_write_1h: str
    output: str
    reasoning: str
    input_audio: str
    output_audio: str


class ModelPrices(Shape):
    """What a model costs now."""

    model: str = Field(description="As its source calls it; may have `*` in a file of prices.")
    provider: str | None
    source: str
    usd_per_million: UsdPerMillion
    usd_per_call: str | None
    dearer_above_input_tokens: int | None = Field(description="Calls with more input have other prices.")


class ModelPricesList(Shape):
    models: list[ModelPrices]
