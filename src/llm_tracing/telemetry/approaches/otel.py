"""`otel`: `llm_tracing.configure()`, and plain lines on the console beside it."""

from llm_tracing.telemetry.approaches.together import Together
from llm_tracing.telemetry.configure import configure_for
from llm_tracing.telemetry.console import SAID_BY_SPANS, Console
from llm_tracing.telemetry.instrument import INSTRUMENTATIONS, Instrumentation


def start(service_name: str, service_version: str | None) -> Together:
    return start_with(INSTRUMENTATIONS, service_name, service_version)


def start_with(
    instrumentations: tuple[Instrumentation, ...], service_name: str, service_version: str | None
) -> Together:
    """Our exporters, resource and log bridge with a choice of instrumentations."""
    started = Together()
    console = Console(quiet=SAID_BY_SPANS)
    console.install()
    started.add(console.remove)
    try:
        telemetry = configure_for(instrumentations, None, service_name, service_version=service_version)
    except ValueError:
        started.shutdown()
        raise
    started.add(telemetry.shutdown)
    return started
