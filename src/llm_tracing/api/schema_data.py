"""Shapes of what an operator does with the data."""

from llm_tracing.api.schema_bill import Shape


class Erased(Shape):
    """How many of each are gone; payloads are prompts, answers and other long texts that nothing else holds."""

    traces: int
    spans: int
    logs: int
    payloads: int


class Pin(Shape):
    trace_id: str
    pinned_at_unix_nano: str


class Pins(Shape):
    pins: list[Pin]
