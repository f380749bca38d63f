"""LLM calls under `opentelemetry-instrument` and Kubernetes' operator, where somebody else sets OpenTelemetry up.

An entry point of the group `opentelemetry_instrumentor`: it is found in the application's packages or in those that the
operator injects, and loaded after the providers are set. It needs OpenTelemetry's API and its instrumentation
packages, never the SDK: whichever version of it was injected is the one that runs. It makes no provider and sets no
variable; what is captured is said by OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT and
OTEL_SEMCONV_STABILITY_OPT_IN as always.

Only the LLM rows of the table: web, HTTP and database are observed by the stock instrumentations beside it.
"""

import logging
from typing import Any

from llm_tracing.telemetry.bootstrap.libraries import LLM, libraries
from llm_tracing.telemetry.instrument import Instrumentation, Instrumented

log = logging.getLogger("llm_tracing.telemetry")


class LLMInstrumentor:
    """What the loader expects of an instrumentor; one per process, as all of them."""

    _applied: Instrumented | None = None

    @property
    def is_instrumented_by_opentelemetry(self) -> bool:
        return LLMInstrumentor._applied is not None

    def instrument(self, **given: Any) -> None:
        """Observe what is installed, at once or once it is imported. Never raises: that would end the loading of all
        other instrumentations.
        """
        if LLMInstrumentor._applied is not None:
            return
        providers = {name: value for name, value in given.items() if name.endswith("_provider")}
        try:
            applied = Instrumented([row for row in libraries() if row.name in LLM], _told)
            applied.start(**providers)
        except Exception as error:
            log.warning("LLM calls are not observed: %s: %s", type(error).__name__, error)
            return
        LLMInstrumentor._applied = applied

    def uninstrument(self, **_: Any) -> None:
        applied, LLMInstrumentor._applied = LLMInstrumentor._applied, None
        if applied is not None:
            applied.stop()


def _told(row: Instrumentation, by: str | None) -> None:
    """A library without an instrumentor of its own is no fault here: the image has those it was built with."""
    log.debug("%s is observed by %s", row.package, by or "nothing")
