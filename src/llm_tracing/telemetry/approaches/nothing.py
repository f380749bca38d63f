"""`none`: the service as it is. Its logging is left to the process that runs it."""

from llm_tracing.telemetry.approaches.together import Together


def start(_service_name: str, _service_version: str | None) -> Together:
    return Together()
