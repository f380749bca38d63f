"""The Flask dice service as a process, observed as an approach says: the smallest service to try one on."""

import os
import threading
from collections.abc import Callable

from llm_tracing.qa.errors import SettingsProblem
from llm_tracing.qa.local_server import address_of, bind, ends_on_signals
from llm_tracing.telemetry.approaches import start_approach
from llm_tracing.telemetry.errors import TelemetryError
from llm_tracing.version import __version__

SERVICE = "dice"


def run(approach: str | None, host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM. Raises QaError with one line that says what to do."""
    listener = bind(host, port)
    try:
        started = start_approach(approach, os.environ.get("OTEL_SERVICE_NAME") or SERVICE, __version__)
    except TelemetryError as error:
        listener.close()
        raise SettingsProblem(error.message, hint=error.hint) from error
    try:
        from werkzeug.serving import make_server

        from llm_tracing.qa.flask_dice import create_app

        listener.setblocking(True)
        server = make_server(host, port, create_app(), threaded=True, fd=listener.fileno())
        with ends_on_signals(lambda: threading.Thread(target=server.shutdown, daemon=True).start()):
            on_ready(address_of(listener))
            server.serve_forever(poll_interval=0.1)
        server.server_close()
    finally:
        started.shutdown()
        listener.close()
