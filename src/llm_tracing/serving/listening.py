"""Listening: a socket that is there before the server is, and uvicorn on a thread of its own over it."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from typing import Literal

import uvicorn
from starlette.types import ASGIApp

from llm_tracing.access.certificate import Certificate
from llm_tracing.errors import ConfigError, PortInUse

STOP_GRACE_S = 2


class HttpServer:
    """uvicorn on a thread of its own, over a socket that listens already."""

    def __init__(self, app: ASGIApp, listening: socket.socket, certificate: Certificate | None, readers: int) -> None:
        """`readers` is how many requests may read a store at once; those of one project are fewer, see Dispatch."""
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            lifespan="off",
            ws="none",  # nothing here speaks it, and 1 MB of a package that may be installed stays out
            timeout_graceful_shutdown=STOP_GRACE_S,
            server_header=False,
            ssl_certfile=certificate.chain if certificate else None,
            ssl_keyfile=certificate.key if certificate else None,
        )
        self._server = _Announcing(config)
        self._socket = listening
        self._readers = readers
        self._thread = Thread(target=self._run, name="http", daemon=True)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        finally:
            self._server.answers.set()

    async def _serve(self) -> None:
        pool = ThreadPoolExecutor(self._readers, thread_name_prefix="read")
        asyncio.get_running_loop().set_default_executor(pool)
        await self._server.serve([self._socket])

    def start(self) -> None:
        self._thread.start()
        self._server.answers.wait()
        if not self._server.started:
            raise RuntimeError("the HTTP server did not start; its log has the reason")

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()


class _Announcing(uvicorn.Server):
    """Tells when it answers, and leaves the process's signals alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answers.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(host: str, port: int, setting: Literal["port", "grpc-port"]) -> socket.socket:
    """A socket that listens, or a ConfigError that names the flag and the variable to change."""
    flag, variable = f"--{setting}", f"LLM_TRACING_{setting.replace('-', '_').upper()}"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sets TCP_NODELAY; without it short answers wait 40 ms for Nagle's algorithm.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(512)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(host, port, flag, variable) from error
        raise ConfigError(
            f"Can't listen on {host}, port {port} ({error.strerror or error}).",
            f"Choose others with --host and {flag}, or LLM_TRACING_HOST and {variable}.",
        ) from error
    return listening
