"""Where the environment sends spans: OpenTelemetry's variables read as its SDKs read them.

Source: OpenTelemetry specification, "OpenTelemetry Protocol Exporter".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

Protocol = Literal["http/protobuf", "http/json", "grpc"]
PROTOCOLS: tuple[Protocol, ...] = ("http/protobuf", "http/json", "grpc")

ENDPOINT, TRACES_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
PROTOCOL, TRACES_PROTOCOL = "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"
INSECURE = "OTEL_EXPORTER_OTLP_INSECURE"
HTTP_PORT, GRPC_PORT = 4318, 4317
PATH = "/v1/traces"


@dataclass(frozen=True, slots=True)
class Target:
    """An address that spans go to. `said_by` is the variable or flag that names it, "the default" if none does."""

    url: str
    protocol: Protocol
    said_by: str
    protocol_said_by: str
    scheme: str
    host: str
    port: int
    path: str
    tls: bool

    @property
    def address(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return f"{name}:{self.port}"

    @property
    def is_grpc(self) -> bool:
        return self.protocol == "grpc"


def is_true(env: Mapping[str, str], name: str) -> bool:
    return env.get(name, "").strip().lower() == "true"


def first_of(env: Mapping[str, str], *names: str) -> tuple[str, str]:
    """(value, name) of the first variable that says something; empty texts say nothing."""
    return next(((env[name].strip(), name) for name in names if env.get(name, "").strip()), ("", ""))


def target_of(env: Mapping[str, str], endpoint: str | None = None, default: Protocol = "http/protobuf") -> Target:
    """Where spans go; `endpoint` is a flag that stands for OTEL_EXPORTER_OTLP_ENDPOINT.

    Raises ValueError, in words, for what no exporter could use.
    """
    said, protocol_said_by = first_of(env, TRACES_PROTOCOL, PROTOCOL)
    protocol = next((one for one in PROTOCOLS if one == said), None)
    if said and protocol is None:
        raise ValueError(f"{protocol_said_by}={said} is no protocol: it takes {', '.join(PROTOCOLS)}.")
    protocol = protocol or default
    url, said_by = (endpoint, "--endpoint") if endpoint else first_of(env, TRACES_ENDPOINT, ENDPOINT)
    port = GRPC_PORT if protocol == "grpc" else HTTP_PORT
    url = url or f"http://localhost:{port}"
    said_by = said_by or "the default"
    bare = "://" not in url
    if bare and protocol != "grpc":
        raise ValueError(f"{url} ({said_by}) has no scheme: write http://{url}.")
    parts = urlsplit(f"http://{url}" if bare else url)
    if parts.scheme not in ("http", "https", "grpc") or not parts.hostname:
        raise ValueError(f"{url} ({said_by}) is no address: write http://host:port.")
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80 if protocol != "grpc" else port)
    except ValueError:
        raise ValueError(f"{url} ({said_by}) has no usable port.") from None
    path = parts.path if said_by == TRACES_ENDPOINT else parts.path.rstrip("/") + PATH
    insecure = bare and is_true(env, INSECURE)
    tls = parts.scheme == "https" or (bare and not insecure)
    return Target(
        url,
        protocol,
        said_by,
        protocol_said_by or "the default",
        "" if bare else parts.scheme,
        parts.hostname,
        port,
        path or "/",
        tls,
    )
