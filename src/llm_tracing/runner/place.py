"""Where the telemetry goes: to the endpoint that the user named, the server that answers, or one that is started."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode, urlsplit

from llm_tracing.client_key import API_KEY, key_header
from llm_tracing.errors import ConfigError
from llm_tracing.runner.environment import Target, server_environment
from llm_tracing.runner.lease import GRACE_S, WATCH, Lease
from llm_tracing.telemetry.delivery import public_address

_SIGNALS = ("TRACES", "LOGS", "METRICS")
_ASK_S = 5.0
_START_S = 15.0
_SERVE = "from llm_tracing.cli import main; main()"
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(slots=True)
class Place:
    target: Target
    said: str
    """What the first line says of it."""
    unreachable: str | None = None
    """Why nothing can be delivered, as far as is known before the start."""
    data: str | None = None
    """The data folder of a server that stops after the command."""
    _server: "subprocess.Popen[str] | None" = None
    _lease: Lease | None = None

    def leave(self) -> None:
        """Let the server stop that was started here, unless another run uses it, and wait until it has."""
        if self._lease:
            self._lease.release()
        if self._server and self.data:
            self._server.poll()


def explicit_endpoint(environ: Mapping[str, str]) -> str | None:
    """The endpoint that the environment names, for all signals or for the first that has one of its own."""
    names = ("OTEL_EXPORTER_OTLP_ENDPOINT", *(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT" for signal in _SIGNALS))
    return next((environ[name] for name in names if environ.get(name)), None)


def named_place(endpoint: str, protocol: str | None, *, by_flag: bool) -> Place:
    """The place that the user named; the environment already says so, unless a flag did."""
    reason = _unreachable(endpoint)
    ui = None if reason else _own_server(endpoint)
    target = Target(endpoint if by_flag else None, protocol, ui if isinstance(ui, str) else None)
    return Place(target, public_address(endpoint), reason)


def own_place(settings: Any, protocol: str, *, keep: bool) -> Place:
    """The server at the configured address, or one that is started there. ConfigError if neither can be.

    `settings` are ServerSettings.
    """
    lease = Lease(settings.port)
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    name = f"[{name}]" if ":" in name and not name.startswith("[") else name
    if settings.port:
        found = _running(f"http://{name}:{settings.port}", f"http://{name}:{settings.grpc_port}", protocol)
        if found:
            found._lease = lease
            return found
    try:
        return _start(settings, protocol, lease, keep=keep)
    except ConfigError:
        # Another run may be starting the same server at this moment.
        deadline = time.monotonic() + _START_S if settings.port else 0
        while time.monotonic() < deadline:
            found = _running(f"http://{name}:{settings.port}", f"http://{name}:{settings.grpc_port}", protocol)
            if found:
                found._lease = lease
                return found
            if not _listening(name.strip("[]"), settings.port):
                break
            time.sleep(0.2)
        raise


def _running(http: str, grpc: str, protocol: str) -> Place | None:
    """A server of ours that answers; None if nothing does. ConfigError if something else does."""
    ours = _own_server(http)
    if ours is None:
        return None
    if isinstance(ours, _Stranger):
        raise ConfigError(
            f"{http} is taken by something that is not LLM Tracing ({ours.what}).",
            "Stop it, choose another port with --port or LLM_TRACING_PORT (0 picks a free one), or send to it with "
            f"--endpoint {http} if it takes OTLP.",
        )
    return Place(Target(grpc if protocol == "grpc" else http, protocol, http), http)


@dataclass(frozen=True, slots=True)
class _Stranger:
    what: str


def _own_server(http: str) -> "str | _Stranger | None":
    """The address, if a server of ours answers there; what answers, if it is another; None if nothing does."""
    try:
        request = urllib.request.Request(f"{http.rstrip('/')}/api/v1/doctor", headers=key_header())  # noqa: S310
        with _DIRECT.open(request, timeout=_ASK_S) as answer:
            senders = json.load(answer)["senders"]
            return http.rstrip("/") if isinstance(senders, list) else _Stranger("it answers in another way")
    except urllib.error.HTTPError as error:
        if error.code in (401, 403):
            return _Stranger(f"a key with the scopes read and ingest is needed in {API_KEY}")
        return _Stranger(f"it answers HTTP {error.code}")
    except urllib.error.URLError as error:
        refused = isinstance(error.reason, ConnectionRefusedError)
        return None if refused else _Stranger(f"it does not answer HTTP: {error.reason}")
    except TimeoutError:
        return _Stranger(f"it does not answer within {_ASK_S:g} s")
    except (ValueError, KeyError, TypeError):
        return _Stranger("it answers in another way")
    except Exception as error:  # http.client raises many kinds for what is not HTTP
        return _Stranger(f"it does not speak HTTP: {type(error).__name__}")


def _unreachable(endpoint: str) -> str | None:
    """Why nothing listens at an endpoint, or None."""
    parts = urlsplit(endpoint if "//" in endpoint else f"//{endpoint}")
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        with socket.create_connection((parts.hostname or "", port), timeout=3):
            return None
    except (OSError, ValueError) as error:
        return str(getattr(error, "strerror", None) or error or type(error).__name__)


def _listening(host: str, port: int) -> bool:
    return _unreachable(f"//[{host}]:{port}" if ":" in host else f"//{host}:{port}") is None


def _start(settings: Any, protocol: str, lease: Lease, *, keep: bool) -> Place:
    flags = {
        "host": settings.host,
        "port": settings.port,
        "grpc-port": settings.grpc_port,
        "data": Path(settings.data).absolute(),
    }
    arguments = ["serve", *(word for flag, value in flags.items() for word in (f"--{flag}", str(value)))]
    command = [_SERVE, *arguments] if keep else [WATCH + _SERVE, str(lease.path), str(GRACE_S), *arguments]
    # What it says on stderr goes to a file: a pipe would break when it outlives us.
    with tempfile.TemporaryFile("w+") as said:
        server = subprocess.Popen(  # noqa: S603 - our own interpreter and code
            [sys.executable, "-c", *command],
            env={**server_environment(os.environ), "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            start_new_session=True,  # Ctrl-C is the command's
        )
        found = _addresses(server)
        if "OTLP/HTTP" not in found:
            server.wait()
            said.seek(0)
            raise ConfigError(_last_line(said))
    http, data = found["OTLP/HTTP"], found["Data"]
    target = Target(found["OTLP/gRPC"] if protocol == "grpc" else http, protocol, http)
    return Place(target, f"{http} (started, data in {data})", data=None if keep else data, _server=server, _lease=lease)


def _addresses(server: "subprocess.Popen[str]") -> dict[str, str]:
    """What `llm-tracing serve` prints once it answers; nothing of it if it ended first."""
    assert server.stdout is not None
    found: dict[str, str] = {}
    for line in server.stdout:
        if line.startswith("Ctrl-C"):
            break
        name, _, value = line.strip().partition("  ")
        found[name.strip()] = value.strip()
    server.stdout.close()
    return found


def _last_line(said: IO[str]) -> str:
    """Why it did not start. DuckDB may say more while the process ends: of objects that nobody collected."""
    lines = [line.strip() for line in said.read().splitlines() if line.strip()]
    told = [line.removeprefix("error ") for line in lines if line.startswith("error ")] or lines
    return told[-1] if told else "The server did not start."


def recorded_traces(ui: str, service: str, since_ns: int) -> list[str]:
    """The ids of up to 200 traces of a service since a time, newest first; none if the server does not say."""
    quoted = '"' + service.replace("\\", "\\\\").replace('"', '\\"') + '"'
    asked = urlencode({"q": f"service:{quoted}", "since": str(since_ns), "limit": "200"})
    try:
        with _DIRECT.open(f"{ui}/api/v1/traces?{asked}", timeout=_ASK_S) as answer:
            return [str(trace["trace_id"]) for trace in json.load(answer)["traces"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []
