"""A die: the smallest endpoint with all three signals, a span, a counter and a log line."""

import logging
import secrets

from opentelemetry import metrics, trace

log = logging.getLogger(__name__)

_SCOPE = "llm_tracing.qa.dice"


class Dice:
    """Made with the app, so that the instruments belong to the providers that are set by then."""

    def __init__(self) -> None:
        self._tracer = trace.get_tracer(_SCOPE)
        self._rolls = metrics.get_meter(_SCOPE).create_counter(
            "dice.rolls", unit="{roll}", description="Rolls of the die by value"
        )

    def roll(self, player: str | None) -> int:
        """1 to 6."""
        with self._tracer.start_as_current_span("roll") as span:
            value = secrets.randbelow(6) + 1
            span.set_attribute("roll.value", value)
            self._rolls.add(1, {"roll.value": value})
            log.info("%s rolled %d", player or "An anonymous player", value)
            return value
