"""`logging`: Python's own, one configured root, through which uvicorn and every library speak."""

from llm_tracing.telemetry.approaches.together import Together
from llm_tracing.telemetry.console import Console


def start(_service_name: str, _service_version: str | None) -> Together:
    started = Together()
    console = Console()
    console.install()
    started.add(console.remove)
    return started
