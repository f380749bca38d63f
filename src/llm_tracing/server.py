"""Puts the stages together and runs them: store, ingest, receivers, API, UI, in one process."""

import asyncio
import atexit
import contextlib
import errno
import gc
import logging
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Annotated, Any, Literal

import uvicorn
from fastapi import FastAPI, Query
from pydantic import SecretStr
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp

from llm_tracing.access.certificate import Certificate, certificate_of
from llm_tracing.access.gate import Gate
from llm_tracing.access.grpc import GateInterceptor
from llm_tracing.access.keyring import Keyring
from llm_tracing.access.keys import Scope
from llm_tracing.api import errors as api_errors
from llm_tracing.api.annotations import annotation_router
from llm_tracing.api.cancelling import CancelOnDisconnect
from llm_tracing.api.changes_routes import changes_router
from llm_tracing.api.data import data_router
from llm_tracing.api.dispatching import READS_AT_ONCE, Dispatch
from llm_tracing.api.doctor import doctor_router
from llm_tracing.api.entry import CALLER, Entry
from llm_tracing.api.export_routes import export_router
from llm_tracing.api.folds import fold_router
from llm_tracing.api.import_routes import import_router
from llm_tracing.api.langsmith import langsmith_routes
from llm_tracing.api.lens_routes import lens_router
from llm_tracing.api.login import login_router
from llm_tracing.api.measuring import Measuring
from llm_tracing.api.progress import progress_router
from llm_tracing.api.redaction import redaction_router
from llm_tracing.api.routes import router
from llm_tracing.api.schema import ApiError
from llm_tracing.api.search_routes import search_router
from llm_tracing.api.settings_routes import settings_router
from llm_tracing.api.store_routes import store_router
from llm_tracing.api.tree_routes import tree_router
from llm_tracing.api.view_routes import view_router
from llm_tracing.config import LOOPBACK_HOSTS, ServerSettings
from llm_tracing.errors import ConfigError, KeysMissing, NotLoopback, PortInUse, StoreError
from llm_tracing.normalize.conventions import use_mapping
from llm_tracing.normalize.conventions.own import read_mapping
from llm_tracing.normalize.unmapped import forget
from llm_tracing.observing.collect import CONTENT_TYPE
from llm_tracing.own_traces import OwnTraces
from llm_tracing.receive.grpc import GrpcReceiver, OwnTracesInterceptor
from llm_tracing.receive.http import otlp_routes
from llm_tracing.receive.langsmith import run_routes
from llm_tracing.serving.caller_sink import CallerSink
from llm_tracing.serving.projects import Projects
from llm_tracing.serving.stack import Stack
from llm_tracing.ui import page_or, ui_routes

logger = logging.getLogger(__name__)

_STOP_GRACE_S = 2
_NOT_READY: dict[int | str, dict[str, Any]] = {503: {"model": ApiError, "description": "It does not do its work"}}


@dataclass(frozen=True, slots=True)
class Shared:
    """What the applications of all projects answer alike, as it is the server's."""

    gate: Gate
    check: Callable[[bool], None]  # told whether only reading is asked about
    metrics_text: Callable[[str | None], bytes]


def create_app(stack: Stack, shared: Shared) -> FastAPI:
    """The application of one project: OTLP/HTTP, LangSmith's protocol, JSON API, health and the web UI.

    It asks nobody who they are: `guarded` does, for all of them.
    """
    settings, store, ingest, prices = stack.settings, stack.store, stack.ingest, stack.prices
    live, book, views = stack.live, stack.book, stack.views
    app = FastAPI(title="LLM Tracing", version="1", openapi_url="/api/openapi.json", docs_url=None, redoc_url=None)
    api_errors.install(app)
    app.add_middleware(CancelOnDisconnect, but="/api/v1/live")

    @app.get("/healthz", tags=["health"], response_class=PlainTextResponse)
    async def healthz() -> PlainTextResponse:
        """The process is alive."""
        return PlainTextResponse("ok\n")

    @app.get("/readyz", tags=["health"], response_class=PlainTextResponse, responses=_NOT_READY)
    async def readyz(of: Annotated[Literal["all", "reading"], Query(alias="for")] = "all") -> Response:
        """The stores answer, the disk has room, the writers write, and what is too old goes; or only the first."""
        await asyncio.to_thread(shared.check, of == "reading")
        return PlainTextResponse("ready\n")

    @app.get("/metrics", tags=["health"], response_class=PlainTextResponse)
    async def metrics(request: Request) -> Response:
        """The figures of the project, to a key of the server those of all, in Prometheus' text form."""
        project = request.scope[CALLER].project
        return Response(await asyncio.to_thread(shared.metrics_text, project), headers={"Content-Type": CONTENT_TYPE})

    app.include_router(login_router(shared.gate))
    app.include_router(redaction_router(store))
    app.include_router(export_router(store, prices))  # before the trace with an id
    app.include_router(import_router(ingest, settings.max_body))
    app.include_router(router(store, prices, live, book, views))
    app.include_router(tree_router(store, prices, book, views))
    app.include_router(fold_router(book))
    receivers = [
        *otlp_routes(ingest, settings.max_body, stack.in_flight),
        *run_routes(ingest, settings.max_body, stack.in_flight),
    ]
    app.include_router(doctor_router(ingest.senders, store, receivers, book))
    app.include_router(annotation_router(store, ingest, live))
    app.include_router(progress_router(settings.data))
    app.include_router(settings_router(settings, store, prices, stack.name, stack.own))
    app.include_router(store_router(store))
    app.include_router(changes_router(store, views))
    app.include_router(lens_router(store, stack.lens))
    app.include_router(search_router(store))
    app.include_router(view_router(store, ingest))
    app.include_router(data_router(store, ingest, settings.data))
    app.router.routes.extend(langsmith_routes(store, ingest, prices, live, settings.max_body))
    app.router.routes.extend(receivers)
    app.router.routes.extend(ui_routes())
    app.router.default = page_or(app.router.default)
    return app


def guarded(projects: Projects, gate: Gate, settings: ServerSettings, traces: OwnTraces) -> ASGIApp:
    """All that is served over HTTP: measured, let in by the gate, and given to the application of its project."""
    entry = Entry(Dispatch(projects), gate, settings.accepted_hosts())
    return ServerErrorMiddleware(Measuring(entry, projects.figures, traces), handler=api_errors.of_bugs)


def settle_collector() -> None:
    """Set Python's garbage collector up for a process that only serves: what is loaded now stays for good.

    Spans are made and dropped by the thousand without cycles; with the defaults, looking for some took 8 % of the CPU.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    atexit.register(gc.unfreeze)  # DuckDB complains at exit of what it finds uncollected


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document of the JSON API, as /api/openapi.json gives it."""
    with TemporaryDirectory() as folder:
        stack, keyring = Stack(ServerSettings(data=Path(folder))), Keyring(Path(folder))
        try:
            shared = Shared(Gate(keyring, required=False), lambda _: stack.ready.check(), lambda _: b"")
            return create_app(stack, shared).openapi()
        finally:
            keyring.close()
            stack.close()


def open_gate(settings: ServerSettings, keyring: Keyring) -> Gate:
    """Keys are needed beyond loopback, and on it if a setting says so. Raises NotLoopback or KeysMissing."""
    beyond = settings.host not in LOOPBACK_HOSTS
    required = settings.require_keys or (beyond and not settings.allow_unauthenticated)
    keys: dict[Scope, SecretStr | None] = {
        "admin": settings.admin_key,
        "ingest": settings.ingest_key,
        "read": settings.read_key,
    }
    given = {scope: key.get_secret_value() for scope, key in keys.items() if key is not None}
    if required and not given and not keyring.has_active():
        raise NotLoopback(settings.host) if beyond else KeysMissing(settings.data)
    return Gate(keyring, required=required, given=given)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a running server really listens."""

    http: str
    grpc: str
    data: str
    not_written: str | None = None  # why nothing new can be kept there, if so


class Server:
    """One server: `start` returns when it answers, `stop` when all that was taken is written.

    Raises ConfigError or StoreError at the start, each with a line that says what to do.
    """

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings

    def start(self) -> Addresses:
        settings = self._settings
        certificate = certificate_of(settings)
        with contextlib.ExitStack() as undo:
            self._keyring = Keyring(settings.data)
            undo.callback(self._keyring.close)
            gate = open_gate(settings, self._keyring)
            listening = _listen(settings.host, settings.port, "port")
            undo.callback(listening.close)
            _listen(settings.host, settings.grpc_port, "grpc-port").close()  # gRPC itself would not say what is wrong
            use_mapping(read_mapping(settings.mappings) if settings.mappings else None)
            forget()
            own_ports = (listening.getsockname()[1], settings.grpc_port)
            self._traces = OwnTraces(settings.trace_self, own_ports, settings.accepted_hosts())
            undo.callback(self._traces.stop)
            shared = Shared(
                gate, lambda reading: self.projects.check(reading), lambda name: self.projects.metrics_text(name)
            )
            self.projects = Projects(settings, self._keyring, self._traces, lambda stack: create_app(stack, shared))
            undo.callback(self.projects.stop)
            self._grpc = GrpcReceiver(
                CallerSink(self.projects),
                settings.host,
                settings.grpc_port,
                settings.max_body,
                interceptors=(OwnTracesInterceptor(self._traces), GateInterceptor(gate)),
                certificate=certificate,
            )
            self.projects.start()
            self._grpc.start()
            app = guarded(self.projects, gate, settings, self._traces)
            self._uvicorn = _Uvicorn(app, listening, certificate, READS_AT_ONCE * settings.max_projects)
            self._uvicorn.start()
            undo.pop_all()
        port = listening.getsockname()[1]
        name = f"[{settings.host}]" if ":" in settings.host else settings.host
        scheme = "http" if certificate is None else "https"
        http, grpc = f"{scheme}://{name}:{port}", f"{scheme}://{name}:{self._grpc.port}"
        return Addresses(http, grpc, str(settings.data), self._not_written())

    def _not_written(self) -> str | None:
        try:
            self.stack.store.check_writing()
        except StoreError as error:
            return error.line()
        return None

    @property
    def stack(self) -> Stack:
        """That of the project `default`."""
        return self.projects.default

    def stop(self) -> None:
        self.projects.end_streams()
        self._grpc.stop(_STOP_GRACE_S)
        self._uvicorn.stop()
        self.projects.stop()
        self._traces.stop()
        self._keyring.close()


class _Uvicorn:
    """uvicorn on a thread of its own, over a socket that listens already."""

    def __init__(self, app: ASGIApp, listening: socket.socket, certificate: Certificate | None, readers: int) -> None:
        """`readers` is how many requests may read a store at once; those of one project are fewer, see Dispatch."""
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=_STOP_GRACE_S,
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


def _listen(host: str, port: int, setting: Literal["port", "grpc-port"]) -> socket.socket:
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
