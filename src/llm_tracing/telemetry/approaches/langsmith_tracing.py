"""`langsmith`: LangSmith's own library, by its own environment names, to our server unless told otherwise.

What the user has set stays, under LANGSMITH_* or the older LANGCHAIN_*. Unset, traces go to the server under
`/langsmith`, with any key, into the project of the service's name. They go to LangSmith's cloud when the user sets
an endpoint, or LLM_TRACING_LANGSMITH_CLOUD=true.

The library logs every failed batch; here that is said once (delivery.py). If an OpenTelemetry span is current when
a trace's first run starts, its `traceparent` goes into the run's metadata, so that a server can put the run under it.
"""

import logging
import os
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from opentelemetry import trace

from llm_tracing.telemetry.approaches.together import Together
from llm_tracing.telemetry.borrowed import BorrowedEnvironment, BorrowedFunction
from llm_tracing.telemetry.console import SAID_BY_SPANS, Console
from llm_tracing.telemetry.delivery import DeliveryWatch, innermost
from llm_tracing.telemetry.resource import service_resource

log = logging.getLogger("llm_tracing.telemetry")

CLOUD = "LLM_TRACING_LANGSMITH_CLOUD"
DEFAULT_SERVER = "http://127.0.0.1:4318"
_FLUSH_SECONDS = 3.0

# The newer name first; the library reads it first too.
_TRACING = ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2", "LANGCHAIN_TRACING")
_ENDPOINT = ("LANGSMITH_ENDPOINT", "LANGCHAIN_ENDPOINT", "LANGSMITH_RUNS_ENDPOINTS", "LANGCHAIN_RUNS_ENDPOINTS")
_KEY = ("LANGSMITH_API_KEY", "LANGCHAIN_API_KEY")
_PROJECT = ("LANGSMITH_PROJECT", "LANGCHAIN_PROJECT", "LANGSMITH_SESSION", "LANGCHAIN_SESSION")

# What of the resource goes into the metadata of every run: the protocol has no resource.
_ABOUT = ("service.name", "service.version", "service.instance.id")


def start(service_name: str, service_version: str | None) -> Together:
    started = Together()
    console = Console(quiet=SAID_BY_SPANS)
    console.install()
    started.add(console.remove)
    environment = BorrowedEnvironment()
    set_environment(environment, service_name)
    started.add(_forget_environment)
    started.add(environment.restore)
    if _first(_TRACING).lower() != "true":
        log.warning(
            "Nothing is traced: the environment says so (%s).", " or ".join(n for n in _TRACING if n in os.environ)
        )
    _forget_environment()
    about = service_resource(service_name, service_version).attributes
    calls = _Calls({name: str(about[name]) for name in _ABOUT if name in about})
    calls.install()
    started.add(lambda: _end(calls))
    return started


def server_address() -> str:
    """Where our server is, as far as the environment says: its own address, or where OTLP goes over HTTP."""
    if address := os.environ.get("LLM_TRACING_UI_URL", "").strip():
        return address.rstrip("/")
    otlp = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "").strip()
    over_http = os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL", "").strip() != "grpc"
    return otlp.rstrip("/") if otlp and over_http else DEFAULT_SERVER


def set_environment(environment: BorrowedEnvironment, service_name: str) -> None:
    """The library's own variables, where the user has set none of a kind."""
    environment.default(_TRACING, "true")
    environment.default(_PROJECT, service_name)
    if os.environ.get(CLOUD, "").strip().lower() not in ("1", "true", "yes"):
        environment.default(_ENDPOINT, f"{server_address()}/langsmith")
        if urlsplit(_first(_ENDPOINT)).path.startswith("/langsmith"):
            environment.default(_KEY, "any")


def _first(names: tuple[str, ...]) -> str:
    return next((os.environ[name].strip() for name in names if os.environ.get(name, "").strip()), "")


def _forget_environment() -> None:
    """The library reads its variables once."""
    from langsmith import utils

    cached: tuple[Any, ...] = (utils.get_env_var, utils.get_tracer_project)
    for function in cached:
        if hasattr(function, "cache_clear"):
            function.cache_clear()


def _end(calls: "_Calls") -> None:
    """Send what the shared client holds, within a limit, and let the next approach have a new one."""
    from langsmith import run_trees

    client: Any = getattr(run_trees, "_CLIENT", None)

    def flush() -> None:
        """On a thread: a dead endpoint keeps it beyond the limit, and what it says is still taken in."""
        if client is not None:
            client.flush()
            if hasattr(client, "cleanup"):
                client.cleanup()
        calls.remove_filter()

    if client is not None and calls.failing:
        _refuse_more(client)
    flushing = threading.Thread(target=flush, daemon=True)
    try:
        flushing.start()
        flushing.join(_FLUSH_SECONDS)
    except RuntimeError:  # Python is ending and starts no threads; the library's own end sends what it can
        return
    if client is not None and flushing.is_alive():
        _refuse_more(client)
    calls.remove()
    run_trees._CLIENT = None


def _refuse_more(client: Any) -> None:
    """Further attempts fail at once: Python's end waits for the library's pool of threads, however often they retry."""
    from requests import ConnectionError
    from requests.adapters import HTTPAdapter

    class Closed(HTTPAdapter):
        def send(self, *_: Any, **__: Any) -> Any:
            raise ConnectionError("telemetry has ended")

    for scheme in ("http://", "https://"):
        client.session.mount(scheme, Closed())


class _Calls(logging.Filter):
    """Around the library's own methods: what a run is given, and how every request ended."""

    def __init__(self, about: dict[str, str]) -> None:
        super().__init__()
        self._about = about
        self._watch = DeliveryWatch(_first(_ENDPOINT) or "LangSmith's cloud")
        self._attempt = threading.local()
        self._borrowed = (
            BorrowedFunction("langsmith.run_trees", "RunTree", "post", self._post),
            BorrowedFunction("langsmith.client", "Client", "create_run", self._create),
            BorrowedFunction("langsmith.client", "Client", "request_with_retries", self._request),
        )
        self._loggers = tuple(logging.getLogger(name) for name in ("langsmith.client", "langsmith.utils"))

    @property
    def failing(self) -> bool:
        return self._watch.failing

    def install(self) -> None:
        for borrowed in self._borrowed:
            borrowed.install()
        for logger in self._loggers:
            logger.addFilter(self)

    def remove(self) -> None:
        for borrowed in self._borrowed:
            borrowed.remove()

    def remove_filter(self) -> None:
        for logger in self._loggers:
            logger.removeFilter(self)

    def _post(self, wrapped: Callable[..., None], run: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """In the run itself, not in the request: what is sent at its end would replace it."""
        self._tell(run.extra, _traceparent() if run.parent_run_id is None else {})
        wrapped(*args, **kwargs)

    def _create(
        self, wrapped: Callable[..., None], _client: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        """A run that a program makes with the client itself."""
        kwargs["extra"] = dict(kwargs.get("extra") or {})
        self._tell(kwargs["extra"], {})
        wrapped(*args, **kwargs)

    def _tell(self, extra: dict[str, Any], more: dict[str, str]) -> None:
        """Who sends, into a run's metadata; a copy of that, for runs may share theirs. What is there stays."""
        extra["metadata"] = {**self._about, **more, **(extra.get("metadata") or {})}

    def _request(self, wrapped: Callable[..., Any], _client: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        asks = (args[0] if args else kwargs.get("method")) == "GET"
        if not asks:
            self._attempt.runs = max(1, str(kwargs.get("_context") or "").count("trace="))
        try:
            answer = wrapped(*args, **kwargs)
        except Exception as error:
            kind = type(error).__name__
            if kind == "LangSmithConnectionError" or not (asks or kind == "LangSmithConflictError"):
                self._watch.failed("runs", innermost(error))
            raise
        if not asks:
            self._watch.delivered("runs")
        return answer

    def filter(self, record: logging.LogRecord) -> bool:
        """Takes in what the library says of each failed batch, and of the endpoint that told nothing of itself."""
        said = record.getMessage()
        if record.levelno < logging.WARNING or not said.startswith(("Failed to ", "Run compression is not enabled")):
            return True
        if "ingest" in said and said.startswith("Failed to "):
            self._watch.lost("runs", getattr(self._attempt, "runs", 1))
        return not (said.startswith("Failed to ") or self._watch.failing)


def _traceparent() -> dict[str, str]:
    span = trace.get_current_span().get_span_context()
    if not span.is_valid:
        return {}
    flags = f"{int(span.trace_flags):02x}"
    return {"traceparent": f"00-{trace.format_trace_id(span.trace_id)}-{trace.format_span_id(span.span_id)}-{flags}"}
