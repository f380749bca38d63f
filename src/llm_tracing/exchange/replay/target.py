"""Where a replay goes: an address as a person writes it, and OpenTelemetry's own settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import urlsplit

from opentelemetry.util.re import parse_env_headers

from llm_tracing.errors import ConfigError

Protocol = Literal["http/protobuf", "grpc"]
_PROTOCOLS = ("http/protobuf", "grpc")
_GRPC_PORT = 4317
_PATHS = ("/v1/traces", "/v1/logs", "/v1/metrics")
_TENANT = "x-scope-orgid"  # Tempo, Loki and Mimir: another tenant is another place


@dataclass(frozen=True, slots=True)
class Target:
    """`endpoint` has no path of a signal and no slash at its end; `name` tells places apart, and has no secrets."""

    endpoint: str
    protocol: Protocol
    headers: dict[str, str]
    certificate: str | None
    name: str


def read_target(to: str, protocol: str | None, headers: Sequence[str], environ: Mapping[str, str]) -> Target:
    """Raises ConfigError."""
    endpoint = _endpoint(to)
    chosen = protocol or environ.get("OTEL_EXPORTER_OTLP_PROTOCOL") or _usual(endpoint)
    if chosen not in _PROTOCOLS:
        raise ConfigError(f"{chosen} is no protocol that is spoken here.", f"Use {' or '.join(_PROTOCOLS)}.")
    if chosen == "grpc" and urlsplit(endpoint).path:
        raise ConfigError(f"{to} has a path, and gRPC has none.", "Name host and port alone.")
    of_environment = parse_env_headers(environ.get("OTEL_EXPORTER_OTLP_HEADERS", ""), liberal=True)
    sent = {**of_environment, **dict(_header(text) for text in headers)}
    tenant = sent.get(_TENANT)
    return Target(
        endpoint,
        cast(Protocol, chosen),
        sent,
        environ.get("OTEL_EXPORTER_OTLP_CERTIFICATE") or None,
        f"{endpoint} {tenant}" if tenant else endpoint,
    )


def _endpoint(to: str) -> str:
    hint = "Write it like http://127.0.0.1:4318."
    try:
        parts = urlsplit(to.strip())
        port = parts.port
    except ValueError as error:
        raise ConfigError(f"{to} is no address ({error}).", hint) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"{to} is no address of HTTP.", hint)
    if parts.username or parts.query or parts.fragment:
        raise ConfigError("The address has more than host, port and path.", "Give keys with --header.")
    path = parts.path.rstrip("/")
    for ending in _PATHS:
        path = path.removesuffix(ending)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{'' if port is None else f':{port}'}{path}"


def _usual(endpoint: str) -> str:
    return "grpc" if urlsplit(endpoint).port == _GRPC_PORT else "http/protobuf"


def _header(text: str) -> tuple[str, str]:
    """`name=value` as in OpenTelemetry's setting, or `Name: value` as in HTTP."""
    at = min((place for place in (text.find("="), text.find(":")) if place > 0), default=0)
    name, value = text[:at].strip().lower(), text[at + 1 :].strip()
    if not at or not value or not all(char.isalnum() or char in "-_." for char in name):
        raise ConfigError("A header cannot be read.", "Write it like --header 'X-Scope-OrgID: team'.")
    if not value.isascii() or not value.isprintable():
        raise ConfigError(f"The header {name} has a value that no header can have.", "Use printable ASCII.")
    return name, value
