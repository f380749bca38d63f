"""What the command finds in its environment. What the user has set wins, but for the names that are the flags'."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import llm_tracing
from llm_tracing.client_key import API_KEY
from llm_tracing.runner.notes import VARIABLE as NOTES
from llm_tracing.telemetry.settings import apply_defaults

BOOTSTRAP = Path(llm_tracing.__file__).parent / "telemetry" / "bootstrap" / "path"
LANGSMITH_VARIABLE = "LLM_TRACING_RUN_LANGSMITH"
"""Set for the bootstrap when LangSmith's own tracing tells the LLM side."""

# The switches of content, for every convention that is silent without one. Each is only read by its own library.
CONTENT: dict[str, str] = {
    "TRACELOOP_TRACE_CONTENT": "true",  # OpenLLMetry
    "HAYSTACK_CONTENT_TRACING_ENABLED": "true",  # Haystack
    "AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED": "true",  # Azure AI Inference, Azure AI Projects
    "SEMANTICKERNEL_EXPERIMENTAL_GENAI_ENABLE_OTEL_DIAGNOSTICS": "true",  # Semantic Kernel
    "SEMANTICKERNEL_EXPERIMENTAL_GENAI_ENABLE_OTEL_DIAGNOSTICS_SENSITIVE": "true",
    "ENABLE_INSTRUMENTATION": "true",  # Microsoft Agent Framework
    "ENABLE_SENSITIVE_DATA": "true",
    "ADK_CAPTURE_MESSAGE_CONTENT_IN_SPANS": "true",  # Google's Agent Development Kit
}
# LangSmith's switches, the newer name first, and where it can be told to send. Source: langsmith.utils and .client.
_LANGSMITH_ON = ("LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2", "LANGSMITH_TRACING", "LANGCHAIN_TRACING")
_LANGSMITH_ENDPOINTS = ("LANGSMITH_ENDPOINT", "LANGCHAIN_ENDPOINT", "LANGSMITH_RUNS_ENDPOINTS")


@dataclass(frozen=True, slots=True)
class Target:
    """Where the command is told to send: nothing for what it was told already."""

    endpoint: str | None
    protocol: str | None
    ui: str | None
    """The server's own address, where it is one of ours."""


def langsmith_on(environ: Mapping[str, str]) -> bool:
    value = next((environ[name] for name in _LANGSMITH_ON if environ.get(name)), "")
    return value.strip().lower() == "true"


def child_environment(
    environ: Mapping[str, str], target: Target, service: str, notes: Path, *, capture: bool = True
) -> dict[str, str]:
    """The command's environment."""
    found = dict(environ)
    found["OTEL_SERVICE_NAME"] = service
    if target.endpoint:
        found["OTEL_EXPORTER_OTLP_ENDPOINT"] = target.endpoint
    if target.protocol:
        found["OTEL_EXPORTER_OTLP_PROTOCOL"] = target.protocol
    if target.ui and environ.get(API_KEY):
        key = quote(f"Bearer {environ[API_KEY]}")
        found.setdefault("OTEL_EXPORTER_OTLP_HEADERS", f"authorization={key}")
    for name in ("TRACES", "LOGS", "METRICS"):
        found.setdefault(f"OTEL_{name}_EXPORTER", "otlp")  # other SDKs send nothing unless they are told to
    apply_defaults(found)
    if capture:
        for name, value in CONTENT.items():
            found.setdefault(name, value)
    if langsmith_on(environ) and target.ui and not any(environ.get(name) for name in _LANGSMITH_ENDPOINTS):
        found["LANGSMITH_ENDPOINT"] = f"{target.ui}/langsmith"
        found.setdefault("LANGSMITH_API_KEY", environ.get("LANGCHAIN_API_KEY") or environ.get(API_KEY) or "unused")
        found.setdefault("LANGSMITH_PROJECT", environ.get("LANGCHAIN_PROJECT") or service)
        found[LANGSMITH_VARIABLE] = "true"
    found.setdefault("PYTHONUNBUFFERED", "1")  # or a killed command would take its last lines along
    found["PYTHONPATH"] = os.pathsep.join([str(BOOTSTRAP), *_without_bootstrap(environ)])
    found[NOTES] = str(notes)
    return found


def server_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """That of a server which is started here: it is never observed itself."""
    found = {name: value for name, value in environ.items() if name != NOTES}
    paths = _without_bootstrap(environ)
    found.pop("PYTHONPATH", None)
    return {**found, **({"PYTHONPATH": os.pathsep.join(paths)} if paths else {})}


def _without_bootstrap(environ: Mapping[str, str]) -> list[str]:
    paths = environ.get("PYTHONPATH", "").split(os.pathsep)
    return [path for path in paths if path and path != str(BOOTSTRAP)]
