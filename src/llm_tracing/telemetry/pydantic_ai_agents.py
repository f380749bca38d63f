"""Pydantic AI's agents: the library sends OpenTelemetry by itself, once it is told to."""

from pydantic_ai import Agent


class PydanticAIAgents:
    @property
    def is_instrumented_by_opentelemetry(self) -> bool:
        return bool(getattr(Agent, "_instrument_default", False))

    def instrument(self, **_providers: object) -> None:
        Agent.instrument_all()

    def uninstrument(self) -> None:
        Agent.instrument_all(False)
