"""One server: store, ingest, receivers, API and UI put together and run, in one process."""

import atexit
import contextlib
import gc
import sys
from dataclasses import dataclass

from pydantic import SecretStr

from llm_tracing.access.certificate import certificate_of
from llm_tracing.access.gate import Gate
from llm_tracing.access.grpc import GateInterceptor
from llm_tracing.access.keyring import Keyring
from llm_tracing.access.keys import Scope
from llm_tracing.api.dispatching import READS_AT_ONCE
from llm_tracing.config import LOOPBACK_HOSTS, ServerSettings
from llm_tracing.errors import KeysMissing, NotLoopback, StoreError
from llm_tracing.normalize.conventions import use_mapping
from llm_tracing.normalize.conventions.own import read_mapping
from llm_tracing.normalize.unmapped import forget
from llm_tracing.own_traces import OwnTraces
from llm_tracing.receive.grpc import GrpcReceiver, OwnTracesInterceptor
from llm_tracing.serving.app import Shared, create_app, guarded
from llm_tracing.serving.caller_sink import CallerSink
from llm_tracing.serving.listening import STOP_GRACE_S, HttpServer, listen
from llm_tracing.serving.projects import Projects
from llm_tracing.serving.stack import Stack


def settle_interpreter() -> None:
    """Set Python up for a process that only serves.

    What is loaded now stays for good. Spans are made and dropped by the thousand without cycles; with the defaults,
    looking for some took 8 % of the CPU, and looking through all that is old 175 ms at once, to find fifty objects.
    Who reads requests has its turn beside who normalizes and who writes within 1 ms, not 5.
    """
    sys.setswitchinterval(0.001)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 200)
    atexit.register(gc.unfreeze)  # DuckDB complains at exit of what it finds uncollected


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
            listening = listen(settings.host, settings.port, "port")
            undo.callback(listening.close)
            listen(settings.host, settings.grpc_port, "grpc-port").close()  # gRPC itself would not say what is wrong
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
            self._http = HttpServer(app, listening, certificate, READS_AT_ONCE * settings.max_projects)
            self._http.start()
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
        self._grpc.stop(STOP_GRACE_S)
        self._http.stop()
        self.projects.stop()
        self._traces.stop()
        self._keyring.close()
