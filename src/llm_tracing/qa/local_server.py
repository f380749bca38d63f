"""An ASGI app served over a real socket: in the foreground until told to stop, or in a thread beside it."""

import errno
import logging
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from llm_tracing.qa.errors import PortTaken, QaError

_START_SECONDS = 20.0
# How long open requests may take to end after the stop was asked for.
_GRACE_SECONDS = 5
_LOOK_SECONDS = 0.1
_UVICORN = ("uvicorn.error", "uvicorn.access")


def bind(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 picks a free one. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sets TCP_NODELAY; without it short answers wait 40 ms for Nagle's algorithm.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # Listening at once makes the clash with another listener show here, not in uvicorn.
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(host, port) from error
        raise QaError(
            f"Cannot listen on {host}, port {port}: {error.strerror}.",
            hint="Check LLM_TRACING_QA_HOST and LLM_TRACING_QA_PORT.",
        ) from error
    listener.setblocking(False)
    return listener


def address_of(listener: socket.socket) -> str:
    """`http://host:port`, with a host that a browser on this machine can open."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # shown, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve_on(
    listener: socket.socket,
    app: Any,  # any ASGI app
    *,
    on_ready: Callable[[str], None],
    stop: threading.Event | None,
) -> None:
    """Serve until `stop` is set, or, in the main thread, until SIGINT or SIGTERM. Blocks."""
    server = _server(app)
    ended = threading.Event()

    def watch() -> None:
        while not server.started and not ended.is_set():
            time.sleep(_LOOK_SECONDS / 10)
        if server.started:
            on_ready(address_of(listener))
        while stop is not None and not ended.is_set():
            if stop.wait(_LOOK_SECONDS):
                server.should_exit = True
                return

    watcher = threading.Thread(target=watch, name="qa-watch", daemon=True)
    watcher.start()
    try:
        with ends_on_signals(lambda: server.handle_exit(signal.SIGTERM, None)):
            server.run(sockets=[listener])
    finally:
        ended.set()
        listener.close()
        watcher.join(timeout=_GRACE_SECONDS)


@contextmanager
def serving(app: Any, host: str = "127.0.0.1", *, quiet: bool = False) -> Iterator[str]:  # any ASGI app
    """Serve `app` on a free port in a thread; gives its address. `quiet`: uvicorn logs none of it below WARNING."""
    listener = bind(host, 0)
    server = _server(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="qa-side", daemon=True)
    unheard = _NotFrom(thread)
    for name in _UVICORN if quiet else ():
        logging.getLogger(name).addFilter(unheard)
    thread.start()
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise QaError("The server in the background did not start.")
            time.sleep(0.005)
        yield address_of(listener)
    finally:
        server.should_exit = True
        thread.join(timeout=_GRACE_SECONDS)
        listener.close()
        for name in _UVICORN:
            logging.getLogger(name).removeFilter(unheard)


class _NotFrom(logging.Filter):
    """Leaves out what one thread says below WARNING: the servers of a process share uvicorn's loggers."""

    def __init__(self, thread: threading.Thread) -> None:
        super().__init__()
        self._thread = thread

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING or record.thread != self._thread.ident


class _Server(uvicorn.Server):
    """uvicorn raises a signal again after its shutdown; here the shutdown is the whole answer to it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextmanager
def ends_on_signals(end: Callable[[], object]) -> Iterator[None]:
    """SIGINT and SIGTERM call `end`; only the main thread may set handlers."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda _number, _frame: end()) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _server(app: Any) -> uvicorn.Server:  # any ASGI app
    return _Server(
        uvicorn.Config(
            app,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
    )
