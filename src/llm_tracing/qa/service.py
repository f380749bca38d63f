"""The reference service as a process: logging, telemetry, the offline model, the app, in this order."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from llm_tracing.qa.errors import SettingsProblem
from llm_tracing.qa.local_server import address_of, bind, serve_on, serving
from llm_tracing.qa.model import needs_offline_model
from llm_tracing.qa.settings import QaSettings
from llm_tracing.telemetry.approaches import start_approach
from llm_tracing.telemetry.errors import TelemetryError
from llm_tracing.version import __version__

log = logging.getLogger(__name__)

# Requests that say nothing about a question: the page and its parts, and whoever looks whether we are alive.
UNTRACED_URLS = r"^https?://[^/]+/$,/static/,/favicon\.ico$,/healthz$,/openapi\.json$"


def run(settings: QaSettings, on_ready: Callable[[str], None] | None = None) -> None:
    """Set up logging and telemetry as `settings.approach` says, and serve until SIGINT or SIGTERM. Blocks.

    Raises QaError with one line that says what to do: port in use, no database, no key.
    """
    # Bound first: a taken port is told before anything else has started and has things to say.
    with (
        closing(bind(settings.host, settings.port)) as listener,
        observed(settings),
        offline_model(settings) as offline_base_url,
    ):
        _serve(listener, settings, offline_base_url, on_ready or _log_address, None)


def serve(
    settings: QaSettings,
    on_ready: Callable[[str], None] | None = None,
    stop_event: threading.Event | None = None,
) -> None:
    """As `run`, but in a process that has set up logging and telemetry itself, in any thread.

    Blocks until `stop_event` is set. `on_ready` gets the address, e.g. `http://127.0.0.1:8080`, from another
    thread.
    """
    with closing(bind(settings.host, settings.port)) as listener, offline_model(settings) as offline_base_url:
        _serve(listener, settings, offline_base_url, on_ready or _log_address, stop_event)


@contextmanager
def observed(settings: QaSettings) -> Iterator[None]:
    """Logging and telemetry as the approach says; what waits is sent at the end."""
    os.environ.setdefault("OTEL_PYTHON_FASTAPI_EXCLUDED_URLS", UNTRACED_URLS)
    name = os.environ.get("OTEL_SERVICE_NAME") or settings.service_name
    try:
        started = start_approach(settings.approach, name, __version__)
    except TelemetryError as error:
        raise SettingsProblem(error.message, hint=error.hint) from error
    except ValueError as error:
        raise SettingsProblem(f"Telemetry cannot be set up: {error}.", hint="Check the OTEL_* variables.") from error
    try:
        yield
    finally:
        started.shutdown()


@contextmanager
def offline_model(settings: QaSettings) -> Iterator[str | None]:
    """Serve the offline model on a free loopback port if no model is set; gives its base_url, else None."""
    if not needs_offline_model(settings):
        yield None
        return
    from llm_tracing.qa.offline.server import create_app as create_offline_app

    with serving(_unobserved(create_offline_app()), quiet=True) as address:
        log.info("no model is set (LLM_TRACING_QA_MODEL): the offline model answers at %s/v1", address)
        yield f"{address}/v1"


def _serve(
    listener: socket.socket,
    settings: QaSettings,
    offline_base_url: str | None,
    on_ready: Callable[[str], None],
    stop_event: threading.Event | None,
) -> None:
    # Imported late: LangChain takes a second, and a taken port should be told before.
    from llm_tracing.qa.app import create_app

    app = create_app(settings, offline_base_url=offline_base_url)
    log.debug("bound %s", address_of(listener))
    serve_on(listener, app, on_ready=on_ready, stop=stop_event)


def _unobserved(app: Any) -> Any:  # any ASGI app
    """Keep instrumentation of this process out of an app that stands for a remote service."""
    from opentelemetry.instrumentation.utils import suppress_instrumentation

    async def serve_unobserved(scope: Any, receive: Any, send: Any) -> None:  # ASGI
        with suppress_instrumentation():
            await app(scope, receive, send)

    return serve_unobserved


def _log_address(url: str) -> None:
    log.info("ready at %s", url)
