"""The clients, a line each, and how each is switched on, as its own documentation says.

All of them get the same service, which writes a line of its own log per call. Those that send traces by
OpenTelemetry's SDK get what their documentation offers for a web service: requests, statements, calls, the service's
own log lines where they take log lines. What libraries log at INFO is left out with them, since spans say it; `logging`
and `json` write it.
"""

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

# Clients, apps, engines and callbacks of libraries that this module must not import before a client is switched on.
_Theirs: TypeAlias = Any
SERVICE = "shop"
_SAID_BY_SPANS = ("httpx", "httpx2", "httpcore", "httpcore2", "openai", "uvicorn.error", "uvicorn.access")


def _as_it_is(given: _Theirs) -> _Theirs:
    return given


def _nothing(*_given: _Theirs) -> object:
    return None


@dataclass(slots=True)
class Observed:
    """What a client does with the parts of the service, and how it sends what waits."""

    flush: Callable[[], object] = _nothing
    client: Callable[[_Theirs], _Theirs] = _as_it_is
    app: Callable[[_Theirs], object] = _nothing
    engine: Callable[[_Theirs], object] = _nothing
    callbacks: list[_Theirs] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Client:
    """`{sink}` in the environment is the sink's address. `modules` are those that must be installed."""

    name: str
    start: Callable[[], Observed]
    environment: Mapping[str, str] = field(default_factory=dict)
    modules: tuple[str, ...] = ()


def _log_lines_are_sent() -> None:
    """The service's own lines from INFO on, those of libraries from WARNING on."""
    logging.getLogger().setLevel(logging.INFO)
    for name in _SAID_BY_SPANS:
        logging.getLogger(name).setLevel(logging.WARNING)


def bare() -> Observed:
    return Observed()


def _approach(name: str) -> Callable[[], Observed]:
    """As `llm-tracing qa --approach` sets a service up."""

    def start() -> Observed:
        from llm_tracing.telemetry.approaches import start_approach

        start_approach(name, SERVICE)
        return Observed(flush=_flush_providers)

    return start


def _flush_providers() -> None:
    from opentelemetry import _logs, metrics, trace

    for provider in (trace.get_tracer_provider(), metrics.get_meter_provider(), _logs.get_logger_provider()):
        getattr(provider, "force_flush", _nothing)()


def langsmith() -> Observed:
    from langsmith.run_trees import get_cached_client
    from langsmith.wrappers import wrap_openai

    return Observed(flush=lambda: get_cached_client().flush(), client=wrap_openai)


def otel() -> Observed:
    import llm_tracing

    _log_lines_are_sent()
    telemetry = llm_tracing.configure(SERVICE)
    return Observed(flush=telemetry.force_flush)


def _with_llm_spans_of(*instrumentors: str) -> Callable[[], Observed]:
    """The same set-up with other instrumentations of the LLM libraries."""

    def start() -> Observed:
        from importlib import import_module

        os.environ["OTEL_PYTHON_DISABLED_INSTRUMENTATIONS"] = "openai,langchain,langchain_steps"
        observed = otel()
        for instrumentor in instrumentors:
            module, _, name = instrumentor.partition(":")
            getattr(import_module(module), name)().instrument()
        return observed

    return start


def logfire() -> Observed:
    import logfire

    logfire.configure(send_to_logfire=False, service_name=SERVICE, console=False)
    logfire.instrument_openai()
    logfire.instrument_httpx()
    _log_lines_are_sent()
    logging.getLogger().addHandler(logfire.LogfireLoggingHandler())
    return Observed(
        flush=logfire.force_flush,
        app=logfire.instrument_fastapi,
        engine=lambda engine: logfire.instrument_sqlalchemy(engine=engine),
    )


def langfuse() -> Observed:
    import langfuse.openai  # noqa: F401  # replaces the methods of the `openai` package
    from langfuse import get_client
    from langfuse.langchain import CallbackHandler

    client = get_client()
    return Observed(flush=client.flush, callbacks=[CallbackHandler()])


def mlflow() -> Observed:
    import mlflow

    mlflow.set_experiment("overhead")
    mlflow.openai.autolog()
    mlflow.langchain.autolog()
    return Observed(flush=mlflow.flush_trace_async_logging)


_LANGSMITH = {
    "LANGSMITH_TRACING": "true",
    "LANGSMITH_API_KEY": "any",
    "LANGSMITH_ENDPOINT": "{sink}",
    "LANGSMITH_PROJECT": SERVICE,
}
_OTLP = {"OTEL_EXPORTER_OTLP_ENDPOINT": "{sink}", "OTEL_SERVICE_NAME": SERVICE}
# What clients that are for LLM calls alone send: no requests, HTTP calls and statements, no metrics, no log lines.
_LLM_ONLY = {
    "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "fastapi,httpx,httpx2,sqlalchemy",
    "OTEL_METRICS_EXPORTER": "none",
    "OTEL_LOGS_EXPORTER": "none",
}

CLIENTS: tuple[Client, ...] = (
    Client("bare", bare),
    Client("logging", _approach("logging")),
    Client("json", _approach("json"), modules=("pythonjsonlogger",)),
    Client("langsmith", langsmith, _LANGSMITH, ("langsmith",)),
    # Through the function that `opentelemetry-instrument` calls, as the approach does: under the command itself the LLM
    # instrumentations of the other clients, which are installed beside it here, would all be on at once.
    Client("auto", _approach("auto"), _OTLP, ("opentelemetry.distro",)),
    Client("otel", otel, _OTLP),
    Client("otel-llm", otel, {**_OTLP, **_LLM_ONLY}),
    Client(
        "openllmetry",
        _with_llm_spans_of(
            "opentelemetry.instrumentation.openai:OpenAIInstrumentor",
            "opentelemetry.instrumentation.langchain:LangchainInstrumentor",
        ),
        {**_OTLP, "TRACELOOP_TELEMETRY": "false"},
        ("opentelemetry.instrumentation.openai", "opentelemetry.instrumentation.langchain"),
    ),
    Client(
        "openinference",
        _with_llm_spans_of(
            "openinference.instrumentation.openai:OpenAIInstrumentor",
            "openinference.instrumentation.langchain:LangChainInstrumentor",
        ),
        _OTLP,
        ("openinference.instrumentation.openai", "openinference.instrumentation.langchain"),
    ),
    Client(
        "logfire",
        logfire,
        {
            **_OTLP,
            "LOGFIRE_SEND_TO_LOGFIRE": "false",
            "LANGSMITH_TRACING": "true",
            "LANGSMITH_OTEL_ENABLED": "true",
            "LANGSMITH_OTEL_ONLY": "true",
        },
        ("logfire",),
    ),
    Client(
        "langfuse",
        langfuse,
        {"LANGFUSE_BASE_URL": "{sink}", "LANGFUSE_PUBLIC_KEY": "pk-lf-any", "LANGFUSE_SECRET_KEY": "sk-lf-any"},
        ("langfuse",),
    ),
    Client(
        "mlflow",
        mlflow,
        {"MLFLOW_TRACKING_URI": "{sink}", "MLFLOW_DISABLE_TELEMETRY": "true"},
        ("mlflow",),
    ),
)


def client(name: str) -> Client:
    return next(one for one in CLIENTS if one.name == name)
